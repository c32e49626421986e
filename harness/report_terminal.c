/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_terminal - the table a run ends with
 * in: a run; out: for each case a heading, one line for each kernel, one for each diff. Colour only on a terminal.
 */
#include "report.h"

#include <string.h>

static const char *const colours[VERDICT_OUTCOME_COUNT] = {
	[VERDICT_FIXED] = "32", [VERDICT_BUGGY] = "33", [VERDICT_CHANGED] = "35",
	[VERDICT_CRASH] = "1;31", [VERDICT_SKIP] = "2", [VERDICT_BROKEN] = "31",
};

struct columns {
	int name, wire, believes;
};

static const char wire_title[] = "wire", believes_title[] = "kernel believes";
enum { GAP = 2, OUTCOME = 7 };

static int width_of(const char *text)
{
	return text ? (int)g_utf8_strlen(text, -1) : 0;
}

static void widen(int *width, const char *text)
{
	*width = MAX(*width, width_of(text));
}

static struct columns measure(const struct run_summary *run)
{
	struct columns columns = { 0, width_of(wire_title), width_of(believes_title) };

	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		widen(&columns.name, cell->kernel);
		widen(&columns.name, cell->test_case);
		widen(&columns.wire, cell->wire);
		widen(&columns.believes, cell->believes);
	}
	return columns;
}

/* printf's widths count bytes; a name may have letters of several. */
static void append_padded(GString *out, const char *text, int width)
{
	g_string_append(out, text ? text : "");
	g_string_append_printf(out, "%*s", MAX(width - width_of(text), 0) + GAP, "");
}

static void append_outcome(GString *out, const struct run_summary *run, enum verdict_outcome outcome, int width)
{
	if (run->colour)
		g_string_append_printf(out, "\033[%sm", colours[outcome]);
	g_string_append(out, verdict_name(outcome));
	if (run->colour)
		g_string_append(out, "\033[0m");
	g_string_append_printf(out, "%*s", MAX(width - width_of(verdict_name(outcome)), 0), "");
}

static void append_heading(GString *out, const struct run_summary *run, const char *test_case, const struct columns *columns)
{
	if (run->colour)
		g_string_append(out, "\033[1m");
	append_padded(out, test_case, columns->name);
	append_padded(out, wire_title, columns->wire);
	append_padded(out, believes_title, columns->believes);
	g_string_append(out, "verdict");
	if (run->colour)
		g_string_append(out, "\033[0m");
	g_string_append_c(out, '\n');
}

/* Said where it did not come true, and where it was no more than a prediction. */
static void append_expectation(GString *out, const struct report_cell *cell)
{
	g_autofree char *held_against = report_held_against(cell);

	if (!cell->as_expected)
		g_string_append_printf(out, " [%s]", held_against);
	else if (cell->predicted && cell->outcome != VERDICT_SKIP)
		g_string_append(out, " [as predicted]");
}

/* A cell without facts has no columns to fill: its sentence begins where they would. */
static void append_cell(GString *out, const struct run_summary *run, const struct report_cell *cell, const struct columns *columns)
{
	append_padded(out, cell->kernel, columns->name);
	if (!cell->judged) {
		g_string_append(out, "not judged: the run was interrupted\n");
		return;
	}
	if (cell->wire) {
		append_padded(out, cell->wire, columns->wire);
		append_padded(out, cell->believes, columns->believes);
		append_outcome(out, run, cell->outcome, OUTCOME + GAP);
	} else {
		append_outcome(out, run, cell->outcome, 0);
		g_string_append(out, ": ");
	}
	g_string_append(out, cell->cause ? cell->cause : "");
	append_expectation(out, cell);
	if (cell->cached)
		g_string_append(out, " [cached]");
	if (cell->note)
		g_string_append_printf(out, " [%s]", cell->note);
	g_string_append_c(out, '\n');
}

static gboolean terminal_write(const struct run_summary *run, GString *out, GError **error)
{
	struct columns columns = measure(run);

	(void)error;
	for (guint i = 0; i < run->cases->len; i++) {
		const char *test_case = g_ptr_array_index(run->cases, i);

		if (i)
			g_string_append_c(out, '\n');
		append_heading(out, run, test_case, &columns);
		for (guint j = 0; j < run->cells->len; j++) {
			const struct report_cell *cell = g_ptr_array_index(run->cells, j);

			if (cell->test_case == test_case)
				append_cell(out, run, cell, &columns);
		}
		for (guint j = 0; j < run->diffs->len; j++) {
			const struct report_diff *diff = g_ptr_array_index(run->diffs, j);

			if (diff->test_case == test_case)
				g_string_append_printf(out, "diff %s .. %s: %s\n", diff->a, diff->b, diff->line);
		}
	}
	return TRUE;
}

const struct report report_terminal = {
	.name = "terminal", .summary = "a table: what the wire saw, what the kernel believes, the verdict and its cause",
	.file = "report.txt", .write = terminal_write,
};
