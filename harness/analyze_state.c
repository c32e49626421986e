/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_state - the observed socket's path through the states of TCP, and how long it stayed in each
 * in: samples of the observed socket; out: facts state.* (RFC 9293 3.3.2)
 */
#include "analyze.h"

#include "seconds.h"

enum { STATE_COUNT = 13 };

/* Linux's numbers (include/net/tcp_states.h). */
enum {
	ESTABLISHED = 1, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING, NEW_SYN_RECV,
};

#define TO(state) (1u << (state))

/* RFC 9293 figure 5, and CLOSE from everywhere (abort, RST, timeout: 3.10). NEW_SYN_RECV is Linux's SYN_RECV without a whole socket. */
static const guint moves[STATE_COUNT] = {
	[CLOSE] = TO(LISTEN) | TO(SYN_SENT),
	[LISTEN] = TO(SYN_RECV) | TO(NEW_SYN_RECV) | TO(SYN_SENT) | TO(CLOSE),
	[SYN_SENT] = TO(SYN_RECV) | TO(ESTABLISHED) | TO(CLOSE),
	[SYN_RECV] = TO(ESTABLISHED) | TO(FIN_WAIT1) | TO(CLOSE_WAIT) | TO(LISTEN) | TO(CLOSE),
	[NEW_SYN_RECV] = TO(SYN_RECV) | TO(ESTABLISHED) | TO(CLOSE),
	[ESTABLISHED] = TO(FIN_WAIT1) | TO(CLOSE_WAIT) | TO(CLOSE),
	[FIN_WAIT1] = TO(FIN_WAIT2) | TO(CLOSING) | TO(TIME_WAIT) | TO(CLOSE),
	[FIN_WAIT2] = TO(TIME_WAIT) | TO(CLOSE),
	[CLOSING] = TO(TIME_WAIT) | TO(CLOSE),
	[TIME_WAIT] = TO(CLOSE),
	[CLOSE_WAIT] = TO(LAST_ACK) | TO(CLOSE),
	[LAST_ACK] = TO(CLOSE),
};

struct state {
	char *illegal;    /* the first move that RFC 9293 does not have */
	guint illegal_moves;
	gint64 current, since_ns, last_ns, gone_ns;
	gboolean seen, gone;
	gboolean entered[STATE_COUNT];
	gint64 stayed_ns[STATE_COUNT];
	GArray *path; /* struct step */
};

struct step {
	gint64 state, from_ns;
};

/* Samples may miss a state that did not last: a move is legal if there is a way, but none through CLOSE, where a socket ends. */
static gboolean can_reach(gint64 from, gint64 to)
{
	guint reached = TO(from), before = 0;

	while (reached != before) {
		before = reached;
		for (gint64 i = 0; i < STATE_COUNT; i++)
			if (reached & TO(i) && (i == from || i != CLOSE))
				reached |= moves[i];
	}
	return reached & TO(to);
}

static void check_move(struct state *state, gint64 next)
{
	if (!state->seen || can_reach(state->current, next))
		return;
	if (!state->illegal_moves++)
		state->illegal = g_strdup_printf("%s to %s", event_value_name(FIELD_STATE, state->current), event_value_name(FIELD_STATE, next));
}

static void leave(struct state *state, gint64 now_ns)
{
	if (state->seen && state->current >= 0 && state->current < STATE_COUNT)
		state->stayed_ns[state->current] += now_ns - state->since_ns;
	state->since_ns = now_ns;
}

static void enter(struct state *state, gint64 next, gint64 now_ns)
{
	struct step step = { next, now_ns };

	check_move(state, next);
	leave(state, now_ns);
	state->current = next;
	state->seen = TRUE;
	if (next >= 0 && next < STATE_COUNT)
		state->entered[next] = TRUE;
	if (!state->path)
		state->path = g_array_new(FALSE, FALSE, sizeof(struct step));
	g_array_append_val(state->path, step);
}

/* A socket that is gone has no state to be in any more; a later one on the same addresses starts again. */
static void state_event(gpointer data, const struct event *event)
{
	struct state *state = data;
	gint64 next = event_number(event, FIELD_STATE, -1);

	state->last_ns = event->t_ns;
	if (event->type == RECORD_GONE && state->seen && !state->gone) {
		state->gone = TRUE;
		state->gone_ns = event->t_ns;
	} else if (event->type == RECORD_SOCKET && event_value_name(FIELD_STATE, next) && !state->gone &&
		   (!state->seen || next != state->current)) {
		enter(state, next, event->t_ns);
	}
}

static void set_path(const struct state *state, struct facts *facts)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < state->path->len; i++) {
		const struct step *step = &g_array_index(state->path, struct step, i);
		JsonObject *object = json_object_new();

		g_string_append_printf(text, "%s%s", i ? " " : "", event_value_name(FIELD_STATE, step->state));
		json_object_set_string_member(object, "state", event_value_name(FIELD_STATE, step->state));
		json_object_set_double_member(object, "from_s", seconds_of_ns(step->from_ns));
		json_array_add_object_element(facts_list(facts, "state.path"), object);
	}
	facts_text(facts, "state.path", text->str);
}

static void state_finish(gpointer data, struct facts *facts)
{
	struct state *state = data;

	if (!state->seen)
		return;
	leave(state, state->gone ? state->gone_ns : state->last_ns);
	set_path(state, facts);
	facts_text(facts, "state.last", event_value_name(FIELD_STATE, state->current));
	for (gint64 i = 0; i < STATE_COUNT; i++) {
		const char *name = event_value_name(FIELD_STATE, i);
		g_autofree char *lower = name ? g_ascii_strdown(name, -1) : NULL;
		g_autofree char *fact = g_strdup_printf("state.%s_s", lower);

		if (state->entered[i])
			facts_number(facts, fact, seconds_of_ns(state->stayed_ns[i]));
	}
	facts_number(facts, "state.illegal_moves", state->illegal_moves);
	if (state->illegal)
		facts_text(facts, "state.illegal", state->illegal);
}

static void state_release(gpointer data)
{
	struct state *state = data;

	g_free(state->illegal);
	if (state->path)
		g_array_unref(state->path);
}

#define STAY(name, state) { "state." name "_s", "s", "time in " state, "the socket was never seen in " state }

static const struct fact_name state_facts[] = {
	{ "state.path", "text", "states in order, with blanks between", "no socket was sampled" },
	{ "state.last", "text", "last state seen", "no socket was sampled" },
	STAY("established", "ESTABLISHED"), STAY("syn_sent", "SYN_SENT"), STAY("syn_recv", "SYN_RECV"),
	STAY("fin_wait1", "FIN_WAIT1"), STAY("fin_wait2", "FIN_WAIT2"), STAY("time_wait", "TIME_WAIT"),
	STAY("close", "CLOSE"), STAY("close_wait", "CLOSE_WAIT"), STAY("last_ack", "LAST_ACK"), STAY("listen", "LISTEN"),
	STAY("closing", "CLOSING"), STAY("new_syn_recv", "NEW_SYN_RECV"),
	{ "state.illegal_moves", "count", "moves from state to state that RFC 9293 has no way for", "no socket was sampled" },
	{ "state.illegal", "text", "the first of them", "no move was illegal" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_state = {
	.name = "state", .summary = "the socket's path through the states of TCP and the time in each",
	.state_size = sizeof(struct state), .facts = state_facts,
	.event = state_event, .finish = state_finish, .release = state_release,
};
