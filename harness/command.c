/* SPDX-License-Identifier: GPL-2.0-or-later
 * command - what all sub-commands share
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "progress.h"
#include "source_pin.h"

/* No number of ours is less than nothing. The defaults are not looked at: some stand for "not given". */
static gboolean check_numbers(const GOptionEntry *entries, const int *before, GError **error)
{
	for (guint i = 0; entries && entries[i].long_name; i++) {
		int value = entries[i].arg == G_OPTION_ARG_INT ? *(const int *)entries[i].arg_data : 0;

		if (value < 0 && value != before[i]) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--%s: expected a number that is not negative, found %d",
				    entries[i].long_name, value);
			return FALSE;
		}
	}
	return TRUE;
}

/* What the numbers were before they were parsed, by the place of their entry. */
static int *remember_numbers(const GOptionEntry *entries)
{
	guint count = 0;
	int *numbers;

	while (entries && entries[count].long_name)
		count++;
	numbers = g_new0(int, count + 1);
	for (guint i = 0; i < count; i++)
		if (entries[i].arg == G_OPTION_ARG_INT)
			numbers[i] = *(const int *)entries[i].arg_data;
	return numbers;
}

static gboolean takes_value(const GOptionEntry *entry)
{
	return entry->arg != G_OPTION_ARG_NONE && entry->arg != G_OPTION_ARG_CALLBACK;
}

static gboolean is_repeatable(const GOptionEntry *entry)
{
	return !takes_value(entry) || entry->arg == G_OPTION_ARG_STRING_ARRAY || entry->arg == G_OPTION_ARG_FILENAME_ARRAY;
}

/* The entry of the argument whose value may follow: --name, --name=value, -n, and the last letter of -abn. *bare: the value is the next
 * argument. NULL: an argument of another kind, or an option that is not known. */
static const GOptionEntry *entry_of(const GOptionEntry *entries, const char *argument, gboolean *bare)
{
	gboolean is_long = g_str_has_prefix(argument, "--"), is_short = *argument == '-' && argument[1] && !is_long;
	g_autofree char *name = is_long ? g_strndup(argument + 2, strcspn(argument + 2, "=")) : NULL;

	*bare = is_short || (is_long && !strchr(argument, '='));
	for (guint i = 0; entries[i].long_name; i++)
		if (is_long ? g_str_equal(entries[i].long_name, name) : is_short && entries[i].short_name == argument[strlen(argument) - 1])
			return &entries[i];
	return NULL;
}

/* GLib takes the last of several values without a word: which of them was meant is not for us to say. */
static gboolean check_once(const GOptionEntry *entries, int argc, char **argv, GError **error)
{
	g_autoptr(GHashTable) given = g_hash_table_new(NULL, NULL);

	for (int i = 1; entries && i < argc && strcmp(argv[i], "--") != 0; i++) {
		gboolean bare;
		const GOptionEntry *entry = entry_of(entries, argv[i], &bare);

		if (!entry)
			continue;
		if (!is_repeatable(entry) && !g_hash_table_add(given, (gpointer)entry)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--%s is given twice: expected it once", entry->long_name);
			return FALSE;
		}
		i += bare && takes_value(entry);
	}
	return TRUE;
}

gboolean command_parse(const struct command *command, const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
	GOptionContext *context = g_option_context_new(command->arguments);
	g_autofree char *program = g_strconcat("finrig ", command->name, NULL);
	g_autofree int *numbers = remember_numbers(entries);
	g_autoptr(GError) why = NULL;
	gboolean ok;

	if (!check_once(entries, *argc, *argv, error)) {
		g_option_context_free(context);
		return FALSE;
	}
	g_set_prgname(program);
	g_option_context_set_summary(context, command->summary);
	g_option_context_set_description(context, command->description);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	ok = g_option_context_parse(context, argc, argv, &why);
	g_option_context_free(context);
	if (!ok)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s (see %s --help)", why->message, program);
	return ok && check_numbers(entries, numbers, error);
}

int command_fail(const GError *error)
{
	progress_clear();
	fprintf(stderr, "finrig: %s", error->message);
	if (error->domain == FINRIG_ERROR && error_about(error)->log) {
		g_autofree char *log = shown_path(error_about(error)->log);

		fprintf(stderr, " (log: %s)", log);
	}
	fputc('\n', stderr);
	return g_error_matches(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED) ? EXIT_INTERRUPTED : EXIT_BROKEN;
}

static int each_folder(const struct command *command, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (!command_parse(command, NULL, &argc, &argv, &error))
		return command_fail(error);
	if (argc < 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected a folder (see finrig %s --help)", command->name);
	for (int i = 1; i < argc && !error; i++)
		if (!command->stage(argv[i], &error))
			g_prefix_error(&error, "%s: ", argv[i]);
	return error ? command_fail(error) : EXIT_AS_EXPECTED;
}

int command_execute(const struct command *command, struct workspace *workspace, int argc, char **argv)
{
	return command->stage ? each_folder(command, argc, argv) : command->run(command, workspace, argc, argv);
}
