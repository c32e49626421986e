/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_page - head and foot of a page that needs nothing but itself
 * Style and script are files of harness/report_html/, embedded by make. The page lets no other script or style run: whatever a guest's
 * text might become, it is no code.
 */
#ifndef FINRIG_HTML_PAGE_H
#define FINRIG_HTML_PAGE_H

#include <glib.h>

void html_page_open(GString *out, const char *title);
/* script: with the report's own, which wants the report's elements. */
void html_page_close(GString *out, gboolean script);

#endif
