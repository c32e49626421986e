/* SPDX-License-Identifier: GPL-2.0-or-later
 * cause - a cell's facts as words
 */
#include "cause.h"

#include <string.h>

#include "cause_calls.h"
#include "seconds.h"

static guint count_of(const struct facts *facts, const char *name)
{
	return (guint)facts_number_of(facts, name, 0);
}

/* What a case is about is told by the names in its lines. The first entry serves all others. */
static const struct subject {
	const char *prefix, *fact, *unit;
} subjects[] = {
	{ "fin.", "fin.sent", "FIN" }, { "data.", "data.sent", "data" }, { "synack.", "synack.sent", "SYN-ACK" },
	{ "syn.", "syn.sent", "SYN" }, { "rst.", "rst.sent", "RST" }, { "keepalive.", "probe.keepalive", "keepalive" },
	{ "probe.keepalive", "probe.keepalive", "keepalive" }, { "zero_window.", "probe.zero_window", "window probe" },
	{ "probe.zero_window", "probe.zero_window", "window probe" },
};

static const struct subject *subject_of_lines(GPtrArray *lines)
{
	for (guint i = 0; lines && i < lines->len; i++)
		for (gsize j = 0; j < G_N_ELEMENTS(subjects); j++)
			if (g_str_has_prefix(((const struct case_line *)lines->pdata[i])->text, subjects[j].prefix))
				return &subjects[j];
	return NULL;
}

char *cause_wire(const struct test_case *test_case, const struct facts *facts)
{
	const struct subject *subject = subject_of_lines(test_case->ok);

	if (!subject)
		subject = subject_of_lines(test_case->bug);
	if (!subject)
		subject = &subjects[0];
	return g_strdup_printf("%u %s", count_of(facts, subject->fact), subject->unit);
}

/* " rto 76 s"; "" when no sample told. */
static char *rto_text(const struct facts *facts)
{
	double rto_s = facts_number_of(facts, "rto.max_s", -1);
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (rto_s < 0)
		return g_strdup("");
	return g_strdup_printf(" rto %s s", g_ascii_formatd(number, sizeof(number), rto_s < 9.95 ? "%.2g" : "%.0f", rto_s));
}

/* "state.close_wait_s" for CLOSE_WAIT: how long the last state lasted; -1 when unknown. */
static double last_stay_s(const struct facts *facts)
{
	const char *last = facts_text_of(facts, "state.last");
	g_autofree char *lower = last ? g_ascii_strdown(last, -1) : NULL;
	g_autofree char *name = g_strdup_printf("state.%s_s", lower ? lower : "");

	return facts_number_of(facts, name, -1);
}

static char *state_text(const struct facts *facts)
{
	const char *last = facts_text_of(facts, "state.last");
	double stay_s = last_stay_s(facts);
	g_autofree char *stay = stay_s >= 0 ? seconds_text(stay_s) : NULL;

	if (!last)
		return g_strdup("nothing told");
	return stay ? g_strdup_printf("%s %s s", last, stay) : g_strdup(last);
}

char *cause_believes(const struct facts *facts)
{
	g_autofree char *rto = rto_text(facts);
	guint retransmits = count_of(facts, "Tcp.RetransSegs"), backoffs = count_of(facts, "rto.backoffs");

	if (retransmits)
		return g_strdup_printf("%u retransmit%s%s", retransmits, retransmits == 1 ? "" : "s", rto);
	if (backoffs)
		return g_strdup_printf("%u backoff%s%s", backoffs, backoffs == 1 ? "" : "s", rto);
	return state_text(facts);
}

/* "0.30 0.60 1.22 … 76.3"; a short list is written out. */
static char *times_text(JsonArray *times)
{
	enum { FRONT = 3, WHOLE = 5 };
	guint length = json_array_get_length(times);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < length; i++) {
		g_autofree char *time = seconds_text(json_array_get_double_element(times, i));

		if (length > WHOLE && i == FRONT)
			g_string_append(text, " …");
		if (length <= WHOLE || i < FRONT || i + 1 == length)
			g_string_append_printf(text, "%s%s", text->len ? " " : "", time);
	}
	return g_string_free(text, FALSE);
}

static char *gaps_text(const struct facts *facts, const char *prefix)
{
	g_autofree char *name = g_strconcat(prefix, ".gap_ratio", NULL);
	double ratio = facts_number_of(facts, name, 0);
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (ratio <= 0)
		return g_strdup("");
	if (ratio >= 1.8 && ratio <= 2.2)
		return g_strdup(", gaps double");
	return g_strdup_printf(", each gap %s times the one before", g_ascii_formatd(number, sizeof(number), "%.2f", ratio));
}

/* Each tells its story or returns NULL: then the next one is asked. */
static char *story_blocked(const struct facts *facts)
{
	guint blocked = count_of(facts, "blocked.count"), backoffs = count_of(facts, "rto.backoffs");
	const char *reason = facts_text_of(facts, "blocked.reason");
	gboolean fin = count_of(facts, "fin.sent") > 0;
	guint repeats = fin ? count_of(facts, "fin.retransmits") : count_of(facts, "data.retransmits");

	if (!blocked || !reason)
		return NULL;
	return g_strdup_printf("timer backed off %u time%s, %u %s retransmitted: %s", backoffs, backoffs == 1 ? "" : "s", repeats,
			       fin ? "FIN" : repeats == 1 ? "segment" : "segments", reason);
}

/* ", CLOSING 139 s, socket not destroyed" as far as samples tell. */
static char *rest_of_life(const struct facts *facts)
{
	const struct fact *gone = facts_find(facts, "socket.gone_s");
	g_autofree char *state = facts_text_of(facts, "state.last") ? state_text(facts) : NULL;
	g_autofree char *at = gone ? seconds_text(gone->number) : NULL;

	if (!state)
		return g_strdup("");
	return at ? g_strdup_printf(", %s, socket gone at %s s", state, at) : g_strdup_printf(", %s", state);
}

static char *story_fin_once(const struct facts *facts)
{
	const struct fact *acked = facts_find(facts, "fin.acked_s");
	g_autofree char *rest = rest_of_life(facts), *after = acked ? seconds_text(acked->number) : NULL;

	if (!count_of(facts, "fin.sent"))
		return NULL;
	if (after)
		return g_strdup_printf("FIN sent once, acknowledged after %s s%s", after, rest);
	return g_strdup_printf("FIN sent once and not acknowledged, the kernel counted %u timeouts%s",
			       count_of(facts, "rto.backoffs"), rest);
}

/* The kinds of segments that are sent again, the one a case is most likely about first. */
static char *story_repeated(const struct facts *facts)
{
	static const struct { const char *count, *prefix, *what; } kinds[] = {
		{ "fin.retransmits", "fin", "FIN retransmitted" }, { "data.retransmits", "data", "data retransmitted" },
		{ "synack.retransmits", "synack", "SYN-ACK retransmitted" }, { "syn.retransmits", "syn", "SYN retransmitted" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *name = g_strconcat(kinds[i].prefix, ".times_s", NULL), *times = NULL, *gaps = NULL;

		if (!count_of(facts, kinds[i].count))
			continue;
		times = times_text(facts_list((struct facts *)facts, name));
		gaps = gaps_text(facts, kinds[i].prefix);
		/* Segments that were each repeated once have no common times. */
		return *times ? g_strdup_printf("%s at %s s%s", kinds[i].what, times, gaps) :
		       g_strdup_printf("%s %u times", kinds[i].what, count_of(facts, kinds[i].count));
	}
	return NULL;
}

static char *story_rst(const struct facts *facts)
{
	g_autofree char *rest = rest_of_life(facts);

	return count_of(facts, "rst.sent") && !count_of(facts, "fin.sent") ? g_strdup_printf("RST sent, no FIN%s", rest) : NULL;
}

static char *story_probes(const struct facts *facts)
{
	guint keepalives = count_of(facts, "probe.keepalive"), zero_windows = count_of(facts, "probe.zero_window");
	g_autofree char *rest = rest_of_life(facts);

	if (count_of(facts, "fin.sent") || (!keepalives && !zero_windows))
		return NULL;
	return g_strdup_printf("%u %s sent, no FIN%s", keepalives ? keepalives : zero_windows, keepalives ? "keepalives" : "zero-window probes", rest);
}

static char *story_state(const struct facts *facts)
{
	g_autofree char *rest = rest_of_life(facts);

	return g_strdup_printf("no FIN sent%s", rest);
}

/* "lo dropped 2 packets": what the kernel sent and a device threw away. NULL: none did, or it is the reason already. */
static char *drops_text(const struct facts *facts)
{
	static const char suffix[] = ".tx_dropped";
	g_autoptr(GPtrArray) names = facts_names(facts, facts);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < names->len && !facts_text_of(facts, "blocked.reason"); i++) {
		const char *name = names->pdata[i];
		guint count = g_str_has_suffix(name, suffix) ? count_of(facts, name) : 0;

		if (count)
			g_string_append_printf(text, "%s%.*s dropped %u packet%s", text->len ? ", " : "", (int)(strlen(name) - strlen(suffix)), name,
					       count, count == 1 ? "" : "s");
	}
	return g_string_free(text, !text->len);
}

char *cause_story(const struct facts *facts)
{
	static char *(*const stories[])(const struct facts *facts) = {
		story_blocked, story_repeated, story_rst, story_probes, story_fin_once, story_state,
	};
	const char *illegal = facts_text_of(facts, "state.illegal");
	g_autofree char *text = NULL, *calls = cause_calls(facts), *drops = drops_text(facts);

	for (gsize i = 0; !text && i < G_N_ELEMENTS(stories); i++)
		text = stories[i](facts);
	return g_strconcat(illegal ? illegal : "", illegal ? ", a move RFC 9293 does not have; " : "", text, drops ? "; " : "", drops ? drops : "",
			   calls ? "; " : "", calls, NULL);
}
