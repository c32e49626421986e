/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_calls - what probed functions returned, counted
 * in: calls, as `finrig run --probe` records them; out: facts call.*, none of an unprobed run.
 */
#include "analyze.h"

struct calls {
	GHashTable *counts; /* fact name -> count in a pointer; made when first needed, as notes */
	GHashTable *notes;  /* fact name -> text */
};

static void count(struct calls *calls, const char *function, const char *what)
{
	g_autofree char *name = g_strdup_printf("call.%s.%s", function, what);
	guint before = GPOINTER_TO_UINT(g_hash_table_lookup(calls->counts, name));

	g_hash_table_replace(calls->counts, g_steal_pointer(&name), GUINT_TO_POINTER(before + 1));
}

static void keep_bound(struct calls *calls, const char *function, const char *error, const char *what, gint64 value, gboolean most)
{
	g_autofree char *name = g_strdup_printf("call.%s.%s_%s_%s", function, error, what, most ? "max" : "min");
	guint bounded = (guint)CLAMP(value, 0, G_MAXUINT);
	gpointer before;

	if (g_hash_table_lookup_extended(calls->counts, name, NULL, &before) && (GPOINTER_TO_UINT(before) > bounded) == most)
		return;
	g_hash_table_replace(calls->counts, g_steal_pointer(&name), GUINT_TO_POINTER(bounded));
}

/* What a socket was charged for when a call of it began that then failed. */
static void keep_memory(struct calls *calls, const char *function, const char *error, const struct event *event)
{
	static const struct { enum record_field_id id; const char *name; } members[] = { { FIELD_TMEM, "wmem_alloc" }, { FIELD_WMEM, "wmem_queued" } };

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		if (!event_has(event, members[i].id))
			continue;
		keep_bound(calls, function, error, members[i].name, event_number(event, members[i].id, 0), FALSE);
		keep_bound(calls, function, error, members[i].name, event_number(event, members[i].id, 0), TRUE);
	}
}

/* Named are 0 and errnos: what else a function returns may be another number each time. */
static void count_result(struct calls *calls, const char *function, const struct event *event)
{
	const char *error = event_text(event, FIELD_ERRNO);
	g_autofree char *what = NULL;

	if (!event_has(event, FIELD_RESULT))
		what = g_strdup(event_has(event, FIELD_DURATION_NS) ? "returned_nothing" : "unreturned");
	else if (error)
		what = g_strconcat("returned_", error, NULL);
	else
		what = g_strdup(event_number(event, FIELD_RESULT, 0) ? "returned_other" : "returned_0");
	count(calls, function, what);
	if (error)
		keep_memory(calls, function, error, event);
}

/* A function that was watched and never called has been called 0 times. */
static void watched(struct calls *calls, const char *function, const char *note)
{
	g_hash_table_replace(calls->counts, g_strdup_printf("call.%s.count", function), NULL);
	if (note)
		g_hash_table_replace(calls->notes, g_strdup_printf("call.%s.note", function), g_strdup(note));
}

static void calls_event(gpointer state, const struct event *event)
{
	struct calls *calls = state;
	const char *function = event_text(event, FIELD_FUNCTION);

	if (!function || (event->type != RECORD_CALL && event->type != RECORD_PROBE))
		return;
	if (!calls->counts) {
		calls->counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
		calls->notes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	}
	if (event->type == RECORD_CALL) {
		count(calls, function, "count");
		count_result(calls, function, event);
	} else if (event_has(event, FIELD_ADDRESS))
		watched(calls, function, event_text(event, FIELD_TEXT));
}

static void calls_finish(gpointer state, struct facts *facts)
{
	struct calls *calls = state;
	g_autoptr(GList) names = calls->counts ? g_hash_table_get_keys(calls->counts) : NULL;
	g_autoptr(GList) notes = calls->counts ? g_hash_table_get_keys(calls->notes) : NULL;

	names = g_list_sort(names, (GCompareFunc)g_strcmp0);
	for (GList *at = names; at; at = at->next)
		facts_number(facts, at->data, GPOINTER_TO_UINT(g_hash_table_lookup(calls->counts, at->data)));
	notes = g_list_sort(notes, (GCompareFunc)g_strcmp0);
	for (GList *at = notes; at; at = at->next)
		facts_text(facts, at->data, g_hash_table_lookup(calls->notes, at->data));
}

static void calls_release(gpointer state)
{
	struct calls *calls = state;

	g_clear_pointer(&calls->counts, g_hash_table_unref);
	g_clear_pointer(&calls->notes, g_hash_table_unref);
}

static const struct fact_name calls_facts[] = {
	{ "call.*", "count", "calls of a probed function, call.FUNCTION.count, and of each result: .returned_0, .returned_EBUSY, .returned_other, .returned_nothing, .unreturned; "
	  "call.FUNCTION.note: calls that are not seen; call.FUNCTION.EBUSY_wmem_alloc_min, _max, EBUSY_wmem_queued_min, _max: bytes when calls "
	  "began that returned that, where the kernel has debug info",
	  "the function was not probed, or never returned that" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_calls = {
	.name = "calls", .summary = "calls of probed functions and what they returned",
	.state_size = sizeof(struct calls), .facts = calls_facts,
	.event = calls_event, .finish = calls_finish, .release = calls_release,
};
