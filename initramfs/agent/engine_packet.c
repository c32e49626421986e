/* SPDX-License-Identifier: GPL-2.0-or-later
 * engine_packet - statements that are packets: injected, or expected to leave
 */
#include "engine_statement.h"

#include <errno.h>

#include "clock.h"
#include "mismatch.h"
#include "outlet.h"
#include "symbols.h"

/* How much longer than the tolerance a packet is waited for, so that the message can tell when it came. */
#define LATE_MAX_NS (3 * NS_PER_S)

/* What cannot be on this wire. */
static bool check_packet(struct engine *engine, const struct script_statement *statement)
{
	bool v6 = options_wire_version(engine->options) == 6;
	const struct packet *packet = statement->packet;
	const char *why = NULL;

	if (packet->protocol == PACKET_ICMP && v6)
		why = "icmp is not for ip_version ipv6; icmpv6 is";
	else if (packet->protocol == PACKET_ICMPV6 && !v6)
		why = "icmpv6 is for ip_version ipv6 alone";
	else if (packet->given & PACKET_GIVEN_FLOWLABEL && !v6)
		why = "a flowlabel is for ip_version ipv6 alone";
	if (why)
		outlet_error(engine->file, statement->line, statement->column, "%s", why);
	return !why;
}

static bool inject(struct engine *engine, const struct script_statement *statement, const unsigned char *bytes, size_t length,
		   enum link_fate *fate)
{
	if (link_inject(engine->loop->injector, bytes, length, fate))
		return true;
	outlet_error(engine->file, statement->line, statement->column, "packet of %zu bytes to " TUN_NAME ": %s", length,
		     errno_name(errno) ? errno_name(errno) : "error");
	return engine_fail(engine);
}

static bool run_packet_in(struct engine *engine, const struct script_statement *statement)
{
	static const char *const fates[LINK_FATE_COUNT] = {
		[LINK_IS_LOST] = "lost by the link", [LINK_COMES_TWICE] = "twice, by the link",
		[LINK_COMES_LATE] = "delayed by the link", [LINK_IS_HELD] = "held back by the link, to come out of order",
		[LINK_ENDS_GROUP] = "came with those held back before",
	};
	static unsigned char bytes[PACKET_MAX_BYTES];
	struct engine_window window = engine_window(engine, &statement->time);
	const char *why = "";
	size_t length = peer_build(engine->peer, statement->packet, bytes, sizeof(bytes), &why);
	enum link_fate fate = LINK_PASSES;
	int64_t live_ns;

	if (!length) {
		outlet_error(engine->file, statement->line, statement->column, "%s", why);
		return engine_fail(engine);
	}
	loop_wait_until(engine->loop, window.start_ns);
	live_ns = clock_ns();
	if (!inject(engine, statement, bytes, length, &fate))
		return false;
	engine->done_ns = clock_ns();
	engine_forgive_command(engine, &window);
	record_text(engine_record(engine, statement, &window, live_ns), FIELD_TEXT, fates[fate]);
	outlet_send();
	return engine_check_time(engine, statement, &window, live_ns, engine->options->packets_not_fatal);
}

/* The next packet the statement is to be held against, waited for until the deadline. */
static bool await_packet(struct engine *engine, const struct packet *expected, int64_t deadline_ns, struct peer_packet *seen)
{
	while (!peer_next(engine->peer, expected, clock_ns(), seen)) {
		int64_t until_ns = clock_earlier(deadline_ns, peer_due_ns(engine->peer, clock_ns()));

		if (loop_wait(engine->loop, until_ns) == LOOP_DUE && until_ns == deadline_ns)
			return peer_next(engine->peer, expected, clock_ns(), seen);
	}
	return true;
}

static void take_note(struct engine *engine, const struct script_statement *statement, const struct engine_window *window,
		      const struct peer_packet *seen)
{
	if (seen->clock_ns > engine->done_ns)
		engine->done_ns = seen->clock_ns;
	engine_record(engine, statement, window, seen->clock_ns);
	outlet_send();
	loop_take_expected(engine->loop);
}

/* Nothing came in time. What comes a little later is worth showing beside what was expected. */
static bool miss(struct engine *engine, const struct script_statement *statement, const struct engine_window *window,
		 int64_t deadline_ns, struct peer_packet *seen)
{
	static struct packet actual;
	bool not_fatal = engine->options->packets_not_fatal;
	enum packet_field field;

	if (!await_packet(engine, statement->packet, deadline_ns + LATE_MAX_NS, seen)) {
		engine->done_ns = clock_ns();
		mismatch_absent(engine->file, statement);
		return engine_differ(engine, not_fatal);
	}
	field = packet_check(statement->packet, &seen->packet, peer_twins(engine->peer, seen), &actual);
	take_note(engine, statement, window, seen);
	if (field == PACKET_SAME)
		return engine_check_time(engine, statement, window, seen->clock_ns, not_fatal);
	mismatch_late(engine->file, statement, &actual, field, seen->clock_ns - engine->zero_ns);
	return engine_differ(engine, not_fatal);
}

/* Whether actual is the first part of a longer expected segment: a kernel may cut what it sends as it likes, and a script says what
 * it sends in all (--strict_segments: also how). F stands in the last part alone. P may stand in any, as a kernel that offloads sets
 * it in all it hands to the device, and in none that the cut left in front; whether the whole has it, the last part tells. */
static bool is_part(const struct packet *expected, const struct packet *actual)
{
	struct packet part = *expected;

	if (expected->protocol != PACKET_TCP || actual->protocol != PACKET_TCP || !(expected->given & PACKET_GIVEN_PAYLOAD) ||
	    !actual->payload_bytes || actual->payload_bytes >= expected->payload_bytes)
		return false;
	part.payload_bytes = actual->payload_bytes;
	part.flags = (uint16_t)((expected->flags & ~(PACKET_PSH | PACKET_FIN)) | (actual->flags & PACKET_PSH));
	return packet_compare(&part, actual) == PACKET_SAME;
}

/* The part that begins at this live sequence number, if nothing else comes before and it comes by the deadline. */
static bool await_part(struct engine *engine, const struct packet *left, uint32_t seq, int64_t deadline_ns, struct peer_packet *part)
{
	int next;

	while ((next = peer_next_at(engine->peer, left, clock_ns(), seq, part)) == 0) {
		int64_t until_ns = clock_earlier(deadline_ns, peer_due_ns(engine->peer, clock_ns()));

		if (loop_wait(engine->loop, until_ns) == LOOP_DUE && until_ns == deadline_ns)
			return peer_next_at(engine->peer, left, clock_ns(), seq, part) > 0;
	}
	return next > 0;
}

/* Makes whole longer by the next part; left: what is still expected. */
static bool add_part(struct engine *engine, const struct packet *left, int64_t deadline_ns, struct peer_packet *seen, struct packet *whole)
{
	static struct peer_packet part;
	static struct packet actual;

	if (!await_part(engine, left, seen->packet.seq + seen->packet.payload_bytes, deadline_ns, &part))
		return false;
	packet_check(left, &part.packet, peer_twins(engine->peer, &part), &actual);
	loop_take_expected(engine->loop);
	*seen = part;
	actual.seq = whole->seq;
	actual.payload_bytes += whole->payload_bytes;
	*whole = actual;
	return true;
}

/* A segment that left in parts: whole becomes all of them together, as far as they make up what is expected. */
static enum packet_field gather_parts(struct engine *engine, const struct packet *expected, int64_t deadline_ns, struct peer_packet *seen,
				      struct packet *whole)
{
	struct packet left = *expected;

	while (is_part(expected, whole)) {
		left.seq = expected->seq + whole->payload_bytes;
		left.payload_bytes = expected->payload_bytes - whole->payload_bytes;
		if (!add_part(engine, &left, deadline_ns, seen, whole))
			break;
	}
	return packet_compare(expected, whole);
}

static bool run_packet_out(struct engine *engine, const struct script_statement *statement)
{
	static struct peer_packet seen;
	static struct packet actual;
	struct engine_window window = engine_window(engine, &statement->time);
	bool not_fatal = engine->options->packets_not_fatal, goes_on = true;
	int64_t deadline_ns = window.end_ns + window.tolerance_ns;
	enum packet_field field;

	if (!await_packet(engine, statement->packet, deadline_ns, &seen))
		return miss(engine, statement, &window, deadline_ns, &seen);
	field = packet_check(statement->packet, &seen.packet, peer_twins(engine->peer, &seen), &actual);
	if (!engine->options->strict_segments && is_part(statement->packet, &actual))
		field = gather_parts(engine, statement->packet, deadline_ns, &seen, &actual);
	take_note(engine, statement, &window, &seen);
	if (field != PACKET_SAME) {
		mismatch_packet(engine->file, statement, &actual, field);
		goes_on = engine_differ(engine, not_fatal);
	}
	return engine_check_time(engine, statement, &window, seen.clock_ns, not_fatal) && goes_on;
}

const struct engine_runner engine_packet_in = { .check = check_packet, .run = run_packet_in };
const struct engine_runner engine_packet_out = { .check = check_packet, .run = run_packet_out };
