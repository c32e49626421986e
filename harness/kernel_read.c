/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel_read - one .kernel file, or the same said on the command line
 * in: kernels/NAME.kernel or a spec; out: struct kernel. Nothing of what it names is looked at here. */
#include "kernel.h"

#include <string.h>

#include "error.h"
#include "vm_machine.h"

static const char *const kind_names[KERNEL_KIND_COUNT] = {
	[KERNEL_TARBALL] = "tarball", [KERNEL_GIT] = "git", [KERNEL_TREE] = "tree", [KERNEL_DEB] = "deb", [KERNEL_IMAGE] = "image",
};

/* Bits of enum kernel_kind: which kinds a key makes sense for. */
enum { ANY = (1 << KERNEL_KIND_COUNT) - 1, BUILT = 1 << KERNEL_TARBALL | 1 << KERNEL_GIT | 1 << KERNEL_TREE | 1 << KERNEL_DEB };

/* A key that ends in a dot is a prefix: expect.CASE, modules.MODULE. */
static const struct key {
	const char *name;
	unsigned kinds;
} keys[] = {
	{"name", ANY}, {"title", ANY}, {"why", ANY}, {"mutant-of", ANY}, {"expect", ANY}, {"expect.", ANY},
	{"tarball", ANY}, {"git", ANY}, {"tree", ANY}, {"deb", ANY}, {"image", ANY},
	{"sha256", 1 << KERNEL_TARBALL}, {"also", 1 << KERNEL_TARBALL}, {"ref", 1 << KERNEL_GIT},
	{"suite", 1 << KERNEL_DEB},
	{"patches", BUILT}, {"config", ANY}, {"make", BUILT}, {"shift", ANY},
	{"modules", 1 << KERNEL_DEB | 1 << KERNEL_IMAGE}, {"modules.", 1 << KERNEL_DEB},
};

#define PREDICTED "(predicted)"

/* Where the text came from, so that each complaint names its place. */
struct reading {
	struct kernel *kernel;
	const char *text; /* of the file, NULL for a spec */
	char *folder;     /* relative paths start here */
	GError **error;
};

static gboolean key_matches(const struct key *key, const char *name)
{
	gsize length = strlen(key->name);

	return key->name[length - 1] == '.' ? g_str_has_prefix(name, key->name) && name[length] : !strcmp(name, key->name);
}

static const struct key *find_key(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
		if (key_matches(&keys[i], name))
			return &keys[i];
	return NULL;
}

/* Line of a key's last (or only) mention, 0 if it has none. */
static unsigned key_line(const char *text, const char *key)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	unsigned found = 0;

	for (guint i = 0; lines[i]; i++) {
		g_auto(GStrv) sides = g_strsplit(lines[i], "=", 2);

		if (sides[0] && sides[1] && !strcmp(g_strstrip(sides[0]), key))
			found = i + 1;
	}
	return found;
}

G_GNUC_PRINTF(3, 4)
static gboolean complain(const struct reading *reading, const char *key, const char *format, ...)
{
	g_autofree char *what = NULL, *place = g_strdup("");
	unsigned line = reading->text && key ? key_line(reading->text, key) : 0;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	if (line) {
		g_free(place);
		place = g_strdup_printf(":%u", line);
	}
	g_set_error(reading->error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s%s: %s", reading->kernel->origin, place, what);
	return FALSE;
}

static gboolean take_expectation(const struct reading *reading, const char *key, const char *value)
{
	const char *dot = strchr(key, '.'), *test_case = dot ? dot + 1 : "*";
	gboolean predicted = g_str_has_suffix(value, PREDICTED);
	g_autofree char *outcome = predicted ? g_strchomp(g_strndup(value, strlen(value) - strlen(PREDICTED))) : g_strdup(value);

	if (strcmp(outcome, "buggy") && strcmp(outcome, "fixed"))
		return complain(reading, key, "%s = %s: expected buggy or fixed, with " PREDICTED " behind it if it was not seen yet", key, value);
	g_hash_table_replace(reading->kernel->expect, g_strdup(test_case), g_steal_pointer(&outcome));
	if (predicted)
		g_hash_table_add(reading->kernel->predicted, g_strdup(test_case));
	return TRUE;
}

static gboolean check_shift(const struct reading *reading, const char *value)
{
	guint64 shift;

	return g_ascii_string_to_unsigned(value, 10, 0, VM_SHIFT_MAX, &shift, NULL) ||
	       complain(reading, "shift", "shift = %s: expected a number from 0 to %d", value, VM_SHIFT_MAX);
}

/* It becomes part of a path and of apt's entries. */
static gboolean check_suite(const struct reading *reading, const char *value)
{
	return (g_ascii_isalpha(*value) && strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(value)) ||
	       complain(reading, "suite", "suite = %s: expected the name of a Debian release, such as bookworm-backports or sid", value);
}

static gboolean take_key(const struct reading *reading, const char *key, const char *value)
{
	struct kernel *kernel = reading->kernel;

	if (!find_key(key)) {
		g_autoptr(GString) known = g_string_new(NULL);

		for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
			g_string_append_printf(known, " %s%s", keys[i].name, g_str_has_suffix(keys[i].name, ".") ? "NAME" : "");
		return complain(reading, key, "unknown key %s: expected one of%s", key, known->str);
	}
	if (!*value)
		return complain(reading, key, "%s has no value", key);
	if (!g_hash_table_insert(kernel->keys, g_strdup(key), g_strdup(value)))
		return complain(reading, key, "%s is given twice", key);
	if (!strcmp(key, "expect") || g_str_has_prefix(key, "expect."))
		return take_expectation(reading, key, value);
	if (!strcmp(key, "suite"))
		return check_suite(reading, value);
	return strcmp(key, "shift") || check_shift(reading, value);
}

static gboolean find_kind(const struct reading *reading)
{
	struct kernel *kernel = reading->kernel;
	guint found = 0;

	for (int kind = 0; kind < KERNEL_KIND_COUNT; kind++)
		if (g_hash_table_contains(kernel->keys, kind_names[kind])) {
			kernel->kind = (enum kernel_kind)kind;
			found++;
		}
	if (found != 1)
		return complain(reading, NULL, "%s: expected exactly one of tarball, git, tree, deb, image",
				found ? "several sources" : "no source");
	return TRUE;
}

static gboolean check_kinds(const struct reading *reading)
{
	GHashTableIter each;
	gpointer key;

	g_hash_table_iter_init(&each, reading->kernel->keys);
	while (g_hash_table_iter_next(&each, &key, NULL))
		if (!(find_key(key)->kinds & 1u << reading->kernel->kind))
			return complain(reading, key, "%s means nothing for a kernel from %s", (char *)key, kind_names[reading->kernel->kind]);
	return TRUE;
}

/* A path is meant, not the name of a package or release. */
static gboolean is_path(enum kernel_kind kind, const char *where)
{
	switch (kind) {
	case KERNEL_GIT:
	case KERNEL_TREE:
	case KERNEL_IMAGE:
		return TRUE;
	case KERNEL_DEB:
		return strchr(where, '/') || g_str_has_suffix(where, ".deb");
	case KERNEL_TARBALL:
		return strchr(where, '/') != NULL;
	case KERNEL_KIND_COUNT:
		break;
	}
	return FALSE;
}

static gboolean take_where(const struct reading *reading)
{
	struct kernel *kernel = reading->kernel;
	const char *where = g_hash_table_lookup(kernel->keys, kind_names[kernel->kind]);
	g_autofree char *home = NULL;

	if (kernel->kind == KERNEL_GIT && strstr(where, "://"))
		return complain(reading, "git", "%s: expected a repository on this machine; clone it first", where);
	if (!is_path(kernel->kind, where)) {
		kernel->where = g_strdup(where);
		return TRUE;
	}
	home = g_str_has_prefix(where, "~/") ? g_build_filename(g_get_home_dir(), where + 2, NULL) : NULL;
	kernel->where = g_canonicalize_filename(home ? home : where, reading->folder);
	return TRUE;
}

static char *safe_name(const char *text)
{
	g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	char *name = g_strdup(text);

	g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._+-", '-');
	if (strlen(name) > 80) {
		char *shorter = g_strdup_printf("%.70s-%.8s", name, digest);

		g_free(name);
		name = shorter;
	}
	if (*name == '.')
		*name = '-';
	return name;
}

static void cut_ending(char *text, const char *ending)
{
	if (g_str_has_suffix(text, ending) && strcmp(text, ending))
		text[strlen(text) - strlen(ending)] = 0;
}

/* What a kernel without a name is called: the last part of its folder or file, with a repository's ref, or its package or release. */
static char *short_name(const struct kernel *kernel)
{
	static const char *const endings[] = {"/.git", ".git", ".deb", ".tar.xz", ".tar.gz", ".tar.bz2"};
	const char *ref = g_hash_table_lookup(kernel->keys, "ref");
	g_autofree char *where = g_strdup(kernel->where), *base = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(endings); i++)
		cut_ending(where, endings[i]);
	base = g_path_get_basename(where);
	return ref ? g_strconcat(base, "-", ref, NULL) : g_steal_pointer(&base);
}

static gboolean take_name(const struct reading *reading, const char *otherwise)
{
	struct kernel *kernel = reading->kernel;
	const char *given = g_hash_table_lookup(kernel->keys, "name");

	kernel->name = safe_name(given ? given : otherwise);
	if (given && strcmp(kernel->name, given))
		return complain(reading, "name", "name = %s: expected only letters, digits and . _ + -", given);
	return TRUE;
}

static gboolean finish(const struct reading *reading, const char *otherwise_name)
{
	struct kernel *kernel = reading->kernel;

	kernel->title = g_strdup(g_hash_table_lookup(kernel->keys, "title"));
	kernel->why = g_strdup(g_hash_table_lookup(kernel->keys, "why"));
	kernel->folder = g_strdup(reading->folder);
	return take_name(reading, otherwise_name);
}

struct kernel *kernel_blank(const char *origin)
{
	struct kernel *kernel = g_new0(struct kernel, 1);

	kernel->origin = g_strdup(origin);
	kernel->keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	kernel->expect = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	kernel->predicted = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	kernel->further = g_ptr_array_new_with_free_func(g_free);
	return kernel;
}

/* GKeyFile lets the last of two equal keys win; two lines that say different things are a mistake. */
static gboolean check_twice(const struct reading *reading)
{
	g_auto(GStrv) lines = g_strsplit(reading->text, "\n", -1);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; lines[i]; i++) {
		const char *equals = strchr(lines[i], '=');
		char *key = equals && *g_strchug(lines[i]) != '#' ? g_strchomp(g_strndup(lines[i], (gsize)(strchr(lines[i], '=') - lines[i]))) : NULL;

		if (key && !g_hash_table_add(seen, key))
			return complain(reading, key, "%s is given twice", key);
	}
	return TRUE;
}

static gboolean read_keys(const struct reading *reading, GKeyFile *file)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	g_auto(GStrv) names = g_key_file_get_keys(file, "kernel", NULL, NULL);

	if (!names || g_strv_length(groups) != 1)
		return complain(reading, NULL, "expected one group [kernel]");
	if (!check_twice(reading))
		return FALSE;
	for (guint i = 0; names[i]; i++) {
		g_autoptr(GError) why = NULL;
		g_autofree char *value = g_key_file_get_string(file, "kernel", names[i], &why);

		if (why) /* an escape that is none leaves a value all the same */
			return complain(reading, names[i], "%s", why->message);
		if (!take_key(reading, names[i], g_strstrip(value)))
			return FALSE;
	}
	return TRUE;
}

static struct kernel *read_file(const char *path, const char *shown, GError **error)
{
	g_autoptr(kernel_t) kernel = kernel_blank(shown);
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL, *absolute = g_canonicalize_filename(path, NULL), *folder = g_path_get_dirname(absolute);
	g_autofree char *base = g_path_get_basename(path);
	struct reading reading = {kernel, NULL, folder, error};

	if (!g_file_get_contents(path, &text, NULL, &why) || !g_key_file_load_from_data(file, text, (gsize)-1, G_KEY_FILE_NONE, &why)) {
		complain(&reading, NULL, "%s", why->message);
		return NULL;
	}
	reading.text = text;
	base[strlen(base) - strlen(".kernel")] = 0;
	if (!read_keys(&reading, file) || !find_kind(&reading) || !check_kinds(&reading) || !take_where(&reading) || !finish(&reading, base))
		return NULL;
	if (strcmp(kernel->name, base)) {
		complain(&reading, "name", "a kernel file is named by its file: expected name = %s or none, and only letters, digits and . _ + -", base);
		return NULL;
	}
	return g_steal_pointer(&kernel);
}

/* KIND:WHERE; the ref of git:REPOSITORY@REF becomes a key like any other. */
static gboolean read_spec_head(const struct reading *reading, enum kernel_kind kind, const char *where)
{
	const char *at = kind == KERNEL_GIT ? strrchr(where, '@') : NULL;
	g_autofree char *repository = at ? g_strndup(where, (gsize)(at - where)) : NULL;

	if (at && (!at[1] || at == where))
		return complain(reading, NULL, "%s: expected git:REPOSITORY@REF", where);
	if (!*where)
		return complain(reading, NULL, "nothing after %s:", kind_names[kind]);
	return take_key(reading, kind_names[kind], at ? repository : where) && (!at || take_key(reading, "ref", at + 1));
}

static gboolean read_spec_key(const struct reading *reading, const char *part)
{
	const char *equals = strchr(part, '=');
	g_autofree char *key = equals ? g_strstrip(g_strndup(part, (gsize)(equals - part))) : NULL;

	if (!equals)
		return complain(reading, NULL, "%s: expected key=value after the comma", part);
	return take_key(reading, key, equals + 1);
}

static struct kernel *read_spec(const char *spec, enum kernel_kind kind, GError **error)
{
	g_autoptr(kernel_t) kernel = kernel_blank(spec);
	g_autofree char *folder = g_get_current_dir();
	g_auto(GStrv) parts = g_strsplit(strchr(spec, ':') + 1, ",", -1);
	g_autofree char *name = NULL;
	struct reading reading = {kernel, NULL, folder, error};

	kernel->from_spec = TRUE;
	if (!parts[0]) {
		complain(&reading, NULL, "nothing after %s:", kind_names[kind]);
		return NULL;
	}
	if (!read_spec_head(&reading, kind, parts[0]))
		return NULL;
	for (guint i = 1; parts[i]; i++)
		if (!read_spec_key(&reading, parts[i]))
			return NULL;
	if (!find_kind(&reading) || !check_kinds(&reading) || !take_where(&reading))
		return NULL;
	name = short_name(kernel);
	return finish(&reading, name) ? g_steal_pointer(&kernel) : NULL;
}

static struct kernel *find(const struct workspace *workspace, const char *name_or_spec, GError **error)
{
	g_autofree char *file = NULL, *path = NULL, *shown = NULL;

	for (int kind = 0; kind < KERNEL_KIND_COUNT; kind++) {
		gsize length = strlen(kind_names[kind]);

		if (g_str_has_prefix(name_or_spec, kind_names[kind]) && name_or_spec[length] == ':')
			return read_spec(name_or_spec, (enum kernel_kind)kind, error);
	}
	if (g_str_has_suffix(name_or_spec, ".kernel"))
		return read_file(name_or_spec, name_or_spec, error);
	file = g_strconcat(name_or_spec, ".kernel", NULL);
	path = g_build_filename(workspace->data, "kernels", file, NULL);
	shown = g_build_filename("kernels", file, NULL);
	if (!strchr(name_or_spec, '/') && g_file_test(path, G_FILE_TEST_EXISTS))
		return read_file(path, shown, error);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
		    "%s: no such kernel: expected a name that `finrig kernels` lists, a path ending in .kernel, or "
		    "tarball:RELEASE, git:REPOSITORY@REF, tree:FOLDER, deb:PACKAGE, image:BZIMAGE", name_or_spec);
	return NULL;
}

struct kernel *kernel_new(const struct workspace *workspace, const char *name_or_spec, GError **error)
{
	struct kernel *kernel = find(workspace, name_or_spec, error);

	if (kernel)
		kernel->said = g_strdup(name_or_spec);
	return kernel;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strverscmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *kernel_names(const struct workspace *workspace, GError **error)
{
	g_autofree char *folder = g_build_filename(workspace->data, "kernels", NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) why = NULL;
	GDir *directory = g_dir_open(folder, 0, &why);
	const char *entry;

	if (!directory) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);
		return NULL;
	}
	while ((entry = g_dir_read_name(directory)))
		if (g_str_has_suffix(entry, ".kernel") && *entry != '.')
			g_ptr_array_add(names, g_strndup(entry, strlen(entry) - strlen(".kernel")));
	g_dir_close(directory);
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}
