/* SPDX-License-Identifier: GPL-2.0-or-later
 * json_text - JSON as text, the same bytes for the same values under any locale
 * json-glib writes 0.3 as 0.29999999999999999; people read these files, so numbers get at most 12 digits here.
 */
#ifndef FINRIG_JSON_TEXT_H
#define FINRIG_JSON_TEXT_H

#include <json-glib/json-glib.h>

/* text must be UTF-8 (see g_utf8_make_valid()); written with its quotes. NULL writes null. */
void json_text_string(GString *out, const char *text);
/* Whole numbers without a point, others with at most 12 digits. Neither infinity nor NaN is JSON: null. */
void json_text_number(GString *out, double value);
/* Members in the order they were added. indent: spaces of the level node stands at; -1 for all on one line. */
void json_text_node(GString *out, JsonNode *node, int indent);
/* directory/name, whole or not at all, one value a line. */
gboolean json_text_write(const char *directory, const char *name, JsonNode *root, GError **error);

#endif
