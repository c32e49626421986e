/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_report - the reports of a night's variants, once the night is judged
 * in: a night with its events; out: each variant's run.json with its name and with what the night found fault with, and all its reports
 * anew: a regression is none that only the night's text knows of.
 */
#ifndef FINRIG_NIGHTLY_REPORT_H
#define FINRIG_NIGHTLY_REPORT_H

#include "nightly.h"

/* "NEW regression: FIXED on 2026-01-30T02:00:00Z"; NULL for a cell with which nothing is wrong, and for one that is BROKEN, which every
 * report says without a night. Caller frees. */
char *nightly_report_fault(const struct nightly_cell *cell);
/* FINRIG_ERROR_BROKEN. */
gboolean nightly_report_write(const struct nightly *nightly, GError **error);

#endif
