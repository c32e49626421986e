/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_summary - a run of many cells in few lines: what is not as expected, and counts
 * in: a run; out: one line for each cell that is not as its kernel expects, then how many came out how.
 */
#include "report.h"

static void append_cell(GString *out, const struct report_cell *cell)
{
	g_autofree char *held_against = report_held_against(cell);

	if (!cell->judged)
		g_string_append_printf(out, "%s %s: not judged: the run was interrupted\n", cell->kernel, cell->test_case);
	else
		g_string_append_printf(out, "%s %s: %s%s%s: %s\n", cell->kernel, cell->test_case, verdict_name(cell->outcome),
				       cell->expect || cell->told ? ", " : "", cell->expect || cell->told ? held_against : "",
				       cell->cause ? cell->cause : "");
}

static gboolean summary_write(const struct run_summary *run, GString *out, GError **error G_GNUC_UNUSED)
{
	guint counts[VERDICT_OUTCOME_COUNT] = { 0 }, unexpected = 0, cached = 0;

	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		cached += cell->cached;
		if (cell->note)
			g_string_append_printf(out, "%s %s: %s\n", cell->kernel, cell->test_case, cell->note);
		if (cell->judged)
			counts[cell->outcome]++;
		if (cell->judged && cell->as_expected)
			continue;
		unexpected++;
		append_cell(out, cell);
	}
	g_string_append_printf(out, "%u cells, %u as expected, %u not:", run->cells->len, run->cells->len - unexpected, unexpected);
	for (guint outcome = 0; outcome < VERDICT_OUTCOME_COUNT; outcome++)
		if (counts[outcome])
			g_string_append_printf(out, " %u %s", counts[outcome], verdict_name(outcome));
	if (cached)
		g_string_append_printf(out, ", %u cached", cached);
	g_string_append_c(out, '\n');
	return TRUE;
}

const struct report report_summary = {
	.name = "summary", .summary = "what is not as expected, and counts",
	.file = "summary.txt", .write = summary_write,
};
