/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_package - a kernel as Debian packs it, with some modules built anew if the kernel file says so
 * A module that is swapped is compiled as an external one against the headers of the very same version: seconds, and the
 * packaged kernel stays as it is.
 */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "image_make.h"
#include "image_modules.h"
#include "image_patch.h"
#include "source_debian.h"
#include "source_process.h"
#include "source_unpack.h"

/* The one entry of folder that begins with prefix; NULL if there is none. */
static char *find_entry(const char *folder, const char *prefix)
{
	GDir *directory = g_dir_open(folder, 0, NULL);
	const char *entry;
	char *found = NULL;

	while (directory && !found && (entry = g_dir_read_name(directory)))
		if (g_str_has_prefix(entry, prefix))
			found = g_strdup(entry);
	if (directory)
		g_dir_close(directory);
	return found;
}

/* The folder below usr/lib/modules that has the kernel, as in Debian's packages since 7.0: its name, which is the release; or NULL. */
static char *modules_release(const char *modules)
{
	g_autofree char *release = find_entry(modules, ""), *kernel = release ? g_build_filename(modules, release, "vmlinuz", NULL) : NULL;

	return kernel && g_file_test(kernel, G_FILE_TEST_EXISTS) ? g_steal_pointer(&release) : NULL;
}

/* boot/NAME-RELEASE, or usr/lib/modules/RELEASE/NAME, becomes NAME of ours. The System.map of Debian's packages is a line that says where
 * the real one is. */
static gboolean take_boot(struct recipe *recipe, const char *into, GError **error)
{
	static const struct boot_file {
		const char *theirs, *name;
		goffset bytes_min;
	} files[] = {{"vmlinuz", "bzImage", 1}, {"config", "config", 1}, {"System.map", "System.map", 4096}};
	g_autofree char *boot = g_build_filename(recipe->source->directory, "boot", NULL), *entry = find_entry(boot, "vmlinuz-");
	g_autofree char *modules = g_build_filename(recipe->source->directory, "usr/lib/modules", NULL);

	recipe->release = entry ? g_strdup(entry + strlen("vmlinuz-")) : modules_release(modules);
	if (!recipe->release) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: holds no boot/vmlinuz-… and no usr/lib/modules/…/vmlinuz", recipe->source->label);
		return FALSE;
	}
	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *named = g_strdup_printf("%s-%s", files[i].theirs, recipe->release);
		g_autofree char *path = entry ? g_build_filename(boot, named, NULL) : g_build_filename(modules, recipe->release, files[i].theirs, NULL);
		GStatBuf about;

		if (g_stat(path, &about) == 0 && about.st_size >= files[i].bytes_min && !make_copy(path, into, files[i].name, error))
			return FALSE;
	}
	return TRUE;
}

/* What patches did to the module's file and to headers beside it goes where these are; a header that they made below include/ keeps its
 * place. */
static gboolean write_patched(const struct recipe_swap *swap, const struct patched *patched, const char *folder, GString *makefile, GError **error)
{
	g_autofree char *beside = g_path_get_dirname(swap->file);

	for (guint i = 0; i < patched->files->len; i++) {
		const char *file = patched->files->pdata[i];
		g_autofree char *from = g_build_filename(patched->scratch, file, NULL), *of_file = g_path_get_dirname(file), *base = g_path_get_basename(file);
		g_autofree char *below = g_build_filename(folder, of_file, NULL);
		gboolean is_beside = !strcmp(of_file, beside), is_include = !is_beside && g_str_has_prefix(file, "include/") && g_str_has_suffix(file, ".h");

		if (!g_file_test(from, G_FILE_TEST_EXISTS) || !(is_include || (is_beside && swap_takes(swap, base))))
			continue;
		if (!make_copy(from, is_beside ? folder : below, base, error))
			return FALSE;
		if (is_include && !strstr(makefile->str, "ccflags-y"))
			g_string_append(makefile, "ccflags-y := -I$(src)/include -I$(src)/include/uapi\n");
	}
	return TRUE;
}

/* The external module's folder: its source, patched, and what its source includes beside it. */
static gboolean write_module_source(const struct recipe_swap *swap, const char *source, const struct patched *patched,
				    const char *folder, GError **error)
{
	g_autofree char *base = g_path_get_basename(source), *beside = g_path_get_dirname(source);
	g_autofree char *object = g_strndup(base, strlen(base) - strlen(".c"));
	g_autoptr(GString) makefile = g_string_new(NULL);
	GDir *directory = g_dir_open(beside, 0, error);
	gboolean done = directory != NULL;
	const char *entry;

	g_string_append_printf(makefile, "obj-m := %s.o\n", swap->module);
	if (strcmp(object, swap->module))
		g_string_append_printf(makefile, "%s-y := %s.o\n", swap->module, object);
	while (done && (entry = g_dir_read_name(directory))) {
		g_autofree char *path = g_build_filename(beside, entry, NULL);

		done = !swap_takes(swap, entry) || !g_file_test(path, G_FILE_TEST_IS_REGULAR) || make_copy(path, folder, entry, error);
	}
	if (directory)
		g_dir_close(directory);
	return done && write_patched(swap, patched, folder, makefile, error) &&
	       artefact_write(folder, "Makefile", makefile->str, makefile->len, error);
}

/* Where the headers' packages lie, as make sees it. */
static char *packages_folder(const char *headers)
{
	g_autofree char *above = g_path_get_dirname(headers);
	char *real = realpath(above, NULL), *folder = g_strdup(real ? real : above);

	free(real);
	return folder;
}

/* The compiler's words, with the source called as in its tree and not as in the scratch folder, and headers by their package's folder. */
static char *name_source(const struct recipe_swap *swap, const char *output, const char *folder, const char *headers)
{
	g_autofree char *place = g_strconcat(folder, "/", NULL), *base = g_path_get_dirname(swap->file), *name = g_strconcat(base, "/", NULL);
	g_autofree char *above = packages_folder(headers), *packages = g_strconcat(above, "/", NULL);
	GString *text = g_string_new(output);

	g_string_replace(text, place, name, 0);
	g_string_replace(text, packages, "", 0);
	return g_string_free(text, FALSE);
}

/* "CC=…" for make: the user's choice, or gcc where the one that the headers name, with its version, is not installed. NULL: theirs. */
static char *other_compiler(const struct recipe *recipe, const char *headers)
{
	const char *given = g_getenv("FINRIG_CC");
	g_autofree char *file = g_build_filename(headers, ".kernelvariables", NULL), *text = NULL, *name = NULL, *installed = NULL;
	const char *at = g_file_get_contents(file, &text, NULL, NULL) ? strstr(text, "gcc-") : NULL;

	if (given && *given)
		return g_strconcat("CC=", given, NULL);
	if (!at)
		return NULL;
	name = g_strndup(at, strcspn(at, " \t\n)"));
	installed = g_find_program_in_path(name);
	if (installed)
		return NULL;
	workspace_progress(recipe->workspace, "image", recipe->kernel->name, "%s is not installed: gcc builds its modules", name);
	return g_strdup("CC=gcc");
}

/* Compiles; the log stays with the image, or beside it when it fails. */
static gboolean compile(struct recipe *recipe, const struct recipe_swap *swap, const char *headers, const char *folder,
			GCancellable *cancellable, GError **error)
{
	g_autofree char *module_option = g_strconcat("M=", folder, NULL), *log_name = g_strdup_printf("%.16s-module.log", recipe->key);
	g_autofree char *log = g_build_filename(recipe->workspace->cache, "image", log_name, NULL), *output = NULL;
	/* __FILE__ must not tell where these folders were. */
	g_autofree char *packages = packages_folder(headers), *compiler = other_compiler(recipe, headers);
	g_autofree char *same_place = g_strdup_printf("KCFLAGS=-ffile-prefix-map=%s=. -ffile-prefix-map=%s=.", folder, packages);
	const char *const argv[] = {"make", "-C", headers, module_option, same_place, RECIPE_NO_BTF, RECIPE_NO_DEBUG_INFO, "modules", compiler, NULL};
	struct process process = {.argv = argv, .log = log};
	int exit_code;

	g_unlink(log);
	if (!process_run(&process, cancellable, &output, &exit_code, error))
		return FALSE;
	if (exit_code) {
		g_autofree char *said = name_source(swap, output, folder, headers);

		return make_failed("make modules", said, log, error);
	}
	g_unlink(log);
	return TRUE;
}

gboolean make_find_swap(struct recipe *recipe, const struct recipe_swap *swap, char **source, GCancellable *cancellable, GError **error)
{
	g_autofree char *sum = NULL;

	if (swap->folder) {
		*source = g_build_filename(swap->folder, swap->file, NULL);
		return TRUE;
	}
	if (!debian_source_file(recipe->workspace, recipe->kernel, swap->package, recipe->source->version, swap->file, source, &sum,
				cancellable, error))
		return FALSE;
	recipe_add(recipe, "package", swap->package, recipe->source->version, sum);
	return TRUE;
}

static gboolean build_swap(struct recipe *recipe, const struct recipe_swap *swap, const char *folder, const char *into, char **module,
			   GCancellable *cancellable, GError **error)
{
	const char *name = recipe->kernel->name, *version = recipe->source->version;
	g_autofree char *source = NULL, *top = NULL, *headers = NULL, *file = g_strconcat(swap->module, ".ko", NULL);
	g_autoptr(patched_t) patched = NULL;
	const char *strip[] = {"strip", "--strip-debug", NULL, NULL};
	struct process process = {.argv = strip};

	if (!make_place(recipe->workspace->cache, "set FINRIG_CACHE to", error) || !make_place(folder, "set TMPDIR to", error))
		return FALSE;
	headers = debian_headers(recipe->workspace, recipe->kernel, recipe->release, version, cancellable, error);
	if (!headers || !make_find_swap(recipe, swap, &source, cancellable, error))
		return FALSE;
	top = g_strndup(source, strlen(source) - strlen(swap->file) - 1);
	patched = patches_apply(recipe->patches, top, cancellable, error);
	if (!patched || !write_module_source(swap, source, patched, folder, error))
		return FALSE;
	if (*patched->diff && !artefact_write(into, "applied.patch", patched->diff, strlen(patched->diff), error))
		return FALSE;
	workspace_progress(recipe->workspace, "image", name, "building %s", file);
	if (!compile(recipe, swap, headers, folder, cancellable, error))
		return FALSE;
	*module = g_build_filename(folder, file, NULL);
	strip[2] = *module;
	return process_run(&process, cancellable, NULL, NULL, error);
}

static gboolean build_swaps(struct recipe *recipe, const char *scratch, const char *into, GHashTable *replacements, GCancellable *cancellable,
			    GError **error)
{
	for (guint i = 0; i < recipe->swaps->len; i++) {
		const struct recipe_swap *swap = recipe->swaps->pdata[i];
		g_autofree char *folder = g_build_filename(scratch, swap->module, NULL);
		char *module = NULL;

		if (!build_swap(recipe, swap, folder, into, &module, cancellable, error)) {
			g_prefix_error(error, "modules.%s: ", swap->module);
			return FALSE;
		}
		g_hash_table_insert(replacements, g_strdelimit(g_strdup(swap->module), "-", '_'), module);
	}
	return TRUE;
}

static char *release_folder(const struct recipe *recipe)
{
	char *folder = g_build_filename(recipe->source->directory, "lib/modules", recipe->release, NULL);

	if (g_file_test(folder, G_FILE_TEST_IS_DIR))
		return folder;
	g_free(folder);
	return g_build_filename(recipe->source->directory, "usr/lib/modules", recipe->release, NULL);
}

gboolean make_from_package(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error)
{
	g_autofree char *scratch = g_dir_make_tmp("finrig-module-XXXXXX", error), *folder = NULL;
	g_autoptr(GHashTable) replacements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	gboolean made;

	if (!scratch)
		return FALSE;
	made = take_boot(recipe, into, error) && build_swaps(recipe, scratch, into, replacements, cancellable, error);
	folder = made ? release_folder(recipe) : NULL;
	made = made && modules_collect(folder, recipe_wanted_modules, recipe->modules, replacements, into, recipe->loading, error);
	remove_folder(scratch);
	return made;
}
