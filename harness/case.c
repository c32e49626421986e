/* SPDX-License-Identifier: GPL-2.0-or-later
 * case - one .pkt file: its header, read on the host; the script below it is the agent's to read
 */
#include "case.h"

#include <string.h>

#include "duration.h"
#include "error.h"

/* Where a header line stands, for its error message. */
struct place {
	const char *file;
	unsigned line, column;
};

G_GNUC_PRINTF(3, 4)
static gboolean complain(const struct place *place, GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s:%u:%u: %s", place->file, place->line, place->column, text);
	return FALSE;
}

static gboolean set_once(char **to, const char *value, const struct place *place, GError **error)
{
	if (*to)
		return complain(place, error, "this key was given before");
	*to = g_strdup(value);
	return TRUE;
}

static gboolean set_title(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	return set_once(&test_case->title, value, place, error);
}

static gboolean set_why(struct test_case *test_case, const char *value, const struct place *place G_GNUC_UNUSED,
			GError **error G_GNUC_UNUSED)
{
	char *joined = test_case->why ? g_strconcat(test_case->why, " ", value, NULL) : g_strdup(value);

	g_free(test_case->why);
	test_case->why = joined;
	return TRUE;
}

static gboolean set_observe(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	if (!duration_parse(value, &test_case->observe_us))
		return complain(place, error, "expected a time such as 140s, 250ms or 12h, found '%s'", value);
	return TRUE;
}

char *case_drain(const char *value)
{
	static const char *const words[] = { "never", "always", "expected", NULL };
	gint64 after_us;
	guint64 per_second;

	if (g_strv_contains(words, value))
		return g_strdup(value);
	if (g_str_has_prefix(value, "after ") && duration_parse(value + strlen("after "), &after_us))
		return g_strdup_printf("after %" G_GINT64_FORMAT "us", after_us);
	if (g_str_has_prefix(value, "slow ") && g_str_has_suffix(value, "/s")) {
		g_autofree char *number = g_strndup(value + strlen("slow "), strlen(value) - strlen("slow ") - strlen("/s"));

		if (g_ascii_string_to_unsigned(number, 10, 1, 1000000, &per_second, NULL))
			return g_strdup_printf("slow %" G_GUINT64_FORMAT "/s", per_second);
	}
	return NULL;
}

static gboolean set_drain(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	g_autofree char *drain = case_drain(value);

	if (!drain)
		return complain(place, error, "expected " CASE_DRAINS ", found '%s'", value);
	return set_once(&test_case->drain, drain, place, error);
}

static gboolean set_device(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	enum { NAME_MAX_BYTES = 15 };
	gsize length = strlen(value);

	if (!length || length > NAME_MAX_BYTES ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != length)
		return complain(place, error, "expected the name of a device such as veth0, found '%s'", value);
	return set_once(&test_case->device, value, place, error);
}

static gboolean set_sysctl(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	const char *equals = strchr(value, '=');
	g_autofree char *name = equals ? g_strstrip(g_strndup(value, equals - value)) : NULL;

	if (!name || !*name || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") != strlen(name) ||
	    strstr(name, ".."))
		return complain(place, error, "expected 'name = value' with a name such as net.ipv4.tcp_rmem, found '%s'", value);
	g_ptr_array_add(test_case->sysctl, g_strdup_printf("%s=%s", name, equals + 1 + strspn(equals + 1, " \t")));
	return TRUE;
}

static gboolean set_needs(struct test_case *test_case, const char *value, const struct place *place, GError **error)
{
	if (!g_str_has_prefix(value, "CONFIG_") && !g_str_has_prefix(value, "kernel >= ") && !g_str_has_prefix(value, "kernel < "))
		return complain(place, error, "expected CONFIG_NAME, 'kernel >= X.Y' or 'kernel < X.Y', found '%s'", value);
	g_ptr_array_add(test_case->needs, g_strdup(value));
	return TRUE;
}

void case_add_line(GPtrArray *lines, const char *text, unsigned line, unsigned column)
{
	struct case_line *added = g_new0(struct case_line, 1);

	added->text = g_strdup(text);
	added->line = line;
	added->column = column;
	g_ptr_array_add(lines, added);
}

static gboolean set_ok(struct test_case *test_case, const char *value, const struct place *place, GError **error G_GNUC_UNUSED)
{
	case_add_line(test_case->ok, value, place->line, place->column);
	return TRUE;
}

static gboolean set_bug(struct test_case *test_case, const char *value, const struct place *place, GError **error G_GNUC_UNUSED)
{
	case_add_line(test_case->bug, value, place->line, place->column);
	return TRUE;
}

static const struct header_key {
	const char *name;
	gboolean (*set)(struct test_case *test_case, const char *value, const struct place *place, GError **error);
} header_keys[] = {
	{ "title", set_title }, { "why", set_why }, { "observe", set_observe }, { "drain", set_drain },
	{ "device", set_device }, { "sysctl", set_sysctl }, { "needs", set_needs }, { "ok", set_ok }, { "bug", set_bug },
};

/* A comment line is of the header if it reads `// word: value` with a known word; other comments are prose, so that
 * scripts of other hands, with their "// Note: ..." lines, stay valid. A known key misspelt by case or a typo is not guessed. */
static gboolean header_line(struct test_case *test_case, const char *line, struct place *place, GError **error)
{
	const char *at = line + strspn(line, " \t");
	const char *colon;

	if (!g_str_has_prefix(at, "//"))
		return TRUE;
	at += 2 + strspn(at + 2, " \t");
	colon = strchr(at, ':');
	for (gsize i = 0; colon && i < G_N_ELEMENTS(header_keys); i++) {
		g_autofree char *value = NULL;

		if (strlen(header_keys[i].name) != (gsize)(colon - at) || strncmp(at, header_keys[i].name, colon - at) != 0)
			continue;
		colon += 1 + strspn(colon + 1, " \t");
		place->column = colon - line + 1;
		value = g_strchomp(g_strdup(colon));
		if (!*value)
			return complain(place, error, "expected a value for '%s'", header_keys[i].name);
		return header_keys[i].set(test_case, value, place, error);
	}
	return TRUE;
}

static gboolean is_header(const char *line)
{
	const char *at = line + strspn(line, " \t\r");

	return !*at || g_str_has_prefix(at, "//") || *at == '#';
}

static gboolean read_header(struct test_case *test_case, GError **error)
{
	g_auto(GStrv) lines = g_strsplit(test_case->text, "\n", -1);

	for (unsigned i = 0; lines[i] && is_header(lines[i]); i++) {
		struct place place = { test_case->file, i + 1, 1 };

		if (!header_line(test_case, lines[i], &place, error))
			return FALSE;
	}
	return TRUE;
}

static void case_line_free(gpointer data)
{
	struct case_line *line = data;

	g_free(line->text);
	g_free(line);
}

struct test_case *case_parse(const char *name, const char *file, const char *text, gsize text_bytes, GError **error)
{
	g_autoptr(test_case_t) test_case = g_new0(struct test_case, 1);

	test_case->name = g_strdup(name);
	test_case->base = g_strdup(name);
	test_case->options = g_ptr_array_new_with_free_func(g_free);
	test_case->file = g_strdup(file);
	test_case->text = g_strndup(text, text_bytes);
	test_case->text_bytes = text_bytes;
	test_case->sysctl = g_ptr_array_new_with_free_func(g_free);
	test_case->needs = g_ptr_array_new_with_free_func(g_free);
	test_case->ok = g_ptr_array_new_with_free_func(case_line_free);
	test_case->bug = g_ptr_array_new_with_free_func(case_line_free);
	test_case->assertions = g_ptr_array_new_with_free_func(case_line_free);
	if (memchr(text, '\0', text_bytes)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected text, found a NUL byte", file);
		return NULL;
	}
	if (!read_header(test_case, error))
		return NULL;
	if (!test_case->drain)
		test_case->drain = g_strdup("expected");
	return g_steal_pointer(&test_case);
}

static char *case_name(const char *path, const char *root)
{
	g_autofree char *base = g_path_get_basename(path);
	const char *name = base;
	gsize root_length = root ? strlen(root) : 0;

	if (root && g_str_has_prefix(path, root))
		name = path + root_length + strspn(path + root_length, "/");
	return g_str_has_suffix(name, ".pkt") ? g_strndup(name, strlen(name) - strlen(".pkt")) : g_strdup(name);
}

/* As a person standing here would name it: relative when the file is below the current folder. */
static const char *shown_path(const char *path)
{
	g_autofree char *here = g_get_current_dir();
	gsize length = strlen(here);

	return strncmp(path, here, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

struct test_case *case_read(const char *path, const char *root, GError **error)
{
	g_autofree char *text = NULL, *name = case_name(path, root);
	g_autoptr(GError) why = NULL;
	struct test_case *test_case;
	gsize text_bytes;

	if (g_file_test(path, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: expected a file", path);
		return NULL;
	}
	if (!g_file_get_contents(path, &text, &text_bytes, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return NULL;
	}
	test_case = case_parse(name, shown_path(path), text, text_bytes, error);
	if (test_case) {
		test_case->path = g_canonicalize_filename(path, NULL);
		test_case->root = root ? g_canonicalize_filename(root, NULL) : NULL;
	}
	return test_case;
}

struct test_case *case_new(const struct workspace *workspace, const char *name_or_path, GError **error)
{
	g_autofree char *root = g_build_filename(workspace->data, "cases", NULL);
	g_autofree char *file = g_strconcat(name_or_path, ".pkt", NULL);
	g_autofree char *path = g_build_filename(root, file, NULL);

	if (g_str_has_suffix(name_or_path, ".pkt"))
		return case_read(name_or_path, NULL, error);
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
			    "%s: no such case; expected a name that `finrig cases` lists or a path ending in .pkt", name_or_path);
		return NULL;
	}
	return case_read(path, root, error);
}

void case_make_variant(struct test_case *test_case, const char *variant, const char *option)
{
	char *name = g_strconcat(test_case->name, ".", variant, NULL);

	g_free(test_case->name);
	test_case->name = name;
	g_ptr_array_add(test_case->options, g_strdup(option));
}

static gboolean collect(const char *root, const char *below, GPtrArray *names, GError **error)
{
	g_autofree char *folder = g_build_filename(root, below, NULL);
	g_autoptr(GError) why = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &why);
	const char *entry;

	if (!dir) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return FALSE;
	}
	while ((entry = g_dir_read_name(dir))) {
		g_autofree char *name = *below ? g_build_filename(below, entry, NULL) : g_strdup(entry);
		g_autofree char *path = g_build_filename(root, name, NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			if (!collect(root, name, names, error))
				return FALSE;
		} else if (g_str_has_suffix(name, ".pkt")) {
			g_ptr_array_add(names, g_strndup(name, strlen(name) - strlen(".pkt")));
		}
	}
	return TRUE;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GPtrArray *case_names(const char *root, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

	if (!collect(root, "", names, error))
		return NULL;
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}

void case_free(struct test_case *test_case)
{
	if (!test_case)
		return;
	g_free(test_case->name);
	g_free(test_case->base);
	g_ptr_array_unref(test_case->options);
	g_free(test_case->file);
	g_free(test_case->path);
	g_free(test_case->root);
	g_free(test_case->text);
	g_free(test_case->title);
	g_free(test_case->why);
	g_free(test_case->drain);
	g_free(test_case->device);
	g_ptr_array_unref(test_case->sysctl);
	g_ptr_array_unref(test_case->needs);
	g_ptr_array_unref(test_case->ok);
	g_ptr_array_unref(test_case->bug);
	g_ptr_array_unref(test_case->assertions);
	g_free(test_case);
}
