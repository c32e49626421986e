/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig regressions - what went wrong since a date, and whether it still is
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "duration.h"
#include "error.h"
#include "nightly_config.h"
#include "nightly_judge.h"

/* A date, a date with a time of UTC, or how long ago; as it is in the history. NULL with FINRIG_ERROR_USAGE. */
static char *read_since(const char *text, GError **error)
{
	g_autofree char *midnight = strchr(text, 'T') ? NULL : g_strconcat(text, "T00:00:00Z", NULL);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(midnight ? midnight : text, utc), in_utc = NULL;
	gint64 ago_us;

	if (!date && duration_parse(text, &ago_us)) {
		g_autoptr(GDateTime) now = g_date_time_new_now_utc();

		date = g_date_time_add(now, -ago_us);
	}
	in_utc = date ? g_date_time_to_utc(date) : NULL;
	if (in_utc)
		return g_date_time_format(in_utc, "%Y-%m-%dT%H:%M:%SZ");
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --since 2026-01-31, 2026-01-31T02:00:00Z or 7d, found '%s'", text);
	return NULL;
}

static gboolean is_same(const struct past_cell *a, const struct past_cell *b)
{
	return g_str_equal(a->name, b->name) && g_str_equal(a->kernel, b->kernel) && g_str_equal(a->test_case, b->test_case) &&
	       g_str_equal(a->variant, b->variant);
}

static gboolean starts_badness(const struct past_cell *cell)
{
	return nightly_event_is_bad(cell->event) && strcmp(cell->event, nightly_event_word(NIGHTLY_FAILING)) != 0;
}

/* When it was as expected again, or NULL; the cells of one are together, the older first. */
static const char *mended(GPtrArray *cells, guint index)
{
	for (guint i = index + 1; i < cells->len && is_same(cells->pdata[index], cells->pdata[i]); i++) {
		const struct past_cell *later = cells->pdata[i];

		if (strcmp(later->outcome, "SKIP") != 0 && strcmp(later->outcome, "BROKEN") != 0 && !nightly_event_is_bad(later->event) &&
		    strcmp(later->event, nightly_event_word(NIGHTLY_NONDETERMINISM)) != 0)
			return later->started;
	}
	return NULL;
}

/* How it is by now: "as expected since …", "still", or "when it last ran, …" of a cell that later nights have not. Caller frees. */
static char *by_now(GPtrArray *cells, guint index)
{
	const struct past_cell *cell = cells->pdata[index], *last = cell;
	const char *end = mended(cells, index);
	gboolean later = FALSE;

	if (end)
		return g_strconcat("as expected since ", end, NULL);
	for (guint i = index + 1; i < cells->len && is_same(cell, cells->pdata[i]); i++)
		last = cells->pdata[i];
	for (guint i = 0; i < cells->len; i++) {
		const struct past_cell *other = cells->pdata[i];

		later = later || (g_str_equal(other->name, cell->name) && other->night > last->night);
	}
	return later ? g_strconcat("when it last ran, ", last->started, NULL) : g_strdup("still");
}

static guint print(GPtrArray *cells)
{
	guint standing = 0;

	for (guint i = 0; i < cells->len; i++) {
		const struct past_cell *cell = cells->pdata[i];
		g_autofree char *now = starts_badness(cell) ? by_now(cells, i) : NULL;

		if (!now)
			continue;
		standing += !mended(cells, i);
		printf("%s  %s  %s %s [%s]  %s %s: %s (%s)\n", cell->started, cell->name, cell->kernel, cell->test_case, cell->variant,
		       cell->event, cell->outcome, cell->cause ? cell->cause : "", now);
	}
	return standing;
}

static int show(const char *path, const char *since, GError **error)
{
	g_autofree char *start = read_since(since, error);
	g_autoptr(past_t) history = start ? past_open(path, TRUE, error) : NULL;
	g_autoptr(GPtrArray) cells = history ? past_since(history, start, error) : NULL;

	if (!cells)
		return EXIT_BROKEN;
	return print(cells) ? EXIT_DIFFERENT : EXIT_AS_EXPECTED;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	g_autofree char *path = NULL, *since = NULL;
	const GOptionEntry entries[] = {
		{ "since", 0, 0, G_OPTION_ARG_STRING, &since, "From nights that started then on: 2026-01-31, 2026-01-31T02:00:00Z, or 7d ago", "DATE" },
		{ "history", 0, 0, G_OPTION_ARG_FILENAME, &path, "The history (default " NIGHTLY_HISTORY ")", "FILE" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc > 1)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "did not expect '%s'", argv[1]);
	else if (!since)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --since DATE");
	else
		exit_code = show(path ? path : NIGHTLY_HISTORY, since, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_regressions = {
	.name = "regressions", .arguments = "--since DATE", .run = run,
	.summary = "what went wrong in nights since a date, and whether it still is",
	.description = "A line for each regression, new crash, and cell that was not as expected at first sight. Exit codes: 0 none of them stands,\n"
		       "1 one does.",
};
