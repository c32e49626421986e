/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport - does a patch mend what it is for on this kernel, is every part of it needed, and does it break anything else?
 */
#include "backport.h"

#include <glib/gstdio.h>
#include <string.h>

#include "backport_part.h"
#include "error.h"
#include "image.h"
#include "image_try.h"
#include "json_text.h"
#include "run.h"

/* In the run's folder. */
static const char verdict_file[] = "backport.json";

struct kernel *backport_kernel(const struct backporting *at, const char *name, const char *patch)
{
	g_autofree char *path = g_canonicalize_filename(patch, NULL);
	struct kernel *kernel = kernel_variant(at->request->base, name);

	kernel_add_patch(kernel, path);
	return kernel;
}

static gboolean take_hunks(struct backporting *at, const char *diff, GError **error)
{
	at->parts = hunks_parse(at->backport->patch, diff, NULL, error);
	for (guint i = 0; at->parts && i < at->parts->len; i++) {
		const struct hunk *hunk = at->parts->pdata[i];

		backport_add_hunk(at->backport, hunk->file, hunk->heading);
	}
	return at->parts != NULL;
}

/* All that can be wrong with what was asked is found before anything is built. */
static gboolean check_request(struct backporting *at, GError **error)
{
	g_autoptr(patched_t) as_it_is = NULL;

	if (!backport_take_patch(at, error))
		return FALSE;
	at->patched = backport_kernel(at, at->backport->patched, at->path);
	as_it_is = image_try_patches(at->request->base, at->workspace, at->cancellable, error);
	return as_it_is != NULL;
}

static void conclude(struct backport *backport, enum backport_verdict verdict, const char *cause, const GError *why)
{
	backport->verdict = verdict;
	backport->cause = g_strdup(cause);
	backport->detail = g_strdup(why->message);
}

/* Why it does not apply, from patch's words: what follows "can't find file to patch" is the header of the file that is missed. */
static char *unfit_cause(const char *words)
{
	const char *missed = strstr(words, "can't find file to patch"), *header = missed ? strstr(missed, "|+++ b/") : NULL;

	if (header)
		return g_strdup_printf("the base's source has no %.*s", (int)strcspn(header + 7, "\n\t"), header + 7);
	if (strstr(words, PATCH_IS_THERE))
		return g_strdup("already applied: the base has all of it (or the patch is reversed)");
	if (strstr(words, PATCH_WANTS_BLANKS))
		return g_strdup("a hunk would fit but for white space: did a mailer turn tabs into blanks?");
	return g_strdup(strstr(words, "previously applied") ? "the base has a part of it already" : "a hunk finds no place in the base's source");
}

/* *go_on FALSE: it does not apply, and that is the verdict. */
static gboolean try_patch(struct backporting *at, gboolean *go_on, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(patched_t) patched = image_try_patches(at->patched, at->workspace, at->cancellable, &why);
	const struct patch_step *step;

	*go_on = patched != NULL;
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNFIT)) {
		g_autofree char *cause = unfit_cause(why->message);

		conclude(at->backport, BACKPORT_DOES_NOT_APPLY, cause, why);
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

/* Of hunk_astray()'s sentence. */
static const char astray_words[] = " and went into ";

static gboolean any_note(const struct backport *backport, const char *words)
{
	for (guint i = 0; i < backport->notes->len; i++)
		if (strstr(backport->notes->pdata[i], words))
			return TRUE;
	return FALSE;
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
		conclude(at->backport, BACKPORT_DOES_NOT_BUILD, any_note(at->backport, astray_words) ?
			 "the base builds, with the patch it does not; a hunk went into another function" :
			 "the base builds, with the patch it does not", why);
		return TRUE;
	}
	if (why)
		g_propagate_error(error, g_steal_pointer(&why));
	return patched != NULL;
}

struct run_summary *backport_run_cells(const struct backporting *at, GPtrArray *kernels, GPtrArray *cases, const char *directory, GError **error)
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
	run = backport_run_cells(at, kernels, at->request->cases, at->request->directory, error);
	return run && backport_judge(at->backport, run, at->request->targets, error);
}

/* Of a harmful patch: which hunks do it. */
static void add_harmful(struct backport *backport)
{
	g_autoptr(GString) cause = g_string_new(backport->cause), numbers = g_string_new(NULL);
	guint count = 0;

	for (guint i = 0; i < backport->hunks->len; i++)
		if (((const struct backport_hunk *)backport->hunks->pdata[i])->harms)
			g_string_append_printf(numbers, "%s%u", count++ ? ", " : "", i + 1);
	if (!count)
		return;
	g_string_append_printf(cause, "; hunk%s %s do%s the harm", count > 1 ? "s" : "", numbers->str, count > 1 ? "" : "es");
	g_free(backport->cause);
	backport->cause = g_strdup(cause->str);
}

/* "hunk 2 is not needed", "hunks 2 and 4 are not needed: 1 and 3 alone do as well". */
static void add_unneeded(const struct backport *backport, GString *cause)
{
	g_autoptr(GString) unneeded = g_string_new(NULL), rest = g_string_new(NULL);
	guint count = 0, left = 0;

	for (guint i = 0; i < backport->hunks->len; i++) {
		const struct backport_hunk *hunk = backport->hunks->pdata[i];

		if (hunk->need == NEED_NO)
			g_string_append_printf(unneeded, "%s%u", count++ ? ", " : "", i + 1);
		else if (hunk->need != NEED_NO_CODE)
			g_string_append_printf(rest, "%s%u", left++ ? ", " : "", i + 1);
	}
	if (count)
		g_string_append_printf(cause, "; hunk%s %s %s not needed", count > 1 ? "s" : "", unneeded->str, count > 1 ? "are" : "is");
	if (count && backport->hunks->len > 2)
		g_string_append_printf(cause, ": hunk%s %s alone do%s as well", left > 1 ? "s" : "", rest->str, left > 1 ? "" : "es");
}

/* What a verified patch should be looked at for all the same. */
static void add_remarks(struct backport *backport)
{
	g_autoptr(GString) cause = g_string_new(backport->cause);

	add_unneeded(backport, cause);
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (about->target && about->before == VERDICT_FIXED)
			g_string_append_printf(cause, "; %s is FIXED without the patch as well", about->name);
	}
	if (any_note(backport, " with fuzz "))
		g_string_append(cause, "; applied with fuzz");
	if (any_note(backport, astray_words))
		g_string_append(cause, "; a hunk went into another function");
	g_free(backport->cause);
	backport->cause = g_strdup(cause->str);
}

/* What the verdict says nothing about. */
static void add_left_out(const struct backporting *at)
{
	struct backport *backport = at->backport;
	g_autoptr(GString) cause = g_string_new(backport->cause);

	for (guint i = 0; i < at->left_out->len; i++)
		g_string_append_printf(cause, "%s%s", i ? ", " : "; ", (char *)at->left_out->pdata[i]);
	if (at->left_out->len)
		g_string_append_printf(cause, " %s left out and not judged", at->left_out->len > 1 ? "were" : "was");
	g_free(backport->cause);
	backport->cause = g_strdup(cause->str);
}

static gboolean carry_out(struct backporting *at, GError **error)
{
	g_autofree char *before = g_build_filename(at->request->directory, verdict_file, NULL);
	gboolean go_on = TRUE;

	if (!check_request(at, error))
		return FALSE;
	g_unlink(before); /* of an earlier one in the same folder: if this one breaks, nothing was said of it */
	if (!try_patch(at, &go_on, error))
		return FALSE;
	if (go_on && !build(at, &go_on, error))
		return FALSE;
	if (go_on && (!run_pair(at, error) || !backport_try_hunks(at, error)))
		return FALSE;
	if (at->backport->verdict == BACKPORT_VERIFIED)
		add_remarks(at->backport);
	if (at->backport->verdict == BACKPORT_HARMFUL)
		add_harmful(at->backport);
	if (at->backport->verdict != BACKPORT_DOES_NOT_APPLY)
		add_left_out(at);
	return TRUE;
}

struct backport *backport_run(const struct backport_request *request, const struct workspace *workspace, GCancellable *cancellable,
			      GError **error)
{
	g_autoptr(backport_t) backport = backport_new(request->base->name, request->patch);
	struct backporting at = {.request = request, .workspace = workspace, .cancellable = cancellable, .backport = backport};
	g_autoptr(GPtrArray) left_out = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(JsonNode) root = NULL;
	gboolean done;

	at.left_out = left_out;
	done = carry_out(&at, error);
	kernel_free(at.patched);
	g_free(at.path);
	g_clear_pointer(&at.parts, g_ptr_array_unref);
	if (!done)
		return NULL;
	root = backport_json(backport);
	return json_text_write(request->directory, verdict_file, root, error) ? g_steal_pointer(&backport) : NULL;
}
