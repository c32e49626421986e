/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig timeline - all that is known of a cell on one clock
 */
#include <stdio.h>

#include "command.h"
#include "error.h"
#include "json_text.h"
#include "chronicle.h"

/* "wire,expiry" and repeated: NULL for all. FALSE: a word is no kind. */
static gboolean read_kinds(char **words, char ***kinds, GError **error)
{
	g_autofree char *joined = words ? g_strjoinv(",", words) : NULL;

	*kinds = joined ? g_strsplit(joined, ",", -1) : NULL;
	for (guint i = 0; *kinds && (*kinds)[i]; i++)
		if (!chronicle_has_kind((*kinds)[i])) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --only %s, found '%s'", chronicle_kinds, (*kinds)[i]);
			return FALSE;
		}
	return TRUE;
}

static gboolean print(const char *cell_dir, char **kinds, gboolean all_fields, gboolean json, GError **error)
{
	g_autoptr(JsonObject) chronicle = chronicle_read(cell_dir, error);
	g_autoptr(GString) text = NULL;

	if (!chronicle)
		return FALSE;
	if (json) {
		g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), chronicle);

		text = g_string_new(NULL);
		json_text_node(text, root, 0);
		g_string_append_c(text, '\n');
	} else
		text = chronicle_text(chronicle, kinds, all_fields);
	fputs(text->str, stdout);
	return TRUE;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	g_auto(GStrv) words = NULL, kinds = NULL;
	gboolean json = FALSE, all_fields = FALSE;
	const GOptionEntry entries[] = {
		{ "only", 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, "Only rows of these kinds: wire, socket, expiry, counter, call, script … with commas or repeated", "KINDS" },
		{ "all-fields", 0, 0, G_OPTION_ARG_NONE, &all_fields, "With each socket sample every field that is not as in the sample before", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON, with all rows", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error) || !read_kinds(words, &kinds, &error))
		return command_fail(error);
	if (argc < 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a cell's folder (see finrig timeline --help)");
	for (int i = 1; i < argc && !error; i++)
		if (!print(argv[i], kinds, all_fields, json, &error))
			g_prefix_error(&error, "%s: ", argv[i]);
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

const struct command command_timeline = {
	.name = "timeline", .arguments = "CELL…", .run = run,
	.summary = "show wire, sockets, counters and probed calls of a cell on one clock",
	.description = "CELL is a cell's folder, results/RUN/KERNEL/CASE. What `finrig run --probe` recorded stands in its place.",
};
