/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport_hunk - is every hunk of a patch needed?
 * Each hunk of code is left out by itself. Two that do the same are then both not needed, and one of them is: so those not needed are left out
 * together, and where that is too much, one after another in their order, each staying out if nothing is lost by it. What is left is a set
 * of which nothing can go, found in as many images as there are such hunks at most; another order might find another set.
 */
#include <string.h>

#include "artefact.h"
#include "backport_part.h"
#include "error.h"
#include "image.h"
#include "image_try.h"
#include "report.h"

/* Folders below the run's: of single hunks, and of sets of them. */
static const char hunks_folder[] = "hunks", sets_folder[] = "sets";

enum { NAME_MAX_BYTES = 40 };

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

/* "2+5"; of many, how many they are and a digest. */
static char *numbers_of(const struct backporting *at, const gboolean *out)
{
	g_autoptr(GString) numbers = g_string_new(NULL);
	g_autofree char *digest = NULL;
	guint count = 0;

	for (guint i = 0; i < at->parts->len; i++)
		if (out[i])
			g_string_append_printf(numbers, "%s%u", count++ ? "+" : "", i + 1);
	if (numbers->len <= NAME_MAX_BYTES)
		return g_strdup(numbers->str);
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, numbers->str, -1);
	return g_strdup_printf("%u-hunks-%.8s", count, digest);
}

/* The kernel without some hunks, its image built, or NULL: then *need tells why there is none, or *error is set. */
static struct kernel *kernel_without(struct backporting *at, const gboolean *out, const char *directory, enum backport_need *need, GError **error)
{
	g_autofree char *numbers = numbers_of(at, out), *name = g_strdup_printf("%s-without-%s", at->backport->patched, numbers);
	g_autofree char *file = g_strconcat(name, ".patch", NULL), *path = g_build_filename(directory, file, NULL), *diff = hunks_text(at->parts, out);
	g_autoptr(kernel_t) kernel = backport_kernel(at, name, path);
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
		*need = NEED_TO_APPLY;
	else if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNBUILT))
		*need = NEED_TO_BUILD;
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

static guint count_need(const struct backporting *at, enum backport_need need)
{
	guint count = 0;

	for (guint i = 0; i < at->backport->hunks->len; i++)
		count += ((const struct backport_hunk *)at->backport->hunks->pdata[i])->need == need;
	return count;
}

static gboolean try_each(struct backporting *at, GPtrArray *cases, GError **error)
{
	g_autofree char *directory = g_build_filename(at->request->directory, hunks_folder, NULL);
	g_autoptr(GPtrArray) built = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	g_autofree struct kernel **kernels = g_new0(struct kernel *, at->parts->len);
	g_autofree gboolean *out = g_new0(gboolean, at->parts->len);
	g_autoptr(run_summary_t) run = NULL;
	g_autoptr(GError) why = NULL;

	for (guint i = 0; i < at->parts->len; i++) {
		struct backport_hunk *about = at->backport->hunks->pdata[i];

		if (about->need == NEED_NO_CODE)
			continue;
		out[i] = TRUE;
		kernels[i] = kernel_without(at, out, directory, &about->need, &why);
		out[i] = FALSE;
		if (why) {
			g_propagate_error(error, g_steal_pointer(&why));
			return FALSE;
		}
		if (kernels[i])
			g_ptr_array_add(built, kernels[i]);
	}
	if (!built->len)
		return TRUE;
	run = backport_run_cells(at, built, cases, directory, error);
	return run && judge_hunks(at, kernels, run, error);
}

/* *need: NEED_NO where nothing is lost without all these hunks, else why they cannot all go. */
static gboolean try_set(struct backporting *at, const gboolean *out, GPtrArray *cases, enum backport_need *need, char **reason, GError **error)
{
	g_autofree char *numbers = numbers_of(at, out), *directory = g_build_filename(at->request->directory, sets_folder, numbers, NULL);
	g_autoptr(GPtrArray) kernels = g_ptr_array_new();
	g_autoptr(run_summary_t) run = NULL;
	g_autoptr(GError) why = NULL;
	g_autoptr(kernel_t) kernel = kernel_without(at, out, directory, need, &why);

	if (why)
		g_propagate_error(error, g_steal_pointer(&why));
	if (!kernel)
		return error == NULL || *error == NULL;
	g_ptr_array_add(kernels, kernel);
	run = backport_run_cells(at, kernels, cases, directory, error);
	return run && backport_judge_set(at->backport, run, kernel->name, need, reason, error);
}

/* Those that each may go: all of them, or one after another. A hunk that has to stay once others are gone gets NEED_INSTEAD. */
static gboolean try_together(struct backporting *at, GPtrArray *cases, GError **error)
{
	g_autofree gboolean *out = g_new0(gboolean, at->parts->len), *kept = g_new0(gboolean, at->parts->len);
	enum backport_need need = NEED_NO;
	g_autofree char *all = NULL;
	guint gone = 0;

	for (guint i = 0; i < at->parts->len; i++)
		out[i] = ((const struct backport_hunk *)at->backport->hunks->pdata[i])->need == NEED_NO;
	if (!try_set(at, out, cases, &need, &all, error))
		return FALSE;
	if (need == NEED_NO)
		return TRUE;
	for (guint i = 0; i < at->parts->len; i++) {
		struct backport_hunk *about = at->backport->hunks->pdata[i];
		g_autofree char *reason = NULL;

		if (about->need != NEED_NO)
			continue;
		kept[i] = TRUE;
		need = NEED_NO;
		if (gone && !try_set(at, kept, cases, &need, &reason, error))
			return FALSE;
		if (need == NEED_NO) {
			gone++;
			continue;
		}
		kept[i] = FALSE;
		about->need = NEED_INSTEAD;
		g_free(about->reason);
		about->reason = reason ? g_steal_pointer(&reason) : g_strdup(need == NEED_TO_APPLY ? "the rest does not apply" : "the rest does not build");
	}
	return TRUE;
}

gboolean backport_try_hunks(struct backporting *at, GError **error)
{
	g_autoptr(GPtrArray) cases = noticing_cases(at);

	if (!cases->len)
		return TRUE;
	if (at->parts->len - count_need(at, NEED_NO_CODE) == 1) {
		for (guint i = 0; i < at->parts->len; i++) {
			struct backport_hunk *about = at->backport->hunks->pdata[i];

			about->need = about->need == NEED_NO_CODE ? NEED_NO_CODE : NEED_WHOLE;
		}
		return TRUE;
	}
	if (!try_each(at, cases, error))
		return FALSE;
	return at->backport->verdict != BACKPORT_VERIFIED || count_need(at, NEED_NO) < 2 || try_together(at, cases, error);
}
