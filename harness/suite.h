/* SPDX-License-Identifier: GPL-2.0-or-later
 * suite - the files a script's commands call by a path relative to the script, as the guest is to have them
 * in: a case and the folder it was found in; out: the part of a job that lays them out under SUITE_ROOT.
 *
 * A script that names no such file needs nothing. One that does gets all of its suite's folder (finrig run --cases DIR) but for the
 * scripts and what begins with a dot, and, for a file outside of that folder, the folder that file is in: so `./defaults.sh`,
 * `../common/defaults.sh` and what these call in turn are where they are on the host. It travels with the job, so that all
 * cases of a kernel begin at the same snapshot.
 */
#ifndef FINRIG_SUITE_H
#define FINRIG_SUITE_H

#include "case.h"

/* Where the guest has it. */
#define SUITE_ROOT "/case"
/* What one script may bring along. */
enum { SUITE_MAX_BYTES = 8 * 1024 * 1024 };

/* Appends each file to job as `<mode, octal> <bytes> <path>\n` and its bytes, and sets *folder to the folder that commands run in
 * (free it); NULL and nothing appended where the script needs none. FALSE: FINRIG_ERROR_USAGE, a file cannot be read or all is too large. */
gboolean suite_pack(const struct test_case *test_case, GString *job, char **folder, GError **error);

#endif
