/* SPDX-License-Identifier: GPL-2.0-or-later
 * tap - a test program's few words, for tests that run as the guest's static binary and cannot have GLib
 * tap_ok(condition, "what holds"); ...; return tap_done();
 */
#ifndef FINRIG_AGENT_TESTS_TAP_H
#define FINRIG_AGENT_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline bool tap_ok(bool condition, const char *format, ...)
{
	va_list arguments;

	printf("%s %d - ", condition ? "ok" : "not ok", ++tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	tap_failed += !condition;
	return condition;
}

static inline void tap_skip(const char *what, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

static inline int tap_done(void)
{
	printf("1..%d\n", tap_count);
	return tap_failed != 0;
}

#endif
