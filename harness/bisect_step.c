/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_step - what came of one point of a bisection, in a file each
 */
#include "bisect_step.h"

#include <string.h>

#include "artefact.h"

/* The texts of a step and their names in the file. */
static const struct text_member {
	const char *name;
	gsize offset;
} texts[] = {
	{"id", G_STRUCT_OFFSET(struct step, id)}, {"name", G_STRUCT_OFFSET(struct step, name)},
	{"subject", G_STRUCT_OFFSET(struct step, subject)}, {"outcome", G_STRUCT_OFFSET(struct step, outcome)},
	{"reason", G_STRUCT_OFFSET(struct step, reason)}, {"image", G_STRUCT_OFFSET(struct step, image)},
	{"content", G_STRUCT_OFFSET(struct step, content)}, {"same_as", G_STRUCT_OFFSET(struct step, same_as)},
	{"cell", G_STRUCT_OFFSET(struct step, cell)},
};

static char **text_of(const struct step *step, const struct text_member *member)
{
	return (char **)(gpointer)((char *)step + member->offset);
}

void step_free(struct step *step)
{
	if (!step)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(*text_of(step, &texts[i]));
	g_free(step);
}

static void free_step(gpointer step)
{
	step_free(step);
}

static struct step *step_read(const char *folder, const char *name, GError **error)
{
	g_autoptr(JsonObject) object = artefact_read_json(folder, name, error);
	struct step *step;

	if (!object)
		return NULL;
	step = g_new0(struct step, 1);
	step->number = (guint)artefact_int(object, "number", 0);
	step->seconds = (double)artefact_int(object, "milliseconds", 0) / 1000;
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		*text_of(step, &texts[i]) = g_strdup(artefact_string(object, texts[i].name));
	return step;
}

static gint by_number(gconstpointer a, gconstpointer b)
{
	guint left = (*(const struct step *const *)a)->number, right = (*(const struct step *const *)b)->number;

	return left < right ? -1 : left > right;
}

GPtrArray *steps_read(const char *directory, GError **error)
{
	g_autofree char *folder = g_build_filename(directory, "steps", NULL);
	g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(free_step);
	GDir *entries = g_dir_open(folder, 0, NULL);
	const char *name;
	gboolean ok = TRUE;

	while (entries && ok && (name = g_dir_read_name(entries))) {
		struct step *step = g_str_has_suffix(name, ".json") ? step_read(folder, name, error) : NULL;

		ok = step || !g_str_has_suffix(name, ".json"); /* what else is there is a write that was killed */
		if (step)
			g_ptr_array_add(steps, step);
	}
	if (entries)
		g_dir_close(entries);
	g_ptr_array_sort(steps, by_number);
	return ok ? g_steal_pointer(&steps) : NULL;
}

gboolean step_write(const struct step *step, const char *directory, GError **error)
{
	g_autofree char *folder = g_build_filename(directory, "steps", NULL), *name = g_strdup_printf("%03u-%s.json", step->number, step->name);
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "number", step->number);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (*text_of(step, &texts[i]))
			json_object_set_string_member(object, texts[i].name, *text_of(step, &texts[i]));
	json_object_set_int_member(object, "milliseconds", (gint64)(step->seconds * 1000));
	json_node_take_object(root, object);
	return artefact_write_json(folder, name, root, error);
}

struct step *steps_find(const GPtrArray *steps, const char *id)
{
	for (guint i = 0; i < steps->len; i++)
		if (g_strcmp0(((struct step *)steps->pdata[i])->id, id) == 0)
			return steps->pdata[i];
	return NULL;
}

struct step *steps_find_content(const GPtrArray *steps, const char *content)
{
	for (guint i = 0; i < steps->len; i++) {
		struct step *step = steps->pdata[i];

		if (!step->same_as && g_strcmp0(step->content, content) == 0)
			return step;
	}
	return NULL;
}

const char *step_outcome(const struct step *step)
{
	return step->outcome ? step->outcome : "skipped";
}
