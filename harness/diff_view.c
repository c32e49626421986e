/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_view - two captures as a diff sees them
 */
#include "diff_view.h"

#include <string.h>

/* A flow of one capture before it has a partner. */
struct candidate {
	const struct packet *first; /* NULL: not seen yet */
	gboolean from_first;        /* of packets by the end that opened the flow */
	guint32 stamps[2];          /* [forward]: first time stamp */
	gboolean stamped[2];
	GArray *keys;               /* guint, sorted: what is sent in it */
};

/* How alike two flows are. */
struct match {
	guint a, b;
	double alike;
	gboolean same_port;
};

struct builder {
	const struct capture *const *captures;
	GArray *const *roles;
	const struct diff_fields *fields;
	GHashTable *numbers;   /* text of a key: its number, from 1 */
	GArray *candidates[2]; /* struct candidate */
	guint *pair_of[2];     /* by the capture's flow: number of the pair */
};

enum { MATCHES_MAX = 4 * 1000 * 1000, NEIGHBOURS = 200 };

static struct candidate *candidate_of(const struct builder *builder, guint side, const struct packet *packet)
{
	return &g_array_index(builder->candidates[side], struct candidate, packet->flow);
}

/* Which end opened it: who sent the SYN, who was sent the SYN-ACK; of a capture that began later, the end with the higher port. */
static gboolean opened_by_sender(const struct packet *packet)
{
	if (packet->flags & PACKET_SYN)
		return !(packet->flags & PACKET_ACK);
	return packet->source_port >= packet->target_port;
}

static gboolean is_forward(const struct builder *builder, guint side, const struct packet *packet)
{
	return candidate_of(builder, side, packet)->from_first == packet->from_first;
}

static guint key_number(const struct builder *builder, const char *text)
{
	guint number = GPOINTER_TO_UINT(g_hash_table_lookup(builder->numbers, text));

	if (!number) {
		number = g_hash_table_size(builder->numbers) + 1;
		g_hash_table_insert(builder->numbers, g_strdup(text), GUINT_TO_POINTER(number));
	}
	return number;
}

/* pair: the flow's number, or DIFF_NO_FLOW for a key that fits in any flow. */
static guint packet_key(const struct builder *builder, guint side, const struct packet *packet, guint pair)
{
	const struct diff_fields *fields = builder->fields;
	char text[160];

	if (!packet->tcp)
		g_snprintf(text, sizeof(text), "no TCP %u %u %u", packet->ip_version, packet->protocol,
			   fields->compared[DIFF_FIELD_LENGTH] ? packet->wire_bytes : 0);
	else
		g_snprintf(text, sizeof(text), "%u %c %u %u %u", pair, is_forward(builder, side, packet) ? '>' : '<',
			   diff_fields_flags(fields, packet->flags),
			   fields->compared[DIFF_FIELD_SEQ] ? packet->relative_seq : 0,
			   fields->compared[DIFF_FIELD_LENGTH] ? packet->payload_bytes : 0);
	return key_number(builder, text);
}

static void note_stamps(const struct builder *builder, guint side, const struct packet *packet)
{
	struct candidate *candidate = candidate_of(builder, side, packet);
	gboolean forward = is_forward(builder, side, packet);
	guint32 value, echo;

	if (candidate->stamped[forward] || !packet_stamps(packet, &value, &echo))
		return;
	candidate->stamped[forward] = TRUE;
	candidate->stamps[forward] = value;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	guint left = *(const guint *)a, right = *(const guint *)b;

	return left < right ? -1 : left > right;
}

static void find_candidates(struct builder *builder, guint side)
{
	const struct capture *capture = builder->captures[side];
	GArray *candidates = builder->candidates[side] = g_array_new(FALSE, TRUE, sizeof(struct candidate));

	g_array_set_size(candidates, capture->flow_count);
	for (guint i = 0; i < capture->packets->len; i++) {
		const struct packet *packet = g_ptr_array_index(capture->packets, i);
		struct candidate *candidate = packet->tcp ? candidate_of(builder, side, packet) : NULL;
		guint key;

		if (!candidate)
			continue;
		if (!candidate->first) {
			candidate->first = packet;
			candidate->from_first = packet->from_first == opened_by_sender(packet);
			candidate->keys = g_array_new(FALSE, FALSE, sizeof(guint));
		}
		key = packet_key(builder, side, packet, DIFF_NO_FLOW);
		g_array_append_val(candidate->keys, key);
		note_stamps(builder, side, packet);
	}
	for (guint i = 0; i < candidates->len; i++)
		g_array_sort(g_array_index(candidates, struct candidate, i).keys, by_number);
}

/* Both keys sorted; packets that both have, of all: 0 … 1. */
static double alike(const GArray *a, const GArray *b)
{
	guint i = 0, j = 0, common = 0;

	while (i < a->len && j < b->len) {
		guint left = g_array_index(a, guint, i), right = g_array_index(b, guint, j);

		common += left == right;
		i += left <= right;
		j += right <= left;
	}
	return 2.0 * common / (a->len + b->len);
}

static guint16 server_port(const struct candidate *candidate)
{
	return candidate->from_first == candidate->first->from_first ? candidate->first->target_port : candidate->first->source_port;
}

/* Of the best; then of the same port, nearest in order. Symmetric, so that a diff the other way round has the same pairs. */
static gint by_likeness(gconstpointer left, gconstpointer right)
{
	const struct match *x = left, *y = right;
	guint x_apart = MAX(x->a, x->b) - MIN(x->a, x->b), y_apart = MAX(y->a, y->b) - MIN(y->a, y->b);

	if (x->alike != y->alike)
		return x->alike > y->alike ? -1 : 1;
	if (x->same_port != y->same_port)
		return x->same_port ? -1 : 1;
	if (x_apart != y_apart)
		return x_apart < y_apart ? -1 : 1;
	return x->a + x->b < y->a + y->b ? -1 : x->a + x->b > y->a + y->b;
}

static GArray *all_matches(const struct builder *builder)
{
	const GArray *a = builder->candidates[0], *b = builder->candidates[1];
	gboolean many = (guint64)a->len * b->len > MATCHES_MAX;
	GArray *matches = g_array_new(FALSE, FALSE, sizeof(struct match));

	for (guint i = 0; i < a->len; i++)
		for (guint j = many && i > NEIGHBOURS ? i - NEIGHBOURS : 0; j < (many ? MIN(b->len, i + NEIGHBOURS) : b->len); j++) {
			const struct candidate *left = &g_array_index(a, struct candidate, i), *right = &g_array_index(b, struct candidate, j);
			struct match match = { i, j, alike(left->keys, right->keys), server_port(left) == server_port(right) };

			if (match.alike > 0)
				g_array_append_val(matches, match);
		}
	g_array_sort(matches, by_likeness);
	return matches;
}

static void fill_none(guint *numbers, guint count)
{
	for (guint i = 0; i < count; i++)
		numbers[i] = DIFF_NO_FLOW;
}

/* Numbers pairs in the order of a's flows; then come those only b has. */
static GArray *pair_flows(struct builder *builder)
{
	g_autoptr(GArray) matches = all_matches(builder);
	guint a_count = builder->candidates[0]->len, b_count = builder->candidates[1]->len;
	g_autofree guint *b_of = g_new(guint, a_count + 1);
	GArray *flows = g_array_new(FALSE, FALSE, sizeof(struct diff_flow));

	builder->pair_of[0] = g_new(guint, a_count + 1);
	builder->pair_of[1] = g_new(guint, b_count + 1);
	fill_none(b_of, a_count);
	fill_none(builder->pair_of[1], b_count);
	for (guint i = 0; i < matches->len; i++) {
		const struct match *match = &g_array_index(matches, struct match, i);

		if (b_of[match->a] == DIFF_NO_FLOW && builder->pair_of[1][match->b] == DIFF_NO_FLOW) {
			b_of[match->a] = match->b;
			builder->pair_of[1][match->b] = match->a;
		}
	}
	for (guint i = 0; i < a_count; i++) {
		struct diff_flow flow = { i, b_of[i] };

		builder->pair_of[0][i] = i;
		g_array_append_val(flows, flow);
	}
	for (guint i = 0; i < b_count; i++)
		if (builder->pair_of[1][i] == DIFF_NO_FLOW) {
			struct diff_flow flow = { DIFF_NO_FLOW, i };

			builder->pair_of[1][i] = flows->len;
			g_array_append_val(flows, flow);
		}
	return flows;
}

static struct diff_packet see_packet(const struct builder *builder, guint side, guint index)
{
	const struct capture *capture = builder->captures[side];
	const struct packet *packet = g_ptr_array_index(capture->packets, index), *zero = g_ptr_array_index(capture->packets, 0);
	struct diff_packet seen = { .packet = packet, .role = g_array_index(builder->roles[side], guint, index), .flow = DIFF_NO_FLOW,
				    .t_ns = packet->t_ns - zero->t_ns, .flow_ns = packet->t_ns - zero->t_ns };

	if (packet->tcp) {
		const struct candidate *candidate = candidate_of(builder, side, packet);

		seen.flow = builder->pair_of[side][packet->flow];
		seen.forward = is_forward(builder, side, packet);
		seen.flow_ns = packet->t_ns - candidate->first->t_ns;
		seen.stamp_base[0] = candidate->stamps[seen.forward];
		seen.stamp_base[1] = candidate->stamps[!seen.forward];
	} else {
		seen.forward = packet->side != PACKET_OUT;
	}
	seen.key = packet_key(builder, side, packet, seen.flow);
	return seen;
}

static void builder_clear(struct builder *builder)
{
	for (guint side = 0; side < 2; side++) {
		for (guint i = 0; i < builder->candidates[side]->len; i++)
			g_array_unref(g_array_index(builder->candidates[side], struct candidate, i).keys);
		g_array_unref(builder->candidates[side]);
		g_free(builder->pair_of[side]);
	}
	g_hash_table_unref(builder->numbers);
}

struct diff_view *diff_view_new(const struct capture *const captures[2], GArray *const roles[2], const struct diff_fields *fields)
{
	struct builder builder = { captures, roles, fields, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), { NULL }, { NULL } };
	struct diff_view *view = g_new0(struct diff_view, 1);

	find_candidates(&builder, 0);
	find_candidates(&builder, 1);
	view->flows = pair_flows(&builder);
	for (guint side = 0; side < 2; side++) {
		view->packets[side] = g_array_new(FALSE, FALSE, sizeof(struct diff_packet));
		for (guint i = 0; i < captures[side]->packets->len; i++) {
			struct diff_packet seen = see_packet(&builder, side, i);

			g_array_append_val(view->packets[side], seen);
		}
	}
	builder_clear(&builder);
	return view;
}

void diff_view_free(struct diff_view *view)
{
	if (!view)
		return;
	g_array_unref(view->packets[0]);
	g_array_unref(view->packets[1]);
	g_array_unref(view->flows);
	g_free(view);
}

char *diff_view_flow_text(const struct diff_view *view, guint side, guint flow)
{
	for (guint i = 0; i < view->packets[side]->len; i++) {
		const struct diff_packet *seen = &g_array_index(view->packets[side], struct diff_packet, i);
		g_autofree char *source = NULL, *target = NULL;

		if (!seen->packet->tcp || seen->packet->flow != flow)
			continue;
		source = packet_source_text(seen->packet);
		target = packet_target_text(seen->packet);
		return seen->forward ? g_strdup_printf("%s > %s", source, target) : g_strdup_printf("%s > %s", target, source);
	}
	return g_strdup("");
}
