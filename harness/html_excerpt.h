/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_excerpt - the parts of a cell's page that are quoted from its files
 */
#ifndef FINRIG_HTML_EXCERPT_H
#define FINRIG_HTML_EXCERPT_H

#include <glib.h>

/* A table of the case's ok, bug and assert lines: which held, and why not. Nothing where the verdict has none. */
void html_excerpt_lines(const char *cell_dir, GString *out);
/* Around the line that tells of the guest's death, else the console's end. */
void html_excerpt_console(const char *cell_dir, GString *out);

#endif
