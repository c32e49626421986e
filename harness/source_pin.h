/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_pin - facts that hold once they were seen: a tarball's checksum, the version a package name stood for
 * in and out: cache/source/pins/NAME, one line each, which a user may read, and remove to have the question asked again.
 */
#ifndef FINRIG_SOURCE_PIN_H
#define FINRIG_SOURCE_PIN_H

#include <glib.h>

#include "workspace.h"

/* NULL when not seen yet; for the caller to free. */
char *pin_read(const struct workspace *workspace, const char *name);
gboolean pin_write(const struct workspace *workspace, const char *name, const char *line, GError **error);
/* Where it stands, for messages. */
char *pin_place(const struct workspace *workspace, const char *name);
/* path as a message shows it: relative to where finrig was called, if it is below. */
char *shown_path(const char *path);

#endif
