/* SPDX-License-Identifier: GPL-2.0-or-later
 * analyze_state - the observed socket's path through the states of TCP, and how long it stayed in each
 * in: samples of the observed socket; out: facts state.* and socket.* (RFC 9293 3.3.2)
 */
#include "analyze.h"

#include "seconds.h"

enum { STATE_COUNT = 13 };

struct state {
	gint64 current, since_ns, last_ns, gone_ns;
	gboolean seen, gone;
	gboolean entered[STATE_COUNT];
	gint64 stayed_ns[STATE_COUNT];
	GArray *path; /* struct step */
};

struct step {
	gint64 state, from_ns;
};

static void leave(struct state *state, gint64 now_ns)
{
	if (state->seen && state->current >= 0 && state->current < STATE_COUNT)
		state->stayed_ns[state->current] += now_ns - state->since_ns;
	state->since_ns = now_ns;
}

static void enter(struct state *state, gint64 next, gint64 now_ns)
{
	struct step step = { next, now_ns };

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
	facts_number(facts, "socket.gone", state->gone);
	if (state->gone)
		facts_number(facts, "socket.gone_s", seconds_of_ns(state->gone_ns));
}

static void state_release(gpointer data)
{
	struct state *state = data;

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
	{ "socket.gone", "yes/no", "1 when the socket no longer existed at the end", "no socket was sampled" },
	{ "socket.gone_s", "s", "when the socket was found destroyed, since script time zero", "the socket was not seen to go" },
	{ NULL, NULL, NULL, NULL },
};

const struct analyzer analyze_state = {
	.name = "state", .summary = "the socket's path through the states of TCP and the time in each",
	.state_size = sizeof(struct state), .facts = state_facts,
	.event = state_event, .finish = state_finish, .release = state_release,
};
