/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent_check - asks the guest's own agent, run on the host, whether it can read a script
 */
#include "agent_check.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

static void take_assertions(struct test_case *test_case, const char *output)
{
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);

	for (guint i = 0; lines[i]; i++) {
		unsigned line, column;
		int length = 0;

		if (sscanf(lines[i], "%u:%u: %n", &line, &column, &length) == 2 && length)
			case_add_line(test_case->assertions, lines[i] + length, line, column);
	}
}

gboolean agent_check(const struct workspace *workspace, struct test_case *test_case, GError **error)
{
	g_autofree char *agent = g_build_filename(workspace->libexec, "agent", NULL);
	g_autofree char *complaint = NULL, *output = NULL;
	g_autoptr(GError) why = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char *[]){ agent, "--check", test_case->file, NULL }, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
			  &complaint, &status, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s (make build makes it)", why->message);
		return FALSE;
	}
	if (g_spawn_check_wait_status(status, NULL)) {
		take_assertions(test_case, output);
		return TRUE;
	}
	g_strchomp(complaint);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", *complaint ? complaint : "the script was refused");
	return FALSE;
}
