/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel_variant - a kernel that is another one but for some keys: the same at another commit, with further patches
 */
#include <string.h>

#include "kernel.h"

static void copy_keys(GHashTable *to, GHashTable *from)
{
	GHashTableIter each;
	gpointer key, value;

	g_hash_table_iter_init(&each, from);
	while (g_hash_table_iter_next(&each, &key, &value))
		g_hash_table_insert(to, g_strdup(key), g_strdup(value));
}

/* What the base says of where its source is and what is to be expected of it; patches, config and make stay. */
static gboolean is_of_the_source(gpointer key, gpointer value, gpointer user)
{
	static const char *const names[] = {"name", "title", "why", "expect", "tarball", "git", "tree", "deb", "image", "sha256", "also", "ref", "suite", "commit", NULL};

	(void)value;
	(void)user;
	return g_strv_contains(names, key) || g_str_has_prefix(key, "expect.");
}

struct kernel *kernel_variant(const struct kernel *base, const char *name)
{
	struct kernel *kernel = kernel_blank(base ? base->origin : name);

	kernel->name = g_strdup(name);
	kernel->from_spec = base ? base->from_spec : TRUE;
	kernel->kind = base ? base->kind : KERNEL_GIT;
	kernel->where = base ? g_strdup(base->where) : NULL;
	kernel->folder = base ? g_strdup(base->folder) : g_get_current_dir();
	if (base)
		copy_keys(kernel->keys, base->keys);
	return kernel;
}

void kernel_set_key(struct kernel *kernel, const char *key, const char *value)
{
	g_hash_table_replace(kernel->keys, g_strdup(key), g_strdup(value));
}

static void set_source(struct kernel *kernel, enum kernel_kind kind, const char *key, const char *where)
{
	g_hash_table_foreach_remove(kernel->keys, is_of_the_source, NULL);
	kernel->kind = kind;
	g_free(kernel->where);
	kernel->where = g_strdup(where);
	kernel_set_key(kernel, key, where);
}

void kernel_set_git(struct kernel *kernel, const char *repository, const char *ref)
{
	set_source(kernel, KERNEL_GIT, "git", repository);
	kernel_set_key(kernel, "ref", ref);
}

void kernel_set_tree(struct kernel *kernel, const char *folder)
{
	set_source(kernel, KERNEL_TREE, "tree", folder);
}

gboolean kernel_add_patch(struct kernel *kernel, const char *path, GError **error)
{
	const char *before = kernel_key(kernel, "patches");
	g_autofree char *all = before ? g_strconcat(before, ";", path, NULL) : g_strdup(path);

	if (strpbrk(path, ":; \t")) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected a path without ':', ';' and blanks, which divide lists", path);
		return FALSE;
	}
	kernel_set_key(kernel, "patches", all);
	return TRUE;
}
