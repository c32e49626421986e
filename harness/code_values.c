/* SPDX-License-Identifier: GPL-2.0-or-later
 * code_values - the names a script's code can use, as JSON for python: what the guest told, and constants
 */
#include "code_values.h"

#include <string.h>

#include "error.h"
#include "json_text.h"

enum { NAME_MOST_BYTES = 64, INTEGER_MOST_DIGITS = 20 };

static const char *const families[] = { "tcpi_", "SK_MEMINFO_", "tcpv_", "dctcp_", "bbr_" };

/* Numbers of the kernel's interface, the same in every version that has the name. of: the value they are names for. */
static const struct constant {
	const char *of, *name;
	guint value;
} constants[] = {
	{ "tcpi_state", "TCP_ESTABLISHED", 1 }, { "tcpi_state", "TCP_SYN_SENT", 2 }, { "tcpi_state", "TCP_SYN_RECV", 3 },
	{ "tcpi_state", "TCP_FIN_WAIT1", 4 }, { "tcpi_state", "TCP_FIN_WAIT2", 5 }, { "tcpi_state", "TCP_TIME_WAIT", 6 },
	{ "tcpi_state", "TCP_CLOSE", 7 }, { "tcpi_state", "TCP_CLOSE_WAIT", 8 }, { "tcpi_state", "TCP_LAST_ACK", 9 },
	{ "tcpi_state", "TCP_LISTEN", 10 }, { "tcpi_state", "TCP_CLOSING", 11 }, { "tcpi_state", "TCP_NEW_SYN_RECV", 12 },
	{ "tcpi_ca_state", "TCP_CA_Open", 0 }, { "tcpi_ca_state", "TCP_CA_Disorder", 1 }, { "tcpi_ca_state", "TCP_CA_CWR", 2 },
	{ "tcpi_ca_state", "TCP_CA_Recovery", 3 }, { "tcpi_ca_state", "TCP_CA_Loss", 4 },
	{ "tcpi_fastopen_client_fail", "TFO_STATUS_UNSPEC", 0 }, { "tcpi_fastopen_client_fail", "TFO_COOKIE_UNAVAILABLE", 1 },
	{ "tcpi_fastopen_client_fail", "TFO_DATA_NOT_ACKED", 2 }, { "tcpi_fastopen_client_fail", "TFO_SYN_RETRANSMITTED", 3 },
	{ "tcpi_ecn_mode", "TCPI_ECN_MODE_DISABLED", 0 }, { "tcpi_ecn_mode", "TCPI_ECN_MODE_RFC3168", 1 },
	{ "tcpi_ecn_mode", "TCPI_ECN_MODE_ACCECN", 2 }, { "tcpi_ecn_mode", "TCPI_ECN_MODE_PENDING", 3 },
	{ "tcpi_accecn_opt_seen", "TCP_ACCECN_OPT_NOT_SEEN", 0 }, { "tcpi_accecn_opt_seen", "TCP_ACCECN_OPT_EMPTY_SEEN", 1 },
	{ "tcpi_accecn_opt_seen", "TCP_ACCECN_OPT_COUNTER_SEEN", 2 }, { "tcpi_accecn_opt_seen", "TCP_ACCECN_OPT_FAIL_SEEN", 3 },
	{ NULL, "TCP_ACCECN_ACE_FAIL_SEND", 1 }, { NULL, "TCP_ACCECN_ACE_FAIL_RECV", 2 }, { NULL, "TCP_ACCECN_OPT_FAIL_SEND", 4 },
	{ NULL, "TCP_ACCECN_OPT_FAIL_RECV", 8 },
	{ NULL, "TCPI_OPT_TIMESTAMPS", 1 }, { NULL, "TCPI_OPT_SACK", 2 }, { NULL, "TCPI_OPT_WSCALE", 4 }, { NULL, "TCPI_OPT_ECN", 8 },
	{ NULL, "TCPI_OPT_ECN_SEEN", 16 }, { NULL, "TCPI_OPT_SYN_DATA", 32 }, { NULL, "TCPI_OPT_USEC_TS", 64 },
	{ NULL, "TCPI_OPT_TFO_CHILD", 128 },
};

static gboolean read_name(const char **at, GString *job)
{
	gsize length = 0;

	while (g_ascii_isalnum((*at)[length]) || (length && (*at)[length] == '_'))
		length++;
	if (!g_ascii_isalpha(**at) || length > NAME_MOST_BYTES || (*at)[length] != '=')
		return FALSE;
	g_string_append_printf(job, "\"%.*s\": ", (int)length, *at);
	*at += length + 1;
	return TRUE;
}

/* JSON's integers are of any length and so are python's. */
static gboolean read_integer(const char **at, GString *job)
{
	const char *digits = *at + (**at == '-');
	gsize length = strspn(digits, "0123456789");

	if (!length || length > INTEGER_MOST_DIGITS || (length > 1 && *digits == '0'))
		return FALSE;
	g_string_append_len(job, *at, digits + length - *at);
	*at = digits + length;
	return TRUE;
}

static gboolean read_quoted(const char **at, GString *job)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *next = *at + 1;

	for (; *next && *next != '"' && *next != '\n'; next++) {
		if (*next == '\\' && (next[1] == '"' || next[1] == '\\'))
			next++;
		g_string_append_c(text, *next);
	}
	if (*next != '"')
		return FALSE;
	json_text_string(job, text->str);
	*at = next + 1;
	return TRUE;
}

/* One line and its end. */
static gboolean read_value(const char **at, GString *job)
{
	if (!read_name(at, job) || !(**at == '"' ? read_quoted(at, job) : read_integer(at, job)))
		return FALSE;
	if (**at != '\n')
		return !**at;
	++*at;
	return TRUE;
}

gboolean code_values_append(GString *job, const char *values, GError **error)
{
	const char *at = values ? values : "";

	g_string_append_c(job, '{');
	for (guint line = 1; *at; line++) {
		const char *start = at;
		g_autofree char *text = NULL;

		if (line > 1)
			g_string_append(job, ", ");
		if (read_value(&at, job))
			continue;
		text = g_strndup(start, strcspn(start, "\n"));
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "values, line %u: expected NAME=INTEGER or NAME=\"TEXT\", found \"%.80s\"",
			    line, text);
		return FALSE;
	}
	g_string_append_c(job, '}');
	return TRUE;
}

void code_values_append_constants(GString *job)
{
	g_string_append(job, "\"constants\": {");
	for (gsize i = 0; i < G_N_ELEMENTS(constants); i++)
		g_string_append_printf(job, "%s\"%s\": %u", i ? ", " : "", constants[i].name, constants[i].value);
	g_string_append(job, "}, \"enumerations\": {");
	for (gsize i = 0; i < G_N_ELEMENTS(constants) && constants[i].of; i++) {
		gboolean begins = i == 0 || g_strcmp0(constants[i].of, constants[i - 1].of) != 0;

		if (begins)
			g_string_append_printf(job, "%s\"%s\": {", i ? "}, " : "", constants[i].of);
		g_string_append_printf(job, "%s\"%u\": \"%s\"", begins ? "" : ", ", constants[i].value, constants[i].name);
	}
	g_string_append(job, "}}, \"families\": [");
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
		g_string_append_printf(job, "%s\"%s\"", i ? ", " : "", families[i]);
	g_string_append_c(job, ']');
}
