/* SPDX-License-Identifier: GPL-2.0-or-later
 * seconds - guest times as numbers for facts and as text for people
 */
#include "seconds.h"

#include <stdlib.h>

double seconds_of_ns(gint64 ns)
{
	return (double)ns / 1e9;
}

char *seconds_text(double seconds)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	const char *format = seconds < 9.995 ? "%.2f" : seconds < 99.95 ? "%.1f" : "%.0f";

	return g_strdup(g_ascii_formatd(text, sizeof(text), format, seconds));
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

double median(double *values, guint count)
{
	qsort(values, count, sizeof(*values), by_value);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
