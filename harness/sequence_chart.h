/* SPDX-License-Identifier: GPL-2.0-or-later
 * sequence_chart - two kernels' packets side by side, and where they part
 * in: the object of diff/<case>/<a>..<b>.json (docs/pipeline.md); out: a drawing, one row a packet. A long common beginning and a long end
 * are drawn as one row that says how many packets it stands for.
 */
#ifndef FINRIG_SEQUENCE_CHART_H
#define FINRIG_SEQUENCE_CHART_H

#include <json-glib/json-glib.h>

/* Draws nothing when the diff has no rows. */
void sequence_chart_draw(JsonObject *diff, GString *out);

#endif
