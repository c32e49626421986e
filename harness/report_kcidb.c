/* SPDX-License-Identifier: GPL-2.0-or-later
 * report_kcidb - KCIDB JSON version 5.3, in which KernelCI takes results of others
 * in: a run, each cell's 0-cell.json, 4-analysis.json and console; out: a checkout and a build for each kernel, a test for each cell.
 * A test tells of the kernel, so BUGGY is FAIL also where it was expected; misc says what was. Tests of a kernel that could not be
 * made are missing, and its build or its checkout says why. Ids name their inputs by hash: the same cell submitted twice is one test.
 * FINRIG_ORIGIN is the submitter's name with KernelCI.
 */
#include <string.h>

#include "artefact.h"
#include "error.h"
#include "json_text.h"
#include "report.h"

enum { VERSION_MAJOR = 5, VERSION_MINOR = 3, HASH_DIGITS = 12, COMMIT_DIGITS = 40, EXCERPT_MAX_CHARACTERS = 16384, EXCERPT_LINES = 40 };

static const char default_origin[] = "finrig";

static const char *const statuses[VERDICT_OUTCOME_COUNT] = {
	[VERDICT_FIXED] = "PASS", [VERDICT_BUGGY] = "FAIL", [VERDICT_CHANGED] = "FAIL",
	[VERDICT_CRASH] = "FAIL", [VERDICT_SKIP] = "SKIP", [VERDICT_BROKEN] = "ERROR",
};

/* What became of a kernel that could not be made, to KCIDB: is the checkout valid (it was had, and patches applied), and the build's
 * status. MISS: it was not begun, for what failed before it. */
struct fault {
	const char *name; /* in 0-cell.json */
	gboolean known, valid;
	const char *status;
};

static const struct fault faults[] = {
	{ "unavailable", FALSE, FALSE, "MISS" },
	{ "unfit", TRUE, FALSE, "MISS" },
	{ "unbuilt", TRUE, TRUE, "FAIL" },
	{ "broken", FALSE, FALSE, "ERROR" },
};

static gboolean is_origin(const char *text)
{
	return *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(text);
}

static JsonObject *cell_file(const struct run_summary *run, const struct report_cell *cell, const char *name)
{
	g_autofree char *folder = g_build_filename(run->directory, cell->directory, NULL);
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS) ? artefact_read_json(folder, name, NULL) : NULL;
}

/* The text of a member of the first cell of a kernel that has it: all its cells start from one image. Caller frees. */
static char *kernel_text(const struct run_summary *run, const char *kernel, const char *member)
{
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);
		g_autoptr(JsonObject) inputs = cell->kernel == kernel ? cell_file(run, cell, "0-cell.json") : NULL;
		const char *text = inputs ? artefact_string(inputs, member) : NULL;

		if (text)
			return g_strdup(text);
	}
	return NULL;
}

/* Where the source of a kernel from git is from, or NULL. */
static JsonObject *kernel_checkout(const struct run_summary *run, const char *kernel)
{
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);
		g_autoptr(JsonObject) inputs = cell->kernel == kernel ? cell_file(run, cell, "0-cell.json") : NULL;
		JsonNode *node = inputs ? json_object_get_member(inputs, "checkout") : NULL;

		if (node && JSON_NODE_HOLDS_OBJECT(node))
			return json_object_ref(json_node_get_object(node));
	}
	return NULL;
}

/* The first cell of a kernel that says why there was none to run; NULL if there was one, for other cells at least. */
static const struct report_cell *kernel_failure(const struct run_summary *run, const char *kernel)
{
	g_autofree char *image = kernel_text(run, kernel, "image");

	for (guint i = 0; !image && i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		if (cell->kernel == kernel && cell->fault)
			return cell;
	}
	return NULL;
}

static const struct fault *fault_of(const struct report_cell *failure)
{
	for (gsize i = 0; failure && i < G_N_ELEMENTS(faults); i++)
		if (g_str_equal(faults[i].name, failure->fault))
			return &faults[i];
	return NULL;
}

/* The image's key; of one that could not be made that which it would have, as far as it came. */
static char *kernel_image(const struct run_summary *run, const char *kernel)
{
	const struct report_cell *failure = kernel_failure(run, kernel);
	g_autoptr(JsonObject) inputs = failure ? cell_file(run, failure, "0-cell.json") : NULL;

	return inputs ? g_strdup(artefact_string(json_object_get_object_member(inputs, "unready"), "image")) : kernel_text(run, kernel, "image");
}

/* "finrig:debian-6.1-04896e30f389": of a checkout and of the build of it. What is not known is left out. Commits of one tree
 * share an image, but not their names: that of a kernel from git follows. */
static char *kernel_id(const struct run_summary *run, const char *origin, const char *kernel)
{
	g_autofree char *image = kernel_image(run, kernel);
	g_autoptr(JsonObject) source = kernel_checkout(run, kernel);
	const char *commit = source ? artefact_string(source, "commit") : NULL;
	GString *id = g_string_new(NULL);

	g_string_append_printf(id, "%s:%s", origin, kernel);
	if (image)
		g_string_append_printf(id, "-%.*s", HASH_DIGITS, image);
	if (commit)
		g_string_append_printf(id, "-%.*s", HASH_DIGITS, commit);
	return g_string_free(id, FALSE);
}

/* What a cell's bytes depend on, as a hash; NULL for a cell that was not run. */
static char *inputs_hash(JsonObject *inputs)
{
	static const char *const members[] = { "image", "initramfs", "qemu", "arguments", "job" };
	g_autoptr(GString) text = g_string_new(NULL);

	if (!inputs || !artefact_string(inputs, "job"))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		if (json_object_has_member(inputs, members[i]))
			json_text_node(text, json_object_get_member(inputs, members[i]), -1);
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}

/* Two variants of a nightly may have the same inputs, and are two series nevertheless. */
static char *test_id(const struct run_summary *run, const struct report_cell *cell, const char *build_id, JsonObject *inputs)
{
	g_autofree char *hash = inputs_hash(inputs);
	const char *variant = run->variant ? run->variant : "", *slash = run->variant ? "/" : "";

	return hash ? g_strdup_printf("%s/%s%s%s-%.*s", build_id, variant, slash, cell->test_case, HASH_DIGITS, hash) :
		g_strdup_printf("%s/%s%s%s", build_id, variant, slash, cell->test_case);
}

/* "finrig.sub.case", of a nightly "finrig.variant.sub.case": letters, digits, dots, dashes and underlines are all that a path may have. */
static char *test_path(const struct run_summary *run, const struct report_cell *cell)
{
	char *path = g_strconcat("finrig.", run->variant ? run->variant : "", run->variant ? "." : "", cell->test_case, NULL);

	for (char *at = path; *at; at++)
		if (*at == '/')
			*at = '.';
		else if (!g_ascii_isalnum(*at) && !strchr(".-_", *at))
			*at = '_';
	return path;
}

static void set_text(JsonObject *object, const char *member, const char *text)
{
	if (text)
		json_object_set_string_member(object, member, text);
}

static void take_text(JsonObject *object, const char *member, char *text)
{
	json_object_set_string_member(object, member, text);
	g_free(text);
}

static JsonObject *new_item(const char *id, const char *origin)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "id", id);
	json_object_set_string_member(object, "origin", origin);
	return object;
}

static JsonObject *misc_of(JsonObject *object)
{
	JsonObject *misc = json_object_new(), *own = json_object_new();

	json_object_set_object_member(misc, "finrig", own);
	json_object_set_object_member(object, "misc", misc);
	return own;
}

/* What 0-cell.json says of it, under KCIDB's names. A sum of another length than theirs (a SHA-256 repository's) stays in misc. */
static void add_source(JsonObject *object, JsonObject *misc, JsonObject *source)
{
	static const struct { const char *theirs, *ours; } members[] = {
		{ "git_repository_url", "repository_url" }, { "git_repository_branch", "branch" },
		{ "git_commit_name", "name" }, { "patchset_hash", "patchset_hash" },
	};
	const char *commit = artefact_string(source, "commit");

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		set_text(object, members[i].theirs, artefact_string(source, members[i].ours));
	set_text(commit && strlen(commit) == COMMIT_DIGITS ? object : misc, "git_commit_hash", commit);
}

/* The sentence's first line; what else is known of it. */
static void tell_failure(JsonObject *object, const struct report_cell *failure)
{
	g_auto(GStrv) lines = g_strsplit(failure->cause ? failure->cause : "", "\n", 2);
	const char *more = failure->log ? failure->log : lines[0] ? lines[1] : NULL;

	if (!lines[0])
		return;
	if (g_str_has_suffix(lines[0], ":"))
		lines[0][strlen(lines[0]) - 1] = '\0';
	json_object_set_string_member(object, "comment", lines[0]);
	if (more && *more)
		take_text(object, "log_excerpt", g_utf8_substring(more, 0, MIN(g_utf8_strlen(more, -1), EXCERPT_MAX_CHARACTERS)));
}

static JsonObject *checkout(const struct run_summary *run, const char *origin, const char *kernel, const char *id)
{
	g_autofree char *release = kernel_text(run, kernel, "release"), *image = kernel_text(run, kernel, "image");
	g_autoptr(JsonObject) source = kernel_checkout(run, kernel);
	const struct report_cell *failure = kernel_failure(run, kernel);
	const struct fault *fault = fault_of(failure);
	JsonObject *object = new_item(id, origin), *misc;

	set_text(object, "comment", release);
	if (image || (fault && fault->known))
		json_object_set_boolean_member(object, "valid", image || fault->valid);
	if (fault && fault->known && !fault->valid)
		tell_failure(object, failure);
	misc = misc_of(object);
	json_object_set_string_member(misc, "kernel", kernel);
	if (source)
		add_source(object, misc, source);
	return object;
}

static JsonObject *build(const struct run_summary *run, const char *origin, const char *kernel, const char *id)
{
	g_autofree char *release = kernel_text(run, kernel, "release"), *image = kernel_text(run, kernel, "image");
	const struct report_cell *failure = kernel_failure(run, kernel);
	const struct fault *fault = fault_of(failure);
	JsonObject *object = new_item(id, origin), *misc;

	json_object_set_string_member(object, "checkout_id", id);
	set_text(object, "comment", release);
	json_object_set_string_member(object, "architecture", "x86_64");
	set_text(object, "status", image ? "PASS" : fault ? fault->status : NULL);
	if (fault && (!fault->known || fault->valid))
		tell_failure(object, failure);
	misc = misc_of(object);
	json_object_set_string_member(misc, "kernel", kernel);
	set_text(misc, "image", image);
	return object;
}

/* The console's end, for those that ended badly. */
static char *excerpt(const struct run_summary *run, const struct report_cell *cell)
{
	g_autofree char *path = g_build_filename(run->directory, cell->directory, "1-console.log", NULL), *bytes = NULL, *text = NULL;
	gsize length;
	const char *start;
	guint lines = 0;

	if ((cell->outcome != VERDICT_CRASH && cell->outcome != VERDICT_BROKEN) || !g_file_get_contents(path, &bytes, &length, NULL))
		return NULL;
	text = g_utf8_make_valid(bytes, (gssize)length);
	for (start = text + strlen(text); start > text && lines <= EXCERPT_LINES; start--)
		lines += start[-1] == '\n';
	if (lines > EXCERPT_LINES)
		start++;
	return g_utf8_substring(start, MAX(g_utf8_strlen(start, -1) - EXCERPT_MAX_CHARACTERS, 0), -1);
}

static void add_figures(JsonObject *misc, const struct run_summary *run, const struct report_cell *cell)
{
	g_autoptr(JsonObject) analysis = cell_file(run, cell, "4-analysis.json");
	JsonNode *facts = analysis ? json_object_get_member(analysis, "facts") : NULL;

	if (facts && JSON_NODE_HOLDS_OBJECT(facts))
		json_object_set_member(misc, "facts", json_node_copy(facts));
}

static void add_test_misc(const struct run_summary *run, const struct report_cell *cell, JsonObject *object)
{
	JsonObject *misc = misc_of(object);

	json_object_set_string_member(misc, "cell", cell->directory);
	set_text(misc, "variant", run->variant);
	if (cell->judged) {
		json_object_set_string_member(misc, "outcome", verdict_name(cell->outcome));
		json_object_set_boolean_member(misc, "as_expected", cell->as_expected);
	}
	set_text(misc, "expect", cell->expect);
	set_text(misc, "event", cell->event);
	set_text(misc, "told", cell->told);
	if (cell->predicted)
		json_object_set_boolean_member(misc, "predicted", TRUE);
	set_text(misc, "wire", cell->wire);
	set_text(misc, "believes", cell->believes);
	if (cell->cached)
		json_object_set_boolean_member(misc, "cached", TRUE);
	set_text(misc, "note", cell->note);
	add_figures(misc, run, cell);
}

static JsonObject *test(const struct run_summary *run, const char *origin, const char *build_id, const struct report_cell *cell)
{
	g_autoptr(JsonObject) inputs = cell_file(run, cell, "0-cell.json");
	g_autofree char *id = test_id(run, cell, build_id, inputs), *path = test_path(run, cell);
	g_autofree char *console = cell->judged ? excerpt(run, cell) : NULL;
	const char *qemu = inputs ? artefact_string(inputs, "qemu") : NULL;
	JsonObject *object = new_item(id, origin), *environment;

	json_object_set_string_member(object, "build_id", build_id);
	if (qemu) {
		g_autofree char *text = g_strconcat("QEMU ", qemu, NULL);

		environment = json_object_new();
		json_object_set_string_member(environment, "comment", text);
		json_object_set_object_member(object, "environment", environment);
	}
	json_object_set_string_member(object, "path", path);
	json_object_set_string_member(object, "status", cell->judged && !cell->fault ? statuses[cell->outcome] : "MISS");
	set_text(object, "comment", cell->judged ? cell->cause : "the run was interrupted");
	set_text(object, "log_excerpt", console);
	add_test_misc(run, cell, object);
	return object;
}

static JsonObject *document(const struct run_summary *run, const char *origin)
{
	JsonObject *root = json_object_new(), *version = json_object_new();
	JsonArray *checkouts = json_array_new(), *builds = json_array_new(), *tests = json_array_new();
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);

	json_object_set_int_member(version, "major", VERSION_MAJOR);
	json_object_set_int_member(version, "minor", VERSION_MINOR);
	for (guint i = 0; i < run->kernels->len; i++) {
		const char *kernel = g_ptr_array_index(run->kernels, i);
		char *id = kernel_id(run, origin, kernel);

		g_hash_table_insert(ids, (gpointer)kernel, id);
		json_array_add_object_element(checkouts, checkout(run, origin, kernel, id));
		json_array_add_object_element(builds, build(run, origin, kernel, id));
	}
	for (guint i = 0; i < run->cells->len; i++) {
		const struct report_cell *cell = g_ptr_array_index(run->cells, i);

		json_array_add_object_element(tests, test(run, origin, g_hash_table_lookup(ids, cell->kernel), cell));
	}
	json_object_set_object_member(root, "version", version);
	json_object_set_array_member(root, "checkouts", checkouts);
	json_object_set_array_member(root, "builds", builds);
	json_object_set_array_member(root, "tests", tests);
	return root;
}

static gboolean kcidb_write(const struct run_summary *run, GString *out, GError **error)
{
	const char *given = g_getenv("FINRIG_ORIGIN"), *origin = given && *given ? given : default_origin;
	g_autoptr(JsonNode) root = NULL;

	if (!is_origin(origin)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
			    "FINRIG_ORIGIN: expected small letters, digits and underlines, found \"%s\"", origin);
		return FALSE;
	}
	root = json_node_new(JSON_NODE_OBJECT);
	json_node_take_object(root, document(run, origin));
	json_text_node(out, root, 0);
	g_string_append_c(out, '\n');
	return TRUE;
}

const struct report report_kcidb = {
	.name = "kcidb", .summary = "KCIDB JSON 5.3 for KernelCI",
	.file = "report.kcidb.json", .write = kcidb_write,
};
