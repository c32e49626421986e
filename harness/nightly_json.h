/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_json - a night for programs: the same facts as its text, under the words of the history
 * out: counts by event, kernels and whether they moved, canaries, and every cell that is not as expected, the worst first; the
 * members are in docs/nightly.md.
 */
#ifndef FINRIG_NIGHTLY_JSON_H
#define FINRIG_NIGHTLY_JSON_H

#include <json-glib/json-glib.h>

#include "nightly.h"

/* Caller frees. */
JsonNode *nightly_json(const struct nightly *nightly);

#endif
