/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_look - what of a function is not at its symbol: where it was inlined, and what it is called with
 */
#include <string.h>

#include "probe_plan.h"

enum { CALLERS_MAX = 8, NAMED = 4, REFERENCE_BYTES = 4 };

/* What is left of a function whose beginning stands in its callers: name.part.0, name.constprop.0.part.0. Who asks for such a one by its
 * own name gets no more than that. */
static gboolean is_rest(const struct probe_target *target, const struct probe_entry *entry)
{
	return strstr(entry->name + strlen(target->function), ".part.") != NULL;
}

gboolean probe_plan_must_look(const struct probe_plan *plan)
{
	for (guint i = 0; i < plan->targets->len; i++) {
		const struct probe_target *target = plan->targets->pdata[i];

		for (guint j = 0; j < target->entries->len; j++)
			if (is_rest(target, &g_array_index(target->entries, struct probe_entry, j)))
				return TRUE;
	}
	return FALSE;
}

/* As its source calls it, once; not the function itself and its own copies. */
static void add_caller(GPtrArray *callers, const struct probe_target *target, const char *symbol)
{
	g_autofree char *caller = symbol ? g_strndup(symbol, strcspn(symbol, ".")) : NULL;

	if (caller && !symbol_is_of(symbol, target->function) && !g_ptr_array_find_with_equal_func(callers, caller, g_str_equal, NULL))
		g_ptr_array_add(callers, g_steal_pointer(&caller));
}

static void add_callers(GPtrArray *callers, const struct probe_plan *plan, const struct probe_target *target, const struct kernel_text *text,
			guint64 rest)
{
	g_autoptr(GArray) calls = kernel_text_calls(text, rest);

	for (guint i = 0; i < calls->len; i++)
		add_caller(callers, target, symbol_map_function(plan->map, g_array_index(calls, guint64, i)));
}

/* "a, b and c", no more than most. */
static char *names_text(GPtrArray *names, guint most)
{
	guint count = MIN(names->len, most);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < count; i++)
		g_string_append_printf(text, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " and ", (const char *)names->pdata[i]);
	return g_string_free(text, FALSE);
}

/* A helper that stands in every second function is not worth the stops. */
static void note_many(struct probe_target *target, GPtrArray *callers, const char *what)
{
	g_autofree char *names = names_text(callers, NAMED);

	target->note = g_strdup_printf("%s inlined into %u functions, which are not probed, among them %s", what, callers->len, names);
}

static void probe_callers(struct probe_plan *plan, struct probe_target *target, GPtrArray *callers, const char *what)
{
	g_autofree char *names = names_text(callers, CALLERS_MAX);

	for (guint i = 0; i < callers->len; i++)
		if (!probe_plan_has(plan, callers->pdata[i]))
			probe_plan_add(plan, callers->pdata[i], NULL);
	if (!target->absent) {
		target->note = g_strdup_printf("%s inlined into %s; probing that as well", what, names);
		return;
	}
	g_free(target->absent);
	target->absent = g_strdup_printf("%s inlined into %s; probing that instead", what, names);
	target->instead = TRUE;
}

static void look_for(struct probe_plan *plan, struct probe_target *target, const struct probe_sources *sources)
{
	g_autoptr(GPtrArray) callers = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) inlined = sources->debug ? debug_info_inlined(sources->debug, target->function) : NULL;
	gboolean rests = FALSE;

	for (guint i = 0; inlined && i < inlined->len; i++)
		add_caller(callers, target, inlined->pdata[i]);
	for (guint i = 0; i < target->entries->len; i++) {
		const struct probe_entry *entry = &g_array_index(target->entries, struct probe_entry, i);

		if (!is_rest(target, entry))
			continue;
		rests = TRUE;
		if (sources->text)
			add_callers(callers, plan, target, sources->text, entry->address);
	}
	if (callers->len > CALLERS_MAX)
		note_many(target, callers, rests ? "its beginning is" : "it is");
	else if (callers->len)
		probe_callers(plan, target, callers, rests ? "its beginning is" : "it is");
	else if (rests && !sources->text)
		target->note = g_strdup_printf("its beginning is inlined into callers, which are not known: %s", sources->no_text->message);
}

static void find_arguments(struct probe_plan *plan, const struct debug_info *debug)
{
	for (guint i = 0; i < plan->targets->len; i++) {
		struct probe_target *target = plan->targets->pdata[i];

		for (guint j = 0; j < target->entries->len; j++) {
			struct probe_entry *entry = &g_array_index(target->entries, struct probe_entry, j);

			gboolean own = !strchr(entry->name, '.');

			entry->arguments = debug_info_arguments(debug, entry->address, own);
			entry->typed = own && debug_info_result(debug, entry->address, &entry->result, &entry->result_bytes);
		}
	}
}

/* sk_state is another name for a member of sock_common, which sock begins with. Reduced debug info does not tell the size of a type that
 * another header defines: both counters are of four bytes, be they atomic_t (before 4.13), refcount_t or int. */
static void find_sock(struct probe_plan *plan, const struct debug_info *debug)
{
	static const struct { const char *name; guint bytes; } members[PROBE_MEMBER_COUNT] = {
		[PROBE_WMEM_ALLOC] = { "sk_wmem_alloc", REFERENCE_BYTES }, [PROBE_WMEM_QUEUED] = { "sk_wmem_queued", REFERENCE_BYTES },
		[PROBE_STATE] = { "skc_state", 1 },
	};

	for (guint i = 0; i < PROBE_MEMBER_COUNT; i++) {
		struct probe_place *place = &plan->sock[i];

		if (!debug_info_member(debug, "sock", members[i].name, &place->offset_bytes, &place->bytes))
			place->bytes = 0;
		else if (!place->bytes || place->bytes > sizeof(guint64))
			place->bytes = members[i].bytes;
	}
}

void probe_plan_look(struct probe_plan *plan, const struct probe_sources *sources)
{
	/* What is added here may itself be inlined further up. */
	for (guint i = 0; i < plan->targets->len; i++)
		look_for(plan, plan->targets->pdata[i], sources);
	if (sources->debug) {
		find_arguments(plan, sources->debug);
		find_sock(plan, sources->debug);
		return;
	}
	plan->plain = g_strdup_printf("arguments of calls are not shown, which takes debug info (%s); a kernel built with config = debug-info.config has it, "
				      "as source-6.1-debug",
				      sources->no_debug ? sources->no_debug->message : "a packaged kernel comes without");
}
