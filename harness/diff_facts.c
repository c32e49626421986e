/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_facts - what two runs' sockets and counters were, and facts of any kind, held against each other
 */
#include "diff_facts.h"

#include <string.h>

#include "artefact.h"
#include "diff_align.h"
#include "socket_field.h"

static const double same_ratio = 0.05;

enum family { FAMILY_COUNTER, FAMILY_SOCKET, FAMILY_OTHER, FAMILY_NONE };

/* Differs with the ports, which need not be the same; the path of states has rows of its own. */
static const char *const not_held[] = { "wire.side", "state.path", NULL };

/* Of a number of the socket's samples: NULL for all other facts. *max: it is the largest, not the last. */
static const struct socket_field *field_of(const char *name, gboolean *max)
{
	static const char prefix[] = "socket.", most[] = "_max";
	const char *number = g_str_has_prefix(name, prefix) ? name + strlen(prefix) : NULL;
	const struct socket_field *field = number ? socket_field_named(number) : NULL;
	g_autofree char *base = NULL;

	*max = !field && number && g_str_has_suffix(number, most);
	if (!*max)
		return field;
	base = g_strndup(number, strlen(number) - strlen(most));
	return socket_field_named(base);
}

/* Of the socket's last sample: what runs by itself says nothing, and rates follow from round trips that differ by microseconds. */
static gboolean is_held(const struct socket_field *field)
{
	return field->kind != SOCKET_FIELD_AGE && !g_str_equal(field->unit, "bytes/s");
}

/* The families of facts_declaration() are the counters. The largest of a number follows from the rest. */
static enum family family_of(const char *name)
{
	const struct fact_name *declaration = facts_declaration(name);
	gboolean max;
	const struct socket_field *field = field_of(name, &max);

	if (field)
		return max || !is_held(field) ? FAMILY_NONE : FAMILY_SOCKET;
	return declaration && g_str_has_suffix(declaration->name, ".*") && g_str_equal(declaration->unit, "count") ? FAMILY_COUNTER : FAMILY_OTHER;
}

static gboolean numbers_agree(const char *name, double a, double b, double bound_s)
{
	const struct fact_name *declaration = facts_declaration(name);
	const char *unit = declaration ? declaration->unit : "";

	if (g_str_equal(unit, "s"))
		return ABS(a - b) <= bound_s;
	if (g_str_equal(unit, "us"))
		return ABS(a - b) <= bound_s * 1e6;
	if (g_str_equal(unit, "ratio"))
		return ABS(a - b) <= same_ratio * MAX(ABS(a), ABS(b));
	return a == b;
}

static gboolean agree(const char *name, const struct fact *a, const struct fact *b, double bound_s)
{
	if (!a || !b)
		return FALSE;
	if (a->text || b->text)
		return g_strcmp0(a->text, b->text) == 0;
	return numbers_agree(name, a->number, b->number, bound_s);
}

static void add_value(JsonObject *object, const char *member, const struct fact *fact)
{
	g_autofree char *text = fact ? fact_value_text(fact) : NULL;

	if (text)
		json_object_set_string_member(object, member, text);
	else
		json_object_set_null_member(object, member);
}

static void add_fact(JsonArray *array, const char *name, const struct fact *a, const struct fact *b)
{
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "name", name);
	add_value(object, "a", a);
	add_value(object, "b", b);
	json_array_add_object_element(array, object);
}

static JsonArray *compare_facts(const struct diff_side *a, const struct diff_side *b, enum family family, double bound_s)
{
	g_autoptr(GPtrArray) names = facts_names(a->facts, b->facts);
	JsonArray *array = json_array_new();

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		const struct fact *left = facts_find(a->facts, name), *right = facts_find(b->facts, name);

		if (family_of(name) != family || g_strv_contains(not_held, name))
			continue;
		/* A kernel that does not tell a number has no other one. */
		if (family == FAMILY_SOCKET && (!left || !right))
			continue;
		if (!agree(name, left, right, bound_s))
			add_fact(array, name, left, right);
	}
	return array;
}

JsonArray *diff_counters(const struct diff_side *a, const struct diff_side *b)
{
	return compare_facts(a, b, FAMILY_COUNTER, 0);
}

JsonArray *diff_sockets(const struct diff_side *a, const struct diff_side *b, double bound_s)
{
	return compare_facts(a, b, FAMILY_SOCKET, bound_s);
}

JsonArray *diff_other_facts(const struct diff_side *a, const struct diff_side *b, double bound_s)
{
	return compare_facts(a, b, FAMILY_OTHER, bound_s);
}

struct paths {
	JsonArray *a, *b;
};

static JsonObject *step_at(JsonArray *path, guint i)
{
	JsonNode *node = i == DIFF_ALIGN_NONE ? NULL : json_array_get_element(path, i);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *state_at(JsonArray *path, guint i)
{
	JsonObject *step = step_at(path, i);
	const char *state = step ? artefact_string(step, "state") : NULL;

	return state ? state : "";
}

static gint64 same_state(gconstpointer user, guint i, guint j)
{
	const struct paths *paths = user;

	return g_str_equal(state_at(paths->a, i), state_at(paths->b, j)) ? DIFF_WORTH_WHOLE : 0;
}

static int state_order(gconstpointer user, guint i, guint j)
{
	const struct paths *paths = user;

	return strcmp(state_at(paths->a, i), state_at(paths->b, j));
}

static guint mark_a(gconstpointer user, guint i)
{
	return g_str_hash(state_at(((const struct paths *)user)->a, i));
}

static guint mark_b(gconstpointer user, guint i)
{
	return g_str_hash(state_at(((const struct paths *)user)->b, i));
}

static double from_s(JsonObject *step)
{
	return json_object_get_double_member_with_default(step, "from_s", 0);
}

static const char *state_mark(JsonObject *a, JsonObject *b, double bound_s)
{
	if (!a || !b)
		return a ? "only_a" : "only_b";
	return ABS(from_s(a) - from_s(b)) > bound_s ? "time" : "same";
}

JsonArray *diff_states(const struct diff_side *a, const struct diff_side *b, double bound_s, gboolean *differ)
{
	struct paths paths = { facts_list(a->facts, "state.path"), facts_list(b->facts, "state.path") };
	struct diff_aligner aligner = { same_state, state_order, mark_a, mark_b, &paths };
	g_autoptr(GArray) rows = diff_align(&aligner, json_array_get_length(paths.a), json_array_get_length(paths.b));
	JsonArray *array = json_array_new();

	for (guint i = 0; i < rows->len; i++) {
		struct diff_row row = g_array_index(rows, struct diff_row, i);
		JsonObject *left = step_at(paths.a, row.a), *right = step_at(paths.b, row.b), *object = json_object_new();
		const char *mark = state_mark(left, right, bound_s);

		json_object_set_string_member(object, "mark", mark);
		if (left)
			json_object_set_object_member(object, "a", json_object_ref(left));
		if (right)
			json_object_set_object_member(object, "b", json_object_ref(right));
		json_array_add_object_element(array, object);
		*differ = *differ || !g_str_equal(mark, "same");
	}
	return array;
}
