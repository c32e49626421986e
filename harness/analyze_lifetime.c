/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_lifetime - when the socket lost its last descriptor, when it was destroyed, and what lay between
 * in: samples of the observed socket, outgoing segments; out: facts socket.*
 *
 * A socket without descriptor has inode 0: the kernel keeps it until its FIN is acknowledged or tcp_orphan_retries says enough
 * (tcp_out_of_resources(), tcp_write_timeout()). In TIME_WAIT there is no inode either, so that state does not count as orphaned.
 */
#include "analyze.h"
#include "seconds.h"

enum { TIME_WAIT = 6 };

struct lifetime {
	gboolean seen, orphaned, gone, sent;
	gint64 first_ns, orphaned_ns, gone_ns, last_sent_ns, time_wait_ns;
	gboolean time_wait;
};

static void on_sample(struct lifetime *lifetime, const struct event *event)
{
	gboolean time_wait = event_number(event, FIELD_STATE, 0) == TIME_WAIT;

	if (!lifetime->seen)
		lifetime->first_ns = event->t_ns;
	lifetime->seen = TRUE;
	if (time_wait && !lifetime->time_wait) {
		lifetime->time_wait = TRUE;
		lifetime->time_wait_ns = event->t_ns;
	}
	if (!lifetime->orphaned && !time_wait && event_has(event, FIELD_INODE) && event_number(event, FIELD_INODE, 1) == 0) {
		lifetime->orphaned = TRUE;
		lifetime->orphaned_ns = event->t_ns;
	}
}

/* A later socket on the same addresses is not the one that this is about. */
static void lifetime_event(gpointer state, const struct event *event)
{
	struct lifetime *lifetime = state;

	if (lifetime->gone)
		return;
	if (event->type == RECORD_SOCKET) {
		on_sample(lifetime, event);
	} else if (event->type == RECORD_GONE && lifetime->seen) {
		lifetime->gone = TRUE;
		lifetime->gone_ns = event->t_ns;
	}
}

static void lifetime_packet(gpointer state, const struct packet *packet)
{
	struct lifetime *lifetime = state;

	if (lifetime->gone || !packet->tcp || packet->side != PACKET_OUT)
		return;
	lifetime->sent = TRUE;
	lifetime->last_sent_ns = packet->t_ns;
}

static void lifetime_finish(gpointer state, struct facts *facts)
{
	struct lifetime *lifetime = state;

	if (!lifetime->seen)
		return;
	facts_number(facts, "socket.gone", lifetime->gone);
	facts_number(facts, "socket.orphaned", lifetime->orphaned);
	if (lifetime->orphaned)
		facts_number(facts, "socket.orphaned_s", seconds_of_ns(lifetime->orphaned_ns));
	if (!lifetime->gone)
		return;
	facts_number(facts, "socket.gone_s", seconds_of_ns(lifetime->gone_ns));
	facts_number(facts, "socket.lived_s", seconds_of_ns(lifetime->gone_ns - lifetime->first_ns));
	if (lifetime->orphaned)
		facts_number(facts, "socket.orphan_s", seconds_of_ns((lifetime->time_wait ? lifetime->time_wait_ns : lifetime->gone_ns) - lifetime->orphaned_ns));
	if (lifetime->sent)
		facts_number(facts, "socket.silent_s", seconds_of_ns(lifetime->gone_ns - lifetime->last_sent_ns));
}

static const char not_gone[] = "the socket was not seen to go";

static const struct fact_name lifetime_facts[] = {
	{ "socket.gone", "yes/no", "1 when the socket no longer existed at the end", "no socket was sampled" },
	{ "socket.gone_s", "s", "when the socket was found destroyed, since script time zero", not_gone },
	{ "socket.lived_s", "s", "from the first sample of it to that moment", not_gone },
	{ "socket.orphaned", "yes/no", "1 when it was seen without a descriptor before TIME_WAIT", "no socket was sampled" },
	{ "socket.orphaned_s", "s", "when it was first seen so, since script time zero", "it was not seen without a descriptor" },
	{ "socket.orphan_s", "s", "how long the kernel kept it so, to TIME_WAIT or its end", "it was not seen without a descriptor, or not seen to go" },
	{ "socket.silent_s", "s", "from the last segment it sent to its end", "it sent nothing, or was not seen to go" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_lifetime = {
	.name = "lifetime", .summary = "when the socket lost its descriptor and when it was destroyed",
	.state_size = sizeof(struct lifetime), .facts = lifetime_facts,
	.packet = lifetime_packet, .event = lifetime_event, .finish = lifetime_finish,
};
