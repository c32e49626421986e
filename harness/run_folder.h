/* SPDX-License-Identifier: GPL-2.0-or-later
 * run_folder - a run's folder that was used before: what an earlier run left there is kept apart from what is made now
 * in: the folder and what is to be run; out: no verdict, report, diff or repetition of its cells is there that this run did not make.
 *
 * Cells that are not of the run stay, and are told: they belong to no report, for reports read run.json.
 */
#ifndef FINRIG_RUN_FOLDER_H
#define FINRIG_RUN_FOLDER_H

#include "report.h"
#include "run.h"

/* Before run.json is written. The verdicts of what is to be run are taken back, all else of a cell stays until it begins (cell_clear()):
 * `finrig verdict` judges again what an interrupted run did not come to. FINRIG_ERROR_USAGE: the folder is a bisection's. */
gboolean run_folder_begin(const struct run_options *options, GError **error);
/* "3 cells of an earlier run stay here, in none of its reports: a/b, …"; NULL if there are none. Caller frees. */
char *run_folder_strangers(const struct run_summary *run);
/* Tells that of a folder that has its run.json. FINRIG_ERROR_BROKEN: it cannot be read. */
gboolean run_folder_tell_strangers(const char *directory, const struct workspace *workspace, GError **error);

#endif
