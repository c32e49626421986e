/* SPDX-License-Identifier: GPL-2.0-or-later
 * key_file - a GLib key file whose every complaint names file and line
 */
#include "key_file.h"

#include <string.h>

#include "error.h"

static char *place_name(const char *group, const char *key)
{
	return g_strdup_printf("[%s]%s", group, key ? key : "");
}

static char *place(const struct key_file *file, const char *group, const char *key)
{
	g_autofree char *name = group ? place_name(group, key) : NULL;
	guint line = name ? GPOINTER_TO_UINT(g_hash_table_lookup(file->lines, name)) : 0;

	return line ? g_strdup_printf("%s:%u", file->path, line) : g_strdup(file->path);
}

gboolean key_file_complain(const struct key_file *file, const char *group, const char *key, GError **error, const char *format, ...)
{
	g_autofree char *where = place(file, group, key), *what = NULL;
	va_list arguments;

	va_start(arguments, format);
	what = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s", where, what);
	return FALSE;
}

gboolean key_file_prefix(const struct key_file *file, const char *group, const char *key, GError **error)
{
	g_autofree char *where = place(file, group, key);

	g_prefix_error(error, "%s: ", where);
	return FALSE;
}

/* GLib says what is wrong but not where: it is in the first line with which the text up to there cannot be read any more. */
static gboolean check_syntax(const struct key_file *file, char **lines, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; lines[i]; i++) {
		g_autoptr(GKeyFile) keys = g_key_file_new();
		g_autoptr(GError) why = NULL;

		g_string_append_printf(text, "%s\n", lines[i]);
		if (g_key_file_load_from_data(keys, text->str, text->len, G_KEY_FILE_NONE, &why))
			continue;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u: expected [group] or key = value: %s", file->path, i + 1, why->message);
		return FALSE;
	}
	return TRUE;
}

/* Takes name over. */
static gboolean note_line(struct key_file *file, char *name, guint line, GError **error)
{
	guint first = GPOINTER_TO_UINT(g_hash_table_lookup(file->lines, name));
	g_autofree char *shown = g_strdup(name);

	g_hash_table_replace(file->lines, name, GUINT_TO_POINTER(line));
	if (!first)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u: %s was given in line %u", file->path, line, shown, first);
	return FALSE;
}

static gboolean note_lines(struct key_file *file, char **lines, GError **error)
{
	g_autofree char *group = NULL;

	for (guint i = 0; lines[i]; i++) {
		g_autofree char *line = g_strstrip(g_strdup(lines[i]));
		char *equals = strchr(line, '='), *name;

		if (!*line || *line == '#')
			continue;
		if (*line == '[') {
			g_free(group);
			group = g_strndup(line + 1, strcspn(line + 1, "]"));
			name = place_name(group, NULL);
		} else if (equals && group) {
			*equals = '\0';
			name = place_name(group, g_strchomp(line));
		} else
			continue;
		if (!note_line(file, name, i + 1, error))
			return FALSE;
	}
	return TRUE;
}

struct key_file *key_file_read(const char *path, GError **error)
{
	g_autoptr(key_file_t) file = g_new0(struct key_file, 1);
	g_autofree char *text = NULL, *absolute = g_canonicalize_filename(path, NULL);
	g_auto(GStrv) lines = NULL;
	g_autoptr(GError) why = NULL;

	file->path = g_strdup(path);
	file->folder = g_path_get_dirname(absolute);
	file->keys = g_key_file_new();
	file->lines = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return NULL;
	}
	lines = g_strsplit(text, "\n", -1);
	if (!check_syntax(file, lines, error) || !note_lines(file, lines, error))
		return NULL;
	if (!g_key_file_load_from_data(file->keys, text, (gsize)-1, G_KEY_FILE_NONE, &why)) {
		key_file_complain(file, NULL, NULL, error, "%s", why->message);
		return NULL;
	}
	return g_steal_pointer(&file);
}

char *key_file_value(const struct key_file *file, const char *group, const char *key, GError **error)
{
	g_autoptr(GError) why = NULL;
	g_autofree char *value = g_key_file_get_string(file->keys, group, key, &why);

	if (why)
		key_file_complain(file, group, key, error, "%s", why->message);
	else if (!*g_strstrip(value))
		key_file_complain(file, group, key, error, "%s has no value", key);
	else
		return g_steal_pointer(&value);
	return NULL;
}

char **key_file_parts(const char *value)
{
	g_auto(GStrv) parts = g_strsplit(value, ";", -1);
	g_autoptr(GStrvBuilder) list = g_strv_builder_new();

	for (guint i = 0; parts[i]; i++)
		if (*g_strstrip(parts[i]))
			g_strv_builder_add(list, parts[i]);
	return g_strv_builder_end(list);
}

char *key_file_path(const struct key_file *file, const char *name)
{
	if (g_str_has_prefix(name, "~/"))
		return g_build_filename(g_get_home_dir(), name + 2, NULL);
	return g_canonicalize_filename(name, file->folder);
}

void key_file_free(struct key_file *file)
{
	if (!file)
		return;
	g_clear_pointer(&file->keys, g_key_file_unref);
	g_clear_pointer(&file->lines, g_hash_table_unref);
	g_free(file->path);
	g_free(file->folder);
	g_free(file);
}
