/* SPDX-License-Identifier: GPL-2.0-or-later
 * rerun - the command that runs one cell of a run again
 */
#include "rerun.h"

#include <stdlib.h>
#include <string.h>

#include "artefact.h"
#include "case.h"
#include "event.h"
#include "vm_machine.h"

/* Quoted only where a shell would make something else of it. */
void rerun_add_word(GString *line, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
	g_autofree char *quoted = *word && strspn(word, plain) == strlen(word) ? g_strdup(word) : g_shell_quote(word);

	g_string_append_printf(line, "%s%s", line->len ? " " : "", quoted);
}

static void add_option(GString *line, const char *option, const char *value)
{
	rerun_add_word(line, option);
	rerun_add_word(line, value);
}

/* The value of QEMU's argument, or NULL. */
static const char *argument_of(JsonObject *cell, const char *name)
{
	JsonNode *node = json_object_get_member(cell, "arguments");
	JsonArray *arguments = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; arguments && i + 1 < json_array_get_length(arguments); i++)
		if (g_strcmp0(json_array_get_string_element(arguments, i), name) == 0)
			return json_array_get_string_element(arguments, i + 1);
	return NULL;
}

static void add_machine(GString *line, JsonObject *cell)
{
	const char *icount = argument_of(cell, "-icount"), *memory = argument_of(cell, "-m"), *accel = argument_of(cell, "-accel");
	g_autofree char *shift = icount && g_str_has_prefix(icount, "shift=") ? g_strdup_printf("%d", atoi(icount + strlen("shift="))) : NULL;

	if (shift && atoi(shift) != VM_SHIFT_DEFAULT)
		add_option(line, "--shift", shift);
	if (memory && atoi(memory) != VM_MEMORY_DEFAULT_MIB)
		add_option(line, "--memory", memory);
	if (accel && g_str_has_prefix(accel, "kvm"))
		add_option(line, "--accel", "kvm");
	else if (accel && !icount)
		rerun_add_word(line, "--realtime");
}

/* What the case's own header says of the device; NULL if it cannot be read. Caller frees. */
static char *own_drain(const char *cell_dir)
{
	g_autofree char *path = g_build_filename(cell_dir, "0-case.pkt", NULL);
	g_autoptr(test_case_t) test_case = g_file_test(path, G_FILE_TEST_EXISTS) ? case_read(path, NULL, NULL) : NULL;

	return test_case ? g_strdup(test_case->drain) : NULL;
}

static void add_script_option(GString *line, const char *option, const char *name)
{
	g_autofree char *version = g_str_has_prefix(option, "ip_version=") ? g_strconcat(".", strchr(option, '=') + 1, NULL) : NULL;

	if (version && g_str_has_suffix(name, version))
		add_option(line, "--ip-version", version + 1);
	else if (g_str_has_prefix(option, "non_fatal="))
		add_option(line, "--non-fatal", strchr(option, '=') + 1);
	else
		add_option(line, "--script-option", option);
}

/* The head of the job: `key: value` lines up to an empty one. */
static void add_job(GString *line, const char *cell_dir, const char *name)
{
	g_autofree char *path = g_build_filename(cell_dir, "0-job.txt", NULL), *text = NULL, *drain = own_drain(cell_dir);
	g_auto(GStrv) lines = g_file_get_contents(path, &text, NULL, NULL) ? g_strsplit(text, "\n", -1) : NULL;

	for (guint i = 0; lines && lines[i] && *lines[i]; i++) {
		char *colon = strstr(lines[i], ": ");
		const char *value = colon ? colon + 2 : "";

		if (colon)
			*colon = '\0';
		if (g_str_equal(lines[i], "drain") && g_strcmp0(value, drain) != 0)
			add_option(line, "--drain", value);
		else if (g_str_equal(lines[i], "seccomp"))
			add_option(line, "--seccomp", value);
		else if (g_str_equal(lines[i], "option"))
			add_script_option(line, value, name);
	}
}

static void add_probes(GString *line, JsonObject *cell)
{
	JsonArray *probes = json_object_has_member(cell, "probes") ? json_object_get_array_member(cell, "probes") : NULL;

	for (guint i = 0; probes && i < json_array_get_length(probes); i++)
		add_option(line, "--probe", json_array_get_string_element(probes, i));
}

/* One of finrig's own cases by its name, without what stands for a variant; others by their file. */
static char *case_argument(JsonObject *cell)
{
	const char *file = artefact_string(cell, "file"), *base;

	if (!file || !g_str_has_prefix(file, "cases/") || !g_str_has_suffix(file, ".pkt"))
		return g_strdup(file);
	base = file + strlen("cases/");
	return g_strndup(base, strlen(base) - strlen(".pkt"));
}

char *rerun_command(const char *cell_dir)
{
	g_autoptr(JsonObject) cell = artefact_read_json(cell_dir, "0-cell.json", NULL);
	g_autofree char *test_case = cell ? case_argument(cell) : NULL;
	const char *kernel = cell ? artefact_string(cell, "said") : NULL, *name = cell ? artefact_string(cell, "case") : NULL;
	GString *line;

	if (!kernel || !test_case || !name)
		return NULL;
	line = g_string_new("finrig run --again");
	add_option(line, "--kernel", kernel);
	add_machine(line, cell);
	add_job(line, cell_dir, name);
	add_probes(line, cell);
	rerun_add_word(line, test_case);
	return g_string_free(line, FALSE);
}
