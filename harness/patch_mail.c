/* SPDX-License-Identifier: GPL-2.0-or-later
 * patch_mail - a patch as it came by mail
 */
#include "patch_mail.h"

#include <string.h>

/* Where the line after this one begins; the text's end if there is none. */
static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

/* "Subject: …" */
static gboolean is_field(const char *line)
{
	gsize length = strspn(line, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-");

	return length > 0 && line[length] == ':';
}

/* mbox: a line "From …" with a field below it. */
static gboolean is_start(const char *line)
{
	return g_str_has_prefix(line, "From ") && is_field(next_line(line));
}

/* Where the mail's text begins: behind the first empty line. */
static const char *body_of(const char *mail)
{
	while (*mail && *mail != '\n' && strncmp(mail, "\r\n", 2) != 0)
		mail = next_line(mail);
	return next_line(mail);
}

/* "quoted-printable", "base64", or what else Content-Transfer-Encoding says; NULL where it says nothing. */
static char *encoding_of(const char *mail, const char *body)
{
	static const char field[] = "Content-Transfer-Encoding:";

	for (; mail < body; mail = next_line(mail))
		if (!g_ascii_strncasecmp(mail, field, strlen(field)))
			return g_ascii_strdown(g_strstrip(g_strndup(mail + strlen(field), strcspn(mail + strlen(field), ";\n"))), -1);
	return NULL;
}

static void add_quoted_printable(GString *out, const char *text, gsize length)
{
	for (const char *at = text, *end = text + length; at < end; at++) {
		gsize blanks = *at == '=' ? strspn(at + 1, " \t\r") : 0;

		if (*at == '=' && at[1 + blanks] == '\n')
			at += 1 + blanks; /* a line that goes on below */
		else if (*at == '=' && g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(at[1]) * 16 + g_ascii_xdigit_value(at[2])));
			at += 2;
		} else
			g_string_append_c(out, *at);
	}
}

static void add_base64(GString *out, const char *text, gsize length)
{
	g_autofree char *coded = g_strndup(text, length);
	gsize bytes;
	g_autofree guchar *plain = g_base64_decode(coded, &bytes);

	g_string_append_len(out, (const char *)plain, (gssize)bytes);
}

static void add_mail(GString *out, const char *mail, const char *end)
{
	const char *body = body_of(mail);
	g_autofree char *encoding = NULL;

	body = body < end ? body : end;
	encoding = encoding_of(mail, body);
	g_string_append_len(out, mail, body - mail);
	if (!g_strcmp0(encoding, "quoted-printable"))
		add_quoted_printable(out, body, (gsize)(end - body));
	else if (!g_strcmp0(encoding, "base64"))
		add_base64(out, body, (gsize)(end - body));
	else
		g_string_append_len(out, body, end - body);
	if (out->len && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}

static gboolean has_diff(const char *text)
{
	return g_str_has_prefix(text, "--- ") || strstr(text, "\n--- ") != NULL;
}

/* A hunk's heading that ends with CR: patch would take it, with words about the diff that are no hunk's. */
static gboolean has_crlf(const char *text)
{
	return g_regex_match_simple("^@@ -[^\\n]*\\r$", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

static void take_crlf(GString *text, GPtrArray *remarks)
{
	if (!has_crlf(text->str))
		return;
	g_string_replace(text, "\r\n", "\n", 0);
	g_ptr_array_add(remarks, g_strdup("its lines end with CR LF, taken as LF"));
}

char *patch_mail_text(const char *text, GPtrArray *remarks)
{
	GString *out = g_string_new(NULL);
	const char *at = text;
	guint patches = 0;

	if (!is_start(text) && !is_field(text)) {
		g_string_append(out, text);
		at += strlen(text);
	}
	while (*at) {
		const char *end = next_line(at);
		gsize before = out->len;

		while (*end && !is_start(end))
			end = next_line(end);
		add_mail(out, at, end);
		patches += has_diff(out->str + before);
		at = end;
	}
	if (patches > 1)
		g_ptr_array_add(remarks, g_strdup_printf("a series of %u mails, taken as one patch", patches));
	take_crlf(out, remarks);
	return g_string_free(out, FALSE);
}

guint patch_mail_parts_line(const char *text)
{
	static const char field[] = "Content-Type:";
	gboolean in_header = is_start(text) || is_field(text);
	guint line = 1;

	for (const char *at = text; *at; at = next_line(at), line++) {
		const char *value = at + strlen(field);

		in_header = is_start(at) || (in_header && *at != '\n' && strncmp(at, "\r\n", 2) != 0);
		if (!in_header || g_ascii_strncasecmp(at, field, strlen(field)))
			continue;
		value += strspn(value, " \t\r\n");
		if (!g_ascii_strncasecmp(value, "multipart/", strlen("multipart/")))
			return line;
	}
	return 0;
}
