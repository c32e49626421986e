/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_cell - one cell of a run as a part of the HTML report that opens
 */
#include "html_cell.h"

#include "artefact.h"
#include "html_excerpt.h"
#include "markup.h"
#include "rerun.h"
#include "sequence_chart.h"
#include "timeline.h"

const char *html_outcome(const struct report_cell *cell)
{
	return cell->judged ? verdict_name(cell->outcome) : "NONE";
}

const char *html_sign(const struct report_cell *cell)
{
	static const char *const signs[VERDICT_OUTCOME_COUNT] = {
		[VERDICT_FIXED] = "\342\234\223", [VERDICT_BUGGY] = "\342\234\227", [VERDICT_CHANGED] = "\342\211\240",
		[VERDICT_CRASH] = "\342\200\240", [VERDICT_SKIP] = "\342\200\223", [VERDICT_BROKEN] = "?",
	};

	return cell->judged ? signs[cell->outcome] : "\342\200\246";
}

void html_flag(gboolean unexpected, GString *out)
{
	if (unexpected)
		g_string_append(out, "<span class=\"flag\" aria-hidden=\"true\"> !</span><span class=\"unseen\"> not as expected</span>");
}

char *html_link(const char *path)
{
	return g_uri_escape_string(path, "/", FALSE);
}

static void append_fact(GString *out, const char *name, const char *value)
{
	if (value && *value)
		markup_add(out, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static void append_facts(GString *out, const struct report_cell *cell, const char *folder)
{
	g_autoptr(JsonObject) inputs = artefact_read_json(folder, "0-cell.json", NULL);
	g_autofree char *expectation = report_expectation(cell);

	g_string_append(out, "<dl>\n");
	append_fact(out, "expected", cell->judged ? expectation : NULL);
	append_fact(out, "this night", cell->told);
	append_fact(out, "on the wire", cell->wire);
	append_fact(out, "kernel believes", cell->believes);
	append_fact(out, "kernel's release", inputs ? artefact_string(inputs, "release") : NULL);
	append_fact(out, "note", cell->note);
	g_string_append(out, "</dl>\n");
}

static void append_timeline(GString *out, const struct report_cell *cell, const char *folder)
{
	g_autoptr(timeline_t) timeline = timeline_read(folder);

	if (!timeline)
		return;
	markup_add(out, "<h3>Time line</h3>\n<input type=\"checkbox\" class=\"log\" id=\"log:%s\"><label for=\"log:%s\"> logarithmic time</label>\n",
		   cell->directory, cell->directory);
	g_string_append(out, "<div class=\"scroll\">\n");
	timeline_draw(timeline, FALSE, out);
	timeline_draw(timeline, TRUE, out);
	g_string_append(out, "</div>\n");
	if (timeline->sockets > 1)
		markup_add(out, "<p class=\"key\">%u connections were sampled; state, timer, rto and memory are those of the first.</p>\n",
			   timeline->sockets);
}

static const struct report_cell *cell_of(const struct run_summary *run, const char *kernel, const char *test_case)
{
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (cell->kernel == kernel && cell->test_case == test_case)
			return cell;
	}
	return NULL;
}

/* The neighbour that came out otherwise tells most; else the first that there is a diff with. */
static const struct report_diff *telling_diff(const struct run_summary *run, const struct report_cell *cell)
{
	const struct report_diff *found = NULL;

	for (guint i = 0; i < run->diffs->len; i++) {
		const struct report_diff *diff = g_ptr_array_index(run->diffs, i);
		const char *other = diff->a == cell->kernel ? diff->b : diff->a;
		const struct report_cell *neighbour = cell_of(run, other, cell->test_case);

		if (diff->test_case != cell->test_case || (diff->a != cell->kernel && diff->b != cell->kernel))
			continue;
		if (neighbour && neighbour->outcome != cell->outcome)
			return diff;
		found = found ? found : diff;
	}
	return found;
}

static void append_comparison(GString *out, const struct run_summary *run, const struct report_cell *cell)
{
	const struct report_diff *diff = telling_diff(run, cell);
	g_autofree char *folder = g_build_filename(run->directory, "diff", cell->test_case, NULL), *name = NULL, *path = NULL, *link = NULL;
	g_autoptr(JsonObject) object = NULL;

	if (!diff)
		return;
	name = g_strdup_printf("%s..%s.json", diff->a, diff->b);
	path = g_build_filename("diff", cell->test_case, name, NULL);
	link = html_link(path);
	object = artefact_read_json(folder, name, NULL);
	markup_add(out, "<h3>Beside %s</h3>\n<p>%s (<a href=\"%s\">diff</a>)</p>\n", diff->a == cell->kernel ? diff->b : diff->a, diff->line, link);
	if (!object)
		return;
	g_string_append(out, "<div class=\"scroll\">\n");
	sequence_chart_draw(object, out);
	g_string_append(out, "</div>\n");
}

static void append_links(GString *out, const struct report_cell *cell, const char *folder)
{
	static const struct { const char *file, *name; } files[] = {
		{ "3-packets.pcap", "packets (pcap)" }, { "1-console.log", "console" }, { "1-qemu.log", "QEMU's log" }, { "2-events.jsonl", "events" },
		{ "4-analysis.json", "facts" }, { "5-verdict.json", "verdict" }, { "0-case.pkt", "case" }, { "0-cell.json", "inputs" },
	};

	g_string_append(out, "<h3>Files</h3>\n<p class=\"links\">");
	for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(folder, files[i].file, NULL), *relative = g_build_filename(cell->directory, files[i].file, NULL);
		g_autofree char *link = html_link(relative);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			markup_add(out, "<a href=\"%s\">%s</a>\n", link, files[i].name);
	}
	g_string_append(out, "</p>\n");
}

static void append_rerun(GString *out, const char *folder)
{
	g_autofree char *command = rerun_command(folder);

	if (command)
		markup_add(out, "<h3>Run this cell again</h3>\n<pre class=\"command\">%s</pre>\n", command);
}

static void append_summary(GString *out, const struct report_cell *cell)
{
	const char *outcome = html_outcome(cell), *unexpected = cell->judged && cell->as_expected ? "" : " unexpected";

	markup_add(out, "<details class=\"cell%s\" id=\"%s\" data-outcome=\"%s\">\n", unexpected, cell->directory, outcome);
	markup_add(out, "<summary><span class=\"badge %s%s\"><span class=\"sign\" aria-hidden=\"true\">%s</span>%s</span> <b>%s</b> ", outcome, unexpected,
		   html_sign(cell), cell->judged ? outcome : "not judged", cell->kernel);
	markup_add(out, "<span class=\"cause\">%s</span></summary>\n", cell->judged && cell->cause ? cell->cause : "");
}

void html_cell_write(const struct run_summary *run, const struct report_cell *cell, gboolean drawn, GString *out)
{
	g_autofree char *folder = g_build_filename(run->directory, cell->directory, NULL);

	append_summary(out, cell);
	g_string_append(out, "<div class=\"body\">\n");
	markup_add(out, "<p class=\"sentence\">%s</p>\n", !cell->judged ? "Not judged: the run was interrupted." : cell->cause ? cell->cause : "");
	append_facts(out, cell, folder);
	html_excerpt_lines(folder, out);
	if (drawn) {
		append_timeline(out, cell, folder);
		append_comparison(out, run, cell);
	} else {
		markup_add(out, "<p class=\"faint\">As expected, and the page has many cells: not drawn. In the run's folder, "
			   "<code>finrig timeline %s</code> prints its time line.</p>\n", cell->directory);
	}
	if (cell->log)
		markup_add(out, "<h3>Build log</h3>\n<pre>%s</pre>\n", cell->log);
	html_excerpt_console(folder, out);
	append_links(out, cell, folder);
	append_rerun(out, folder);
	g_string_append(out, "</div>\n</details>\n");
}
