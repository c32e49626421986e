/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_try - do a kernel's patches apply to its source? Nothing is built
 */
#include "image_try.h"

#include <string.h>

#include "error.h"
#include "image_make.h"

static struct patched *try_swaps(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	g_autoptr(patched_t) first = NULL;

	for (guint i = 0; i < recipe->swaps->len; i++) {
		const struct recipe_swap *swap = recipe->swaps->pdata[i];
		g_autofree char *source = NULL, *top = NULL;
		g_autoptr(patched_t) patched = NULL;

		if (!make_find_swap(recipe, swap, &source, cancellable, error))
			return NULL;
		top = g_strndup(source, strlen(source) - strlen(swap->file) - 1);
		patched = patches_apply(recipe->patches, top, cancellable, error);
		if (!patched)
			return NULL;
		if (!first)
			first = g_steal_pointer(&patched);
	}
	if (!first)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "no module is swapped (modules.NAME = …), so there is nothing to patch");
	return g_steal_pointer(&first);
}

static struct patched *try_recipe(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	switch (recipe->source->form) {
	case SOURCE_TREE:
		if (!source_unpack(recipe->source, recipe->kernel, recipe->workspace, cancellable, error))
			return NULL;
		return patches_apply(recipe->patches, recipe->source->directory, cancellable, error);
	case SOURCE_PACKAGE:
		return try_swaps(recipe, cancellable, error);
	case SOURCE_READY:
	case SOURCE_FORM_COUNT:
		break;
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "a kernel that is ready has no source to patch");
	return NULL;
}

struct patched *image_try_patches(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	g_autoptr(source_t) source = source_find(kernel, workspace, SOURCE_NETWORK, cancellable, error);
	g_autoptr(recipe_t) recipe = source ? recipe_new(kernel, workspace, source, cancellable, error) : NULL;
	struct patched *patched = recipe ? try_recipe(recipe, cancellable, error) : NULL;

	if (!patched)
		g_prefix_error(error, "%s: ", kernel->name);
	return patched;
}

gboolean image_find_tree(const struct kernel *kernel, const struct workspace *workspace, char **directory, GCancellable *cancellable, GError **error)
{
	g_autoptr(source_t) source = source_find(kernel, workspace, SOURCE_NETWORK, cancellable, error);
	gboolean found = source && (source->form != SOURCE_TREE || source_unpack(source, kernel, workspace, cancellable, error));

	*directory = found && source->form == SOURCE_TREE ? g_strdup(source->directory) : NULL;
	if (!found)
		g_prefix_error(error, "%s: ", kernel->name);
	return found;
}

/* Code that make knows nothing of, and files of other kinds. */
static gboolean is_code(const char *file)
{
	static const char *const apart[] = {"Documentation/", "tools/", "samples/", "scripts/", "LICENSES/", "rust/doc/", NULL};
	static const char *const endings[] = {".c", ".h", ".S", ".s", ".lds", ".rs", ".dts", ".dtsi", NULL};
	const char *ending = strrchr(file, '.');

	for (guint i = 0; apart[i]; i++)
		if (g_str_has_prefix(file, apart[i]))
			return FALSE;
	return ending && g_strv_contains(endings, ending);
}

static gboolean is_header(const char *file)
{
	return g_str_has_suffix(file, ".h");
}

/* wanted: a file; beside: its folder is enough. */
static gboolean any_swap(const struct kernel *kernel, const char *wanted, gboolean beside)
{
	g_autofree char *folder = wanted && beside ? g_path_get_dirname(wanted) : NULL;
	GHashTableIter each;
	gpointer key, value;

	g_hash_table_iter_init(&each, kernel->keys);
	while (g_hash_table_iter_next(&each, &key, &value)) {
		const char *file = g_str_has_prefix(key, "modules.") ? kernel_swap_file(value) : NULL;
		g_autofree char *of_file = file ? g_path_get_dirname(file) : NULL;

		if (file && (!wanted || !strcmp(file, wanted) || (beside && !strcmp(of_file, folder))))
			return TRUE;
	}
	return FALSE;
}

gboolean image_swaps(const struct kernel *kernel, const char *file)
{
	return any_swap(kernel, file, FALSE);
}

gboolean image_has_swaps(const struct kernel *kernel)
{
	return any_swap(kernel, NULL, FALSE);
}

enum image_part image_part_of(const struct kernel *kernel, const char *file, gboolean made)
{
	if (!is_code(file) && !image_swaps(kernel, file))
		return IMAGE_PART_NOT_CODE;
	if (!image_has_swaps(kernel) || image_swaps(kernel, file))
		return IMAGE_PART_BUILT;
	if (is_header(file) && (any_swap(kernel, file, TRUE) || (made && g_str_has_prefix(file, "include/"))))
		return IMAGE_PART_BUILT;
	return IMAGE_PART_ELSEWHERE;
}
