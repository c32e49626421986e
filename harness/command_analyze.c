/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig analyze - runs the analyze stage again on cells, or on a pcap file of any origin
 */
#include <stdio.h>

#include "analyze.h"
#include "artefact.h"
#include "command.h"
#include "error.h"

static gboolean print_facts(const char *title, JsonObject *analysis)
{
	g_autoptr(GString) text = g_string_new(NULL);

	analyze_print(analysis, text);
	printf("%s\n%s", title, text->str);
	return TRUE;
}

static gboolean analyze(const char *path, GError **error)
{
	g_autoptr(JsonObject) analysis = NULL;

	if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
		if (!analyze_stage(path, error))
			return FALSE;
		analysis = artefact_read_json(path, "4-analysis.json", error);
	} else {
		analysis = analyze_capture(path, error);
	}
	return analysis && print_facts(path, analysis);
}

static int list_facts(void)
{
	for (guint i = 0; analyzers[i]; i++) {
		printf("%s: %s\n", analyzers[i]->name, analyzers[i]->summary);
		for (const struct fact_name *fact = analyzers[i]->facts; fact && fact->name; fact++)
			printf("  %-28s %-8s %s\n", fact->name, fact->unit, fact->meaning);
	}
	return EXIT_AS_EXPECTED;
}

static int run(const struct command *self, struct workspace *workspace G_GNUC_UNUSED, int argc, char **argv)
{
	gboolean facts = FALSE;
	const GOptionEntry entries[] = {
		{ "facts", 0, 0, G_OPTION_ARG_NONE, &facts, "List every fact an ok or bug line can use", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (facts)
		return list_facts();
	if (argc < 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a cell's folder or a pcap file (see finrig analyze --help)");
	for (int i = 1; i < argc && !error; i++)
		if (!analyze(argv[i], &error))
			break;
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

const struct command command_analyze = {
	.name = "analyze", .arguments = "CELL|FILE.pcap…", .run = run,
	.summary = "facts of a cell again, or of any pcap file",
	.description = "For a cell's folder 4-analysis.json is written anew; for a pcap file the facts of the wire are printed.",
};
