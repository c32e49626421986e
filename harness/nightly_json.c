/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_json - a night for programs: the same facts as its text, under the words of the history
 */
#include "nightly_json.h"

#include "nightly_facts.h"

static void set_text(JsonObject *object, const char *member, const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	if (valid)
		json_object_set_string_member(object, member, valid);
}

static JsonObject *counts_of(const struct nightly *nightly)
{
	JsonObject *object = json_object_new();
	guint counts[NIGHTLY_EVENT_COUNT];

	nightly_count_events(nightly, counts);
	for (guint event = 0; event < NIGHTLY_EVENT_COUNT; event++)
		json_object_set_int_member(object, nightly_event_word(event), counts[event]);
	return object;
}

static JsonObject *kernel_object(const struct nightly *nightly, const struct nightly_kernel *kernel)
{
	const struct nightly_cell *moved = nightly_moved(nightly, kernel);
	JsonObject *object = json_object_new(), *from;

	set_text(object, "name", kernel->name);
	set_text(object, "said", kernel->spec);
	set_text(object, "commit", kernel->commit);
	json_object_set_boolean_member(object, "canary", kernel->canary);
	json_object_set_boolean_member(object, "moved", moved != NULL);
	if (moved) {
		set_text(object, "image", moved->now->image);
		from = json_object_new();
		set_text(from, "commit", moved->last->source);
		set_text(from, "image", moved->last->image);
		json_object_set_object_member(object, "from", from);
	}
	return object;
}

static JsonArray *kernels_of(const struct nightly *nightly)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < nightly->plan->kernels->len; i++)
		json_array_add_object_element(array, kernel_object(nightly, nightly->plan->kernels->pdata[i]));
	return array;
}

static JsonArray *untrusted_of(const struct nightly *nightly)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < nightly->untrusted->len; i++)
		json_array_add_string_element(array, nightly->untrusted->pdata[i]);
	return array;
}

static JsonArray *left_out_of(const struct nightly *nightly)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < nightly->plan->parts->len; i++) {
		const struct nightly_part *part = nightly->plan->parts->pdata[i];

		for (guint j = 0; j < part->left_out->len; j++) {
			const struct case_left_out *left_out = part->left_out->pdata[j];
			JsonObject *object = json_object_new();

			set_text(object, "case", left_out->name);
			set_text(object, "variant", part->variant->name);
			set_text(object, "names", left_out->ip_version);
			json_array_add_object_element(array, object);
		}
	}
	return array;
}

static JsonArray *gone_of(const struct nightly *nightly)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; i < nightly->gone->len; i++) {
		const struct past_cell *cell = nightly->gone->pdata[i];
		JsonObject *object = json_object_new();

		set_text(object, "kernel", cell->kernel);
		set_text(object, "case", cell->test_case);
		set_text(object, "variant", cell->variant);
		set_text(object, "night", cell->started);
		set_text(object, "outcome", cell->outcome);
		json_array_add_object_element(array, object);
	}
	return array;
}

static JsonObject *canaries_of(const struct nightly *nightly)
{
	const struct nightly_canaries canaries = nightly_count_canaries(nightly);
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "all", canaries.all);
	json_object_set_int_member(object, "ran", canaries.ran);
	json_object_set_int_member(object, "told", canaries.told);
	return object;
}

/* The cell when it was last judged, and what is different now. */
static JsonObject *last_object(const struct nightly_cell *cell)
{
	g_autofree char *changes = nightly_changes(cell->last, cell->now);
	JsonObject *object = json_object_new();

	set_text(object, "night", cell->last->started);
	set_text(object, "outcome", cell->last->outcome);
	set_text(object, "cause", cell->last->cause);
	set_text(object, "commit", cell->last->source);
	set_text(object, "changed", changes);
	return object;
}

static JsonObject *cell_object(const struct nightly *nightly, const struct nightly_cell *cell)
{
	g_autofree char *again = nightly_again(nightly, cell);
	JsonObject *object = json_object_new();

	set_text(object, "event", nightly_event_word(cell->event));
	set_text(object, "kernel", cell->now->kernel);
	set_text(object, "case", cell->now->test_case);
	set_text(object, "variant", cell->now->variant);
	set_text(object, "outcome", cell->now->outcome);
	set_text(object, "expect", cell->now->expect);
	set_text(object, "cause", cell->now->cause);
	set_text(object, "commit", cell->now->source);
	set_text(object, "failing_since", cell->failing_since);
	if (cell->last)
		json_object_set_object_member(object, "last", last_object(cell));
	if (cell->other) {
		g_autofree char *other = g_build_filename(cell->other->folder, cell->other->place, NULL);

		set_text(object, "other_bytes", other);
	}
	if (cell->repeats_differ)
		json_object_set_boolean_member(object, "repeats_differ", TRUE);
	set_text(object, "place", cell->now->place);
	set_text(object, "again", again);
	return object;
}

static JsonArray *cells_of(const struct nightly *nightly)
{
	JsonArray *array = json_array_new();

	for (guint event = 0; event < NIGHTLY_SAME; event++)
		for (guint i = 0; i < nightly->cells->len; i++) {
			const struct nightly_cell *cell = nightly->cells->pdata[i];

			if (cell->event == event)
				json_array_add_object_element(array, cell_object(nightly, cell));
		}
	return array;
}

JsonNode *nightly_json(const struct nightly *nightly)
{
	JsonNode *root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	set_text(object, "name", nightly->config->name);
	set_text(object, "started", nightly->night->started);
	set_text(object, "finished", nightly->night->finished);
	set_text(object, "finrig", nightly->night->finrig);
	set_text(object, "folder", nightly->night->folder);
	json_object_set_boolean_member(object, "trusted", nightly->night->trusted);
	json_object_set_int_member(object, "exit_code", nightly->night->exit_code);
	json_object_set_int_member(object, "all", nightly->cells->len);
	json_object_set_object_member(object, "counts", counts_of(nightly));
	json_object_set_int_member(object, "not_compared", nightly_count_uncompared(nightly));
	json_object_set_array_member(object, "untrusted", untrusted_of(nightly));
	json_object_set_object_member(object, "canaries", canaries_of(nightly));
	json_object_set_array_member(object, "kernels", kernels_of(nightly));
	json_object_set_array_member(object, "left_out", left_out_of(nightly));
	json_object_set_array_member(object, "gone", gone_of(nightly));
	json_object_set_array_member(object, "cells", cells_of(nightly));
	json_node_take_object(root, object);
	return root;
}
