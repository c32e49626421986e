/* SPDX-License-Identifier: GPL-2.0-or-later
 * drain - when the tun device's reader takes packets; drain.h is the manual
 */
#include "drain.h"

#include <stddef.h>
#include <string.h>

#include "clock.h"

#define DURATION_MAX_NS (INT64_C(366) * 24 * 3600 * NS_PER_S)
enum { SLOW_MAX_PER_S = 1000000 };

static const struct { const char *name; int64_t ns; } units[] = {
	{ "ns", 1 }, { "us", NS_PER_US }, { "ms", NS_PER_MS },
	{ "s", NS_PER_S }, { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *parse_unit(const char *text, int64_t *unit_ns)
{
	*unit_ns = NS_PER_S;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t length = strlen(units[i].name);

		if (strncmp(text, units[i].name, length) == 0) {
			*unit_ns = units[i].ns;
			return text + length;
		}
	}
	return text;
}

const char *duration_parse(const char *text, int64_t *value_ns)
{
	__int128 number = 0, scale = 1;
	int64_t unit_ns;
	bool fraction = false;

	if (!is_digit(*text))
		return NULL;
	for (; is_digit(*text) || (*text == '.' && !fraction); text++) {
		if (*text == '.') {
			fraction = true;
			continue;
		}
		number = number * 10 + (*text - '0');
		if (fraction)
			scale *= 10;
		/* A year in ns has 17 digits; this bounds hostile input long before it can overflow. */
		if (number > INT64_MAX || scale > NS_PER_S * NS_PER_S)
			return NULL;
	}
	text = parse_unit(text, &unit_ns);
	number = number * unit_ns / scale;
	if (number > DURATION_MAX_NS)
		return NULL;
	*value_ns = (int64_t)number;
	return text;
}

/* "N/s": *interval_ns between two packets. */
static bool parse_rate(const char *text, int64_t *interval_ns)
{
	int64_t rate = 0;

	if (!is_digit(*text))
		return false;
	for (; is_digit(*text); text++) {
		rate = rate * 10 + (*text - '0');
		if (rate > SLOW_MAX_PER_S)
			return false;
	}
	if (rate == 0 || strcmp(text, "/s") != 0)
		return false;
	*interval_ns = NS_PER_S / rate;
	return true;
}

bool drain_parse(struct drain *drain, const char *text, const char **why)
{
	const char *rest;

	*drain = (struct drain){ .kind = DRAIN_EXPECTED };
	if (strcmp(text, "never") == 0) {
		drain->kind = DRAIN_NEVER;
	} else if (strcmp(text, "always") == 0) {
		drain->kind = DRAIN_ALWAYS;
	} else if (strcmp(text, "expected") == 0) {
		drain->kind = DRAIN_EXPECTED;
	} else if (strncmp(text, "after ", 6) == 0) {
		drain->kind = DRAIN_AFTER;
		rest = duration_parse(text + 6, &drain->after_ns);
		*why = "drain: expected a time after 'after', such as 3s or 250ms";
		return rest && !*rest;
	} else if (strncmp(text, "slow ", 5) == 0) {
		drain->kind = DRAIN_SLOW;
		*why = "drain: expected packets per second after 'slow', such as 5/s (1 to 1000000)";
		return parse_rate(text + 5, &drain->interval_ns);
	} else {
		*why = "drain: expected never, always, expected, after TIME or slow N/s";
		return false;
	}
	return true;
}

int64_t drain_first_ns(const struct drain *drain, int64_t zero_ns)
{
	switch (drain->kind) {
	case DRAIN_ALWAYS:
		return INT64_MIN;
	case DRAIN_AFTER:
		return zero_ns + drain->after_ns;
	case DRAIN_SLOW:
		return zero_ns + drain->interval_ns;
	case DRAIN_NEVER:
	case DRAIN_EXPECTED:
	case DRAIN_KIND_COUNT:
		break;
	}
	return CLOCK_NEVER;
}

int64_t drain_next_ns(const struct drain *drain, int64_t now_ns)
{
	if (drain->kind == DRAIN_SLOW)
		return now_ns + drain->interval_ns;
	return drain->kind == DRAIN_ALWAYS || drain->kind == DRAIN_AFTER ? INT64_MIN : CLOCK_NEVER;
}
