/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_judge - what a cell's outcome is against its expectation and its history
 */
#include "nightly_judge.h"

#include "command.h"
#include "verdict.h"

static const struct {
	const char *word, *brief, *briefs, *title; /* briefs: of several; NULL: as of one */
	int exit_code;
	gboolean bad;
} events[NIGHTLY_EVENT_COUNT] = {
	[NIGHTLY_CANARY] = { "canary", "RIG BROKEN", NULL, "RIG BROKEN: the known bug of a canary was not told", EXIT_BROKEN, FALSE },
	[NIGHTLY_NONDETERMINISM] = { "nondeterminism", "NONDETERMINISM", NULL, "ALARM, nondeterminism: the same inputs, other bytes", EXIT_BROKEN, FALSE },
	[NIGHTLY_BROKEN] = { "broken", "BROKEN", NULL, "BROKEN", EXIT_BROKEN, FALSE },
	[NIGHTLY_REGRESSION] = { "regression", "NEW regression", "NEW regressions", "NEW regression", EXIT_DIFFERENT, TRUE },
	[NIGHTLY_CRASH] = { "crash", "NEW crash", "NEW crashes", "NEW crash", EXIT_DIFFERENT, TRUE },
	[NIGHTLY_UNEXPECTED] = { "unexpected", "unexpected", NULL, "not as expected at first sight", EXIT_DIFFERENT, TRUE },
	[NIGHTLY_FAILING] = { "failing", "still failing", NULL, "still failing", EXIT_DIFFERENT, TRUE },
	[NIGHTLY_LOST] = { "lost", "lost", NULL, "ran before, cannot run any more", EXIT_DIFFERENT, FALSE },
	[NIGHTLY_FIXED] = { "fixed", "FIXED since", NULL, "FIXED since", EXIT_AS_EXPECTED, FALSE },
	[NIGHTLY_FIRST] = { "first", "first seen", NULL, "first seen: no expectation and no trusted night before to hold it against", EXIT_AS_EXPECTED, FALSE },
	[NIGHTLY_SKIPPED] = { "skipped", "skipped", NULL, "cannot run here", EXIT_AS_EXPECTED, FALSE },
	[NIGHTLY_SAME] = { "same", "as before", NULL, "as before, without an expectation", EXIT_AS_EXPECTED, FALSE },
	[NIGHTLY_EXPECTED] = { "expected", "as expected", NULL, "as expected", EXIT_AS_EXPECTED, FALSE },
};

const char *nightly_event_word(enum nightly_event event)
{
	return events[event].word;
}

const char *nightly_event_brief(enum nightly_event event, guint count)
{
	return count == 1 || !events[event].briefs ? events[event].brief : events[event].briefs;
}

const char *nightly_event_title(enum nightly_event event)
{
	return events[event].title;
}

int nightly_event_exit_code(enum nightly_event event)
{
	return events[event].exit_code;
}

gboolean nightly_event_is_bad(const char *word)
{
	for (guint i = 0; i < NIGHTLY_EVENT_COUNT; i++)
		if (g_strcmp0(events[i].word, word) == 0)
			return events[i].bad;
	return FALSE;
}

/* Was or is something wrong? Without an expectation only the history tells. */
static gboolean was_bad(const struct past_cell *last)
{
	return nightly_event_is_bad(last->event) || !verdict_as_expected(verdict_of_name(last->outcome), last->expect);
}

static gboolean is_bad(const struct past_cell *cell, const struct past_cell *last, enum verdict_outcome outcome)
{
	if (!verdict_as_expected(outcome, cell->expect))
		return TRUE;
	return !cell->expect && outcome == VERDICT_BUGGY && last && (was_bad(last) || verdict_of_name(last->outcome) == VERDICT_FIXED);
}

static enum nightly_event judge_bad(const struct past_cell *last, enum verdict_outcome outcome)
{
	enum verdict_outcome before = last ? verdict_of_name(last->outcome) : VERDICT_OUTCOME_COUNT;

	if (outcome == VERDICT_CRASH && before != VERDICT_CRASH)
		return NIGHTLY_CRASH;
	if (!last)
		return NIGHTLY_UNEXPECTED;
	return outcome == before || was_bad(last) ? NIGHTLY_FAILING : NIGHTLY_REGRESSION;
}

static enum nightly_event judge_good(const struct past_cell *cell, const struct past_cell *last, enum verdict_outcome outcome)
{
	if (!last)
		return cell->expect ? NIGHTLY_EXPECTED : NIGHTLY_FIRST;
	if (verdict_of_name(last->outcome) == outcome)
		return cell->expect ? NIGHTLY_EXPECTED : NIGHTLY_SAME;
	return was_bad(last) || !cell->expect ? NIGHTLY_FIXED : NIGHTLY_EXPECTED;
}

enum nightly_event nightly_judge(const struct past_cell *cell, const struct past_cell *last, gboolean canary, gboolean other_bytes)
{
	enum verdict_outcome outcome = verdict_of_name(cell->outcome);

	if (outcome == VERDICT_BROKEN || outcome == VERDICT_OUTCOME_COUNT)
		return NIGHTLY_BROKEN;
	if (canary && g_strcmp0(cell->expect, "buggy") == 0 && (outcome == VERDICT_FIXED || outcome == VERDICT_CHANGED))
		return NIGHTLY_CANARY;
	if (other_bytes)
		return NIGHTLY_NONDETERMINISM;
	if (outcome == VERDICT_SKIP)
		return last ? NIGHTLY_LOST : NIGHTLY_SKIPPED;
	return is_bad(cell, last, outcome) ? judge_bad(last, outcome) : judge_good(cell, last, outcome);
}

static void add_change(GString *text, const char *what, const char *from, const char *to)
{
	if (g_strcmp0(from, to) != 0)
		g_string_append_printf(text, "%s%s %.12s -> %.12s", text->len ? ", " : "", what, from ? from : "none", to ? to : "none");
}

char *nightly_changes(const struct past_cell *from, const struct past_cell *to)
{
	g_autoptr(GString) text = g_string_new(NULL);

	add_change(text, "commit", from->source, to->source);
	add_change(text, "kernel", from->image, to->image);
	add_change(text, "rig", from->rig, to->rig);
	/* It holds the kernel's modules too. */
	if (!text->len)
		add_change(text, "initramfs", from->initramfs, to->initramfs);
	add_change(text, "machine", from->machine, to->machine);
	add_change(text, "case", from->job, to->job);
	add_change(text, "expectation", from->expect, to->expect);
	return text->len ? g_strdup(text->str) : NULL;
}
