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
	for (guint i = 0; base && i < base->further->len; i++)
		kernel_add_patch(kernel, base->further->pdata[i]);
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

void kernel_add_patch(struct kernel *kernel, const char *path)
{
	g_ptr_array_add(kernel->further, g_strdup(path));
}
