/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_debian - Debian packages: kernels, their headers and sources
 */
#include "source_debian.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_apt.h"
#include "source_kind.h"
#include "source_pin.h"
#include "source_process.h"
#include "source_unpack.h"

enum { NAMES_MAX = 4 };

/* Names of packages whose files serve; a package that names another does so with the same beginning. */
static const char *const kernel_prefixes[] = {"linux-image-", "linux-source"};
/* What a package of a kernel may be divided into (Debian since 7.0, Ubuntu): the kernel itself, and its modules. */
static const char *const part_prefixes[] = {"linux-binary-", "linux-modules-"};

void debian_package_free(struct debian_package *package)
{
	if (!package)
		return;
	g_free(package->name);
	g_free(package->version);
	g_free(package->depends);
	g_free(package);
}

/* The value of a field in the first paragraph of text, or NULL. */
static char *field(const char *text, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	gsize length = strlen(name);

	for (guint i = 0; lines[i]; i++)
		if (g_str_has_prefix(lines[i], name) && lines[i][length] == ':')
			return g_strdup(g_strstrip(lines[i] + length + 1));
	return NULL;
}

static struct debian_package *package_of(const char *text)
{
	g_autoptr(debian_package_t) package = g_new0(struct debian_package, 1);

	package->name = field(text, "Package");
	package->version = field(text, "Version");
	package->depends = field(text, "Depends");
	return package->name && package->version ? g_steal_pointer(&package) : NULL;
}

/* What apt would take for NAME or NAME=VERSION now. */
static struct debian_package *ask_apt(const struct source_task *task, const char *name, GError **error)
{
	g_autofree char *text = apt_show(task->kernel, task->workspace, name, task->cancellable, error);
	struct debian_package *package = text ? package_of(text) : NULL;

	if (text && !package)
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(task->kernel), "apt names %s, but has no version of it", name);
	return package;
}

/* The first package with one of the prefixes that this one depends on, counted from *at, which moves behind it; *version is NULL if it
 * may be any. NULL: there is none. */
static char *next_dependency(char **wants, guint *at, const char *const *prefixes, gsize count, char **version)
{
	for (; wants[*at]; ++*at) {
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(wants[*at]), " ()", -1);

		for (gsize i = 0; i < count; i++)
			if (words[0] && g_str_has_prefix(words[0], prefixes[i])) {
				*version = g_strv_length(words) > 3 && !strcmp(words[2], "=") ? g_strdup(words[3]) : NULL;
				++*at;
				return g_strdup(words[0]);
			}
	}
	return NULL;
}

static char **dependencies(const struct debian_package *package)
{
	return g_strsplit(package->depends ? package->depends : "", ",", -1);
}

/* The package that this one only names, as NAME or NAME=VERSION; NULL if it is the real one. */
static char *names_another(const struct debian_package *package)
{
	g_auto(GStrv) wants = dependencies(package);

	for (gsize i = 0; i < G_N_ELEMENTS(kernel_prefixes); i++) {
		g_autofree char *version = NULL, *name = NULL;
		guint at = 0;

		if (!g_str_has_prefix(package->name, kernel_prefixes[i]) || !(name = next_dependency(wants, &at, &kernel_prefixes[i], 1, &version)))
			continue;
		return version ? g_strdup_printf("%s=%s", name, version) : g_steal_pointer(&name);
	}
	return NULL;
}

static struct debian_package *resolve_by_apt(const struct source_task *task, GError **error)
{
	g_autofree char *next = g_strdup(task->kernel->where);

	if (!apt_update(task->kernel, task->workspace, task->cancellable, error))
		return NULL;
	for (int i = 0; i < NAMES_MAX; i++) {
		struct debian_package *package = ask_apt(task, next, error);
		char *another = package ? names_another(package) : NULL;

		if (!another)
			return package;
		debian_package_free(package);
		g_free(next);
		next = another;
	}
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: names a package that names a package, without end",
		    task->kernel->where);
	return NULL;
}

/* The kernel's NAME or NAME=VERSION, followed through packages that only name another. */
static struct debian_package *resolve(const struct source_task *task, GError **error)
{
	const char *suite = apt_suite(task->kernel);
	g_autofree char *pin = g_strconcat("deb-", suite ? suite : "", suite ? "-" : "", task->kernel->where, NULL);
	g_autofree char *known = pin_read(task->workspace, pin), *line = NULL;
	g_auto(GStrv) words = g_strsplit(known ? known : "", " ", 2);
	struct debian_package *package;

	if (g_strv_length(words) == 2) {
		package = g_new0(struct debian_package, 1);
		package->name = g_strdup(words[0]);
		package->version = g_strdup(words[1]);
		return package;
	}
	if (task->reach == SOURCE_LOCAL) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s is not looked up yet", task->kernel->where);
		return NULL;
	}
	package = resolve_by_apt(task, error);
	line = package ? g_strdup_printf("%s %s", package->name, package->version) : NULL;
	if (package && !pin_write(task->workspace, pin, line, error)) {
		debian_package_free(package);
		return NULL;
	}
	return package;
}

/* The file that apt-get made in folder: NAME_VERSION_ARCHITECTURE.deb, where a colon in the version is written %3a. */
static char *find_deb(const char *folder, const char *name, const char *version)
{
	g_auto(GStrv) parts = g_strsplit(version, ":", -1);
	g_autofree char *plain = g_strjoinv("%3a", parts), *start = g_strdup_printf("%s_%s_", name, plain);
	GDir *directory = g_dir_open(folder, 0, NULL);
	const char *entry;
	char *found = NULL;

	while (directory && !found && (entry = g_dir_read_name(directory)))
		if (g_str_has_prefix(entry, start) && g_str_has_suffix(entry, ".deb"))
			found = g_build_filename(folder, entry, NULL);
	if (directory)
		g_dir_close(directory);
	return found;
}

/* apt-get download writes into the folder it runs in: a private one, so that only whole files appear beside the others. */
static char *download_locked(const struct workspace *workspace, const struct kernel *kernel, const char *folder, const char *name,
			     const char *version, GCancellable *cancellable, GError **error)
{
	g_autofree char *temporary = g_build_filename(folder, "download-XXXXXX", NULL);
	g_autofree char *path = find_deb(folder, name, version), *got = NULL, *base = NULL;

	if (path)
		return g_steal_pointer(&path);
	if (!g_mkdtemp_full(temporary, 0777)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made", temporary);
		return NULL;
	}
	if (apt_download(kernel, workspace, name, version, temporary, cancellable, error) && (got = find_deb(temporary, name, version))) {
		base = g_path_get_basename(got);
		path = g_build_filename(folder, base, NULL);
		if (rename(got, path) < 0)
			g_clear_pointer(&path, g_free);
	}
	remove_folder(temporary);
	return g_steal_pointer(&path);
}

char *debian_download(const struct workspace *workspace, const struct kernel *kernel, const char *name, const char *version, gboolean network,
		      GCancellable *cancellable, GError **error)
{
	g_autofree char *folder = source_place(workspace, "debian"), *path = find_deb(folder, name, version);
	g_autofree char *lock_path = g_strdup_printf("%s/%s.lock", folder, name), *pins = pin_place(workspace, "deb-*");
	g_autoptr(GError) why = NULL;
	int lock;

	if (path)
		return g_steal_pointer(&path);
	if (!network) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s %s is not downloaded yet", name, version);
		return NULL;
	}
	workspace_progress(workspace, "source", kernel->name, "downloading %s %s", name, version);
	lock = process_lock(lock_path, cancellable, error);
	if (lock < 0)
		return NULL;
	path = download_locked(workspace, kernel, folder, name, version, cancellable, &why);
	close(lock);
	if (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_CANCELLED))
		g_propagate_error(error, g_steal_pointer(&why));
	else if (!path)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s %s cannot be downloaded (%s); %sput the .deb into %s, "
			    "or remove %s to take the version that apt has now", name, version, why ? why->message : "apt-get left no file",
			    apt_suite(kernel) ? "" : "run `apt-get update` (as root), ", folder, pins);
	return g_steal_pointer(&path);
}

struct debian_package *debian_read(const char *file, GError **error)
{
	struct unpack unpack = {.file = file, .nested = {"control.tar*"}};
	g_autofree char *text = unpack_member(&unpack, "control", NULL, error);
	struct debian_package *package = text ? package_of(text) : NULL;

	if (text && !package)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: names no package", file);
	return package;
}

/* The file of one part: from apt, or for a package given as a file from beside that. */
static char *find_part(const struct source_task *task, const char *file, const char *name, const char *version, GError **error)
{
	gboolean is_file = strchr(task->kernel->where, '/') != NULL, network = task->reach == SOURCE_NETWORK;
	g_autofree char *folder = g_path_get_dirname(file), *path = NULL;

	if (!is_file)
		return debian_download(task->workspace, task->kernel, name, version, network, task->cancellable, error);
	path = find_deb(folder, name, version);
	if (!path)
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(task->kernel), "%s: is one part of a kernel; expected %s_%s_….deb beside it",
			    file, name, version);
	return g_steal_pointer(&path);
}

/* What the package is divided into, as files in parts, and their sums. */
static gboolean find_parts(const struct source_task *task, const struct debian_package *package, const char *file, GPtrArray *parts,
			   GString *sums, GError **error)
{
	g_auto(GStrv) wants = dependencies(package);
	guint at = 0;

	for (;;) {
		g_autofree char *version = NULL, *name = next_dependency(wants, &at, part_prefixes, G_N_ELEMENTS(part_prefixes), &version), *sum = NULL;
		char *path;

		if (!name)
			return TRUE;
		path = find_part(task, file, name, version ? version : package->version, error);
		if (!path)
			return FALSE;
		g_ptr_array_add(parts, path);
		if (!(sum = hash_file(task->workspace, path, error)))
			return FALSE;
		g_string_append_printf(sums, " %s", sum);
	}
}

/* The content of all parts is the identity; a whole package has that of its file. */
static gboolean take_parts(const struct source_task *task, struct source *source, const struct debian_package *package, GError **error)
{
	g_autoptr(GString) sums = g_string_new(source->identity);

	source->parts = g_ptr_array_new_with_free_func(g_free);
	if (!find_parts(task, package, source->file, source->parts, sums, error))
		return FALSE;
	if (source->parts->len) {
		g_free(source->identity);
		source->identity = hash_text(sums->str);
	}
	return TRUE;
}

static struct source *take_package(const struct source_task *task, struct debian_package *package, const char *file, GError **error)
{
	g_autoptr(source_t) source = source_new(SOURCE_PACKAGE);

	if (g_str_has_prefix(package->name, "linux-source"))
		source->form = SOURCE_TREE;
	else if (!g_str_has_prefix(package->name, "linux-image-")) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: deb %s: expected a package linux-image-… or linux-source-…",
			    task->kernel->origin, task->kernel->where);
		return NULL;
	}
	source->identity = hash_file(task->workspace, file, error);
	source->file = g_strdup(file);
	if (!source->identity || (source->form == SOURCE_PACKAGE && !take_parts(task, source, package, error)))
		return NULL;
	source->label = g_strdup_printf("%s %s", package->name, package->version);
	source->family = g_strdup(source->identity);
	source->package = g_strdup(package->name);
	source->version = g_strdup(package->version);
	source->lasting = TRUE;
	return g_steal_pointer(&source);
}

struct source *debian_find(const struct source_task *task, GError **error)
{
	const char *where = task->kernel->where;
	gboolean is_file = strchr(where, '/') != NULL, network = task->reach == SOURCE_NETWORK;
	g_autoptr(debian_package_t) asked = NULL, package = NULL;
	g_autofree char *file = NULL;

	if (is_file && !source_check_file(task->kernel, where, error))
		return NULL;
	if (!is_file && !(asked = resolve(task, error)))
		return NULL;
	file = is_file ? g_strdup(where) : debian_download(task->workspace, task->kernel, asked->name, asked->version, network, task->cancellable, error);
	package = file ? debian_read(file, error) : NULL;
	return package ? take_package(task, package, file, error) : NULL;
}

gboolean debian_wants(const char *path, gpointer unused)
{
	(void)unused;
	return !g_str_has_prefix(path, "usr/share/");
}

/* Where the source is unpacked. */
static char *unpacked_place(const struct workspace *workspace, const struct source *source)
{
	g_autofree char *id = g_strdup_printf("%s_%s-%.12s", source->package, source->version, source->identity);

	return source_place(workspace, g_strdelimit(id, ":~", '-'));
}

gboolean debian_unpack(const struct source_task *task, struct source *source, GError **error)
{
	g_autofree char *place = unpacked_place(task->workspace, source);
	struct unpack tree = {.file = source->file, .nested = {"data.tar*", "usr/src/linux-source-*.tar.*"}, .strip = TRUE};
	struct unpack package = {.file = source->file, .more = source->parts, .nested = {"data.tar*"}, .wanted = debian_wants};

	if (!g_file_test(place, G_FILE_TEST_IS_DIR))
		workspace_progress(task->workspace, "source", task->kernel->name, "unpacking %s", source->label);
	if (!unpack_once(source->form == SOURCE_TREE ? &tree : &package, place,
			 source->form == SOURCE_TREE ? source_check_tree : NULL, task->cancellable, error))
		return FALSE;
	source->directory = g_steal_pointer(&place);
	return TRUE;
}

/* A packaged kernel's configuration has one of these names; since Debian's 7.0 the second. */
static const char *const config_patterns[] = {"boot/config-*", "usr/lib/modules/*/config"};

/* The first file below root that matches, part by part; NULL if there is none. */
static char *find_matching(const char *root, const char *pattern)
{
	g_auto(GStrv) parts = g_strsplit(pattern, "/", 2);
	GDir *directory = g_dir_open(root, 0, NULL);
	const char *entry;
	char *found = NULL;

	while (directory && !found && (entry = g_dir_read_name(directory))) {
		g_autofree char *path = g_pattern_match_simple(parts[0], entry) ? g_build_filename(root, entry, NULL) : NULL;

		if (path)
			found = parts[1] ? find_matching(path, parts[1]) : g_steal_pointer(&path);
	}
	if (directory)
		g_dir_close(directory);
	return found;
}

/* Out of the packages themselves, as long as nothing is unpacked. */
static char *packed_config(const struct source *source, const char *pattern)
{
	struct unpack unpack = {.file = source->file, .nested = {"data.tar*"}};
	char *text = unpack_member(&unpack, pattern, NULL, NULL);

	for (guint i = 0; !text && source->parts && i < source->parts->len; i++) {
		unpack.file = source->parts->pdata[i];
		text = unpack_member(&unpack, pattern, NULL, NULL);
	}
	return text;
}

char *debian_config(const struct workspace *workspace, const struct source *source)
{
	g_autofree char *place = unpacked_place(workspace, source);
	gboolean unpacked = g_file_test(place, G_FILE_TEST_IS_DIR);
	char *text = NULL;

	for (guint i = 0; !text && i < G_N_ELEMENTS(config_patterns); i++) {
		g_autofree char *path = unpacked ? find_matching(place, config_patterns[i]) : NULL;

		if (!unpacked)
			text = packed_config(source, config_patterns[i]);
		else if (path)
			g_file_get_contents(path, &text, NULL, NULL);
	}
	return text;
}
