/* SPDX-License-Identifier: GPL-2.0-or-later
 * time_axis - where a moment of guest time stands in a drawing
 */
#include "time_axis.h"

#include <math.h>

static const double linear_to_s = 0.1;

static double stretched(const struct time_axis *axis, double t_s)
{
	double distance_s = t_s - axis->origin_s;

	if (!axis->logarithmic)
		return distance_s;
	return copysign(log10(1 + fabs(distance_s) / linear_to_s), distance_s);
}

int time_axis_x(const struct time_axis *axis, double t_s)
{
	double from = stretched(axis, axis->from_s), to = stretched(axis, axis->to_s);
	double at = stretched(axis, CLAMP(t_s, axis->from_s, axis->to_s));

	return axis->left + (int)floor((at - from) / (to - from) * axis->width + 0.5);
}

static void tick_clear(gpointer data)
{
	g_free(((struct time_tick *)data)->label);
}

/* Too near to the one before: left out. */
static void add_tick(GArray *ticks, const struct time_axis *axis, double t_s, const char *sign, double label_s, int gap)
{
	struct time_tick tick = { time_axis_x(axis, t_s), NULL };
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (t_s < axis->from_s || t_s > axis->to_s || (ticks->len && tick.x - g_array_index(ticks, struct time_tick, ticks->len - 1).x < gap))
		return;
	tick.label = g_strdup_printf("%s%s s", sign, g_ascii_formatd(number, sizeof(number), "%.6g", label_s));
	g_array_append_val(ticks, tick);
}

/* 1, 2 or 5 times a power of ten, such that ticks are at least gap apart. */
static double linear_step(const struct time_axis *axis, int gap)
{
	static const double factors[] = { 1, 2, 5, 10 };
	double least = (axis->to_s - axis->from_s) * gap / axis->width, power = pow(10, floor(log10(least)));

	for (gsize i = 0; i < G_N_ELEMENTS(factors); i++)
		if (factors[i] * power >= least * (1 - 1e-9))
			return factors[i] * power;
	return 10 * power;
}

static void linear_ticks(GArray *ticks, const struct time_axis *axis, int gap)
{
	double step = linear_step(axis, gap);

	for (double i = ceil(axis->from_s / step); i * step <= axis->to_s; i++)
		add_tick(ticks, axis, i * step, "", i == 0 ? 0 : i * step, 0);
}

enum { POWER_FIRST = -1, POWER_LAST = 8 };

static void logarithmic_ticks(GArray *ticks, const struct time_axis *axis, int gap)
{
	for (int power = POWER_LAST; power >= POWER_FIRST; power--)
		add_tick(ticks, axis, axis->origin_s - pow(10, power), "\342\210\222", pow(10, power), gap);
	add_tick(ticks, axis, axis->origin_s, "", 0, gap);
	for (int power = POWER_FIRST; power <= POWER_LAST; power++)
		add_tick(ticks, axis, axis->origin_s + pow(10, power), "+", pow(10, power), gap);
}

GArray *time_axis_ticks(const struct time_axis *axis, int gap)
{
	GArray *ticks = g_array_new(FALSE, FALSE, sizeof(struct time_tick));

	g_array_set_clear_func(ticks, tick_clear);
	if (axis->logarithmic)
		logarithmic_ticks(ticks, axis, gap);
	else
		linear_ticks(ticks, axis, gap);
	return ticks;
}
