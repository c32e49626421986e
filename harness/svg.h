/* SPDX-License-Identifier: GPL-2.0-or-later
 * svg - elements of a drawing as text
 * Coordinates are whole tenths of a pixel, so that a drawing is the same bytes under any locale and on any processor. How things look is
 * the style sheet's business: every element has a class. Texts are escaped here.
 */
#ifndef FINRIG_SVG_H
#define FINRIG_SVG_H

#include <glib.h>

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };
enum svg_shape { SVG_DISC, SVG_SQUARE, SVG_UP, SVG_CROSS, SVG_BAR, SVG_SHAPE_COUNT };

/* label: what a reader who does not see the drawing is told. */
void svg_open(GString *out, const char *class, int width, int height, const char *label);
void svg_close(GString *out);
void svg_line(GString *out, const char *class, int x1, int y1, int x2, int y2);
/* title of the following ones: shown when pointed at; NULL for none. */
void svg_box(GString *out, const char *class, int x, int y, int width, int height, const char *title);
void svg_text(GString *out, const char *class, int x, int y, enum svg_anchor anchor, const char *text);
/* Around its middle. */
void svg_mark(GString *out, enum svg_shape shape, const char *class, int x, int y, const char *title);
/* From x1 to x2 with a head at x2. */
void svg_arrow(GString *out, const char *class, int x1, int x2, int y, const char *title);
/* points: pairs x, y. */
void svg_path(GString *out, const char *class, const GArray *points);

#endif
