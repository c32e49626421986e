/* SPDX-License-Identifier: GPL-2.0-or-later
 * merge - the last part of a run that was divided: see share.h
 * in: the run's folder with the cells that parts left; out: what run_all() leaves, byte by byte.
 */
#ifndef FINRIG_MERGE_H
#define FINRIG_MERGE_H

#include "run.h"

/* While cells are missing and a part of the run is still at work anywhere, waits for it. Closes cells that no part finished as BROKEN, then diffs and reports. A kernel whose cells were run with different inputs (nodes that
 * are not alike) is told in a note. FINRIG_ERROR_BROKEN. */
gboolean merge_parts(const struct run_options *options, const struct workspace *workspace, GError **error);

#endif
