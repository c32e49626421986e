/* SPDX-License-Identifier: GPL-2.0-or-later
 * needs - what a case's `needs:` lines ask of a kernel
 */
#ifndef FINRIG_NEEDS_H
#define FINRIG_NEEDS_H

#include "case.h"
#include "image.h"

/* NULL if the image has all that the case needs; otherwise a sentence naming the first thing absent. Caller frees. */
char *needs_missing(const struct test_case *test_case, const struct image *image);
/* <0, 0, >0 as release a is older than, equal to or newer than version b, which may leave parts out: "6.1.0-53" == "6.1". */
int needs_compare_release(const char *release, const char *version);

#endif
