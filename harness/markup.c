/* SPDX-License-Identifier: GPL-2.0-or-later
 * markup - text for XML and HTML
 */
#include "markup.h"

#include <string.h>

static const char *const unknown = "\357\277\275";

/* GLib writes a control character as a reference, "&#x1b;". References to C0 controls are not XML either. In what GLib escaped, an
 * ampersand of the text itself has become "&amp;", so nothing else looks like one. Returns its length, 0 if none stands here. */
static gsize control_reference(const char *at)
{
	char *end;
	guint64 code;

	if (!g_str_has_prefix(at, "&#x"))
		return 0;
	code = g_ascii_strtoull(at + 3, &end, 16);
	return *end == ';' && code < 0x20 ? (gsize)(end + 1 - at) : 0;
}

/* U+FFFE and U+FFFF. */
static gboolean is_no_character(const char *at)
{
	return memcmp(at, "\357\277\276", 3) == 0 || memcmp(at, "\357\277\277", 3) == 0;
}

static void append_valid(GString *out, const char *escaped)
{
	g_autofree char *text = g_utf8_make_valid(escaped, -1);
	const char *at = text;

	while (*at) {
		gsize reference = control_reference(at);

		if (reference || (*at == '\357' && is_no_character(at))) {
			g_string_append(out, unknown);
			at += reference ? reference : 3;
		} else {
			const char *next = g_utf8_next_char(at);

			g_string_append_len(out, at, next - at);
			at = next;
		}
	}
}

void markup_add(GString *out, const char *format, ...)
{
	va_list arguments;
	g_autofree char *escaped = NULL;

	va_start(arguments, format);
	escaped = g_markup_vprintf_escaped(format, arguments);
	va_end(arguments);
	append_valid(out, escaped);
}

void markup_text(GString *out, const char *text)
{
	markup_add(out, "%s", text ? text : "");
}
