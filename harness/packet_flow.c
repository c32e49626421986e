/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_flow - which flow a packet belongs to, and what in it was sent before
 * Sequence numbers wrap, so they are compared by the sign of their difference (RFC 9293 3.4).
 */
#include "packet.h"

#include <string.h>

/* One direction of a flow. */
struct half {
	gboolean seen;
	guint32 initial; /* sequence number that counts as 0 */
	guint32 end;     /* the highest sequence number sent, plus 1 */
};

struct endpoint {
	guint8 address[PACKET_ADDRESS_BYTES];
	guint16 port;
};

struct flow {
	struct endpoint first, second; /* first: sender of the packet that opened the flow */
	struct half halves[2];         /* [0]: what first sends */
	gboolean finished;             /* a FIN or RST was seen: a new SYN opens a new flow */
};

struct flows {
	GArray *flows; /* struct flow */
};

struct flows *flows_new(void)
{
	struct flows *flows = g_new0(struct flows, 1);

	flows->flows = g_array_new(FALSE, TRUE, sizeof(struct flow));
	return flows;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	g_array_unref(flows->flows);
	g_free(flows);
}

guint flows_count(const struct flows *flows)
{
	return flows->flows->len;
}

static void endpoints(const struct packet *packet, struct endpoint *source, struct endpoint *target)
{
	memset(source, 0, sizeof(*source));
	memset(target, 0, sizeof(*target));
	memcpy(source->address, packet->source, sizeof(source->address));
	memcpy(target->address, packet->target, sizeof(target->address));
	source->port = packet->source_port;
	target->port = packet->target_port;
}

static gboolean same(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static gboolean reopens(const struct flow *flow, const struct half *half, const struct packet *packet)
{
	return flow->finished && (packet->flags & PACKET_SYN) && !(packet->flags & PACKET_ACK) && half->initial != packet->seq;
}

/* Newest flow first, so that reused ports find the flow that is alive. */
static struct flow *find(struct flows *flows, struct packet *packet)
{
	struct endpoint source, target;
	struct flow new_flow = { 0 };

	endpoints(packet, &source, &target);
	for (guint i = flows->flows->len; i-- > 0;) {
		struct flow *flow = &g_array_index(flows->flows, struct flow, i);

		packet->from_first = same(&flow->first, &source) && same(&flow->second, &target);
		if (!packet->from_first && !(same(&flow->first, &target) && same(&flow->second, &source)))
			continue;
		if (reopens(flow, &flow->halves[!packet->from_first], packet))
			break;
		packet->flow = i;
		return flow;
	}
	new_flow.first = source;
	new_flow.second = target;
	packet->from_first = TRUE;
	packet->flow = flows->flows->len;
	g_array_append_val(flows->flows, new_flow);
	return &g_array_index(flows->flows, struct flow, packet->flow);
}

/* A capture that begins in the middle of a flow has no SYN: the first byte seen then counts as 1. */
static void begin_half(struct half *half, guint32 initial)
{
	if (half->seen)
		return;
	half->seen = TRUE;
	half->initial = initial;
	half->end = initial;
}

void flows_add(struct flows *flows, struct packet *packet)
{
	struct flow *flow;
	struct half *sent, *other;
	guint32 end;

	if (!packet->tcp)
		return;
	flow = find(flows, packet);
	sent = &flow->halves[!packet->from_first];
	other = &flow->halves[packet->from_first];
	begin_half(sent, packet->flags & PACKET_SYN ? packet->seq : packet->seq - 1);
	if (packet->flags & PACKET_ACK)
		begin_half(other, packet->ack - 1);
	end = packet->seq + packet_span(packet);
	packet->relative_seq = packet->seq - sent->initial;
	packet->relative_ack = packet->flags & PACKET_ACK ? packet->ack - other->initial : 0;
	packet->repeat = packet_span(packet) > 0 && (gint32)(end - sent->end) <= 0;
	if ((gint32)(end - sent->end) > 0)
		sent->end = end;
	flow->finished = flow->finished || (packet->flags & (PACKET_FIN | PACKET_RST));
}
