/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_kind - the two steps of the source stage for each kind of kernel; used by source.c alone
 * A find function fills in what it can say of the source; an unpack function makes source->directory.
 */
#ifndef FINRIG_SOURCE_KIND_H
#define FINRIG_SOURCE_KIND_H

#include "source.h"

/* What both steps are given. */
struct source_task {
	const struct kernel *kernel;
	const struct workspace *workspace;
	enum source_reach reach;
	GCancellable *cancellable;
};

struct source *tarball_find(const struct source_task *task, GError **error);
gboolean tarball_unpack(const struct source_task *task, struct source *source, GError **error);
struct source *git_find(const struct source_task *task, GError **error);
gboolean git_unpack(const struct source_task *task, struct source *source, GError **error);
struct source *debian_find(const struct source_task *task, GError **error);
gboolean debian_unpack(const struct source_task *task, struct source *source, GError **error);

/* cache/source/NAME */
char *source_place(const struct workspace *workspace, const char *name);
/* TRUE if a file that the kernel names is there; kernel_absent() tells the error's code. */
gboolean source_check_file(const struct kernel *kernel, const char *path, GError **error);
/* TRUE, or FINRIG_ERROR_UNFIT if folder is no kernel tree: for unpack_once(). */
gboolean source_check_tree(const char *folder, GError **error);

#endif
