/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_place - can make build a kernel or a module in this folder?
 * A kernel's Makefiles divide lists at blanks, rules at colons, options of gcc at commas, and hand names to the shell as they are: in a
 * folder with such a name they fail with words that do not tell why. Asked before anything is unpacked there.
 */
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "image_make.h"

static gboolean is_harmless(char c)
{
	return g_ascii_isalnum(c) || (c & 0x80) || strchr("/._+-@~", c);
}

/* As make sees it: where links lead, as far as it is there. */
static char *real_place(const char *folder)
{
	g_autofree char *absolute = g_canonicalize_filename(folder, NULL), *above = g_path_get_dirname(absolute);
	g_autofree char *base = g_path_get_basename(absolute), *real_above = NULL;
	char *real = realpath(absolute, NULL), *place = g_strdup(real ? real : absolute);

	free(real);
	if (real || !strcmp(above, absolute))
		return place;
	g_free(place);
	real_above = real_place(above);
	return g_build_filename(real_above, base, NULL);
}

gboolean make_place(const char *folder, const char *remedy, GError **error)
{
	g_autofree char *absolute = g_canonicalize_filename(folder, NULL), *real = real_place(folder);
	const char *at = real;

	while (*at && is_harmless(*at))
		at++;
	if (!*at)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: no kernel can be built in a folder with '%c' in its name; %s one that has only "
		    "letters, digits and . _ + - @ ~", absolute, *at, remedy);
	return FALSE;
}
