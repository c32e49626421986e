/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_index - the page of a nightly
 */
#include "nightly_index.h"

#include <string.h>

#include "artefact.h"
#include "html_cell.h"
#include "html_page.h"
#include "kernel.h"
#include "markup.h"
#include "nightly_facts.h"
#include "report.h"
#include "svg.h"

/* Pixels in tenths, as in all drawings. */
enum { NIGHTS_MAX = 30, BAR_WIDTH = 50, BAR_STEP = 65, SPARK_HEIGHT = 200, BOTTOM = 190 };

struct index_page {
	const struct nightly *nightly;
	struct past *history;
	GPtrArray *nights; /* struct past_night *, the newest first */
	GString *out;
};

/* Told apart by height as well as by colour. */
static const struct { enum verdict_outcome outcome; int height; } bars[] = {
	{ VERDICT_FIXED, 60 }, { VERDICT_CHANGED, 120 }, { VERDICT_BUGGY, 180 }, { VERDICT_CRASH, 180 }, { VERDICT_BROKEN, 30 }, { VERDICT_SKIP, 10 },
};

static int bar_height(const char *outcome)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bars); i++)
		if (verdict_of_name(outcome) == bars[i].outcome)
			return bars[i].height;
	return 0;
}

static const struct past_cell *cell_of_night(GPtrArray *rows, gint64 night)
{
	for (guint i = 0; i < rows->len; i++)
		if (((const struct past_cell *)rows->pdata[i])->night == night)
			return rows->pdata[i];
	return NULL;
}

/* The i-th of count, from the oldest on. */
static const struct past_night *night_shown(const struct index_page *page, guint i, guint count)
{
	return page->nights->pdata[count - 1 - i];
}

/* What the bars show, for those who do not see them: "3 FIXED, 1 without, 2 BUGGY". */
static void append_spelt(const struct index_page *page, GPtrArray *rows, guint count, GString *label)
{
	const char *last = NULL;
	guint times = 0;

	for (guint i = 0; i <= count; i++) {
		const struct past_cell *cell = i < count ? cell_of_night(rows, night_shown(page, i, count)->id) : NULL;
		const char *outcome = cell ? cell->outcome : i < count ? "without" : NULL;

		if (last && g_strcmp0(last, outcome) != 0) {
			g_string_append_printf(label, " %u %s%s", times, last, outcome ? "," : "");
			times = 0;
		}
		last = outcome;
		times++;
	}
}

/* The oldest at the left; a night without the cell leaves a gap. */
static void append_spark(const struct index_page *page, GPtrArray *rows, const struct past_cell *now)
{
	guint count = MIN(page->nights->len, NIGHTS_MAX);
	g_autoptr(GString) label = g_string_new(NULL);

	g_string_printf(label, "%s of %s, the oldest night first:", now->test_case, now->kernel);
	append_spelt(page, rows, count, label);
	svg_open(page->out, "spark", (int)count * BAR_STEP, SPARK_HEIGHT, label->str);
	for (guint i = 0; i < count; i++) {
		const struct past_night *night = night_shown(page, i, count);
		const struct past_cell *cell = cell_of_night(rows, night->id);
		g_autofree char *class = cell ? g_strconcat("bar-", cell->outcome, NULL) : NULL;
		g_autofree char *title = cell ? g_strdup_printf("%s: %s", night->started, cell->outcome) : NULL;

		if (cell)
			svg_box(page->out, class, (int)i * BAR_STEP, BOTTOM - bar_height(cell->outcome), BAR_WIDTH, bar_height(cell->outcome), title);
	}
	svg_close(page->out);
}

/* To the cell on its night's page. */
static char *cell_link(const struct index_page *page, const struct nightly_cell *cell)
{
	g_autofree char *night = g_path_get_basename(page->nightly->night->folder);
	g_autofree char *path = g_build_filename(night, cell->now->variant, "report.html", NULL), *file = html_link(path);
	g_autofree char *place = html_link(cell->now->place + strlen(cell->now->variant) + 1);

	return g_strconcat(file, "#", place, NULL);
}

static gboolean append_cell(const struct index_page *page, const struct nightly_cell *cell, GError **error)
{
	const struct past_cell *now = cell->now;
	const struct report_cell shown = { .judged = TRUE, .outcome = verdict_of_name(now->outcome) };
	g_autofree char *link = cell_link(page, cell);
	g_autoptr(GPtrArray) rows = past_of_cell(page->history, page->nightly->config->name, now->kernel, now->test_case, now->variant, error);
	gboolean bad = cell->event < NIGHTLY_FIXED;

	if (!rows)
		return FALSE;
	markup_add(page->out, "<td><a class=\"%s%s\" href=\"%s\" title=\"%s: %s\">", html_outcome(&shown), bad ? " unexpected" : "", link,
		   now->event ? now->event : "", now->cause ? now->cause : "");
	markup_add(page->out, "<span class=\"sign\" aria-hidden=\"true\">%s</span><span class=\"word\">%s</span>", html_sign(&shown), now->outcome);
	html_flag(bad, page->out);
	g_string_append(page->out, "</a>\n");
	append_spark(page, rows, now);
	g_string_append(page->out, "</td>\n");
	return TRUE;
}

static const struct nightly_cell *find(const struct index_page *page, const struct nightly_part *part, const char *kernel, const char *test_case)
{
	for (guint i = 0; i < page->nightly->cells->len; i++) {
		const struct nightly_cell *cell = page->nightly->cells->pdata[i];

		if (cell->variant == part->variant && cell->test_case && g_str_equal(cell->now->kernel, kernel) &&
		    g_str_equal(cell->test_case->name, test_case))
			return cell;
	}
	return NULL;
}

static gboolean append_row(const struct index_page *page, const struct nightly_part *part, const char *test_case, GError **error)
{
	markup_add(page->out, "<tr><th scope=\"row\">%s</th>\n", test_case);
	for (guint i = 0; i < part->kernels->len; i++) {
		const struct nightly_cell *cell = find(page, part, ((const struct kernel *)part->kernels->pdata[i])->name, test_case);

		if (!cell)
			g_string_append(page->out, "<td></td>\n");
		else if (!append_cell(page, cell, error))
			return FALSE;
	}
	g_string_append(page->out, "</tr>\n");
	return TRUE;
}

static gboolean append_part(const struct index_page *page, const struct nightly_part *part, GError **error)
{
	g_autofree char *left_out = nightly_left_out_text(part);

	markup_add(page->out, "<h2>%s</h2>\n", part->variant->name);
	if (left_out)
		markup_add(page->out, "<p>%s</p>\n", left_out);
	g_string_append(page->out, "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th scope=\"col\">case</th>\n");
	for (guint i = 0; i < part->kernels->len; i++)
		markup_add(page->out, "<th scope=\"col\">%s</th>\n", ((const struct kernel *)part->kernels->pdata[i])->name);
	g_string_append(page->out, "</tr></thead>\n<tbody>\n");
	for (guint i = 0; i < part->cases->len; i++)
		if (!append_row(page, part, ((const struct test_case *)part->cases->pdata[i])->name, error))
			return FALSE;
	g_string_append(page->out, "</tbody>\n</table></div>\n");
	return TRUE;
}

static void append_night(const struct index_page *page, const struct past_night *night)
{
	static const char *const words[] = { "as expected", "not as expected", "the rig broke" };
	g_autofree char *name = g_path_get_basename(night->folder), *path = g_build_filename(name, "night.txt", NULL), *link = html_link(path);
	g_autofree char *text = g_build_filename(night->folder, "night.txt", NULL);
	const char *end = !night->finished ? "not finished" : words[CLAMP(night->exit_code, 0, 2)];

	/* Who needs room removes folders without asking the history. */
	if (night->kept && night->finished && g_file_test(text, G_FILE_TEST_EXISTS))
		markup_add(page->out, "<tr><td><a href=\"%s\">%s</a></td>", link, night->started);
	else
		markup_add(page->out, "<tr><td>%s</td>", night->started);
	markup_add(page->out, "<td>%s%s</td></tr>\n", end, night->finished && !night->trusted ? ", not trusted" : "");
}

static gboolean append_all(const struct index_page *page, const char *title, GError **error)
{
	g_autofree char *text = nightly_text(page->nightly);
	const char *end = strchr(text, '\n');
	g_autofree char *subject = g_strndup(text, (gsize)(end - text)), *uncompared = nightly_uncompared_text(page->nightly);
	g_auto(GStrv) lines = g_strsplit(uncompared, "\n", -1);

	html_page_open(page->out, title);
	markup_add(page->out, "<h1>%s</h1>\n<p>%s, night of %s.</p>\n", title, subject, page->nightly->night->started);
	for (guint i = 0; lines[i] && *lines[i]; i++)
		markup_add(page->out, "<p>%s</p>\n", lines[i]);
	g_string_append(page->out, "<p class=\"key\">Bars are the last nights, the newest at the right: low FIXED, middle CHANGED, high BUGGY or CRASH (dark), "
				   "a dot SKIP or BROKEN. A frame and ! : not as expected.</p>\n");
	for (guint i = 0; i < page->nightly->plan->parts->len; i++)
		if (!append_part(page, page->nightly->plan->parts->pdata[i], error))
			return FALSE;
	g_string_append(page->out, "<h2>Nights</h2>\n<table class=\"lines\">\n<tr><th>night</th><th>came out</th></tr>\n");
	for (guint i = 0; i < page->nights->len; i++)
		append_night(page, page->nights->pdata[i]);
	g_string_append(page->out, "</table>\n");
	html_page_close(page->out, FALSE);
	return TRUE;
}

gboolean nightly_index_write(const struct nightly *nightly, struct past *history, GError **error)
{
	g_autoptr(GPtrArray) nights = past_nights(history, nightly->config->name, error);
	g_autoptr(GString) out = g_string_new(NULL);
	const struct index_page page = { nightly, history, nights, out };
	g_autofree char *room = g_path_get_dirname(nightly->night->folder), *title = g_strconcat("finrig nightly ", nightly->config->name, NULL);

	return nights && append_all(&page, title, error) && artefact_write(room, "index.html", out->str, out->len, error);
}
