/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_folder - the folders of nights: made, held while a night runs, removed when there are enough newer ones
 */
#ifndef FINRIG_NIGHTLY_FOLDER_H
#define FINRIG_NIGHTLY_FOLDER_H

#include "past.h"

/* Makes results/name/<started>, with -2, -3 ... behind it if that second has a night already, and locks it; results/name/latest points
 * to it. *lock: to be closed at the night's end. Returns the absolute path, or NULL with FINRIG_ERROR_BROKEN. */
char *nightly_folder_make(const char *results, const char *name, const char *started, int *lock, GError **error);
/* Removes the folders of all but the newest keep nights of that name; those of nights that run stay. */
gboolean nightly_folder_retain(struct past *history, const char *name, guint keep, GError **error);

#endif
