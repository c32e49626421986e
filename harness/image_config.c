/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_config - what is asked of a kernel's configuration, and whether it was heard
 */
#include "image_config.h"

#include <string.h>

#include "error.h"

static void wish_free(gpointer data)
{
	struct config_wish *wish = data;

	g_free(wish->name);
	g_free(wish->value);
	g_free(wish->place);
	g_free(wish);
}

GPtrArray *config_new(void)
{
	return g_ptr_array_new_with_free_func(wish_free);
}

/* Takes CONFIG_X=value and `# CONFIG_X is not set` apart. FALSE for other lines. */
static gboolean split_line(const char *line, char **name, char **value)
{
	g_autoptr(GRegex) regex = g_regex_new("^(?:# )?CONFIG_([A-Za-z0-9_]+)(?:=(.+)| is not set)$", 0, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	if (!g_regex_match(regex, line, 0, &match) || (*line == '#') == (strchr(line, '=') != NULL))
		return FALSE;
	*name = g_match_info_fetch(match, 1);
	*value = *line == '#' ? g_strdup("n") : g_match_info_fetch(match, 2);
	return TRUE;
}

static void put_wish(GPtrArray *wishes, struct config_wish *wish)
{
	for (guint i = 0; i < wishes->len; i++)
		if (!strcmp(((struct config_wish *)wishes->pdata[i])->name, wish->name)) {
			g_ptr_array_remove_index(wishes, i);
			break;
		}
	g_ptr_array_add(wishes, wish);
}

gboolean config_read(GPtrArray *wishes, const char *path, GError **error)
{
	g_autofree char *text = NULL, *base = g_path_get_basename(path);
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean optional = FALSE;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return FALSE;
	}
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		const char *line = g_strchomp(lines[i]);
		struct config_wish *wish;
		char *name, *value;

		if (!strcmp(line, "# finrig: optional") || !strcmp(line, "# finrig: required"))
			optional = g_str_has_suffix(line, "optional");
		else if (split_line(line, &name, &value)) {
			wish = g_new0(struct config_wish, 1);
			*wish = (struct config_wish){name, value, g_strdup_printf("%s:%u", base, i + 1), optional};
			put_wish(wishes, wish);
		} else if (*line && *line != '#') {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u: expected CONFIG_NAME=value or a comment", path, i + 1);
			return FALSE;
		}
	}
	return TRUE;
}

char *config_text(const GPtrArray *wishes)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < wishes->len; i++) {
		const struct config_wish *wish = wishes->pdata[i];

		if (!strcmp(wish->value, "n"))
			g_string_append_printf(text, "# CONFIG_%s is not set\n", wish->name);
		else
			g_string_append_printf(text, "CONFIG_%s=%s\n", wish->name, wish->value);
	}
	return g_string_free(text, FALSE);
}

char *config_value(const char *config, const char *name)
{
	g_autofree char *start = g_strdup_printf("CONFIG_%s=", name);
	gsize length = strlen(start);

	for (const char *line = config; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, start, length))
			return g_strndup(line + length, strcspn(line + length, "\n"));
	return g_strdup("n");
}

static void note_definitions(const char *path, GHashTable *defined)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		g_auto(GStrv) words = g_strsplit_set(g_strstrip(lines[i]), " \t", 2);

		if (words[0] && words[1] && (!strcmp(words[0], "config") || !strcmp(words[0], "menuconfig")))
			g_hash_table_add(defined, g_strdup(g_strstrip(words[1])));
	}
}

/* Folders whose Kconfig files say nothing for x86. */
static gboolean is_foreign(const char *below)
{
	return (g_str_has_prefix(below, "arch/") && !g_str_has_prefix(below, "arch/x86")) || !strcmp(below, "Documentation") ||
	       !strcmp(below, "tools") || !strcmp(below, ".git") || !strcmp(below, "scripts");
}

static void collect_definitions(const char *tree, const char *below, GHashTable *defined)
{
	g_autofree char *folder = g_build_filename(tree, below, NULL);
	GDir *directory = g_dir_open(folder, 0, NULL);
	const char *entry;

	while (directory && (entry = g_dir_read_name(directory))) {
		g_autofree char *name = *below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *path = g_build_filename(tree, name, NULL);

		if (g_str_has_prefix(entry, "Kconfig") && g_file_test(path, G_FILE_TEST_IS_REGULAR))
			note_definitions(path, defined);
		else if (!strchr(entry, '.') && !is_foreign(name) && g_file_test(path, G_FILE_TEST_IS_DIR) &&
			 !g_file_test(path, G_FILE_TEST_IS_SYMLINK))
			collect_definitions(tree, name, defined);
	}
	if (directory)
		g_dir_close(directory);
}

/* m is as good as y and y as m: the guest's kernels are built without modules. */
static gboolean is_met(const struct config_wish *wish, const char *value)
{
	gboolean asked_on = !strcmp(wish->value, "y") || !strcmp(wish->value, "m"), is_on = !strcmp(value, "y") || !strcmp(value, "m");

	return !strcmp(wish->value, value) || (asked_on && is_on);
}

gboolean config_check(const GPtrArray *wishes, const char *config, const char *tree, GPtrArray *absent, GError **error)
{
	g_autoptr(GHashTable) defined = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GString) unheard = g_string_new(NULL);

	for (guint i = 0; i < wishes->len; i++) {
		const struct config_wish *wish = wishes->pdata[i];
		g_autofree char *value = config_value(config, wish->name);

		if (is_met(wish, value))
			continue;
		if (!g_hash_table_size(defined))
			collect_definitions(tree, "", defined);
		if (!g_hash_table_contains(defined, wish->name))
			g_ptr_array_add(absent, g_strdup(wish->name));
		else if (!wish->optional)
			g_string_append_printf(unheard, "%s%s: CONFIG_%s=%s was asked for and became %s", unheard->len ? "; " : "",
					       wish->place, wish->name, wish->value, value);
	}
	if (!unheard->len)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNBUILT, "%s", unheard->str);
	return FALSE;
}
