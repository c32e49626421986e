/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_cell - one cell of a run as a part of the HTML report that opens
 * in: the cell's folder, the diffs with its neighbours; out: cause, case lines, time line, sequence chart, console, links, how to run it again.
 */
#ifndef FINRIG_HTML_CELL_H
#define FINRIG_HTML_CELL_H

#include "report.h"

/* drawn: with drawings; a run of many hundreds of cells has them only where they are needed. */
void html_cell_write(const struct run_summary *run, const struct report_cell *cell, gboolean drawn, GString *out);

/* "FIXED", ..., "NONE" for a cell that was not judged: the class of its colours. */
const char *html_outcome(const struct report_cell *cell);
/* The sign beside it, for those who do not see colours. */
const char *html_sign(const struct report_cell *cell);
/* The ! behind what is not as expected, in words for those who do not see it. */
void html_flag(gboolean unexpected, GString *out);
/* A link within the run's folder or the page: every byte that is not plain is escaped. Caller frees. */
char *html_link(const char *path);

#endif
