/* SPDX-License-Identifier: GPL-2.0-or-later
 * verdict - the verdict stage: a case's expectations against the facts
 * in: 0-cell.json, 0-case.pkt, 1-vm.json, 4-analysis.json; out: 5-verdict.json with one of six outcomes and its cause.
 *
 * The first that fits:  CRASH   the console tells of the guest's death, or QEMU left before the end
 *                       BROKEN  the machine did not start, hung or ran out of time; the stream is damaged or has no end; the
 *                               script cannot be read
 *                       CHANGED all ok lines hold and all bug lines as well: the case cannot tell them apart
 *                       FIXED   all ok lines hold       (a case without any: script.passed == 1)
 *                       BUGGY   all bug lines hold      (a case without any is never BUGGY)
 *                       CHANGED neither
 * SKIP is never judged here: a cell that cannot run gets it by verdict_write_simple().
 */
#ifndef FINRIG_VERDICT_H
#define FINRIG_VERDICT_H

#include <glib.h>

#include "case.h"

enum verdict_outcome {
	VERDICT_FIXED, VERDICT_BUGGY, VERDICT_CHANGED, VERDICT_CRASH, VERDICT_SKIP, VERDICT_BROKEN, VERDICT_OUTCOME_COUNT
};

/* "FIXED" and so on; and back, VERDICT_OUTCOME_COUNT for any other text or NULL. */
const char *verdict_name(enum verdict_outcome outcome);
enum verdict_outcome verdict_of_name(const char *name);
/* expect: "fixed", "buggy" or NULL for a kernel that says nothing: then both are well. SKIP is always as expected. */
gboolean verdict_as_expected(enum verdict_outcome outcome, const char *expect);

/* FINRIG_ERROR_USAGE: an ok or bug line is wrong (file:line:column). FINRIG_ERROR_BROKEN: an artefact is absent or unreadable. */
gboolean verdict_stage(const char *cell_dir, GError **error);
/* For a cell without facts: SKIP, BROKEN. 0-cell.json is read for kernel, case and expectation if it is there. */
gboolean verdict_write_simple(const char *cell_dir, const char *outcome, const char *cause, GError **error);
/* Are all ok and bug lines of a case comparisons over declared facts? To be asked before a machine is booted. FINRIG_ERROR_USAGE. */
gboolean verdict_check_case(const struct test_case *test_case, GError **error);

#endif
