/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_outside - of commits that change some paths git bisect names one, even where what is sought lies in none of them
 * git is told of no other commits, and takes the last of them before a change for its cause. So the parents are judged as well.
 */
#ifndef FINRIG_BISECT_OUTSIDE_H
#define FINRIG_BISECT_OUTSIDE_H

#include "bisect.h"

/* None of the commits that change the paths has the new verdict: says between which commits the change is. */
gboolean outside_of_all(struct bisect *bisect, struct bisect_result *result, GError **error);
/* One was found, and its sides are judged. Is it the cause, or a parent that changes none of the paths? Does nothing without paths. */
gboolean outside_of_found(struct bisect *bisect, struct bisect_result *result, GError **error);

#endif
