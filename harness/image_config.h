/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_config - what is asked of a kernel's configuration, and whether it was heard
 * in: fragments (CONFIG_X=y lines), the .config that came of them; out: one text for KCONFIG_ALLCONFIG, and a check.
 * After a line `# finrig: optional` options need not take effect; `# finrig: required` ends that.
 */
#ifndef FINRIG_IMAGE_CONFIG_H
#define FINRIG_IMAGE_CONFIG_H

#include <glib.h>

struct config_wish {
	char *name;  /* without CONFIG_ */
	char *value; /* y, m, n, a number or a quoted text */
	char *place; /* guest.config:12 */
	gboolean optional;
};

/* An empty list of struct config_wish *, to be unreferenced. */
GPtrArray *config_new(void);
/* Adds a fragment; what it says of an option replaces what was said before. FINRIG_ERROR_USAGE with file:line. */
gboolean config_read(GPtrArray *wishes, const char *path, GError **error);
char *config_text(const GPtrArray *wishes);
/* config: the .config's text; tree: the source's top, whose Kconfig files tell which options exist at all for x86.
 * Names of those that do not are added to absent. FINRIG_ERROR_UNBUILT: option, asked value, what it became. */
gboolean config_check(const GPtrArray *wishes, const char *config, const char *tree, GPtrArray *absent, GError **error);
/* An option's value in a .config's text, for the caller to free; "n" when it is not set. */
char *config_value(const char *config, const char *name);

#endif
