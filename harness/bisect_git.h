/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_git - git as a process, for the files bisect_*.c alone
 */
#ifndef FINRIG_BISECT_GIT_H
#define FINRIG_BISECT_GIT_H

#include "bisect_history.h"

/* finrig's environment without what would lead git to another repository than the one it is told. */
char **git_environment(void);
/* words: behind `git`, up to NULL. environment NULL: git_environment(). exit_code NULL: anything but 0 is an error. output may be NULL. */
gboolean git_run(const char *const *words, char **environment, GCancellable *cancellable, char **output, int *exit_code, GError **error);
/* In the history's own repository. */
gboolean history_git(const struct history *history, const char *const *words, char **output, int *exit_code, GError **error);
/* A full object id. */
gboolean git_is_id(const char *text);

#endif
