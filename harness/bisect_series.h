/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_series - the list that a bisection without commits goes over: kernels by release, patches in the order they are applied
 */
#ifndef FINRIG_BISECT_SERIES_H
#define FINRIG_BISECT_SERIES_H

#include "kernel.h"

/* Patches (char *, absolute paths) of what is named: patches, folders (their file `series`, else all *.patch by name, as git format-patch
 * numbers them), and quilt's series files. FINRIG_ERROR_USAGE. */
GPtrArray *series_read(char *const *items, GError **error);
/* Kernels (struct kernel *) of what is named, in that order; items NULL or empty: all of kernels/ that stand for a release and have no patches,
 * by release. FINRIG_ERROR_USAGE. */
GPtrArray *series_kernels(const struct workspace *workspace, char *const *items, GError **error);

#endif
