/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent_check - asks the guest's own agent, run on the host, whether it can read a script
 */
#include "agent_check.h"

#include "error.h"

gboolean agent_check(const struct workspace *workspace, const char *path, GError **error)
{
	g_autofree char *agent = g_build_filename(workspace->libexec, "agent", NULL);
	g_autofree char *complaint = NULL;
	g_autoptr(GError) why = NULL;
	int status;

	if (!g_spawn_sync(NULL, (char *[]){ agent, "--check", (char *)path, NULL }, NULL, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
			  NULL, &complaint, &status, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s (make build makes it)", why->message);
		return FALSE;
	}
	if (g_spawn_check_wait_status(status, NULL))
		return TRUE;
	g_strchomp(complaint);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", *complaint ? complaint : "the script was refused");
	return FALSE;
}
