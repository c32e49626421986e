/* SPDX-License-Identifier: GPL-2.0-or-later
 * facts - what analyzers found out: named numbers and texts
 * in: analyzers' finish(); out: the "facts", "absent" and "lists" of 4-analysis.json. `ok:` and `bug:` lines compare them.
 *
 * A name is declared once, in the table of the analyzer that makes it. A declared fact that a run does not yield is absent,
 * and the declaration says in words why; a name that nobody declared is the writer's mistake.
 */
#ifndef FINRIG_FACTS_H
#define FINRIG_FACTS_H

#include <json-glib/json-glib.h>

/* A name that ends in ".*" declares a family, such as all counters. Tables end with a NULL name. */
struct fact_name {
	const char *name;
	const char *unit;    /* "count", "s", "ratio", "bytes", "yes/no" (1, 0), "text" */
	const char *meaning;
	const char *absent;  /* why it may be absent: "no FIN was sent"; NULL: always there */
};

struct fact {
	char *name;
	char *text;    /* NULL: a number */
	double number;
};

struct facts;
struct facts *facts_new(void);
void facts_free(struct facts *facts);

/* Setting a name again replaces it. Numbers must be finite. */
void facts_number(struct facts *facts, const char *name, double value);
void facts_text(struct facts *facts, const char *name, const char *text);
/* The list called name, made empty when it is not there yet: what reports draw, no line can compare it. Owned by facts. */
JsonArray *facts_list(struct facts *facts, const char *name);

/* NULL when absent. Valid until the fact is set again. */
const struct fact *facts_find(const struct facts *facts, const char *name);
double facts_number_of(const struct facts *facts, const char *name, double otherwise);
const char *facts_text_of(const struct facts *facts, const char *name);
/* Names (const char *) that a or b has, sorted; valid as long as both. */
GPtrArray *facts_names(const struct facts *a, const struct facts *b);
/* "9", "0.3", "CLOSING". Caller frees. */
char *fact_value_text(const struct fact *fact);

/* The declaration of a name, a family's for a member of it; NULL when no analyzer declares it. */
const struct fact_name *facts_declaration(const char *name);
/* Declared names that look like name, "a, b or c"; NULL when none does. Caller frees. */
char *facts_near(const char *name);

/* Members "facts" (by name), "absent" (name: why) and "lists" of object. */
void facts_to_json(const struct facts *facts, JsonObject *object);
struct facts *facts_from_json(JsonObject *object);

typedef struct facts facts_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(facts_t, facts_free)

#endif
