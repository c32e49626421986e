/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig diff - where two runs of one case part ways
 */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "command.h"
#include "diff.h"
#include "diff_target.h"
#include "diff_text.h"
#include "error.h"
#include "json_text.h"

enum { WIDTH_UNKNOWN = 132, WIDTH_MIN = 20, CONTEXT_DEFAULT = 10 };

struct wish {
	struct diff_options options;
	struct diff_text_options text;
	gboolean json;
	const char *cell; /* only this one of those below two folders; NULL: all */
};

struct outcome {
	gboolean differ, trouble;
	guint compared;
	JsonArray *cells; /* of the diffs; NULL: print text */
};

static void print_json(JsonNode *node)
{
	g_autoptr(GString) text = g_string_new(NULL);

	json_text_node(text, node, 0);
	puts(text->str);
}

static void print_text(const struct wish *wish, JsonObject *diff)
{
	g_autofree char *text = diff_text(diff, &wish->text), *line = diff_line(diff);

	printf("%s%s\n", text, line);
}

/* Damage costs nothing that stands before it, but it is trouble. */
static void tell_damage(const struct diff_side *side, const char *path, struct outcome *outcome)
{
	if (!side->capture->damage)
		return;
	fflush(stdout);
	fprintf(stderr, "finrig: %s: %s; compared up to there\n", path, side->capture->damage);
	outcome->trouble = TRUE;
}

/* Returns the diff; NULL with error. */
static JsonObject *compare(const struct wish *wish, const char *a_name, const char *a_path, const char *b_name, const char *b_path,
			   struct outcome *outcome, GError **error)
{
	g_autoptr(diff_side_t) a = diff_side_new(a_name, a_path, error);
	g_autoptr(diff_side_t) b = a ? diff_side_new(b_name, b_path, error) : NULL;
	JsonObject *diff = b ? diff_compare(a, b, &wish->options) : NULL;

	if (!diff)
		return NULL;
	outcome->compared++;
	outcome->differ = outcome->differ || !json_object_get_boolean_member(diff, "same");
	tell_damage(a, a_path, outcome);
	tell_damage(b, b_path, outcome);
	return diff;
}

static gboolean compare_single(const struct wish *wish, const struct diff_target *a, const char *a_path, const struct diff_target *b,
			       const char *b_path, struct outcome *outcome, GError **error)
{
	g_autoptr(JsonObject) diff = compare(wish, a->name, a_path, b->name, b_path, outcome, error);
	g_autoptr(JsonNode) root = diff ? json_node_init_object(json_node_alloc(), diff) : NULL;

	if (!diff)
		return FALSE;
	if (wish->json)
		print_json(root);
	else
		print_text(wish, diff);
	return TRUE;
}

static void tell_lonely(const char *key, const struct diff_target *where, struct outcome *outcome)
{
	outcome->differ = TRUE;
	if (!outcome->cells)
		printf("%s: only in %s\n", key, where->name);
}

/* One of many cells: a line, or an element of the array. What cannot be compared is trouble and stops nothing. */
static void compare_cell(const struct wish *wish, const struct diff_target *a, const struct diff_target *b, const char *key, struct outcome *outcome)
{
	g_autoptr(GError) error = NULL;
	JsonObject *diff = compare(wish, a->name, diff_target_path(a, key), b->name, diff_target_path(b, key), outcome, &error);

	if (!diff) {
		fflush(stdout);
		fprintf(stderr, "finrig: %s: %s\n", key, error->message);
		outcome->trouble = TRUE;
		return;
	}
	json_object_set_string_member(diff, "cell", key);
	if (outcome->cells) {
		json_array_add_object_element(outcome->cells, diff);
		return;
	}
	printf("%s: %s\n", key, json_object_get_string_member(diff, "line"));
	json_object_unref(diff);
}

static void add_lonely(JsonObject *object, const char *member, const struct diff_target *mine, const struct diff_target *other)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < mine->keys->len; i++)
		if (!diff_target_path(other, g_ptr_array_index(mine->keys, i)))
			json_array_add_string_element(array, g_ptr_array_index(mine->keys, i));
	json_object_set_array_member(object, member, array);
}

static void compare_many(const struct wish *wish, const struct diff_target *a, const struct diff_target *b, struct outcome *outcome)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	outcome->cells = wish->json ? json_array_new() : NULL;
	for (guint i = 0; i < a->keys->len; i++) {
		const char *key = g_ptr_array_index(a->keys, i);

		if (diff_target_path(b, key))
			compare_cell(wish, a, b, key, outcome);
		else
			tell_lonely(key, a, outcome);
	}
	for (guint i = 0; i < b->keys->len; i++)
		if (!diff_target_path(a, g_ptr_array_index(b->keys, i)))
			tell_lonely(g_ptr_array_index(b->keys, i), b, outcome);
	json_node_take_object(root, object);
	if (!wish->json)
		return;
	add_lonely(object, "only_a", a, b);
	add_lonely(object, "only_b", b, a);
	json_object_set_array_member(object, "cells", outcome->cells);
	print_json(root);
}

/* What two folders have in common, when it is one cell or one was asked for; NULL. */
static const char *only_key(const struct wish *wish, const struct diff_target *a, const struct diff_target *b)
{
	if (wish->cell)
		return wish->cell;
	return a->keys->len == 1 && b->keys->len == 1 && diff_target_path(b, g_ptr_array_index(a->keys, 0)) ? g_ptr_array_index(a->keys, 0) : NULL;
}

static gboolean compare_targets(const struct wish *wish, const struct diff_target *a, const struct diff_target *b, struct outcome *outcome, GError **error)
{
	const char *key = only_key(wish, a, b), *a_path = key ? diff_target_path(a, key) : NULL, *b_path = key ? diff_target_path(b, key) : NULL;

	if (a->single != b->single)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s is one cell or capture, %s a folder of cells: expected two of a kind",
			    a->single ? a->name : b->name, a->single ? b->name : a->name);
	else if (key && (!a_path || !b_path))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s has no cell %s", a_path ? b->name : a->name, key);
	else if (key)
		return compare_single(wish, a, a_path, b, b_path, outcome, error);
	else
		compare_many(wish, a, b, outcome);
	return !*error;
}

static guint terminal_width(void)
{
	struct winsize size = { 0 };

	return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_MIN ? size.ws_col : WIDTH_UNKNOWN;
}

static int compare_words(const struct wish *wish, const char *const *words, const char *run_dir, GError **error)
{
	g_autoptr(diff_target_t) a = diff_target_find(words[0], run_dir, error);
	g_autoptr(diff_target_t) b = a ? diff_target_find(words[1], run_dir, error) : NULL;
	struct outcome outcome = { 0 };

	if (!b || !compare_targets(wish, a, b, &outcome, error))
		return EXIT_BROKEN;
	return outcome.trouble ? EXIT_BROKEN : outcome.differ ? EXIT_DIFFERENT : EXIT_AS_EXPECTED;
}

static gboolean check(const struct wish *wish, int width, int context, int words, GError **error)
{
	if (words != 2)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
			    "expected two capture files, two cells' folders or two kernels of a run (see finrig diff --help)");
	else if (!(wish->options.bound_s >= 0 && wish->options.bound_s <= 1e9))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --time-bound to be seconds from 0 on");
	else if (width && width < WIDTH_MIN)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --width from %d on", WIDTH_MIN);
	else if (context < 0)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --context from 0 on");
	return !*error;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	struct wish wish = { .json = FALSE };
	g_auto(GStrv) to_compare = NULL, to_ignore = NULL;
	g_autofree char *run_dir = g_strdup("results/latest"), *cell = NULL, *names = diff_fields_names();
	g_autofree char *compare_help = g_strdup_printf("Compare this too: all, %s", names);
	int width = 0, context = CONTEXT_DEFAULT;
	gboolean all = FALSE;
	const GOptionEntry entries[] = {
		{ "compare", 0, 0, G_OPTION_ARG_STRING_ARRAY, &to_compare, compare_help, "WHAT" },
		{ "ignore", 0, 0, G_OPTION_ARG_STRING_ARRAY, &to_ignore, "Do not compare this: the same words", "WHAT" },
		{ "time-bound", 0, 0, G_OPTION_ARG_DOUBLE, &wish.options.bound_s, "Times further apart than this differ (default 0.05)", "SECONDS" },
		{ "case", 0, 0, G_OPTION_ARG_STRING, &cell, "Of two kernels or runs compare this cell alone", "CASE" },
		{ "run", 0, 0, G_OPTION_ARG_FILENAME, &run_dir, "Where kernels are looked for (default results/latest)", "DIR" },
		{ "context", 0, 0, G_OPTION_ARG_INT, &context, "Packets that are the same shown around those that are not (default 10)", "N" },
		{ "all", 0, 0, G_OPTION_ARG_NONE, &all, "Show every packet", NULL },
		{ "width", 0, 0, G_OPTION_ARG_INT, &width, "Letters in a line (default: the terminal's)", "N" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &wish.json, "Print JSON", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code;

	diff_options_default(&wish.options);
	if (!command_parse(self, entries, &argc, &argv, &error) || !check(&wish, width, context, argc - 1, &error) ||
	    !diff_fields_choose(&wish.options.fields, (const char *const *)to_compare, (const char *const *)to_ignore, &error))
		return command_fail(error);
	wish.cell = cell;
	wish.text = (struct diff_text_options){ width ? (guint)width : terminal_width(), all ? G_MAXUINT : (guint)context };
	exit_code = compare_words(&wish, (const char *const *)argv + 1, run_dir, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_diff = {
	.name = "diff", .arguments = "A B", .run = run,
	.summary = "compare two kernels of a run, two cells or two captures",
	.description = "A and B are capture files (pcap, pcapng) of any origin, cells' folders results/RUN/KERNEL/CASE, kernels of the latest run, or\n"
		       "the folders of two runs. Exit code 0: what was compared is the same; 1: it differs; 2: trouble, such as a damaged capture.",
};
