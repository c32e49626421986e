/* SPDX-License-Identifier: GPL-2.0-or-later
 * error - the one error domain of the host side
 * Every function that can fail returns gboolean or NULL and sets a GError once, where the fact is known; callers prefix.
 */
#ifndef FINRIG_ERROR_H
#define FINRIG_ERROR_H

#include <glib.h>

#define FINRIG_ERROR (finrig_error_quark())

enum finrig_error {
	FINRIG_ERROR_BROKEN,      /* the rig or its host failed: outcome BROKEN, exit code 2 */
	FINRIG_ERROR_USAGE,       /* bad input of the user's: file:line:column and what was expected, exit code 2 */
	FINRIG_ERROR_UNAVAILABLE, /* a source or a declared need is absent: outcome SKIP, says how to supply it */
	FINRIG_ERROR_CANCELLED,   /* the user interrupted */
	FINRIG_ERROR_UNBUILT,     /* make failed on the kernel's source: outcome BROKEN, exit code 2; to a bisection a commit to skip */
};

GQuark finrig_error_quark(void);

#endif
