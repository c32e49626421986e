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
	FINRIG_ERROR_UNFIT,       /* a source is no kernel's or damaged, a patch does not apply: outcome BROKEN, exit code 2; to a bisection a commit to skip */
};

GQuark finrig_error_quark(void);
/* Sets a FINRIG_ERROR_USAGE; always FALSE, so that a check can end with it. */
gboolean error_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* What is known of an image that could not be made, beside the sentence. */
struct error_about {
	gboolean unready; /* it is image_get() that failed */
	char *image;      /* the key that the image would have; NULL: not known that far */
	char *log;        /* path of the whole log; NULL: there is none */
	char *lines;      /* of the log, those about the error, without a path of this machine; NULL: none */
};

/* Goes where the error goes, and is copied and freed with it. error's domain is FINRIG_ERROR. */
struct error_about *error_about(const GError *error);

#endif
