/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_junit - JUnit XML as Jenkins, GitLab and GitHub show it
 * in: a run, why lines of a cell's verdict did not hold, a failed build's log; out: a suite for each case, in it a test for each
 * kernel. As in KTAP a test passes when the cell came out as its kernel expects. No times: guest time is not what such a page adds up.
 */
#include "artefact.h"
#include "markup.h"
#include "report.h"

struct counts {
	guint tests, failures, errors, skipped;
};

enum kind { PASSED, FAILURE, ERROR, SKIPPED };

static enum kind kind_of(const struct report_cell *cell)
{
	if (!cell->judged || cell->outcome == VERDICT_BROKEN)
		return ERROR;
	if (cell->outcome == VERDICT_SKIP && !cell->told)
		return SKIPPED;
	return cell->as_expected ? PASSED : FAILURE;
}

/* The cells of one case, or of all. */
static struct counts count(const struct run_summary *run, const char *test_case)
{
	struct counts counts = { 0, 0, 0, 0 };

	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);
		enum kind kind = kind_of(cell);

		if (test_case && cell->test_case != test_case)
			continue;
		counts.tests++;
		counts.failures += kind == FAILURE;
		counts.errors += kind == ERROR;
		counts.skipped += kind == SKIPPED;
	}
	return counts;
}

/* "ok: fin.retransmits >= 4: fin.retransmits is 0" for each line of the case that did not hold. */
static void append_lines(GString *out, const struct run_summary *run, const struct report_cell *cell)
{
	g_autofree char *folder = g_build_filename(run->directory, cell->directory, NULL);
	g_autoptr(JsonObject) verdict = artefact_read_json(folder, "5-verdict.json", NULL);
	JsonNode *node = verdict ? json_object_get_member(verdict, "lines") : NULL;
	JsonArray *lines = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; lines && i < json_array_get_length(lines); i++) {
		JsonNode *element = json_array_get_element(lines, i);
		JsonObject *line = JSON_NODE_HOLDS_OBJECT(element) ? json_node_get_object(element) : NULL;
		const char *reason = line ? artefact_string(line, "reason") : NULL;

		if (reason)
			markup_add(out, "%s: %s: %s\n", artefact_string(line, "kind"), artefact_string(line, "text"), reason);
	}
}

static const char *cause_of(const struct report_cell *cell)
{
	return cell->cause ? cell->cause : "";
}

/* The element that says the test did not pass. */
static void append_result(GString *out, const struct run_summary *run, const struct report_cell *cell)
{
	g_autofree char *held_against = report_held_against(cell);

	switch (kind_of(cell)) {
	case PASSED:
		break;
	case FAILURE:
		markup_add(out, "      <failure type=\"%s\" message=\"%s, %s: %s\">", verdict_name(cell->outcome),
			   verdict_name(cell->outcome), held_against, cause_of(cell));
		append_lines(out, run, cell);
		g_string_append(out, "</failure>\n");
		break;
	case ERROR:
		markup_add(out, "      <error type=\"%s\" message=\"%s\">%s</error>\n", cell->judged ? verdict_name(cell->outcome) : "INTERRUPTED",
			   cell->judged ? cause_of(cell) : "not judged: the run was interrupted", cell->log ? cell->log : "");
		break;
	case SKIPPED:
		markup_add(out, "      <skipped message=\"%s\"></skipped>\n", cause_of(cell));
		break;
	}
}

static void append_line(GString *out, const char *name, const char *value)
{
	if (value)
		markup_add(out, "%s: %s\n", name, value);
}

static void append_output(GString *out, const struct report_cell *cell)
{
	g_autofree char *expectation = report_expectation(cell);

	g_string_append(out, "      <system-out>");
	append_line(out, "outcome", cell->judged ? verdict_name(cell->outcome) : NULL);
	append_line(out, "expected", cell->judged ? expectation : NULL);
	append_line(out, "this night", cell->told);
	append_line(out, "cause", cell->cause);
	append_line(out, "wire", cell->wire);
	append_line(out, "kernel believes", cell->believes);
	append_line(out, "guest", cell->cached ? "cached" : NULL);
	append_line(out, "note", cell->note);
	append_line(out, "folder", cell->directory);
	g_string_append(out, "</system-out>\n");
}

/* Before the last dot is a package to Jenkins: a nightly's variants are one each, with classes of the same names. Caller frees. */
static char *class_name(const struct run_summary *run, const char *test_case)
{
	return g_strconcat(run->variant ? run->variant : "", run->variant ? "." : "", test_case, NULL);
}

static void append_suite(GString *out, const struct run_summary *run, const char *test_case)
{
	g_autofree char *name = class_name(run, test_case);
	struct counts counts = count(run, test_case);

	markup_add(out, "  <testsuite name=\"%s\" tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\">\n", name, counts.tests,
		   counts.failures, counts.errors, counts.skipped);
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (cell->test_case != test_case)
			continue;
		markup_add(out, "    <testcase classname=\"%s\" name=\"%s\">\n", name, cell->kernel);
		append_result(out, run, cell);
		append_output(out, cell);
		g_string_append(out, "    </testcase>\n");
	}
	g_string_append(out, "  </testsuite>\n");
}

static gboolean junit_write(const struct run_summary *run, GString *out, GError **error G_GNUC_UNUSED)
{
	struct counts counts = count(run, NULL);

	g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	markup_add(out, "<testsuites name=\"finrig\" tests=\"%u\" failures=\"%u\" errors=\"%u\">\n", counts.tests, counts.failures, counts.errors);
	for (guint i = 0; i < run->cases->len; i++)
		append_suite(out, run, g_ptr_array_index(run->cases, i));
	g_string_append(out, "</testsuites>\n");
	return TRUE;
}

const struct report report_junit = {
	.name = "junit", .summary = "JUnit XML for Jenkins, GitLab and GitHub",
	.file = "report.junit.xml", .write = junit_write,
};
