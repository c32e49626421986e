/* SPDX-License-Identifier: GPL-2.0-or-later
 * source - the source stage: from what a kernel file names to something the image stage can read
 */
#include "source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "source_kind.h"

struct source *source_new(enum source_form form)
{
	struct source *source = g_new0(struct source, 1);

	source->form = form;
	source->lock = -1;
	return source;
}

void source_free(struct source *source)
{
	if (!source)
		return;
	g_free(source->label);
	g_free(source->identity);
	g_free(source->family);
	g_free(source->file);
	g_free(source->package);
	g_free(source->version);
	if (source->parts)
		g_ptr_array_unref(source->parts);
	g_free(source->directory);
	tree_free(source->tree);
	if (source->lock >= 0)
		close(source->lock);
	g_free(source);
}

char *source_place(const struct workspace *workspace, const char *name)
{
	g_autofree char *path = g_build_filename(workspace->cache, "source", name, NULL);

	return g_canonicalize_filename(path, NULL);
}

static gboolean has(const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS);
}

gboolean source_is_tree(const char *folder)
{
	return has(folder, "Makefile") && has(folder, "Kbuild") && has(folder, "scripts/Kbuild.include") && has(folder, "init/main.c");
}

gboolean source_check_tree(const char *folder, GError **error)
{
	if (source_is_tree(folder))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT,
		    "this is no Linux source tree (expected Makefile, Kbuild, scripts/Kbuild.include, init/main.c)");
	return FALSE;
}

gboolean source_check_file(const struct kernel *kernel, const char *path, GError **error)
{
	if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(kernel), "%s: no such file", path);
	return FALSE;
}

gboolean source_take_tree(struct source *source, const char *directory, const struct workspace *workspace,
			  GCancellable *cancellable, GError **error)
{
	if (!source_check_tree(directory, error)) {
		g_prefix_error(error, "%s: ", directory);
		return FALSE;
	}
	source->tree = tree_read(workspace, directory, cancellable, error);
	if (!source->tree)
		return FALSE;
	source->label = g_strdup(directory);
	source->identity = g_strdup(source->tree->identity);
	source->family = g_strconcat("tree ", directory, NULL);
	source->directory = g_strdup(directory);
	return TRUE;
}

static struct source *tree_find(const struct source_task *task, GError **error)
{
	g_autoptr(source_t) source = source_new(SOURCE_TREE);

	if (!g_file_test(task->kernel->where, G_FILE_TEST_IS_DIR)) {
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(task->kernel), "%s: no such folder", task->kernel->where);
		return NULL;
	}
	if (!source_take_tree(source, task->kernel->where, task->workspace, task->cancellable, error))
		return NULL;
	if (source->tree->unclean)
		workspace_progress(task->workspace, "source", task->kernel->name,
				   "%s was built in place: its products are left out, and it stays as it is", task->kernel->where);
	return g_steal_pointer(&source);
}

/* The boot protocol's mark (Documentation/x86/boot.rst, "header"). */
static gboolean check_bzimage(const char *path, GError **error)
{
	FILE *file = fopen(path, "rbe");
	char mark[4];
	gboolean good = file && fseek(file, 0x202, SEEK_SET) == 0 && fread(mark, sizeof(mark), 1, file) == 1 && !memcmp(mark, "HdrS", sizeof(mark));

	if (file)
		fclose(file);
	if (!good)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: this is no bzImage (expected HdrS at byte 0x202)", path);
	return good;
}

static struct source *ready_find(const struct source_task *task, GError **error)
{
	g_autoptr(source_t) source = source_new(SOURCE_READY);

	if (!source_check_file(task->kernel, task->kernel->where, error) || !check_bzimage(task->kernel->where, error))
		return NULL;
	source->identity = hash_file(task->workspace, task->kernel->where, error);
	if (!source->identity)
		return NULL;
	source->label = g_strdup(task->kernel->where);
	source->file = g_strdup(task->kernel->where);
	return g_steal_pointer(&source);
}

static gboolean nothing_to_unpack(const struct source_task *task, struct source *source, GError **error)
{
	(void)task;
	(void)source;
	(void)error;
	return TRUE;
}

static const struct source_steps {
	struct source *(*find)(const struct source_task *task, GError **error);
	gboolean (*unpack)(const struct source_task *task, struct source *source, GError **error);
} steps[KERNEL_KIND_COUNT] = {
	[KERNEL_TARBALL] = {tarball_find, tarball_unpack},
	[KERNEL_GIT] = {git_find, git_unpack},
	[KERNEL_TREE] = {tree_find, nothing_to_unpack},
	[KERNEL_DEB] = {debian_find, debian_unpack},
	[KERNEL_IMAGE] = {ready_find, nothing_to_unpack},
};

struct source *source_find(const struct kernel *kernel, const struct workspace *workspace, enum source_reach reach,
			   GCancellable *cancellable, GError **error)
{
	struct source_task task = {kernel, workspace, reach, cancellable};

	return steps[kernel->kind].find(&task, error);
}

gboolean source_unpack(struct source *source, const struct kernel *kernel, const struct workspace *workspace,
		       GCancellable *cancellable, GError **error)
{
	struct source_task task = {kernel, workspace, SOURCE_NETWORK, cancellable};

	return steps[kernel->kind].unpack(&task, source, error);
}

gboolean source_can_be_fetched(const struct kernel *kernel)
{
	return (kernel->kind == KERNEL_TARBALL || kernel->kind == KERNEL_DEB) && !strchr(kernel->where, '/');
}
