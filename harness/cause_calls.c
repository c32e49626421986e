/* SPDX-License-Identifier: GPL-2.0-or-later
 * cause_calls - errors that probed functions were seen to return, as words
 */
#include "cause_calls.h"

#include <string.h>

#define BEFORE "call."
#define BETWEEN ".returned_E"

/* " at sk_wmem_alloc 3562", "3562 to 4874"; nothing where the kernel's debug info did not tell. stem: "call.tcp_retransmit_skb.EBUSY". */
static void append_memory(GString *text, const struct facts *facts, const char *stem, const char *member, const char *before)
{
	g_autofree char *least_name = g_strdup_printf("%s_%s_min", stem, member), *most_name = g_strdup_printf("%s_%s_max", stem, member);
	gint64 least = (gint64)facts_number_of(facts, least_name, -1), most = (gint64)facts_number_of(facts, most_name, -1);

	if (least < 0)
		return;
	g_string_append_printf(text, " %s sk_%s %" G_GINT64_FORMAT, before, member, least);
	if (most > least)
		g_string_append_printf(text, " to %" G_GINT64_FORMAT, most);
}

/* Of "call.tcp_retransmit_skb.returned_EBUSY". */
static void append(GString *text, const struct facts *facts, const char *name, guint count)
{
	const char *function = name + strlen(BEFORE), *between = strstr(name, BETWEEN), *error = between + strlen(BETWEEN);
	g_autofree char *stem = g_strdup_printf("%.*s.E%s", (int)(between - name), name, error);

	g_string_append_printf(text, "%s%.*s returned -E%s %u time%s", text->len ? ", " : "", (int)(between - function), function,
			       error, count, count == 1 ? "" : "s");
	append_memory(text, facts, stem, "wmem_alloc", "at");
	append_memory(text, facts, stem, "wmem_queued", "and");
}

char *cause_calls(const struct facts *facts)
{
	g_autoptr(GPtrArray) names = facts_names(facts, facts);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len; i++) {
		const char *name = names->pdata[i];

		if (g_str_has_prefix(name, BEFORE) && strstr(name, BETWEEN))
			append(text, facts, name, (guint)facts_number_of(facts, name, 0));
	}
	return g_string_free(text, text->len == 0);
}
