/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_pin - facts that hold once they were seen: a tarball's checksum, the version a package name stood for
 */
#include "source_pin.h"

#include <string.h>

#include "artefact.h"

char *shown_path(const char *path)
{
	g_autofree char *here = g_get_current_dir(), *below = g_strconcat(here, "/", NULL);

	return g_strdup(g_str_has_prefix(path, below) ? path + strlen(below) : path);
}

char *pin_place(const struct workspace *workspace, const char *name)
{
	g_autofree char *path = g_build_filename(workspace->cache, "source", "pins", name, NULL);

	return shown_path(path);
}

char *pin_read(const struct workspace *workspace, const char *name)
{
	g_autofree char *path = g_build_filename(workspace->cache, "source", "pins", name, NULL);
	char *line = NULL;

	return g_file_get_contents(path, &line, NULL, NULL) ? g_strstrip(line) : NULL;
}

gboolean pin_write(const struct workspace *workspace, const char *name, const char *line, GError **error)
{
	g_autofree char *folder = g_build_filename(workspace->cache, "source", "pins", NULL);
	g_autofree char *text = g_strconcat(line, "\n", NULL);

	return artefact_write(folder, name, text, strlen(text), error);
}
