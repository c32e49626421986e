/* SPDX-License-Identifier: GPL-2.0-or-later
 * markup - text for XML and HTML
 * in: any bytes, a guest's among them; out: text that neither ends an element or an attribute nor holds what XML 1.0 (2.2) forbids.
 */
#ifndef FINRIG_MARKUP_H
#define FINRIG_MARKUP_H

#include <glib.h>

/* As g_string_append_printf(), but every string argument is escaped. What is no UTF-8 and what XML has no character for comes
 * out as U+FFFD. The format itself is markup and goes out as it is. */
void markup_add(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* text as it stands between two tags or in an attribute; NULL adds nothing. */
void markup_text(GString *out, const char *text);

#endif
