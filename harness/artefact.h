/* SPDX-License-Identifier: GPL-2.0-or-later
 * artefact - files that are there whole or not at all, and their JSON
 * A reader of a results folder never meets half a file, whatever killed the writer.
 */
#ifndef FINRIG_ARTEFACT_H
#define FINRIG_ARTEFACT_H

#include <json-glib/json-glib.h>

/* Writes directory/name by temporary file, fsync and rename; makes the directory. FINRIG_ERROR_BROKEN on failure. */
gboolean artefact_write(const char *directory, const char *name, const void *data, gsize length_bytes, GError **error);
gboolean artefact_write_json(const char *directory, const char *name, JsonNode *root, GError **error);
/* FINRIG_ERROR_BROKEN with the path, the line and what is wrong when it is absent or is not a JSON object. */
JsonObject *artefact_read_json(const char *directory, const char *name, GError **error);
/* Member access that cannot fail: absent or of another type gives NULL, 0. */
const char *artefact_string(JsonObject *object, const char *member);
gint64 artefact_int(JsonObject *object, const char *member, gint64 otherwise);

#endif
