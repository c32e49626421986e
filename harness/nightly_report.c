/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_report - the reports of a night's variants, once the night is judged
 */
#include "nightly_report.h"

#include <string.h>

#include "command.h"
#include "report.h"

char *nightly_report_fault(const struct nightly_cell *cell)
{
	const char *title = nightly_event_title(cell->event);

	if (cell->event == NIGHTLY_BROKEN || nightly_event_exit_code(cell->event) == EXIT_AS_EXPECTED)
		return NULL;
	if (cell->event == NIGHTLY_NONDETERMINISM)
		return g_strconcat(title, cell->other ? " than on " : "", cell->other ? cell->other->started : NULL, NULL);
	if (cell->failing_since)
		return g_strdup_printf("%s since %s", title, cell->failing_since);
	if (cell->last)
		return g_strdup_printf("%s: %s on %s", title, cell->last->outcome, cell->last->started);
	return g_strdup(title);
}

static void event_free(gpointer data)
{
	g_free(((struct report_event *)data)->told);
	g_free(data);
}

/* By their folders below the variant's. */
static GHashTable *events_of(const struct nightly *nightly, const struct nightly_part *part)
{
	GHashTable *events = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, event_free);

	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];
		char *fault = cell->variant == part->variant ? nightly_report_fault(cell) : NULL;
		struct report_event *event;

		if (!fault)
			continue;
		event = g_new0(struct report_event, 1);
		*event = (struct report_event){ nightly_event_word(cell->event), fault };
		g_hash_table_insert(events, cell->now->place + strlen(part->variant->name) + 1, event);
	}
	return events;
}

gboolean nightly_report_write(const struct nightly *nightly, GError **error)
{
	for (guint i = 0; i < nightly->plan->parts->len; i++) {
		const struct nightly_part *part = nightly->plan->parts->pdata[i];
		g_autoptr(GHashTable) events = events_of(nightly, part);
		g_autofree char *folder = g_build_filename(nightly->night->folder, part->variant->name, NULL);

		if (!report_plan_judge(folder, part->variant->name, events, error) || !report_stage(folder, error))
			return FALSE;
	}
	return TRUE;
}
