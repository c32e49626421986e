/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig history - what a cell came out as in every night
 */
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "near.h"
#include "nightly_config.h"
#include "nightly_judge.h"

static gboolean is_same(const struct past_cell *a, const struct past_cell *b)
{
	return g_str_equal(a->variant, b->variant) && g_str_equal(a->name, b->name);
}

/* The next older night of the same variant. */
static const struct past_cell *before(GPtrArray *cells, guint index)
{
	for (guint i = index + 1; i < cells->len; i++)
		if (is_same(cells->pdata[index], cells->pdata[i]))
			return cells->pdata[i];
	return NULL;
}

static void print(GPtrArray *cells)
{
	for (guint i = 0; i < cells->len; i++) {
		const struct past_cell *cell = cells->pdata[i], *older = before(cells, i);
		g_autofree char *changes = older ? nightly_changes(older, cell) : NULL;

		printf("%s  %s %s  %-7s  %s: %s%s%s%s%s\n", cell->started, cell->name, cell->variant, cell->outcome, cell->event,
		       cell->cause ? cell->cause : "", changes ? " [" : "", changes ? changes : "", changes ? "]" : "", cell->trusted ? "" : " (not trusted)");
	}
}

/* What the history has instead of a cell that it has not. */
static void tell_absent(struct past *history, const char *path, const char *test_case, const char *kernel, const char *variant, GError **error)
{
	g_autoptr(GPtrArray) kernels = past_partners(history, NULL, test_case, NULL), cases = past_partners(history, kernel, NULL, NULL);
	GPtrArray *known = kernels && kernels->len ? kernels : cases;
	g_autofree char *near = NULL;

	if (known)
		near_sort(known, known == kernels ? kernel : test_case);
	near = known ? near_text(known) : NULL;
	if (variant)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no night had %s on %s as variant %s", path, test_case, kernel, variant);
	else if (near)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no night had %s on %s; %s %s", path, test_case, kernel,
			    known == kernels ? "it was on" : "that had", near);
	else
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no night had a case %s, or a kernel %s (the case comes first)", path, test_case, kernel);
}

static gboolean show(const char *path, char **words, const char *variant, GError **error)
{
	g_autoptr(past_t) history = past_open(path, TRUE, error);
	g_autoptr(GPtrArray) cells = history ? past_of_cell(history, NULL, words[1], words[0], variant, error) : NULL;

	if (cells && !cells->len)
		tell_absent(history, path, words[0], words[1], variant, error);
	if (!cells || !cells->len)
		return FALSE;
	print(cells);
	return TRUE;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	g_autofree char *path = NULL, *variant = NULL;
	const GOptionEntry entries[] = {
		{ "history", 0, 0, G_OPTION_ARG_FILENAME, &path, "The history (default " NIGHTLY_HISTORY ")", "FILE" },
		{ "variant", 0, 0, G_OPTION_ARG_STRING, &variant, "Only this variant", "NAME" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 3)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a case and a kernel");
	else
		show(path ? path : NIGHTLY_HISTORY, argv + 1, variant, &error);
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

const struct command command_history = {
	.name = "history", .arguments = "CASE KERNEL", .run = run,
	.summary = "what a cell came out as in every night",
	.description = "One line a night, the newest first: start, nightly, variant, outcome, what it was against the history, cause, and in [ ] which\n"
		       "inputs are not those of the night before. With a night that was not trusted nothing is compared. The file is SQLite (docs/nightly.md).",
};
