/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_log - what went wrong in a build, out of all that make printed
 */
#include "image_log.h"

/* The most telling first; a line of an earlier kind wins wherever it stands. */
static const char *const telling[] = {
	"No space left on device|Disk quota exceeded|Cannot allocate memory|Killed signal", /* whatever else came of it */
	"^[^ :][^:]*:\\d+:(\\d+:)? (fatal )?error: ",
	"^[^ :][^:]*:\\d+: (Error: |error: |syntax error)",
	"undefined reference to |multiple definition of ",
	": (command )?not found$|: No such file or directory$",
	"^(ld|gcc|cc1|as|objtool|perl)[^ ]*: .*error|error: ",
	" at [^ ]+ line \\d+\\.$",
	"\\*\\*\\* (?!mixed implicit)", /* which make 4 only warns of in old kernels */
};

char *log_first_error(const char *log)
{
	g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
	const char *last = "";

	for (guint i = 0; i < G_N_ELEMENTS(telling); i++) {
		g_autoptr(GRegex) regex = g_regex_new(telling[i], G_REGEX_RAW, 0, NULL);

		for (guint j = 0; lines[j]; j++)
			if (g_regex_match(regex, lines[j], 0, NULL))
				return g_strdup(g_strstrip(lines[j]));
	}
	for (guint j = 0; lines[j]; j++)
		if (*g_strstrip(lines[j]))
			last = lines[j];
	return g_strdup(last);
}
