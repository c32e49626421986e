/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport - does a patch mend what it is for on this kernel, is every part of it needed, and does it break anything else?
 */
#include "backport.h"

#include <string.h>

#include "artefact.h"
#include "error.h"
#include "hunk.h"
#include "image.h"
#include "image_try.h"
#include "json_text.h"
#include "run.h"

/* Folder below the run's for what the hunks are judged by. */
static const char hunks_folder[] = "hunks";

struct backporting {
	const struct backport_request *request;
	const struct workspace *workspace;
	GCancellable *cancellable;
	struct backport *backport;
	struct kernel *patched;
	GPtrArray *parts; /* struct hunk * */
};

/* The base with a patch on top of its own. */
static struct kernel *kernel_with(const struct backporting *at, const char *name, const char *patch)
{
	g_autofree char *path = g_canonicalize_filename(patch, NULL);
	struct kernel *kernel = kernel_variant(at->request->base, name);

	kernel_add_patch(kernel, path);
	return kernel;
}

static gboolean is_sed(const char *path)
{
	return g_str_has_suffix(path, ".sed");
}

static gboolean take_hunks(struct backporting *at, const char *diff, GError **error)
{
	at->parts = hunks_parse(at->backport->patch, diff, error);
	for (guint i = 0; at->parts && i < at->parts->len; i++) {
		const struct hunk *hunk = at->parts->pdata[i];

		backport_add_hunk(at->backport, hunk->file, hunk->heading);
	}
	return at->parts != NULL;
}

/* All that can be wrong with what was asked is found before anything is built. */
static gboolean check_request(struct backporting *at, GError **error)
{
	const struct kernel *base = at->request->base;
	g_autoptr(GPtrArray) files = patch_files(at->request->patch, error);
	g_autoptr(patched_t) as_it_is = NULL;
	g_autofree char *text = NULL;

	for (guint i = 0; files && i < files->len; i++)
		if (!image_takes_patch(base, files->pdata[i])) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: is for %s, which %s does not build (modules.NAME = PACKAGE:%s)",
				    at->backport->patch, (char *)files->pdata[i], base->name, (char *)files->pdata[i]);
			return FALSE;
		}
	if (!files || (!is_sed(at->request->patch) && (!g_file_get_contents(at->request->patch, &text, NULL, error) || !take_hunks(at, text, error))))
		return FALSE;
	as_it_is = image_try_patches(base, at->workspace, at->cancellable, error);
	return as_it_is != NULL;
}

static void conclude(struct backport *backport, enum backport_verdict verdict, const char *cause, const GError *why)
{
	backport->verdict = verdict;
	backport->cause = g_strdup(cause);
	backport->detail = g_strdup(why->message);
}

/* *go_on FALSE: it does not apply, and that is the verdict. */
static gboolean try_patch(struct backporting *at, gboolean *go_on, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(patched_t) patched = image_try_patches(at->patched, at->workspace, at->cancellable, &why);
	const struct patch_step *step;

	*go_on = patched != NULL;
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNFIT)) {
		conclude(at->backport, BACKPORT_DOES_NOT_APPLY, strstr(why->message, "previously applied") ? "the base has it already, or it is reversed" :
			 "a hunk finds no place in the base's source", why);
		return TRUE;
	}
	if (why) {
		g_propagate_error(error, g_steal_pointer(&why));
		return FALSE;
	}
	step = patched->steps->pdata[patched->steps->len - 1];
	if (!at->parts && !take_hunks(at, step->diff, error))
		return FALSE;
	for (guint i = 0; i < step->notes->len; i++) {
		char *astray = hunk_astray(at->parts, step->notes->pdata[i], patched->scratch);

		g_ptr_array_add(at->backport->notes, g_strdup(step->notes->pdata[i]));
		if (astray)
			g_ptr_array_add(at->backport->notes, astray);
	}
	return TRUE;
}

static gboolean build(struct backporting *at, gboolean *go_on, GError **error)
{
	g_autoptr(image_t) base = image_get(at->request->base, at->workspace, at->cancellable, error), patched = NULL;
	g_autoptr(GError) why = NULL;

	if (!base)
		return FALSE;
	patched = image_get(at->patched, at->workspace, at->cancellable, &why);
	*go_on = patched != NULL;
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNBUILT)) {
		conclude(at->backport, BACKPORT_DOES_NOT_BUILD, "the base builds, with the patch it does not", why);
		return TRUE;
	}
	if (why)
		g_propagate_error(error, g_steal_pointer(&why));
	return patched != NULL;
}

/* Runs cells and reads what came of them. */
static struct run_summary *run_cells(const struct backporting *at, GPtrArray *kernels, GPtrArray *cases, const char *directory, GError **error)
{
	struct run_options options = {.kernels = kernels, .cases = cases, .directory = directory, .cell = at->request->cell};

	return run_all(&options, at->workspace, at->cancellable, error) ? report_read(directory, error) : NULL;
}

static gboolean run_pair(struct backporting *at, GError **error)
{
	g_autoptr(GPtrArray) kernels = g_ptr_array_new();
	g_autoptr(run_summary_t) run = NULL;

	g_ptr_array_add(kernels, (gpointer)at->request->base);
	g_ptr_array_add(kernels, at->patched);
	run = run_cells(at, kernels, at->request->cases, at->request->directory, error);
	return run && backport_judge(at->backport, run, at->request->targets, error);
}

/* The cases that a missing hunk is looked for in: all that were judged, since a hunk may be there to keep another from doing harm. None if the
 * patch made no case better or worse: then nothing says that it does anything. */
static GPtrArray *noticing_cases(const struct backporting *at)
{
	GPtrArray *cases = g_ptr_array_new();
	gboolean does_something = FALSE;

	for (guint i = 0; i < at->backport->cases->len; i++) {
		const struct backport_case *about = at->backport->cases->pdata[i];

		does_something = does_something || about->effect == EFFECT_MENDED || about->effect == EFFECT_HARMED;
		if (about->effect != EFFECT_UNSEEN)
			g_ptr_array_add(cases, at->request->cases->pdata[i]);
	}
	if (!does_something)
		g_ptr_array_set_size(cases, 0);
	return cases;
}

/* The kernel without hunk number (from 0), or NULL: then the hunk's need is known, or *error is set. */
static struct kernel *kernel_without(struct backporting *at, guint number, const char *directory, GError **error)
{
	struct backport_hunk *about = at->backport->hunks->pdata[number];
	g_autofree char *name = g_strdup_printf("%s-without-%u", at->backport->patched, number + 1), *file = g_strconcat(name, ".patch", NULL);
	g_autofree char *path = g_build_filename(directory, file, NULL), *diff = hunks_without(at->parts, number);
	g_autoptr(kernel_t) kernel = kernel_with(at, name, path);
	g_autoptr(patched_t) patched = NULL;
	g_autoptr(image_t) image = NULL;
	g_autoptr(GError) why = NULL;

	if (!artefact_write(directory, file, diff, strlen(diff), error))
		return NULL;
	patched = image_try_patches(kernel, at->workspace, at->cancellable, &why);
	image = patched ? image_get(kernel, at->workspace, at->cancellable, &why) : NULL;
	if (image)
		return g_steal_pointer(&kernel);
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNFIT))
		about->need = NEED_TO_APPLY;
	else if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNBUILT))
		about->need = NEED_TO_BUILD;
	else
		g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}

static gboolean judge_hunks(struct backporting *at, struct kernel *const *kernels, const struct run_summary *run, GError **error)
{
	for (guint i = 0; i < at->parts->len; i++)
		if (kernels[i] && !backport_judge_hunk(at->backport, i, run, kernels[i]->name, error))
			return FALSE;
	return TRUE;
}

static gboolean run_hunks(struct backporting *at, GError **error)
{
	g_autofree char *directory = g_build_filename(at->request->directory, hunks_folder, NULL);
	g_autoptr(GPtrArray) cases = noticing_cases(at), built = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	g_autofree struct kernel **kernels = g_new0(struct kernel *, at->parts->len);
	g_autoptr(run_summary_t) run = NULL;
	g_autoptr(GError) why = NULL;

	if (!cases->len)
		return TRUE;
	if (at->parts->len == 1) {
		((struct backport_hunk *)at->backport->hunks->pdata[0])->need = NEED_WHOLE;
		return TRUE;
	}
	for (guint i = 0; i < at->parts->len; i++) {
		kernels[i] = kernel_without(at, i, directory, &why);
		if (why) {
			g_propagate_error(error, g_steal_pointer(&why));
			return FALSE;
		}
		if (kernels[i])
			g_ptr_array_add(built, kernels[i]);
	}
	if (!built->len)
		return TRUE;
	run = run_cells(at, built, cases, directory, error);
	return run && judge_hunks(at, kernels, run, error);
}

static gboolean any_note(const struct backport *backport, const char *words)
{
	for (guint i = 0; i < backport->notes->len; i++)
		if (strstr(backport->notes->pdata[i], words))
			return TRUE;
	return FALSE;
}

/* What a verified patch should be looked at for all the same. */
static void add_remarks(struct backport *backport)
{
	g_autoptr(GString) cause = g_string_new(backport->cause);
	guint unneeded = 0;

	for (guint i = 0; i < backport->hunks->len; i++)
		if (((const struct backport_hunk *)backport->hunks->pdata[i])->need == NEED_NO) {
			g_string_append_printf(cause, "; hunk %u is not needed", i + 1);
			unneeded++;
		}
	if (unneeded > 1)
		g_string_append(cause, " (each left out by itself; one of them may do what another does)");
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (about->target && about->before == VERDICT_FIXED)
			g_string_append_printf(cause, "; %s is FIXED without the patch as well", about->name);
	}
	if (any_note(backport, " with fuzz "))
		g_string_append(cause, "; applied with fuzz");
	if (any_note(backport, " and went into "))
		g_string_append(cause, "; a hunk went into another function");
	g_free(backport->cause);
	backport->cause = g_strdup(cause->str);
}

static gboolean carry_out(struct backporting *at, GError **error)
{
	gboolean go_on = TRUE;

	if (!check_request(at, error) || !try_patch(at, &go_on, error))
		return FALSE;
	if (go_on && !build(at, &go_on, error))
		return FALSE;
	if (go_on && (!run_pair(at, error) || !run_hunks(at, error)))
		return FALSE;
	if (at->backport->verdict == BACKPORT_VERIFIED)
		add_remarks(at->backport);
	return TRUE;
}

struct backport *backport_run(const struct backport_request *request, const struct workspace *workspace, GCancellable *cancellable,
			      GError **error)
{
	g_autoptr(backport_t) backport = backport_new(request->base->name, request->patch);
	struct backporting at = {request, workspace, cancellable, backport, NULL, NULL};
	g_autoptr(JsonNode) root = NULL;
	gboolean done;

	at.patched = kernel_with(&at, backport->patched, request->patch);
	done = carry_out(&at, error);
	kernel_free(at.patched);
	g_clear_pointer(&at.parts, g_ptr_array_unref);
	if (!done)
		return NULL;
	root = backport_json(backport);
	return json_text_write(request->directory, "backport.json", root, error) ? g_steal_pointer(&backport) : NULL;
}
