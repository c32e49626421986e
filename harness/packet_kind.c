/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_kind - what a packet is in a word
 */
#include "packet_kind.h"

#include "event.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_ICMPV6 = 58 };

/* A timer that doubles makes each gap twice the one before; the first gap after a probe is about as long as the one before it. */
static const double doubled = 1.5;

/* One direction of a flow. */
struct sender {
	gboolean seen, zero_window; /* zero_window: it announced that it takes nothing */
	guint32 end;                /* highest relative number sent, plus 1 */
	guint32 acked;              /* of what it sent; 0: nothing yet */
	GArray *tail;               /* guint: index of the last new segment and of what repeats it to its end */
};

struct roles {
	const struct capture *capture;
	GArray *roles;
	GArray *senders; /* struct sender, two a flow */
};

static const struct packet *packet_at(const struct capture *capture, guint i)
{
	return g_ptr_array_index(capture->packets, i);
}

static void set_role(struct roles *roles, guint i, enum packet_role role)
{
	g_array_index(roles->roles, guint, i) = role;
}

static gint64 gap_ns(const struct roles *roles, const GArray *tail, guint i)
{
	return packet_at(roles->capture, g_array_index(tail, guint, i + 1))->t_ns - packet_at(roles->capture, g_array_index(tail, guint, i))->t_ns;
}

/* The first repetition of a tail, by the gaps around it. */
static enum packet_role first_repetition(const struct roles *roles, const GArray *tail)
{
	double before_ns = (double)gap_ns(roles, tail, 0), after_ns;

	if (tail->len < 3)
		return PACKET_ROLE_REPEATED;
	after_ns = (double)gap_ns(roles, tail, 1);
	if (after_ns >= doubled * before_ns)
		return PACKET_ROLE_RETRANSMISSION;
	if (tail->len < 4)
		return PACKET_ROLE_REPEATED;
	return (double)gap_ns(roles, tail, 2) >= doubled * after_ns ? PACKET_ROLE_LOSS_PROBE : PACKET_ROLE_RETRANSMISSION;
}

/* A handshake is not probed (RFC 8985 7.2). */
static void judge_tail(struct roles *roles, struct sender *sender)
{
	if (sender->tail && sender->tail->len > 1) {
		guint first = g_array_index(sender->tail, guint, 1);

		if (!(packet_at(roles->capture, first)->flags & PACKET_SYN))
			set_role(roles, first, first_repetition(roles, sender->tail));
	}
	if (sender->tail)
		g_array_set_size(sender->tail, 0);
}

/* One below what the peer has acknowledged, and nothing in it: the peer must answer (RFC 1122 4.2.3.6, RFC 9293 3.8.6.1). */
static gboolean asks_for_ack(const struct sender *sender, const struct packet *packet)
{
	return packet->flags == PACKET_ACK && !packet->payload_bytes && sender->acked && packet->relative_seq == sender->acked - 1;
}

static void add_to_tail(struct roles *roles, struct sender *sender, guint i)
{
	const struct packet *packet = packet_at(roles->capture, i);
	guint32 end = packet->relative_seq + packet_span(packet);

	if (!sender->tail)
		sender->tail = g_array_new(FALSE, FALSE, sizeof(guint));
	if (!packet->repeat) {
		judge_tail(roles, sender);
		sender->end = end;
	}
	if (end == sender->end)
		g_array_append_val(sender->tail, i);
}

static void add_packet(struct roles *roles, guint i)
{
	const struct packet *packet = packet_at(roles->capture, i);
	struct sender *sender, *other;

	if (!packet->tcp)
		return;
	sender = &g_array_index(roles->senders, struct sender, 2 * packet->flow + packet->from_first);
	other = &g_array_index(roles->senders, struct sender, 2 * packet->flow + !packet->from_first);
	if (asks_for_ack(sender, packet))
		set_role(roles, i, other->zero_window ? PACKET_ROLE_WINDOW_PROBE : PACKET_ROLE_KEEPALIVE);
	else if (packet->repeat)
		set_role(roles, i, PACKET_ROLE_RETRANSMISSION);
	if (packet_span(packet))
		add_to_tail(roles, sender, i);
	if (packet->flags & PACKET_ACK)
		other->acked = packet->relative_ack;
	sender->zero_window = !packet->window && !(packet->flags & (PACKET_SYN | PACKET_RST));
}

/* The counter is sampled after the segment left: the last one that takes up sequence space is the probe. */
static void mark_probe(struct roles *roles, gint64 t_ns)
{
	for (guint i = roles->capture->packets->len; i-- > 0;) {
		const struct packet *packet = packet_at(roles->capture, i);

		if (packet->t_ns <= t_ns && packet->side == PACKET_OUT && packet->tcp && packet_span(packet)) {
			set_role(roles, i, PACKET_ROLE_LOSS_PROBE);
			return;
		}
	}
}

/* What the kernel under test repeated is a probe only where the kernel counted one. */
static void believe_counter(struct roles *roles, GPtrArray *events)
{
	gint64 shift_ns = capture_base_ns(events) - roles->capture->first_ns;

	for (guint i = 0; i < roles->capture->packets->len; i++) {
		const struct packet *packet = packet_at(roles->capture, i);

		if (packet->side == PACKET_OUT && packet->repeat)
			set_role(roles, i, PACKET_ROLE_RETRANSMISSION);
	}
	for (guint i = 0; i < events->len; i++) {
		const struct event *event = g_ptr_array_index(events, i);

		if (event->type == RECORD_COUNTER && event_number(event, FIELD_DELTA, 0) > 0 &&
		    g_strcmp0(event_text(event, FIELD_NAME), "TcpExt.TCPLossProbes") == 0)
			mark_probe(roles, event->t_ns + shift_ns);
	}
}

GArray *packet_roles(const struct capture *capture, GPtrArray *events)
{
	struct roles roles = { capture, g_array_new(FALSE, TRUE, sizeof(guint)), g_array_new(FALSE, TRUE, sizeof(struct sender)) };

	g_array_set_size(roles.roles, capture->packets->len);
	g_array_set_size(roles.senders, 2 * capture->flow_count);
	for (guint i = 0; i < capture->packets->len; i++)
		add_packet(&roles, i);
	for (guint i = 0; i < roles.senders->len; i++) {
		struct sender *sender = &g_array_index(roles.senders, struct sender, i);

		judge_tail(&roles, sender);
		if (sender->tail)
			g_array_unref(sender->tail);
	}
	g_array_unref(roles.senders);
	if (events)
		believe_counter(&roles, events);
	return roles.roles;
}

static const char *protocol_name(const struct packet *packet)
{
	static const struct { guint protocol; const char *name; } names[] = {
		{ PROTOCOL_ICMP, "ICMP packet" }, { PROTOCOL_ICMPV6, "ICMPv6 packet" }, { PROTOCOL_UDP, "UDP packet" },
		{ PROTOCOL_TCP, "part of a TCP segment" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (packet->ip_version && names[i].protocol == packet->protocol)
			return names[i].name;
	return packet->ip_version ? "packet without TCP" : "packet without IP";
}

static const char *segment_name(const struct packet *packet)
{
	if (packet->flags & PACKET_RST)
		return "RST";
	if (packet->flags & PACKET_FIN)
		return "FIN";
	if (packet->flags & PACKET_SYN)
		return packet->flags & PACKET_ACK ? "SYN-ACK" : "SYN";
	return packet->payload_bytes ? "data" : "ACK";
}

char *packet_kind(const struct packet *packet, enum packet_role role)
{
	const char *name;

	if (!packet->tcp)
		return g_strdup(protocol_name(packet));
	name = segment_name(packet);
	switch (role) {
	case PACKET_ROLE_RETRANSMISSION:
		return g_strconcat(name, " retransmission", NULL);
	case PACKET_ROLE_LOSS_PROBE:
		return g_strconcat(name, " loss probe", NULL);
	case PACKET_ROLE_REPEATED:
		return g_strconcat("repeated ", name, g_str_equal(name, "data") ? " segment" : "", NULL);
	case PACKET_ROLE_WINDOW_PROBE:
		return g_strdup("window probe");
	case PACKET_ROLE_KEEPALIVE:
		return g_strdup("keepalive");
	case PACKET_ROLE_NEW:
	case PACKET_ROLE_COUNT:
		break;
	}
	return g_strconcat(name, g_str_equal(name, "data") ? " segment" : "", NULL);
}
