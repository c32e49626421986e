/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_drain - the `drain:` line and durations, right and wrong, and when a reader may read
 */
#include <string.h>

#include "clock.h"
#include "drain.h"
#include "tap.h"

static const struct { const char *text; int64_t ns; } durations[] = {
	{ "3s", 3 * NS_PER_S }, { "3", 3 * NS_PER_S }, { "0.5s", NS_PER_S / 2 }, { "250ms", 250 * NS_PER_MS }, { "7us", 7000 },
	{ "9ns", 9 }, { "2m", 120 * NS_PER_S }, { "12h", 43200 * NS_PER_S }, { "0", 0 }, { "1.s", NS_PER_S },
};

static const char *const bad_durations[] = {
	"", "s", "-1s", "+1s", ".5s", " 1s", "99999999999999999999s", "9000h", "0.0000000000000000000000001s",
	"9223372036854775807h",
};

static const char *const bad_drains[] = {
	"", "sometimes", "never ", "Never", "after", "after ", "after soon", "after 3s x", "after -3s", "slow", "slow 0/s",
	"slow 5", "slow 5/m", "slow /s", "slow -5/s", "slow 1000001/s", "slow 99999999999999999999/s",
};

static void test_durations(void)
{
	int64_t ns;

	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		const char *rest = duration_parse(durations[i].text, &ns);

		tap_ok(rest && !*rest && ns == durations[i].ns, "duration %s", durations[i].text);
	}
	for (size_t i = 0; i < sizeof(bad_durations) / sizeof(bad_durations[0]); i++)
		tap_ok(!duration_parse(bad_durations[i], &ns), "no duration: '%s'", bad_durations[i]);
}

static void test_parse(void)
{
	const char *why = NULL;
	struct drain drain;

	tap_ok(drain_parse(&drain, "never", &why) && drain.kind == DRAIN_NEVER, "never");
	tap_ok(drain_parse(&drain, "always", &why) && drain.kind == DRAIN_ALWAYS, "always");
	tap_ok(drain_parse(&drain, "expected", &why) && drain.kind == DRAIN_EXPECTED, "expected");
	tap_ok(drain_parse(&drain, "after 250ms", &why) && drain.kind == DRAIN_AFTER && drain.after_ns == 250 * NS_PER_MS, "after 250ms");
	tap_ok(drain_parse(&drain, "slow 5/s", &why) && drain.kind == DRAIN_SLOW && drain.interval_ns == NS_PER_S / 5, "slow 5/s");
	for (size_t i = 0; i < sizeof(bad_drains) / sizeof(bad_drains[0]); i++) {
		why = NULL;
		tap_ok(!drain_parse(&drain, bad_drains[i], &why) && why && strlen(why) > 10, "refused with a reason: '%s'", bad_drains[i]);
	}
}

static void test_times(void)
{
	struct drain never = { .kind = DRAIN_NEVER }, always = { .kind = DRAIN_ALWAYS };
	struct drain after = { .kind = DRAIN_AFTER, .after_ns = 300 }, slow = { .kind = DRAIN_SLOW, .interval_ns = 200 };

	tap_ok(drain_first_ns(&never, 1000) == CLOCK_NEVER && drain_next_ns(&never, 1000) == CLOCK_NEVER, "never reads");
	tap_ok(drain_first_ns(&always, 1000) <= 1000 && drain_next_ns(&always, 1000) <= 1000, "always reads");
	tap_ok(drain_first_ns(&after, 1000) == 1300 && drain_next_ns(&after, 1300) <= 1300, "reads after, then at once");
	tap_ok(drain_first_ns(&slow, 1000) == 1200 && drain_next_ns(&slow, 5000) == 5200, "reads at its pace, with no credit for idle time");
}

int main(void)
{
	test_durations();
	test_parse();
	test_times();
	return tap_done();
}
