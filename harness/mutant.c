/* SPDX-License-Identifier: GPL-2.0-or-later
 * mutant - kernels that are wrong on purpose, and which cases tell them from the right one
 */
#include "mutant.h"

#include <string.h>

#include "error.h"

GPtrArray *mutants_of(const struct workspace *workspace, const char *twin, GError **error)
{
	g_autoptr(GPtrArray) names = kernel_names(workspace, error), kernels = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	struct kernel *first = names ? kernel_new(workspace, twin, error) : NULL;

	if (!first)
		return NULL;
	g_ptr_array_add(kernels, first);
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names->pdata[i], error);

		if (!kernel)
			return NULL;
		if (!g_strcmp0(kernel_key(kernel, "mutant-of"), first->name))
			g_ptr_array_add(kernels, g_steal_pointer(&kernel));
	}
	if (kernels->len > 1)
		return g_steal_pointer(&kernels);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no kernel file says `mutant-of = %s`", twin, twin);
	return NULL;
}

static void mutant_free(gpointer data)
{
	struct mutant *mutant = data;

	g_ptr_array_unref(mutant->killers);
	g_free(mutant);
}

static gboolean is_seen(const struct report_cell *cell)
{
	return cell->judged && cell->outcome != VERDICT_SKIP && cell->outcome != VERDICT_BROKEN;
}

/* The cells of a case stand together, in the order of the kernels. */
static const struct report_cell *cell_of(const struct run_summary *run, guint test_case, guint kernel)
{
	return run->cells->pdata[test_case * run->kernels->len + kernel];
}

static struct mutant *read_mutant(const struct run_summary *run, guint kernel)
{
	struct mutant *mutant = g_new0(struct mutant, 1);

	mutant->kernel = run->kernels->pdata[kernel];
	mutant->killers = g_ptr_array_new();
	for (guint i = 0; i < run->cases->len; i++) {
		const struct report_cell *right = cell_of(run, i, 0), *wrong = cell_of(run, i, kernel);

		if (!is_seen(wrong) && !mutant->cause)
			mutant->cause = wrong->judged ? wrong->cause : "the run was interrupted";
		if (!is_seen(wrong) || !is_seen(right) || right->outcome != VERDICT_FIXED)
			continue;
		mutant->cases++;
		if (wrong->outcome != VERDICT_FIXED)
			g_ptr_array_add(mutant->killers, (gpointer)wrong);
	}
	mutant->fate = mutant->killers->len ? MUTANT_KILLED : mutant->cases ? MUTANT_SURVIVES : MUTANT_UNSEEN;
	if (mutant->fate != MUTANT_UNSEEN)
		mutant->cause = NULL;
	return mutant;
}

struct kill_table *kill_table_new(const struct run_summary *run, GError **error)
{
	struct kill_table *table;

	if (run->kernels->len < 2) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected a run of a kernel and its mutants", run->directory);
		return NULL;
	}
	table = g_new0(struct kill_table, 1);
	table->run = run;
	table->mutants = g_ptr_array_new_with_free_func(mutant_free);
	table->useless = g_ptr_array_new();
	for (guint i = 1; i < run->kernels->len; i++)
		g_ptr_array_add(table->mutants, read_mutant(run, i));
	for (guint i = 0; i < run->cases->len; i++) {
		const struct report_cell *right = cell_of(run, i, 0);

		if (is_seen(right) && right->outcome != VERDICT_FIXED)
			g_ptr_array_add(table->useless, (gpointer)right);
	}
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = run->cells->pdata[i];

		table->broken += !cell->judged || cell->outcome == VERDICT_BROKEN;
	}
	return table;
}

void kill_table_free(struct kill_table *table)
{
	if (!table)
		return;
	g_ptr_array_unref(table->mutants);
	g_ptr_array_unref(table->useless);
	g_free(table);
}

static void append_cell(GString *out, const struct report_cell *cell, int width)
{
	g_string_append_printf(out, "  %-*s  %-7s  %s\n", width, cell->test_case, verdict_name(cell->outcome), cell->cause ? cell->cause : "");
}

static int case_width(const struct run_summary *run)
{
	int width = 0;

	for (guint i = 0; i < run->cases->len; i++)
		width = MAX(width, (int)strlen(run->cases->pdata[i]));
	return width;
}

static void append_mutant(GString *out, const struct mutant *mutant, int width)
{
	if (mutant->fate == MUTANT_UNSEEN)
		g_string_append_printf(out, "%s: NOT SEEN: %s\n", mutant->kernel, mutant->cause ? mutant->cause : "no case is FIXED on the right kernel");
	else if (mutant->fate == MUTANT_SURVIVES)
		g_string_append_printf(out, "%s: SURVIVES %u case%s\n", mutant->kernel, mutant->cases, mutant->cases == 1 ? "" : "s");
	else
		g_string_append_printf(out, "%s: killed by %u of %u case%s\n", mutant->kernel, mutant->killers->len, mutant->cases,
				       mutant->cases == 1 ? "" : "s");
	for (guint i = 0; i < mutant->killers->len; i++)
		append_cell(out, mutant->killers->pdata[i], width);
}

static guint count_fate(const struct kill_table *table, enum mutant_fate fate)
{
	guint count = 0;

	for (guint i = 0; i < table->mutants->len; i++)
		count += ((const struct mutant *)table->mutants->pdata[i])->fate == fate;
	return count;
}

char *kill_table_text(const struct kill_table *table)
{
	GString *out = g_string_new(NULL);
	int width = case_width(table->run);

	for (guint i = 0; i < table->mutants->len; i++)
		append_mutant(out, table->mutants->pdata[i], width);
	if (table->useless->len)
		g_string_append_printf(out, "%s, which is right, is not FIXED in\n", (char *)table->run->kernels->pdata[0]);
	for (guint i = 0; i < table->useless->len; i++)
		append_cell(out, table->useless->pdata[i], width);
	if (table->broken)
		g_string_append_printf(out, "%u cell%s broke or %s not judged\n", table->broken, table->broken == 1 ? "" : "s",
				       table->broken == 1 ? "was" : "were");
	g_string_append_printf(out, "%u mutants of %s: %u killed, %u survive, %u not seen\n", table->mutants->len, (char *)table->run->kernels->pdata[0],
			       count_fate(table, MUTANT_KILLED), count_fate(table, MUTANT_SURVIVES), count_fate(table, MUTANT_UNSEEN));
	return g_string_free(out, FALSE);
}

int kill_table_exit_code(const struct kill_table *table)
{
	if (table->broken || count_fate(table, MUTANT_UNSEEN))
		return 2;
	return table->useless->len || count_fate(table, MUTANT_SURVIVES) ? 1 : 0;
}
