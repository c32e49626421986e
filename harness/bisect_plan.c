/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_plan - what a bisection is about: from what the user says to a history and somebody to judge its points
 */
#include "bisect_plan.h"

#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "bisect_scope.h"
#include "bisect_series.h"
#include "error.h"
#include "json_text.h"
#include "source_hash.h"
#include "source_process.h"
#include "source_unpack.h"

/* A plan in the making. */
struct planning {
	const struct plan_request *request;
	const struct workspace *workspace;
	GCancellable *cancellable;
	char *scratch; /* where a history is put */
};

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	history_free(plan->history);
	kernel_free(plan->base);
	g_clear_pointer(&plan->kernels, g_ptr_array_unref);
	g_clear_pointer(&plan->patches, g_ptr_array_unref);
	g_clear_pointer(&plan->windows, g_ptr_array_unref);
	g_clear_pointer(&plan->matrix, g_ptr_array_unref);
	if (plan->lock >= 0)
		close(plan->lock);
	g_free(plan->directory);
	g_free(plan);
}

void plan_fill_rig(const struct plan *plan, struct rig *rig)
{
	rig->directory = plan->directory;
	rig->base = plan->base;
	rig->kernels = plan->kernels;
	rig->patches = plan->patches;
}

static const struct window *chosen_window(const struct planning *planning, const GPtrArray *windows, GError **error)
{
	g_autofree char *text = windows_text(windows);
	int window = planning->request->window;

	if (window >= 1 && (guint)window <= windows->len)
		return windows->pdata[window - 1];
	if (windows->len)
		error_usage(error, "expected --window from 1 to %u:\n%s", windows->len, text);
	else
		error_usage(error, "--window: kernels/ knows of no change of %s there", planning->request->test_case->base);
	return NULL;
}

/* The one chosen is the only change that is known between the new ends. */
static void keep_window(struct plan *plan, const struct window *window)
{
	GPtrArray *kept = g_ptr_array_new_with_free_func(g_free);

	g_ptr_array_add(kept, g_memdup2(window, sizeof(*window)));
	g_ptr_array_unref(plan->windows);
	plan->windows = kept;
}

static struct scope scope_of(const struct plan_request *request)
{
	return (struct scope){.first_parent = request->first_parent, .paths = request->items, .skip = request->skip};
}

/* Takes a new history, which may have failed; so may this. */
static struct history *narrowed(const struct plan_request *request, struct history *new, GError **error)
{
	g_autoptr(history_t) history = new;
	struct scope scope = scope_of(request);

	return history && history_narrow(history, &scope, error) ? g_steal_pointer(&history) : NULL;
}

static struct history *open_history(const struct planning *planning, const char *old, const char *new, GError **error)
{
	const struct plan_request *request = planning->request;

	return narrowed(request, history_new_commits(planning->scratch, request->repository, old, new, planning->cancellable, error), error);
}

static char *release_at(const struct history *history, const char *id)
{
	g_autofree char *makefile = history_file(history, id, "Makefile");

	return makefile ? release_of_makefile(makefile) : NULL;
}

/* v3.14.1, or where a repository has no stable releases what they come from: v3.14. */
static char *tag_of(const struct planning *planning, const char *release, GError **error)
{
	g_autofree char *tag = g_strconcat("v", release, NULL), *whole = g_strdup(tag);
	char *dot;

	do {
		if (repository_has_ref(planning->request->repository, tag))
			return g_steal_pointer(&tag);
		dot = strrchr(tag, '.');
		if (dot)
			*dot = 0;
	} while (dot && strchr(tag, '.'));
	error_usage(error, "%s has no tag %s: give --old and --new", planning->request->repository, whole);
	return NULL;
}

static gboolean take_window_of_tags(const struct planning *planning, struct plan *plan, GError **error)
{
	const struct window *window = chosen_window(planning, plan->windows, error);
	g_autofree char *old = window ? tag_of(planning, window->old->name, error) : NULL;
	g_autofree char *new = old ? tag_of(planning, window->new->name, error) : NULL;

	g_clear_pointer(&plan->history, history_free);
	plan->history = new ? open_history(planning, old, new, error) : NULL;
	if (plan->history)
		keep_window(plan, window);
	return plan->history != NULL;
}

static gboolean plan_commits(const struct planning *planning, struct plan *plan, GError **error)
{
	const struct plan_request *request = planning->request;
	g_autofree char *low = NULL, *high = NULL;
	gboolean ends = request->old && request->new;

	if (!request->repository)
		return error_usage(error, "expected --repo DIR");
	if (!ends && (request->old || request->new || !request->window))
		return error_usage(error, "expected --old REF and --new REF, or --window N");
	if ((request->base && !(plan->base = kernel_new(planning->workspace, request->base, error))) || !rig_check_base(plan->base, error) ||
	    !(plan->matrix = matrix_of_releases(planning->workspace, request->test_case->base, error)))
		return FALSE;
	if (ends && !(plan->history = open_history(planning, request->old, request->new, error)))
		return FALSE;
	low = ends ? release_at(plan->history, plan->history->old_id) : NULL;
	high = ends ? release_at(plan->history, plan->history->new_id) : NULL;
	/* A tree that does not say its release is at none of the matrix. */
	plan->windows = ends && (!low || !high) ? g_ptr_array_new() : windows_between(plan->matrix, low, high);
	return !request->window || take_window_of_tags(planning, plan, error);
}

static guint find_name(GPtrArray *names, const char *name, guint otherwise)
{
	for (guint i = 0; name && i < names->len; i++)
		if (strcmp(names->pdata[i], name) == 0)
			return i;
	return name ? G_MAXUINT : otherwise;
}

/* Cuts the list to what lies between its two ends. */
static gboolean cut_list(GPtrArray *names, const char *old, const char *new, GError **error)
{
	guint first = find_name(names, old, 0), last = find_name(names, new, names->len - 1);

	if (first == G_MAXUINT || last == G_MAXUINT)
		return error_usage(error, "%s is not in the list", first == G_MAXUINT ? old : new);
	if (first >= last)
		return error_usage(error, "%s does not come before %s in the list", (char *)names->pdata[first], (char *)names->pdata[last]);
	g_ptr_array_set_size(names, (gint)last + 1);
	g_ptr_array_remove_range(names, 0, first);
	return TRUE;
}

static gboolean list_history(const struct planning *planning, struct plan *plan, GPtrArray *names, const char *old, const char *new, GError **error)
{
	if (names->len < 2)
		return error_usage(error, "expected a list of at least two");
	plan->history = cut_list(names, old, new, error) ? history_new_list(planning->scratch, names, planning->cancellable, error) : NULL;
	return plan->history != NULL;
}

static gboolean plan_kernels(const struct planning *planning, struct plan *plan, GError **error)
{
	const struct plan_request *request = planning->request;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free), inside = g_ptr_array_new();
	const struct window *window = NULL;

	if (request->repository || request->base)
		return error_usage(error, "--over kernels: expected no --repo and no --kernel, but the kernels themselves");
	if (!(plan->kernels = series_kernels(planning->workspace, request->items, error)))
		return FALSE;
	for (guint i = 0; i < plan->kernels->len; i++)
		g_ptr_array_add(names, g_strdup(((const struct kernel *)plan->kernels->pdata[i])->name));
	if (names->len < 2)
		return error_usage(error, "expected at least two kernels");
	if (!cut_list(names, request->old, request->new, error))
		return FALSE;
	for (guint i = 0; i < plan->kernels->len; i++)
		if (find_name(names, ((const struct kernel *)plan->kernels->pdata[i])->name, 0) != G_MAXUINT)
			g_ptr_array_add(inside, plan->kernels->pdata[i]);
	plan->matrix = matrix_of_kernels(inside, request->test_case->base);
	plan->windows = windows_between(plan->matrix, NULL, NULL);
	if (request->window && !(window = chosen_window(planning, plan->windows, error)))
		return FALSE;
	if (window)
		keep_window(plan, window);
	window = window ? plan->windows->pdata[0] : NULL;
	return list_history(planning, plan, names, window ? window->old->name : NULL, window ? window->new->name : NULL, error);
}

static gboolean plan_patches(const struct planning *planning, struct plan *plan, GError **error)
{
	const struct plan_request *request = planning->request;
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	if (request->repository || request->window)
		return error_usage(error, "--over patches: expected no --repo and no --window");
	if (request->old || request->new)
		return error_usage(error, "--over patches: expected no --old and no --new; the ends are the kernel without the series, and with all of it");
	if (!request->base)
		return error_usage(error, "expected --kernel BASE, which the series is for");
	if (!(plan->base = kernel_new(planning->workspace, request->base, error)) || !(plan->patches = series_read(request->items, error)))
		return FALSE;
	g_ptr_array_add(names, g_strdup("00-base"));
	for (guint i = 0; i < plan->patches->len; i++) {
		g_autofree char *base = g_path_get_basename(plan->patches->pdata[i]);

		g_ptr_array_add(names, g_strcanon(g_strdup_printf("%02u-%s", i + 1, base), G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-", '-'));
	}
	plan->matrix = g_ptr_array_new();
	plan->windows = g_ptr_array_new();
	return list_history(planning, plan, names, NULL, NULL, error);
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

static void append_kernel(GString *text, const struct kernel *kernel)
{
	g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(kernel->keys), compare_texts);

	for (GList *key = keys; key; key = key->next)
		g_string_append_printf(text, "%s=%s\n", (char *)key->data, kernel_key(kernel, key->data));
}

/* All that decides what comes out, but for the kernels' own files: those go into image keys. */
static char *digest_of(const struct plan_request *request, const struct plan *plan)
{
	g_autoptr(GString) text = g_string_new("finrig bisect 1\n");
	struct scope scope = scope_of(request);
	g_autofree char *script = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)request->test_case->text, request->test_case->text_bytes);

	g_string_append_printf(text, "%s\n%s\n%s\n%s\n", request->over, script, plan->history->old_id, plan->history->new_id);
	if (!plan->history->ids)
		scope_append(&scope, text);
	if (plan->base)
		append_kernel(text, plan->base);
	for (guint i = 0; plan->kernels && i < plan->kernels->len; i++)
		append_kernel(text, plan->kernels->pdata[i]);
	for (guint i = 0; plan->patches && i < plan->patches->len; i++) {
		g_autofree char *content = NULL;
		gsize length;

		if (g_file_get_contents(plan->patches->pdata[i], &content, &length, NULL)) {
			g_autofree char *hash = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)content, length);

			g_string_append_printf(text, "%s\n", hash);
		}
	}
	return hash_text(text->str);
}

/* Nothing but what a bisection that was killed at its start may have left: --results may have been pointed to the user's own work. */
static gboolean is_free(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (!g_str_equal(name, "lock") && !g_str_has_prefix(name, "0-bisect.json"))
			return FALSE;
	return TRUE;
}

/* A folder belongs to one bisection. */
static gboolean claim_folder(const struct plan_request *request, struct plan *plan, const char *digest, GCancellable *cancellable, GError **error)
{
	g_autofree char *lock = g_build_filename(plan->directory, "lock", NULL), *file = g_build_filename(plan->directory, "0-bisect.json", NULL);
	g_autoptr(JsonObject) before = NULL;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object;

	if (!g_file_test(file, G_FILE_TEST_EXISTS) && !is_free(plan->directory))
		return error_usage(error, "%s holds something that is no bisection's: expected --results with a new folder", plan->directory);
	plan->lock = process_lock(lock, cancellable, error);
	if (plan->lock < 0)
		return FALSE;
	if (g_file_test(file, G_FILE_TEST_EXISTS)) {
		before = artefact_read_json(plan->directory, "0-bisect.json", error);
		if (before && g_strcmp0(artefact_string(before, "digest"), digest) != 0)
			return error_usage(error, "%s holds another bisection: give another --results", plan->directory);
		return before != NULL;
	}
	object = json_object_new();
	json_object_set_string_member(object, "over", request->over);
	json_object_set_string_member(object, "case", request->test_case->name);
	json_object_set_string_member(object, "digest", digest);
	json_node_take_object(root, object);
	return json_text_write(plan->directory, "0-bisect.json", root, error);
}

static gboolean choose_folder(const struct planning *planning, struct plan *plan, GError **error)
{
	const struct plan_request *request = planning->request;
	g_autofree char *digest = digest_of(request, plan), *base = g_strdelimit(g_strdup(request->test_case->name), "/", '-');
	g_autofree char *name = g_strdup_printf("bisect-%s-%.12s", base, digest);

	plan->directory = request->results ? g_strdup(request->results) : g_build_filename("results", name, NULL);
	return claim_folder(request, plan, digest, planning->cancellable, error);
}

/* Only with its ends known is the folder known that it may stay in. */
static gboolean settle_history(const struct planning *planning, struct plan *plan, GError **error)
{
	g_autofree char *place = g_build_filename(plan->directory, "history.git", NULL);
	g_autoptr(history_t) first = g_steal_pointer(&plan->history);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; first->ids && i < first->ids->len; i++) {
		g_autoptr(history_commit_t) commit = history_commit(first, first->ids->pdata[i], error);

		if (!commit)
			return FALSE;
		g_ptr_array_add(names, g_strdup(commit->subject));
	}
	plan->history = first->ids ? history_new_list(place, names, planning->cancellable, error) :
				     narrowed(planning->request, history_new_commits(place, first->repository, first->old_id, first->new_id,
									     planning->cancellable, error), error);
	return plan->history != NULL;
}

typedef gboolean (*planner_t)(const struct planning *planning, struct plan *plan, GError **error);

static planner_t planner_of(const struct plan_request *request, GError **error)
{
	static const struct {
		const char *name;
		planner_t plan;
	} kinds[] = {{"commits", plan_commits}, {"kernels", plan_kernels}, {"patches", plan_patches}};

	if (strcmp(request->over, "commits") != 0 && (request->first_parent || request->skip)) {
		error_usage(error, "--over %s: expected no --first-parent and no --skip, which are for commits", request->over);
		return NULL;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, request->over) == 0)
			return kinds[i].plan;
	error_usage(error, "expected --over commits, kernels or patches, found '%s'", request->over);
	return NULL;
}

struct plan *plan_new(const struct plan_request *request, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	planner_t planner = planner_of(request, error);
	g_autofree char *scratch = planner ? g_dir_make_tmp("finrig-bisect-XXXXXX", error) : NULL;
	struct planning planning = {request, workspace, cancellable, scratch};
	g_autoptr(plan_t) plan = g_new0(struct plan, 1);
	gboolean planned;

	plan->lock = -1;
	planned = scratch && planner(&planning, plan, error) && choose_folder(&planning, plan, error) && settle_history(&planning, plan, error);
	if (scratch)
		remove_folder(scratch);
	return planned ? g_steal_pointer(&plan) : NULL;
}
