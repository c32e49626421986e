/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport_text - what came of a backport, as JSON and for people
 */
#include <string.h>

#include "backport.h"

static const char *const effect_words[] = { "none", "mended", "harmed", "other", "unseen" };
G_STATIC_ASSERT(G_N_ELEMENTS(effect_words) == EFFECT_COUNT);

/* word: in JSON; text: for people. */
static const struct { const char *word, *text; } needs[] = {
	[NEED_UNKNOWN] = { "unknown", "not known: the patch mends no case that could notice" },
	[NEED_WHOLE] = { "whole", "the whole patch" },
	[NEED_YES] = { "needed", "needed" },
	[NEED_TO_APPLY] = { "to-apply", "needed: the rest does not apply without it" },
	[NEED_TO_BUILD] = { "to-build", "needed: the rest does not build without it" },
	[NEED_NO] = { "not-needed", "not needed: no case notices that it is missing" },
	[NEED_INSTEAD] = { "instead", "needed once those not needed are left out" },
	[NEED_NO_CODE] = { "no-code", "nothing is compiled from it" },
};
G_STATIC_ASSERT(G_N_ELEMENTS(needs) == NEED_COUNT);

static JsonObject *case_json(const struct backport_case *about)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "case", about->name);
	json_object_set_boolean_member(object, "target", about->target);
	json_object_set_string_member(object, "base", verdict_name(about->before));
	json_object_set_string_member(object, "patched", verdict_name(about->after));
	json_object_set_string_member(object, "effect", effect_words[about->effect]);
	json_object_set_string_member(object, "base_cause", about->before_cause);
	json_object_set_string_member(object, "patched_cause", about->after_cause);
	json_object_set_string_member(object, "packets", about->packets);
	return object;
}

static JsonObject *hunk_json(const struct backport_hunk *hunk, guint number)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "number", number);
	json_object_set_string_member(object, "file", hunk->file);
	json_object_set_string_member(object, "heading", hunk->heading);
	json_object_set_string_member(object, "need", needs[hunk->need].word);
	json_object_set_boolean_member(object, "harms", hunk->harms);
	json_object_set_string_member(object, "reason", hunk->reason);
	return object;
}

JsonNode *backport_json(const struct backport *backport)
{
	JsonNode *root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	JsonArray *notes = json_array_new(), *hunks = json_array_new(), *cases = json_array_new();

	json_object_set_string_member(object, "base", backport->base);
	json_object_set_string_member(object, "patch", backport->patch);
	json_object_set_string_member(object, "verdict", backport_verdict_name(backport->verdict));
	json_object_set_string_member(object, "cause", backport->cause);
	json_object_set_string_member(object, "detail", backport->detail);
	for (guint i = 0; i < backport->notes->len; i++)
		json_array_add_string_element(notes, backport->notes->pdata[i]);
	for (guint i = 0; i < backport->hunks->len; i++)
		json_array_add_object_element(hunks, hunk_json(backport->hunks->pdata[i], i + 1));
	for (guint i = 0; i < backport->cases->len; i++)
		json_array_add_object_element(cases, case_json(backport->cases->pdata[i]));
	json_object_set_array_member(object, "notes", notes);
	json_object_set_array_member(object, "hunks", hunks);
	json_object_set_array_member(object, "cases", cases);
	json_node_take_object(root, object);
	return root;
}

/* What is well on both sides and sends the same is only counted. */
static gboolean is_shown(const struct backport_case *about)
{
	return about->target || about->effect != EFFECT_NONE || about->packets || about->after != VERDICT_FIXED;
}

static void append_case(GString *out, const struct backport_case *about, int width)
{
	const char *what = about->effect == EFFECT_NONE && about->packets ? about->packets : about->after_cause;

	g_string_append_printf(out, "%-*s  %-8s  %-8s  %s\n", width, about->name, verdict_name(about->before), verdict_name(about->after),
			       what ? what : "");
}

static void append_cases(GString *out, const struct backport *backport)
{
	int width = (int)strlen("case");
	guint rest = 0;

	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (is_shown(about))
			width = MAX(width, (int)strlen(about->name));
	}
	g_string_append_printf(out, "\n%-*s  %-8s  %-8s\n", width, "case", "base", "patched");
	for (guint i = 0; i < backport->cases->len; i++) {
		const struct backport_case *about = backport->cases->pdata[i];

		if (is_shown(about))
			append_case(out, about, width);
		else
			rest++;
	}
	if (rest)
		g_string_append_printf(out, "%u %scase%s: FIXED on both, with the same packets\n", rest, rest < backport->cases->len ? "more " : "",
				       rest == 1 ? "" : "s");
}

static const char *need_text(const struct backport_hunk *hunk, gboolean alone)
{
	if (hunk->need == NEED_WHOLE && !alone)
		return "all there is in code";
	return hunk->need == NEED_NO && hunk->harms ? "not needed" : needs[hunk->need].text;
}

/* alone: the patch has no other. */
static void append_hunk(GString *out, const struct backport_hunk *hunk, guint number, gboolean alone)
{
	g_string_append_printf(out, "hunk %u  %s %s\n        %s%s%s%s\n", number, hunk->file, hunk->heading, need_text(hunk, alone),
			       hunk->harms ? ", and does the harm" : "", hunk->reason ? ": " : "", hunk->reason ? hunk->reason : "");
}

char *backport_text(const struct backport *backport)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "base   %s\npatch  %s\n", backport->base, backport->patch);
	for (guint i = 0; i < backport->notes->len; i++)
		g_string_append_printf(out, "note   %s\n", (char *)backport->notes->pdata[i]);
	if (backport->detail)
		g_string_append_printf(out, "\n%s\n", backport->detail);
	if (backport->cases->len)
		append_cases(out, backport);
	if (backport->cases->len && backport->hunks->len)
		g_string_append_c(out, '\n');
	for (guint i = 0; backport->cases->len && i < backport->hunks->len; i++)
		append_hunk(out, backport->hunks->pdata[i], i + 1, backport->hunks->len == 1);
	g_string_append_printf(out, "\n%s: %s\n", backport_verdict_name(backport->verdict), backport->cause);
	return g_string_free(out, FALSE);
}
