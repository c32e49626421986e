/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_modules - which files of a packaged kernel's lib/modules are needed, and in which order
 * in: module names; the folder of one release; out: plain .ko files. What a module needs is read from the module itself
 * (its .modinfo), because a package that was never installed has no modules.dep.
 */
#ifndef FINRIG_IMAGE_MODULES_H
#define FINRIG_IMAGE_MODULES_H

#include <gio/gio.h>

/* Puts the wanted modules and what they depend on, decompressed, into the folder into/modules; their file names are added
 * to loading in the order to load them. A wanted name that is built in, or that the package lacks, is left out unless it is in
 * required (both lists end with NULL): FINRIG_ERROR_USAGE. replacements: module name -> path of a .ko to take instead. */
gboolean modules_collect(const char *release_folder, const char *const *wanted, char *const *required, GHashTable *replacements,
			 const char *into, GPtrArray *loading, GError **error);
/* Names after depends= in a module's .modinfo; empty when it needs none. */
char **modules_depends(const void *module, gsize length_bytes);

#endif
