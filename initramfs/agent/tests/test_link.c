/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_link - which packets reach the device, how often, when and in which order
 * The device is a socket pair of datagrams.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "link.h"
#include "tap.h"

static struct link_injector injector;
static int device = -1;

static void reset(void)
{
	int pair[2];

	if (device >= 0) {
		close(device);
		close(injector.fd);
	}
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair)) {
		printf("Bail out! socketpair\n");
		exit(1);
	}
	memset(&injector, 0, sizeof(injector));
	injector.fd = pair[0];
	device = pair[1];
}

static enum link_fate inject(const char *text)
{
	enum link_fate fate = LINK_FATE_COUNT;

	if (!link_inject(&injector, (const unsigned char *)text, strlen(text), &fate))
		return LINK_FATE_COUNT;
	return fate;
}

/* All that reached the device, with blanks between. */
static const char *arrived(void)
{
	static char text[512];
	size_t used = 0;
	ssize_t got;

	while ((got = read(device, text + used, sizeof(text) - used - 1)) > 0) {
		used += (size_t)got;
		text[used++] = ' ';
	}
	text[used] = '\0';
	return text;
}

static bool is(const char *wanted)
{
	const char *text = arrived();

	if (strcmp(text, wanted) != 0)
		printf("# '%s', not '%s'\n", text, wanted);
	return strcmp(text, wanted) == 0;
}

static void add(enum link_fault_kind kind, unsigned count, int64_t delay_ns)
{
	struct link_fault fault = { kind, count, delay_ns };

	link_add(&injector.link, &fault);
}

static void test_fates(void)
{
	reset();
	tap_ok(inject("a") == LINK_PASSES && is("a "), "without a fault a packet passes");
	add(LINK_LOSE, 2, 0);
	add(LINK_DUPLICATE, 1, 0);
	tap_ok(inject("b") == LINK_IS_LOST && inject("c") == LINK_IS_LOST && is(""), "two are lost");
	tap_ok(inject("d") == LINK_COMES_TWICE && is("d d "), "the next fault acts on the next packet");
	tap_ok(inject("e") == LINK_PASSES && is("e "), "then it is over");
}

static void test_reorder(void)
{
	reset();
	add(LINK_REORDER, 3, 0);
	inject("a");
	inject("b");
	tap_ok(is("") && link_due_ns(&injector) == CLOCK_NEVER, "what is held waits for no time");
	tap_ok(inject("c") == LINK_ENDS_GROUP && is("c b a "), "the last brings the others, newest first");
}

static void test_delay(void)
{
	int64_t now_ns = clock_ns();

	reset();
	tap_ok(link_due_ns(&injector) == CLOCK_NEVER, "nothing is due");
	add(LINK_DELAY, 1, 2 * NS_PER_S);
	add(LINK_DELAY, 2, NS_PER_S);
	inject("a");
	inject("b");
	inject("c");
	tap_ok(inject("d") == LINK_PASSES && is("d "), "what is not delayed overtakes");
	tap_ok(link_due_ns(&injector) >= now_ns + NS_PER_S && link_due_ns(&injector) < now_ns + 2 * NS_PER_S, "the first is due");
	link_inject_due(&injector, now_ns);
	tap_ok(is(""), "but not yet");
	link_inject_due(&injector, now_ns + 3 * NS_PER_S / 2);
	tap_ok(is("b c "), "equally late ones keep their order");
	link_inject_due(&injector, now_ns + 10 * NS_PER_S);
	tap_ok(is("a ") && injector.held == 0, "the last comes at last");
}

static void test_limits(void)
{
	struct link_fault fault = { LINK_LOSE, 1, 0 };
	unsigned faults = 0, held = 0;

	reset();
	while (faults < 1000 && link_add(&injector.link, &fault))
		faults++;
	tap_ok(faults == LINK_FAULTS_MAX, "only so many faults at a time");
	reset();
	add(LINK_DELAY, 1000, NS_PER_S);
	while (held < 1000 && inject("x") == LINK_COMES_LATE)
		held++;
	tap_ok(held == LINK_HELD_MAX, "only so many packets at a time");
}

int main(void)
{
	test_fates();
	test_reorder();
	test_delay();
	test_limits();
	return tap_done();
}
