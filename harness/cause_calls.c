/* SPDX-License-Identifier: GPL-2.0-or-later
 * cause_calls - errors that probed functions were seen to return, as words
 */
#include "cause_calls.h"

#include <string.h>

#define BEFORE "call."
#define BETWEEN ".returned_E"

/* Of "call.tcp_retransmit_skb.returned_EBUSY". */
static void append(GString *text, const char *name, guint count)
{
	const char *function = name + strlen(BEFORE), *between = strstr(name, BETWEEN);

	g_string_append_printf(text, "%s%.*s returned -E%s %u time%s", text->len ? ", " : "", (int)(between - function), function,
			       between + strlen(BETWEEN), count, count == 1 ? "" : "s");
}

char *cause_calls(const struct facts *facts)
{
	g_autoptr(GPtrArray) names = facts_names(facts, facts);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];

		if (g_str_has_prefix(name, BEFORE) && strstr(name, BETWEEN))
			append(text, name, (guint)facts_number_of(facts, name, 0));
	}
	return g_string_free(text, text->len == 0);
}
