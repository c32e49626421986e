/* SPDX-License-Identifier: GPL-2.0-or-later
 * code_values - the names a script's code can use, as JSON for python: what the guest told, and constants
 * in: FIELD_VALUES of a RECORD_CODE event (see code.h); out: JSON appended to a string.
 */
#ifndef FINRIG_CODE_VALUES_H
#define FINRIG_CODE_VALUES_H

#include <glib.h>

/* Appends an object. values may be NULL: an empty one. FINRIG_ERROR_BROKEN names the line that is not NAME=VALUE. */
gboolean code_values_append(GString *job, const char *values, GError **error);
/* Appends the members "constants" (by name), "enumerations" (what a value of some names is called) and "families" (how
 * the names that a guest may tell begin). */
void code_values_append_constants(GString *job);

#endif
