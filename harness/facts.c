/* SPDX-License-Identifier: GPL-2.0-or-later
 * facts - what analyzers found out: named numbers and texts
 */
#include "facts.h"

#include <string.h>

#include "analyze.h"
#include "near.h"

struct facts {
	GPtrArray *facts; /* struct fact *, by name */
	JsonObject *lists;
};

static void fact_free(gpointer data)
{
	struct fact *fact = data;

	g_free(fact->name);
	g_free(fact->text);
	g_free(fact);
}

struct facts *facts_new(void)
{
	struct facts *facts = g_new0(struct facts, 1);

	facts->facts = g_ptr_array_new_with_free_func(fact_free);
	facts->lists = json_object_new();
	return facts;
}

void facts_free(struct facts *facts)
{
	if (!facts)
		return;
	g_ptr_array_unref(facts->facts);
	json_object_unref(facts->lists);
	g_free(facts);
}

/* Where name is or belongs. */
static guint position(const struct facts *facts, const char *name, gboolean *found)
{
	guint low = 0, high = facts->facts->len;

	*found = FALSE;
	while (low < high && !*found) {
		guint middle = low + (high - low) / 2;
		int order = strcmp(((struct fact *)g_ptr_array_index(facts->facts, middle))->name, name);

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static struct fact *fact_at(struct facts *facts, const char *name)
{
	gboolean found;
	guint at = position(facts, name, &found);
	struct fact *fact;

	if (found)
		return g_ptr_array_index(facts->facts, at);
	fact = g_new0(struct fact, 1);
	fact->name = g_strdup(name);
	g_ptr_array_insert(facts->facts, (gint)at, fact);
	return fact;
}

void facts_number(struct facts *facts, const char *name, double value)
{
	struct fact *fact = fact_at(facts, name);

	g_clear_pointer(&fact->text, g_free);
	fact->number = value;
}

void facts_text(struct facts *facts, const char *name, const char *text)
{
	struct fact *fact = fact_at(facts, name);

	g_free(fact->text);
	fact->text = g_strdup(text);
}

JsonArray *facts_list(struct facts *facts, const char *name)
{
	if (!json_object_has_member(facts->lists, name))
		json_object_set_array_member(facts->lists, name, json_array_new());
	return json_object_get_array_member(facts->lists, name);
}

const struct fact *facts_find(const struct facts *facts, const char *name)
{
	gboolean found;
	guint at = position(facts, name, &found);

	return found ? g_ptr_array_index(facts->facts, at) : NULL;
}

double facts_number_of(const struct facts *facts, const char *name, double otherwise)
{
	const struct fact *fact = facts_find(facts, name);

	return fact && !fact->text ? fact->number : otherwise;
}

const char *facts_text_of(const struct facts *facts, const char *name)
{
	const struct fact *fact = facts_find(facts, name);

	return fact ? fact->text : NULL;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *facts_names(const struct facts *a, const struct facts *b)
{
	GPtrArray *names = g_ptr_array_new();

	for (guint i = 0; i < a->facts->len; i++)
		g_ptr_array_add(names, ((struct fact *)g_ptr_array_index(a->facts, i))->name);
	for (guint i = 0; i < b->facts->len; i++) {
		const struct fact *fact = g_ptr_array_index(b->facts, i);

		if (!facts_find(a, fact->name))
			g_ptr_array_add(names, fact->name);
	}
	g_ptr_array_sort(names, by_name);
	return names;
}

char *fact_value_text(const struct fact *fact)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	return g_strdup(fact->text ? fact->text : g_ascii_formatd(number, sizeof(number), "%.9g", fact->number));
}

static gboolean in_family(const char *family, const char *name)
{
	gsize length = strlen(family);

	return length > 2 && g_str_has_suffix(family, ".*") && strncmp(family, name, length - 1) == 0 && name[length - 1];
}

/* Calls visit for every declared name until it returns TRUE. */
static const struct fact_name *each_name(gboolean (*visit)(const struct fact_name *name, gpointer user), gpointer user)
{
	for (guint i = 0; analyzers[i]; i++)
		for (const struct fact_name *name = analyzers[i]->facts; name->name; name++)
			if (visit(name, user))
				return name;
	return NULL;
}

static gboolean declares(const struct fact_name *name, gpointer user)
{
	return g_str_equal(name->name, user) || in_family(name->name, user);
}

const struct fact_name *facts_declaration(const char *name)
{
	return each_name(declares, (gpointer)name);
}

struct near_search {
	const char *name;
	GPtrArray *found; /* const char * */
};

/* fin.sent and fin.first_s */
static gboolean same_family(const char *name, const char *other)
{
	const char *dot = strchr(name, '.');

	return dot && strncmp(other, name, (gsize)(dot - name) + 1) == 0;
}

/* Another family is farther than any typo in the rest. */
static guint distance(const char *name, const char *other)
{
	enum { FAR = 1000 };

	return near_distance(name, other) + (same_family(name, other) ? 0 : FAR);
}

/* Near: of the same family, or few edits away. */
static gboolean collect_near(const struct fact_name *name, gpointer user)
{
	enum { FEW = 3 };
	struct near_search *search = user;

	if (same_family(search->name, name->name) || near_distance(search->name, name->name) <= FEW)
		g_ptr_array_add(search->found, (gpointer)name->name);
	return FALSE;
}

static gint by_distance(gconstpointer a, gconstpointer b, gpointer user)
{
	guint left = distance(user, *(const char *const *)a), right = distance(user, *(const char *const *)b);

	return left == right ? strcmp(*(const char *const *)a, *(const char *const *)b) : left < right ? -1 : 1;
}

char *facts_near(const char *name)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new();
	struct near_search search = { name, found };

	each_name(collect_near, &search);
	g_ptr_array_sort_with_data(found, by_distance, (gpointer)name);
	return near_text(found);
}

struct absent_search {
	const struct facts *facts;
	JsonObject *absent;
};

static gboolean collect_absent(const struct fact_name *name, gpointer user)
{
	struct absent_search *search = user;

	if (name->absent && !g_str_has_suffix(name->name, ".*") && !facts_find(search->facts, name->name))
		json_object_set_string_member(search->absent, name->name, name->absent);
	return FALSE;
}

void facts_to_json(const struct facts *facts, JsonObject *object)
{
	JsonObject *values = json_object_new();
	struct absent_search search = { facts, json_object_new() };

	for (guint i = 0; i < facts->facts->len; i++) {
		const struct fact *fact = g_ptr_array_index(facts->facts, i);

		if (fact->text)
			json_object_set_string_member(values, fact->name, fact->text);
		else
			json_object_set_double_member(values, fact->name, fact->number);
	}
	each_name(collect_absent, &search);
	json_object_set_object_member(object, "facts", values);
	json_object_set_object_member(object, "absent", search.absent);
	json_object_set_object_member(object, "lists", json_object_ref(facts->lists));
}

static JsonObject *object_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void read_fact(JsonObject *object, const char *name, JsonNode *node, gpointer user)
{
	GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;

	(void)object;
	if (type == G_TYPE_STRING)
		facts_text(user, name, json_node_get_string(node));
	else if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
		facts_number(user, name, json_node_get_double(node));
}

struct facts *facts_from_json(JsonObject *object)
{
	struct facts *facts = facts_new();
	JsonObject *values = object_member(object, "facts"), *lists = object_member(object, "lists");

	if (values)
		json_object_foreach_member(values, read_fact, facts);
	if (lists) {
		json_object_unref(facts->lists);
		facts->lists = json_object_ref(lists);
	}
	return facts;
}
