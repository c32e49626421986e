/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig diff - where two runs of one case part ways
 */
#include <stdio.h>

#include "command.h"
#include "diff.h"
#include "error.h"
#include "json_text.h"

/* Returns an exit code; 1 if the two differ. */
static int compare(const char *path_a, const char *path_b, const struct diff_options *options, gboolean json, GError **error)
{
	g_autoptr(diff_side_t) a = diff_side_new(NULL, path_a, error);
	g_autoptr(diff_side_t) b = a ? diff_side_new(NULL, path_b, error) : NULL;
	g_autoptr(JsonObject) diff = b ? diff_compare(a, b, options, error) : NULL;
	g_autoptr(GString) object = g_string_new(NULL);
	g_autofree char *text = NULL, *line = NULL;

	if (!diff)
		return EXIT_BROKEN;
	if (json) {
		g_autoptr(JsonNode) root = json_node_init_object(json_node_alloc(), diff);

		json_text_node(object, root, 0);
		puts(object->str);
	} else {
		text = diff_text(diff);
		line = diff_line(diff);
		printf("%s%s\n", text, line);
	}
	return json_object_get_boolean_member(diff, "same") ? EXIT_AS_EXPECTED : EXIT_DIFFERENT;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	struct diff_options options = { 0, FALSE };
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "bound", 0, 0, G_OPTION_ARG_DOUBLE, &options.bound_s, "Report paired packets further apart than this (default 0.05)", "SECONDS" },
		{ "windows", 0, 0, G_OPTION_ARG_NONE, &options.windows, "Compare windows too", NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 3)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected two cells' folders or two pcap files (see finrig diff --help)");
	else
		exit_code = compare(argv[1], argv[2], &options, json, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_diff = {
	.name = "diff", .arguments = "A B", .run = run,
	.summary = "compare two cells or two pcap files",
	.description = "A and B are cells' folders, results/RUN/KERNEL/CASE, or pcap files of any origin. Exit code 1: they differ.",
};
