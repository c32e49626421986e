/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_folder - the folders of nights: made, held while a night runs, removed when there are enough newer ones
 */
#ifndef FINRIG_NIGHTLY_FOLDER_H
#define FINRIG_NIGHTLY_FOLDER_H

#include "past.h"

/* Makes results/name/<started>, with -2, -3 ... behind it if that second has a night already, and locks it. *lock: to be closed at the night's end. Returns the absolute path, or NULL with FINRIG_ERROR_BROKEN. */
char *nightly_folder_make(const char *results, const char *name, const char *started, int *lock, GError **error);
/* results/name/latest points to it from now on. */
void nightly_folder_point(const char *folder);
/* Removes the folders of all but the newest keep nights of that name that came to their end, and of what is older; those of nights that run
 * stay. A row of nights that did not end must not cost those that did. */
gboolean nightly_folder_retain(struct past *history, const char *name, guint keep, GError **error);

#endif
