/* SPDX-License-Identifier: GPL-2.0-or-later
 * report - the report stage: a run's folder as something to read
 */
#include "report.h"

#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "case.h"
#include "error.h"
#include "json_text.h"
#include "kernel.h"

static void cell_free(gpointer data)
{
	struct report_cell *cell = data;

	g_free(cell->directory);
	g_free(cell->cause);
	g_free(cell->expect);
	g_free(cell->wire);
	g_free(cell->believes);
	g_free(cell->fault);
	g_free(cell->log);
	g_free(cell->note);
	g_free(cell->event);
	g_free(cell->told);
	g_free(cell);
}

static void diff_free(gpointer data)
{
	g_free(((struct report_diff *)data)->line);
	g_free(data);
}

static JsonArray *names_to_json(GPtrArray *names)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < names->len; i++)
		json_array_add_string_element(array, g_ptr_array_index(names, i));
	return array;
}

gboolean report_plan_names(const char *run_dir, GPtrArray *kernels, GPtrArray *cases, GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_array_member(object, "kernels", names_to_json(kernels));
	json_object_set_array_member(object, "cases", names_to_json(cases));
	json_node_take_object(root, object);
	return json_text_write(run_dir, "run.json", root, error);
}

gboolean report_plan(const char *run_dir, GPtrArray *kernels, GPtrArray *cases, GError **error)
{
	g_autoptr(GPtrArray) kernel_names_list = g_ptr_array_new(), case_names_list = g_ptr_array_new();

	for (guint i = 0; i < kernels->len; i++)
		g_ptr_array_add(kernel_names_list, ((const struct kernel *)g_ptr_array_index(kernels, i))->name);
	for (guint i = 0; i < cases->len; i++)
		g_ptr_array_add(case_names_list, ((const struct test_case *)g_ptr_array_index(cases, i))->name);
	return report_plan_names(run_dir, kernel_names_list, case_names_list, error);
}

gboolean report_plan_judge(const char *run_dir, const char *variant, GHashTable *events, GError **error)
{
	g_autoptr(JsonObject) plan = artefact_read_json(run_dir, "run.json", error);
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *night = json_object_new();
	GHashTableIter iter;
	gpointer cell, value;

	if (!plan) {
		json_object_unref(night);
		return FALSE;
	}
	g_hash_table_iter_init(&iter, events);
	while (g_hash_table_iter_next(&iter, &cell, &value)) {
		const struct report_event *event = value;
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "event", event->word);
		json_object_set_string_member(object, "told", event->told);
		json_object_set_object_member(night, cell, object);
	}
	json_object_set_string_member(plan, "variant", variant);
	json_object_set_object_member(plan, "night", night);
	json_node_set_object(root, plan);
	return json_text_write(run_dir, "run.json", root, error);
}

/* Names become parts of paths, so a name that leads out of the run's folder is refused. */
static gboolean is_name(JsonNode *node)
{
	const char *name = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;
	g_auto(GStrv) parts = name && *name && *name != '/' ? g_strsplit(name, "/", -1) : NULL;

	return parts && !g_strv_contains((const char *const *)parts, "..");
}

static gboolean read_names(JsonObject *object, const char *member, GPtrArray *names, GError **error)
{
	JsonNode *node = json_object_get_member(object, member);
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *element = json_array_get_element(array, i);

		if (!is_name(element)) {
			array = NULL;
			break;
		}
		g_ptr_array_add(names, g_strdup(json_node_get_string(element)));
	}
	if (!array)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "run.json: expected \"%s\" to be a list of names", member);
	return array != NULL;
}

static void read_verdict(struct report_cell *cell, JsonObject *verdict)
{
	cell->outcome = verdict_of_name(artefact_string(verdict, "outcome"));
	cell->judged = cell->outcome != VERDICT_OUTCOME_COUNT;
	cell->cause = g_strdup(artefact_string(verdict, "cause"));
	cell->expect = g_strdup(artefact_string(verdict, "expect"));
	cell->predicted = json_object_get_boolean_member_with_default(verdict, "predicted", FALSE);
	cell->wire = g_strdup(artefact_string(verdict, "wire"));
	cell->believes = g_strdup(artefact_string(verdict, "believes"));
	cell->as_expected = cell->judged && verdict_as_expected(cell->outcome, cell->expect);
}

/* Lines of text, joined; NULL if it is no list. */
static char *read_lines(JsonNode *node)
{
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		JsonNode *line = json_array_get_element(array, i);

		if (JSON_NODE_HOLDS_VALUE(line) && json_node_get_string(line))
			g_string_append_printf(text, "%s\n", json_node_get_string(line));
	}
	return array ? g_strdup(text->str) : NULL;
}

static void read_fault(struct report_cell *cell, const char *directory)
{
	g_autoptr(JsonObject) inputs = artefact_read_json(directory, "0-cell.json", NULL);
	JsonNode *node = inputs ? json_object_get_member(inputs, "unready") : NULL;
	JsonObject *unready = node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

	if (!unready)
		return;
	cell->fault = g_strdup(artefact_string(unready, "fault"));
	cell->log = read_lines(json_object_get_member(unready, "log"));
}

static void read_machine(struct report_cell *cell, const char *directory)
{
	g_autoptr(JsonObject) vm = artefact_read_json(directory, "1-vm.json", NULL);

	cell->cached = vm && g_strcmp0(artefact_string(vm, "start"), "cache") == 0;
	cell->note = vm ? g_strdup(artefact_string(vm, "note")) : NULL;
}

static JsonObject *object_member(JsonObject *object, const char *member)
{
	JsonNode *node = object ? json_object_get_member(object, member) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* What a night finds fault with is not as expected, whatever the kernel's file says. */
static void read_event(struct report_cell *cell, JsonObject *night)
{
	JsonObject *event = object_member(night, cell->directory);

	if (!event)
		return;
	cell->event = g_strdup(artefact_string(event, "event"));
	cell->told = g_strdup(artefact_string(event, "told"));
	cell->as_expected &= !cell->told;
}

static void add_cell(struct run_summary *run, JsonObject *night, const char *kernel, const char *test_case)
{
	struct report_cell *cell = g_new0(struct report_cell, 1);
	g_autofree char *path = NULL;
	g_autoptr(JsonObject) verdict = NULL;

	cell->kernel = kernel;
	cell->test_case = test_case;
	cell->directory = g_build_filename(kernel, test_case, NULL);
	path = g_build_filename(run->directory, cell->directory, NULL);
	verdict = artefact_read_json(path, "5-verdict.json", NULL);
	if (verdict)
		read_verdict(cell, verdict);
	read_event(cell, night);
	read_machine(cell, path);
	if (cell->judged && (cell->outcome == VERDICT_SKIP || cell->outcome == VERDICT_BROKEN))
		read_fault(cell, path);
	g_ptr_array_add(run->cells, cell);
}

/* The names of all files there, so that of a thousand kernels not every pair has to be asked for on a disk. */
static GHashTable *names_in(const char *folder)
{
	GHashTable *names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_hash_table_add(names, g_strdup(name));
	return names;
}

static void add_diff(struct run_summary *run, const char *test_case, const char *folder, GHashTable *names, const char *a, const char *b)
{
	g_autofree char *name = g_strdup_printf("%s..%s.json", a, b);
	g_autoptr(JsonObject) object = g_hash_table_contains(names, name) ? artefact_read_json(folder, name, NULL) : NULL;
	const char *line = object ? artefact_string(object, "line") : NULL;
	struct report_diff *diff;

	if (!line)
		return;
	diff = g_new0(struct report_diff, 1);
	*diff = (struct report_diff){ .test_case = test_case, .a = a, .b = b, .line = g_strdup(line) };
	g_ptr_array_add(run->diffs, diff);
}

static void add_case(struct run_summary *run, JsonObject *night, const char *test_case)
{
	g_autofree char *folder = g_build_filename(run->directory, "diff", test_case, NULL);
	g_autoptr(GHashTable) names = names_in(folder);

	for (guint i = 0; i < run->kernels->len; i++)
		add_cell(run, night, g_ptr_array_index(run->kernels, i), test_case);
	for (guint i = 0; i < run->kernels->len; i++)
		for (guint j = i + 1; j < run->kernels->len; j++)
			add_diff(run, test_case, folder, names, g_ptr_array_index(run->kernels, i), g_ptr_array_index(run->kernels, j));
}

static struct run_summary *new_summary(const char *run_dir)
{
	struct run_summary *run = g_new0(struct run_summary, 1);
	g_autofree char *whole = g_canonicalize_filename(run_dir, NULL);

	run->name = g_path_get_basename(whole);
	run->directory = g_strdup(run_dir);
	run->kernels = g_ptr_array_new_with_free_func(g_free);
	run->cases = g_ptr_array_new_with_free_func(g_free);
	run->cells = g_ptr_array_new_with_free_func(cell_free);
	run->diffs = g_ptr_array_new_with_free_func(diff_free);
	return run;
}

/* Says what a folder without run.json is, if it is a night's: a variant of it is a run. */
static gboolean check_run(const char *run_dir, GError **error)
{
	g_autofree char *plan = g_build_filename(run_dir, "run.json", NULL), *lock = g_build_filename(run_dir, "night.lock", NULL);
	g_autoptr(GDir) dir = NULL;
	const char *name = NULL;

	if (g_file_test(plan, G_FILE_TEST_EXISTS) || !g_file_test(lock, G_FILE_TEST_EXISTS))
		return TRUE;
	dir = g_dir_open(run_dir, 0, NULL);
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *variant = g_build_filename(run_dir, name, "run.json", NULL);

		if (g_file_test(variant, G_FILE_TEST_EXISTS))
			break;
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: a night: give one of its variants%s%s", run_dir, name ? ", such as " : "",
		    name ? name : "");
	return FALSE;
}

struct run_summary *report_read(const char *run_dir, GError **error)
{
	g_autoptr(JsonObject) plan = check_run(run_dir, error) ? artefact_read_json(run_dir, "run.json", error) : NULL;
	g_autoptr(run_summary_t) run = NULL;

	if (!plan)
		return NULL;
	run = new_summary(run_dir);
	if (!read_names(plan, "kernels", run->kernels, error) || !read_names(plan, "cases", run->cases, error)) {
		g_prefix_error(error, "%s/", run_dir);
		return NULL;
	}
	run->variant = g_strdup(artefact_string(plan, "variant"));
	for (guint i = 0; i < run->cases->len; i++)
		add_case(run, object_member(plan, "night"), g_ptr_array_index(run->cases, i));
	return g_steal_pointer(&run);
}

void report_free(struct run_summary *run)
{
	if (!run)
		return;
	g_free(run->name);
	g_free(run->directory);
	g_free(run->variant);
	g_ptr_array_unref(run->kernels);
	g_ptr_array_unref(run->cases);
	g_ptr_array_unref(run->cells);
	g_ptr_array_unref(run->diffs);
	g_free(run);
}

char *report_expectation(const struct report_cell *cell)
{
	return g_strconcat(cell->expect ? cell->expect : "fixed or buggy", cell->predicted ? " (predicted)" : "", NULL);
}

char *report_held_against(const struct report_cell *cell)
{
	g_autofree char *expectation = report_expectation(cell);

	if (cell->told && !cell->expect)
		return g_strdup(cell->told);
	return g_strconcat("expected ", expectation, cell->told ? ", " : "", cell->told, NULL);
}

int report_exit_code(const struct run_summary *run)
{
	int code = 0;

	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (!cell->judged || cell->outcome == VERDICT_BROKEN)
			return 2;
		if (!cell->as_expected)
			code = 1;
	}
	return code;
}

gboolean report_stage(const char *run_dir, GError **error)
{
	g_autoptr(run_summary_t) run = report_read(run_dir, error);

	if (!run)
		return FALSE;
	for (guint i = 0; reports[i]; i++) {
		g_autoptr(GString) text = g_string_new(NULL);

		if (!reports[i]->write(run, text, error) || !artefact_write(run_dir, reports[i]->file, text->str, text->len, error)) {
			g_prefix_error(error, "report: %s: ", reports[i]->name);
			return FALSE;
		}
	}
	return TRUE;
}

static const struct report *report_of_name(const char *format)
{
	for (guint i = 0; reports[i]; i++)
		if (g_str_equal(reports[i]->name, format))
			return reports[i];
	return NULL;
}

const char *report_usual_format(guint cases)
{
	enum { TABLE_MAX_CASES = 12 };

	return cases > TABLE_MAX_CASES ? "summary" : "terminal";
}

gboolean report_check_format(const char *format, GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	if (!format || report_of_name(format))
		return TRUE;
	for (guint i = 0; reports[i]; i++)
		g_string_append_printf(names, "%s%s", i ? ", " : "", reports[i]->name);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "no report is called \"%s\"; there are %s", format, names->str);
	return FALSE;
}

gboolean report_print(const char *run_dir, const char *format, FILE *out, int *exit_code, GError **error)
{
	const struct report *report = report_of_name(format);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(run_summary_t) run = NULL;

	if (!report_check_format(format, error))
		return FALSE;
	run = report_read(run_dir, error);
	if (!run)
		return FALSE;
	run->colour = isatty(fileno(out));
	if (!report->write(run, text, error))
		return FALSE;
	fwrite(text->str, 1, text->len, out);
	fflush(out);
	if (exit_code)
		*exit_code = report_exit_code(run);
	return TRUE;
}
