/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_run_step - the test of a `git bisect run`: judges what stands in a checkout
 * in: a repository where git bisect stands at a commit; out: an exit code that git bisect run understands.
 */
#ifndef FINRIG_BISECT_RUN_STEP_H
#define FINRIG_BISECT_RUN_STEP_H

#include "bisect_rig.h"

/* Exit codes of `git bisect run`: any above 127 ends it, because the rig said nothing about the commit. */
enum { RUN_STEP_OLD = 0, RUN_STEP_NEW = 1, RUN_STEP_SKIP = 125, RUN_STEP_ABORT = 128 };

/* The kernel is that of the work tree as it stands, or of BISECT_HEAD where git bisect checks nothing out (--no-checkout). old and new: outcomes;
 * any other is to be skipped. *reason: one line for people. RUN_STEP_ABORT with an error. */
int run_step(const struct rig *rig, const char *repository, const char *old, const char *new, char **reason, GError **error);

#endif
