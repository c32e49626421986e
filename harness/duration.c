/* SPDX-License-Identifier: GPL-2.0-or-later
 * duration - times as people write them: 140s, 250ms, 1.5h, 12h
 */
#include "duration.h"

#include <string.h>

gboolean duration_parse(const char *text, gint64 *microseconds)
{
	static const struct { const char *name; double in_us; } units[] = {
		{ "us", 1 }, { "ms", 1e3 }, { "s", 1e6 }, { "min", 60e6 }, { "h", 3600e6 }, { "d", 86400e6 },
	};
	const double limit_us = 100 * 365.25 * 86400e6;
	char *end;
	double value;

	if (!g_ascii_isdigit(*text))
		return FALSE;
	value = g_ascii_strtod(text, &end);
	end += strspn(end, " ");
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (strcmp(end, units[i].name) == 0 && value * units[i].in_us <= limit_us) {
			*microseconds = (gint64)(value * units[i].in_us + 0.5);
			return TRUE;
		}
	}
	return FALSE;
}
