/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_ktap - KTAP version 1, as the kernel's own test tools read it
 * in: a run; out: one test with a subtest for each case, in it one test for each kernel; ok means "as its kernel expects".
 */
#include "report.h"

#include <string.h>

enum { INDENT = 4 };

static const char *const head = "KTAP version 1\n";

/* "#" begins a directive and a line break the next line: neither may come from a name or a cause. */
static char *clean(const char *text)
{
	char *copy = g_strdup(text ? text : "");

	return g_strdelimit(copy, "#\r\n", ' ');
}

static guint count_cells(const struct run_summary *run, const char *test_case)
{
	guint count = 0;

	for (guint i = 0; i < run->cells->len; i++)
		count += ((const struct report_cell *)g_ptr_array_index(run->cells, i))->test_case == test_case;
	return count;
}

/* Of the machine, not of the kernel under test. */
static void append_machine(GString *out, const struct report_cell *cell, const char *kernel)
{
	g_autofree char *note = clean(cell->note);

	if (cell->cached)
		g_string_append_printf(out, "%*s# %s: cached\n", INDENT, "", kernel);
	if (cell->note)
		g_string_append_printf(out, "%*s# %s: %s\n", INDENT, "", kernel, note);
}

static void append_cell(GString *out, const struct report_cell *cell, guint number)
{
	g_autofree char *kernel = clean(cell->kernel), *cause = clean(cell->cause), *held_against = report_held_against(cell);

	append_machine(out, cell, kernel);
	if (!cell->judged)
		g_string_append_printf(out, "%*snot ok %u %s\n%*s# %s: not judged: the run was interrupted\n",
				       INDENT, "", number, kernel, INDENT, "", kernel);
	else if (cell->outcome == VERDICT_SKIP && cell->as_expected)
		g_string_append_printf(out, "%*sok %u %s # SKIP %s\n", INDENT, "", number, kernel, cause);
	else
		g_string_append_printf(out, "%*s# %s: %s%s%s: %s\n%*s%s %u %s\n", INDENT, "", kernel, verdict_name(cell->outcome),
				       cell->expect || cell->told ? ", " : "", cell->expect || cell->told ? held_against : "", cause,
				       INDENT, "", cell->as_expected ? "ok" : "not ok", number, kernel);
}

static void append_case(GString *out, const struct run_summary *run, const char *test_case, guint number)
{
	g_autofree char *name = clean(test_case);
	gboolean passed = TRUE, all_skipped = TRUE;
	guint cell_number = 0;

	g_string_append_printf(out, "%*s%s%*s# Subtest: %s\n%*s1..%u\n", INDENT, "", head, INDENT, "", name,
			       INDENT, "", count_cells(run, test_case));
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (cell->test_case != test_case)
			continue;
		append_cell(out, cell, ++cell_number);
		passed = passed && cell->as_expected;
		all_skipped = all_skipped && cell->judged && cell->as_expected && cell->outcome == VERDICT_SKIP;
	}
	g_string_append_printf(out, "%s %u %s%s\n", passed ? "ok" : "not ok", number, name, all_skipped ? " # SKIP no kernel could run it" : "");
}

static gboolean ktap_write(const struct run_summary *run, GString *out, GError **error)
{
	(void)error;
	g_string_append_printf(out, "%s1..%u\n", head, run->cases->len);
	for (guint i = 0; i < run->cases->len; i++)
		append_case(out, run, g_ptr_array_index(run->cases, i), i + 1);
	return TRUE;
}

const struct report report_ktap = {
	.name = "ktap", .summary = "KTAP version 1 for the kernel's test tools",
	.file = "report.ktap", .write = ktap_write,
};
