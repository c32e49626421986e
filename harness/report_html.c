/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_html - a run as one page that needs nothing but itself
 * in: a run and its cells' folders; out: a matrix of cases and kernels, in it a link to each cell's part of the page (html_cell.h).
 */
#include "case.h"
#include "html_cell.h"
#include "html_page.h"
#include "markup.h"
#include "report.h"

/* More kernels than this have their names upright and signs for words; more cells have drawings only where something is to be explained. */
enum { WORDS_MAX_KERNELS = 7, DRAWN_MAX_CELLS = 400 };

static guint count_unexpected(const struct run_summary *run)
{
	guint count = 0;

	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		count += !cell->judged || !cell->as_expected;
	}
	return count;
}

static void append_counts(GString *out, const struct run_summary *run)
{
	guint unexpected = count_unexpected(run);

	markup_add(out, "<h1>%u case%s on %u kernel%s</h1>\n<p>%u cell%s%s%s, ", run->cases->len, run->cases->len == 1 ? "" : "s", run->kernels->len,
		   run->kernels->len == 1 ? "" : "s", run->cells->len, run->cells->len == 1 ? "" : "s",
		   run->variant ? " of variant " : "", run->variant ? run->variant : "");
	if (unexpected)
		markup_add(out, "<strong>%u not as expected</strong>.</p>\n", unexpected);
	else
		g_string_append(out, "all as expected.</p>\n");
}

static void append_tools(GString *out)
{
	g_string_append(out,
		"<div class=\"tools\">\n<label>Find <input type=\"search\" id=\"words\" placeholder=\"kernel, case, outcome\"></label>\n"
		"<label><input type=\"checkbox\" id=\"unexpected\"> only what is not as expected</label>\n"
		"<button type=\"button\" id=\"open\">Open all shown</button> <button type=\"button\" id=\"close\">Close all</button>\n"
		"<span role=\"status\" class=\"faint\" id=\"shown\"></span>\n</div>\n"
		"<p class=\"faint hint\">Keys: arrows in the matrix, Enter opens, n and p go on and back, Escape returns, l makes all time lines logarithmic.</p>\n");
}

static void append_matrix_cell(GString *out, const struct report_cell *cell)
{
	g_autofree char *link = html_link(cell->directory);
	gboolean unexpected = !cell->judged || !cell->as_expected;

	markup_add(out, "<td><a class=\"%s%s\" href=\"#%s\" title=\"%s\">", html_outcome(cell), unexpected ? " unexpected" : "", link,
		   cell->cause ? cell->cause : "");
	markup_add(out, "<span class=\"sign\" aria-hidden=\"true\">%s</span><span class=\"word\">%s</span>", html_sign(cell),
		   cell->judged ? verdict_name(cell->outcome) : "not judged");
	html_flag(unexpected, out);
	g_string_append(out, "</a></td>\n");
}

static void append_matrix(GString *out, const struct run_summary *run)
{
	markup_add(out, "<div class=\"scroll%s\"><table class=\"matrix\">\n<caption><span>A frame and ! : not as expected</span></caption>\n<thead><tr><th scope=\"col\">case</th>\n",
		   run->kernels->len > WORDS_MAX_KERNELS ? " many" : "");
	for (guint i = 0; i < run->kernels->len; i++)
		markup_add(out, "<th scope=\"col\">%s</th>\n", (const char *)g_ptr_array_index(run->kernels, i));
	g_string_append(out, "</tr></thead>\n<tbody>\n");
	for (guint i = 0; i < run->cases->len; i++) {
		const char *test_case = g_ptr_array_index(run->cases, i);

		markup_add(out, "<tr><th scope=\"row\">%s</th>\n", test_case);
		for (guint j = 0; j < run->cells->len; j++) {
			const struct report_cell *cell = g_ptr_array_index(run->cells, j);

			if (cell->test_case == test_case)
				append_matrix_cell(out, cell);
		}
		g_string_append(out, "</tr>\n");
	}
	g_string_append(out, "</tbody>\n</table></div>\n");
}

static void append_legend(GString *out)
{
	static const struct { enum verdict_outcome outcome; const char *meaning; } outcomes[] = {
		{ VERDICT_FIXED, "all ok lines hold" }, { VERDICT_BUGGY, "the known signature of the bug" }, { VERDICT_CHANGED, "neither: look" },
		{ VERDICT_CRASH, "the guest died" }, { VERDICT_SKIP, "something needed is absent" }, { VERDICT_BROKEN, "the rig failed" },
	};

	g_string_append(out, "<ul class=\"legend\">\n");
	for (gsize i = 0; i < G_N_ELEMENTS(outcomes); i++) {
		const struct report_cell cell = { .judged = TRUE, .outcome = outcomes[i].outcome };

		markup_add(out, "<li><span class=\"badge %s\"><span class=\"sign\" aria-hidden=\"true\">%s</span>%s</span> %s</li>\n", html_outcome(&cell),
			   html_sign(&cell), html_outcome(&cell), outcomes[i].meaning);
	}
	g_string_append(out, "</ul>\n<p class=\"key\">Time lines: \342\226\262 SYN, \342\227\217 data, \342\226\240 FIN, \342\234\225 RST, \342\235\231 bare ACK; "
			     "orange with a rim: sent again, or refused. rto: numbers are the backoff. sk_wmem_alloc: the dashed line is the limit that kernels "
			     "before 5.13 compare it with. Point at a mark for its figures.</p>\n");
}

/* The case's title and reason, as the first of its cells has it. */
static void append_case_head(GString *out, const struct run_summary *run, const struct report_cell *cell)
{
	g_autofree char *path = g_build_filename(run->directory, cell->directory, "0-case.pkt", NULL);
	g_autoptr(test_case_t) test_case = g_file_test(path, G_FILE_TEST_EXISTS) ? case_read(path, NULL, NULL) : NULL;

	if (test_case && test_case->title)
		markup_add(out, "<p>%s</p>\n", test_case->title);
	if (test_case && test_case->why)
		markup_add(out, "<p class=\"why\">%s</p>\n", test_case->why);
}

static void append_case(GString *out, const struct run_summary *run, const char *test_case)
{
	gboolean first = TRUE;

	markup_add(out, "<section class=\"case\">\n<h2>%s</h2>\n", test_case);
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (cell->test_case != test_case)
			continue;
		if (first)
			append_case_head(out, run, cell);
		first = FALSE;
		html_cell_write(run, cell, run->cells->len <= DRAWN_MAX_CELLS || !cell->as_expected, out);
	}
	g_string_append(out, "</section>\n");
}

static gboolean html_write(const struct run_summary *run, GString *out, GError **error G_GNUC_UNUSED)
{
	g_autofree char *title = g_strdup_printf("finrig: %u cells, %u not as expected", run->cells->len, count_unexpected(run));

	html_page_open(out, title);
	append_counts(out, run);
	append_tools(out);
	append_matrix(out, run);
	append_legend(out);
	for (guint i = 0; i < run->cases->len; i++)
		append_case(out, run, g_ptr_array_index(run->cases, i));
	html_page_close(out, TRUE);
	return TRUE;
}

const struct report report_html = {
	.name = "html", .summary = "one page for people: matrix, time lines, sequence charts; opens offline",
	.file = "report.html", .write = html_write,
};
