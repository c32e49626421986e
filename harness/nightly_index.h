/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_index - the page of a nightly: every cell with what it was in the nights before, and a link to each night
 * in: tonight, the history; out: <results>/<name>/index.html, whose links lead to the nights' own pages.
 */
#ifndef FINRIG_NIGHTLY_INDEX_H
#define FINRIG_NIGHTLY_INDEX_H

#include "nightly.h"

/* Once tonight is in the history, and old folders are removed. FINRIG_ERROR_BROKEN. */
gboolean nightly_index_write(const struct nightly *nightly, struct past *history, GError **error);

#endif
