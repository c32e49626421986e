/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_rows - the packets of two captures side by side
 */
#include "diff_rows.h"

enum { NS_PER_MS = 1000000, NEARNESS_DIGIT_BITS = 6 };

/* One direction of a pair of flows: indices (guint) into the view's packets. */
struct sequence {
	const struct diff_view *view;
	const struct diff_fields *fields;
	gint64 bound_ns;
	GArray *members[2];
};

static const struct diff_packet *packet_at(const struct diff_view *view, guint side, guint index)
{
	return &g_array_index(view->packets[side], struct diff_packet, index);
}

static const struct diff_packet *member(const struct sequence *sequence, guint side, guint i)
{
	return packet_at(sequence->view, side, g_array_index(sequence->members[side], guint, i));
}

/* Grows with the number of digits, so that one pair far apart costs less than many a little apart. */
static gint64 nearness(gint64 apart_ns)
{
	guint64 apart_ms = (guint64)ABS(apart_ns) / NS_PER_MS;
	guint bits = apart_ms ? g_bit_storage((gulong)apart_ms) : 0;
	guint64 rest = bits > NEARNESS_DIGIT_BITS ? apart_ms >> (bits - 1 - NEARNESS_DIGIT_BITS) : apart_ms << (NEARNESS_DIGIT_BITS + 1 - bits);

	if (!apart_ms)
		return DIFF_NEARNESS_MAX;
	return DIFF_NEARNESS_MAX - (gint64)((guint64)bits << NEARNESS_DIGIT_BITS) - (gint64)(rest & ((1 << NEARNESS_DIGIT_BITS) - 1));
}

static gint64 agreement(const struct packet *a, const struct packet *b)
{
	return (a->relative_ack == b->relative_ack) + (a->options_bytes == b->options_bytes) + (a->payload_crc == b->payload_crc);
}

/* A probe is no retransmission; what is only known to be repeated may be either. */
static gboolean roles_fit(enum packet_role a, enum packet_role b)
{
	return (a == PACKET_ROLE_LOSS_PROBE) == (b == PACKET_ROLE_LOSS_PROBE) || a == PACKET_ROLE_REPEATED || b == PACKET_ROLE_REPEATED;
}

/* At the same moment and different in one respect only. */
static gboolean one_changed(const struct sequence *sequence, const struct diff_packet *a, const struct diff_packet *b)
{
	const struct diff_fields *fields = sequence->fields;
	guint changed = 0;

	if (!a->packet->tcp || !b->packet->tcp || ABS(a->flow_ns - b->flow_ns) > sequence->bound_ns)
		return FALSE;
	changed += fields->compared[DIFF_FIELD_SEQ] && a->packet->relative_seq != b->packet->relative_seq;
	changed += fields->compared[DIFF_FIELD_LENGTH] && a->packet->payload_bytes != b->packet->payload_bytes;
	changed += diff_fields_flags(fields, a->packet->flags) != diff_fields_flags(fields, b->packet->flags);
	return changed == 1;
}

static gint64 worth(gconstpointer user, guint i, guint j)
{
	const struct sequence *sequence = user;
	const struct diff_packet *a = member(sequence, 0, i), *b = member(sequence, 1, j);
	gint64 kind = a->key == b->key ? roles_fit(a->role, b->role) ? DIFF_WORTH_WHOLE : 0 :
		one_changed(sequence, a, b) ? DIFF_WORTH_HALF : 0;

	return kind ? kind + agreement(a->packet, b->packet) * DIFF_WORTH_AGREES + nearness(a->flow_ns - b->flow_ns) : 0;
}

/* By time; what is at the same time, by what it is. The same whichever side is called a. */
static int compare_packets(const struct diff_packet *a, const struct diff_packet *b)
{
	const gint64 left[] = { a->t_ns, a->forward, a->packet->relative_seq, a->packet->flags, a->packet->payload_bytes,
				a->packet->relative_ack, a->role, a->packet->options_bytes, a->packet->payload_crc, a->flow_ns };
	const gint64 right[] = { b->t_ns, b->forward, b->packet->relative_seq, b->packet->flags, b->packet->payload_bytes,
				b->packet->relative_ack, b->role, b->packet->options_bytes, b->packet->payload_crc, b->flow_ns };

	for (gsize i = 0; i < G_N_ELEMENTS(left); i++)
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	return 0;
}

static int order(gconstpointer user, guint i, guint j)
{
	return compare_packets(member(user, 0, i), member(user, 1, j));
}

static guint mark_a(gconstpointer user, guint i)
{
	const struct diff_packet *seen = member(user, 0, i);

	return seen->key ^ seen->packet->relative_ack * 2654435761u;
}

static guint mark_b(gconstpointer user, guint i)
{
	const struct diff_packet *seen = member(user, 1, i);

	return seen->key ^ seen->packet->relative_ack * 2654435761u;
}

/* Two sequences for each pair of flows, two for packets without TCP. */
static GArray *split(const struct diff_view *view, const struct diff_fields *fields, gint64 bound_ns)
{
	guint count = 2 * (view->flows->len + 1);
	GArray *sequences = g_array_new(FALSE, FALSE, sizeof(struct sequence));

	for (guint i = 0; i < count; i++) {
		struct sequence sequence = { view, fields, bound_ns, { g_array_new(FALSE, FALSE, sizeof(guint)), g_array_new(FALSE, FALSE, sizeof(guint)) } };

		g_array_append_val(sequences, sequence);
	}
	for (guint side = 0; side < 2; side++)
		for (guint i = 0; i < view->packets[side]->len; i++) {
			const struct diff_packet *seen = packet_at(view, side, i);
			guint flow = seen->flow == DIFF_NO_FLOW ? view->flows->len : seen->flow;

			g_array_append_val(g_array_index(sequences, struct sequence, 2 * flow + seen->forward).members[side], i);
		}
	return sequences;
}

/* partners[side]: for each packet of the view the one of the other side, or DIFF_ALIGN_NONE. */
static void align(const struct sequence *sequence, guint *const partners[2])
{
	struct diff_aligner aligner = { worth, order, mark_a, mark_b, sequence };
	g_autoptr(GArray) rows = diff_align(&aligner, sequence->members[0]->len, sequence->members[1]->len);

	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);
		guint a = row.a == DIFF_ALIGN_NONE ? row.a : g_array_index(sequence->members[0], guint, row.a);
		guint b = row.b == DIFF_ALIGN_NONE ? row.b : g_array_index(sequence->members[1], guint, row.b);

		if (a != DIFF_ALIGN_NONE)
			partners[0][a] = b;
		if (b != DIFF_ALIGN_NONE)
			partners[1][b] = a;
	}
}

/* Two pairs, each of one packet of either side: by the earlier packet of each, then by the other one. */
static int compare_pairs(const struct diff_view *view, guint a, guint b, guint other_a, guint other_b)
{
	const struct diff_packet *pair[2] = { packet_at(view, 0, a), packet_at(view, 1, b) };
	const struct diff_packet *other[2] = { packet_at(view, 0, other_a), packet_at(view, 1, other_b) };
	guint late = compare_packets(pair[0], pair[1]) <= 0, other_late = compare_packets(other[0], other[1]) <= 0;
	int order_of_early = compare_packets(pair[!late], other[!other_late]);

	return order_of_early ? order_of_early : compare_packets(pair[late], other[other_late]);
}

/* Which of the two next packets goes first: a's (with its partner, if it has one), else b's. */
static gboolean a_goes_first(const struct diff_view *view, guint *const partners[2], guint a, guint b)
{
	guint a_partner = partners[0][a], b_partner = partners[1][b];

	if (a_partner == b)
		return TRUE;
	if (a_partner == DIFF_ALIGN_NONE && b_partner == DIFF_ALIGN_NONE)
		return compare_packets(packet_at(view, 0, a), packet_at(view, 1, b)) <= 0;
	if (a_partner == DIFF_ALIGN_NONE || b_partner == DIFF_ALIGN_NONE)
		return a_partner == DIFF_ALIGN_NONE;
	/* Two pairs that cross: the earlier one. */
	return compare_pairs(view, a, a_partner, b_partner, b) <= 0;
}

static GArray *merge(const struct diff_view *view, guint *const partners[2])
{
	guint counts[2] = { view->packets[0]->len, view->packets[1]->len }, next[2] = { 0, 0 };
	g_autofree gboolean *a_done = g_new0(gboolean, counts[0] + 1), *b_done = g_new0(gboolean, counts[1] + 1);
	gboolean *const done[2] = { a_done, b_done };
	GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct diff_row));

	for (;;) {
		struct diff_row row;

		for (guint side = 0; side < 2; side++)
			while (next[side] < counts[side] && done[side][next[side]])
				next[side]++;
		if (next[0] == counts[0] && next[1] == counts[1])
			return rows;
		if (next[1] == counts[1] || (next[0] < counts[0] && a_goes_first(view, partners, next[0], next[1])))
			row = (struct diff_row){ next[0], partners[0][next[0]] };
		else
			row = (struct diff_row){ partners[1][next[1]], next[1] };
		if (row.a != DIFF_ALIGN_NONE)
			done[0][row.a] = TRUE;
		if (row.b != DIFF_ALIGN_NONE)
			done[1][row.b] = TRUE;
		g_array_append_val(rows, row);
	}
}

GArray *diff_rows(const struct diff_view *view, const struct diff_fields *fields, gint64 bound_ns)
{
	g_autoptr(GArray) sequences = split(view, fields, bound_ns);
	g_autofree guint *a = g_new0(guint, view->packets[0]->len + 1), *b = g_new0(guint, view->packets[1]->len + 1);
	guint *const partners[2] = { a, b };

	for (guint i = 0; i < sequences->len; i++) {
		struct sequence *sequence = &g_array_index(sequences, struct sequence, i);

		align(sequence, partners);
		g_array_unref(sequence->members[0]);
		g_array_unref(sequence->members[1]);
	}
	return merge(view, partners);
}
