/* SPDX-License-Identifier: GPL-2.0-or-later
 * key_file - a GLib key file whose every complaint names file and line
 * in: a file; out: groups, keys and values, read strictly: a group or key given twice, or one before any group, is an error.
 */
#ifndef FINRIG_KEY_FILE_H
#define FINRIG_KEY_FILE_H

#include <glib.h>

struct key_file {
	GKeyFile *keys;
	char *path;        /* as given: for messages */
	char *folder;      /* absolute: where relative paths in it start */
	GHashTable *lines; /* "[group]" and "[group]key" -> GUINT_TO_POINTER(line from 1) */
};

/* NULL with FINRIG_ERROR_USAGE. */
struct key_file *key_file_read(const char *path, GError **error);
/* Sets FINRIG_ERROR_USAGE "path:line: text", for a group (key NULL), or the whole file (group NULL). Always FALSE. */
gboolean key_file_complain(const struct key_file *file, const char *group, const char *key, GError **error, const char *format, ...)
	G_GNUC_PRINTF(5, 6);
/* Puts the same place before a message that is there. Always FALSE. */
gboolean key_file_prefix(const struct key_file *file, const char *group, const char *key, GError **error);
/* A value without blanks at its ends; NULL with an error where it has none. Caller frees. */
char *key_file_value(const struct key_file *file, const char *group, const char *key, GError **error);
/* The parts of a value between semicolons, blanks and empty parts taken away. */
char **key_file_parts(const char *value);
/* Relative ones start at the file, ~/ at home. Caller frees. */
char *key_file_path(const struct key_file *file, const char *name);
void key_file_free(struct key_file *file);

typedef struct key_file key_file_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(key_file_t, key_file_free)

#endif
