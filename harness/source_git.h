/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_git - what the source stage asks of a user's repository; for its own files
 * The repository is only read.
 */
#ifndef FINRIG_SOURCE_GIT_H
#define FINRIG_SOURCE_GIT_H

#include "source_kind.h"

/* Runs git with words up to NULL. environment: NULL is process_environment(). *output (may be NULL): all that it printed, without the
 * newline at the end; caller frees. Errors are those of process_run(). */
gboolean source_git_run(const struct source_task *task, const char *const *words, char **environment, char **output, GError **error);
/* The folder with the objects and refs of the kernel's repository, also of a bare one and of a linked work tree; caller frees.
 * kernel_absent() is the error's code if there is none. */
char *source_git_directory(const struct source_task *task, GError **error);
/* What the kernel's source is now: its commit where it was looked up, else its ref, else HEAD. */
const char *source_git_ref(const struct kernel *kernel);
/* git's id of what ref stands for, as kind `commit` or `tree`; caller frees. FINRIG_ERROR_USAGE if it stands for none. */
char *source_git_resolve(const struct source_task *task, const char *directory, const char *ref, const char *kind, GError **error);

#endif
