/* SPDX-License-Identifier: GPL-2.0-or-later
 * svg - elements of a drawing as text
 */
#include "svg.h"

#include "markup.h"

void svg_open(GString *out, const char *class, int width, int height, const char *label)
{
	markup_add(out, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", class, width, height, label);
}

void svg_close(GString *out)
{
	g_string_append(out, "</svg>\n");
}

void svg_line(GString *out, const char *class, int x1, int y1, int x2, int y2)
{
	markup_add(out, "<path class=\"%s\" d=\"M%d %dL%d %d\"/>\n", class, x1, y1, x2, y2);
}

static void close_with_title(GString *out, const char *element, const char *title)
{
	if (title)
		markup_add(out, "><title>%s</title></%s>\n", title, element);
	else
		g_string_append(out, "/>\n");
}

void svg_box(GString *out, const char *class, int x, int y, int width, int height, const char *title)
{
	markup_add(out, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", class, x, y, width, height);
	close_with_title(out, "rect", title);
}

void svg_text(GString *out, const char *class, int x, int y, enum svg_anchor anchor, const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	markup_add(out, "<text class=\"%s\" x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", class, x, y, anchors[anchor], text);
}

void svg_mark(GString *out, enum svg_shape shape, const char *class, int x, int y, const char *title)
{
	/* Relative to the middle, some 10 pixels across. */
	static const char *const shapes[SVG_SHAPE_COUNT] = {
		[SVG_DISC] = "m-45 0a45 45 0 1 0 90 0a45 45 0 1 0 -90 0z", [SVG_SQUARE] = "m-45 -45h90v90h-90z", [SVG_UP] = "m0 -55l55 100h-110z",
		[SVG_CROSS] = "m-45 -30l15 -15l30 30l30 -30l15 15l-30 30l30 30l-15 15l-30 -30l-30 30l-15 -15l30 -30z", [SVG_BAR] = "m-10 -50h20v100h-20z",
	};

	markup_add(out, "<path class=\"mark %s\" d=\"M%d %d%s\"", class, x, y, shapes[shape]);
	close_with_title(out, "path", title);
}

void svg_arrow(GString *out, const char *class, int x1, int x2, int y, const char *title)
{
	int head = x2 > x1 ? -60 : 60;

	markup_add(out, "<path class=\"arrow %s\" d=\"M%d %dH%dm%d -30l%d 30l%d 30\"", class, x1, y, x2, head, -head, head);
	close_with_title(out, "path", title);
}

void svg_path(GString *out, const char *class, const GArray *points)
{
	markup_add(out, "<path class=\"%s\" d=\"", class);
	for (guint i = 0; i + 1 < points->len; i += 2)
		g_string_append_printf(out, "%c%d %d", i ? 'L' : 'M', g_array_index(points, int, i), g_array_index(points, int, i + 1));
	g_string_append(out, "\"/>\n");
}
