/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_modules - which files of a packaged kernel's lib/modules are needed, and in which order
 */
#include "image_modules.h"

#include <string.h>

#include "error.h"
#include "source_unpack.h"

struct collecting {
	GHashTable *files;        /* module name -> path */
	GHashTable *taken;        /* module names done or begun: a circle ends here */
	GHashTable *replacements;
	const char *into;
	GPtrArray *loading;
};

/* tcp_diag for kernel/net/ipv4/tcp-diag.ko.xz; NULL for another file. */
static char *module_name(const char *file)
{
	const char *ending = strstr(file, ".ko");

	if (!ending || (ending[3] && strcmp(ending + 3, ".xz") && strcmp(ending + 3, ".gz") && strcmp(ending + 3, ".zst")))
		return NULL;
	return g_strdelimit(g_strndup(file, (gsize)(ending - file)), "-", '_');
}

static void find_files(const char *folder, GHashTable *files)
{
	GDir *directory = g_dir_open(folder, 0, NULL);
	const char *entry;

	while (directory && (entry = g_dir_read_name(directory))) {
		char *path = g_build_filename(folder, entry, NULL), *name = module_name(entry);

		if (g_file_test(path, G_FILE_TEST_IS_DIR) && !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			find_files(path, files);
		if (name)
			g_hash_table_replace(files, name, path);
		else
			g_free(path);
	}
	if (directory)
		g_dir_close(directory);
}

char **modules_depends(const void *module, gsize length_bytes)
{
	static const char key[] = "\0depends=";
	const char *found = memmem(module, length_bytes, key, sizeof(key) - 1), *value = found ? found + sizeof(key) - 1 : "";
	gsize room = found ? length_bytes - (gsize)(value - (const char *)module) : 0;
	g_autofree char *list = g_strndup(value, strnlen(value, room));

	return g_strsplit(list, ",", -1);
}

static gboolean take_module(struct collecting *collecting, const char *name, GError **error)
{
	const char *replaced = g_hash_table_lookup(collecting->replacements, name);
	const char *from = replaced ? replaced : g_hash_table_lookup(collecting->files, name);
	g_autofree char *file = g_strconcat(name, ".ko", NULL), *to = g_build_filename(collecting->into, "modules", file, NULL), *module = NULL;
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) depends = NULL;
	gsize length;

	if (!from || !g_hash_table_add(collecting->taken, g_strdup(name)))
		return TRUE;
	if (!unpack_file(from, to, error))
		return FALSE;
	if (!g_file_get_contents(to, &module, &length, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return FALSE;
	}
	depends = modules_depends(module, length);
	for (guint i = 0; depends[i]; i++) {
		g_autofree char *needed = g_strdelimit(g_strdup(depends[i]), "-", '_');

		if (*needed && !take_module(collecting, needed, error))
			return FALSE;
	}
	g_ptr_array_add(collecting->loading, g_steal_pointer(&file));
	return TRUE;
}

/* modules.builtin lists kernel/net/packet/af_packet.ko for what is in the kernel itself. */
static gboolean is_built_in(const char *release_folder, const char *name)
{
	g_autofree char *path = g_build_filename(release_folder, "modules.builtin", NULL), *text = NULL, *needle = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return FALSE;
	g_strdelimit(text, "-", '_');
	needle = g_strdup_printf("/%s.ko\n", name);
	return strstr(text, needle) != NULL;
}

static gboolean take_all(struct collecting *collecting, const char *release_folder, const char *const *wanted, gboolean required, GError **error)
{
	for (guint i = 0; wanted && wanted[i]; i++) {
		g_autofree char *name = g_strdelimit(g_strdup(wanted[i]), "-", '_');

		if (required && !g_hash_table_contains(collecting->files, name) && !is_built_in(release_folder, name)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "modules: the package has no module %s", wanted[i]);
			return FALSE;
		}
		if (!take_module(collecting, name, error))
			return FALSE;
	}
	return TRUE;
}

gboolean modules_collect(const char *release_folder, const char *const *wanted, char *const *required, GHashTable *replacements,
			 const char *into, GPtrArray *loading, GError **error)
{
	struct collecting collecting = {
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free), g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
		replacements, into, loading,
	};
	g_autofree char *folder = g_build_filename(into, "modules", NULL);
	gboolean done;

	g_mkdir_with_parents(folder, 0777);
	find_files(release_folder, collecting.files);
	done = take_all(&collecting, release_folder, wanted, FALSE, error) &&
	       take_all(&collecting, release_folder, (const char *const *)required, TRUE, error);
	g_hash_table_unref(collecting.files);
	g_hash_table_unref(collecting.taken);
	return done;
}
