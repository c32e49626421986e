/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_plan - which functions of a kernel are to be probed, and where they are
 */
#include "probe_plan.h"

#include <string.h>

#include "error.h"

static void target_free(gpointer data)
{
	struct probe_target *target = data;

	g_free(target->function);
	g_array_unref(target->entries);
	g_free(target->absent);
	g_free(target->note);
	g_free(target);
}

static char *absence(const struct symbol_map *map, const char *function)
{
	g_autofree char *near = symbol_map_near(map, function);

	return g_strdup_printf("no function of this kernel is called so, or it was inlined%s%s", near ? "; there is " : "", near ? near : "");
}

gboolean probe_plan_has(const struct probe_plan *plan, const char *function)
{
	for (guint i = 0; i < plan->targets->len; i++)
		if (strcmp(((struct probe_target *)plan->targets->pdata[i])->function, function) == 0)
			return TRUE;
	return FALSE;
}

static void entry_clear(gpointer data)
{
	g_clear_pointer(&((struct probe_entry *)data)->arguments, g_ptr_array_unref);
}

static void add_entries(const struct probe_plan *plan, struct probe_target *target)
{
	g_autoptr(GArray) copies = symbol_map_copies(plan->map, target->function);
	struct probe_entry own = { .name = target->function };

	if (symbol_map_find(plan->map, target->function, &own.address))
		g_array_append_val(target->entries, own);
	for (guint i = 0; i < copies->len; i++) {
		const struct symbol *symbol = &g_array_index(copies, struct symbol, i);

		g_array_append_val(target->entries, ((struct probe_entry){ .address = symbol->address, .name = symbol->name }));
	}
	if (target->entries->len)
		target->address = g_array_index(target->entries, struct probe_entry, 0).address;
	else
		target->absent = absence(plan->map, target->function);
}

void probe_plan_add(struct probe_plan *plan, const char *function, const GError *why)
{
	struct probe_target *target = g_new0(struct probe_target, 1);

	target->function = g_strdup(function);
	target->entries = g_array_new(FALSE, FALSE, sizeof(struct probe_entry));
	g_array_set_clear_func(target->entries, entry_clear);
	if (plan->map)
		add_entries(plan, target);
	else
		target->absent = g_strdup(why->message);
	plan->found += !target->absent;
	g_ptr_array_add(plan->targets, target);
}

struct probe_plan *probe_plan_new(char **functions, struct symbol_map *map, const GError *why)
{
	struct probe_plan *plan = g_new0(struct probe_plan, 1);

	plan->targets = g_ptr_array_new_with_free_func(target_free);
	plan->map = map;
	for (guint i = 0; functions[i]; i++)
		if (!probe_plan_has(plan, functions[i]))
			probe_plan_add(plan, functions[i], why);
	plan->asked = plan->targets->len;
	return plan;
}

/* What there is of a kernel that is not needed for a plan without functions to look for. */
static void look(struct probe_plan *plan, const struct image *image)
{
	g_autoptr(GError) no_text = NULL, no_debug = NULL;
	g_autoptr(kernel_text_t) text = probe_plan_must_look(plan) ? kernel_text_read(image, &no_text) : NULL;
	g_autoptr(debug_info_t) debug = image->vmlinux ? debug_info_open(image->vmlinux, &no_debug) : NULL;

	probe_plan_look(plan, &(struct probe_sources){ text, no_text, debug, no_debug });
}

struct probe_plan *probe_plan_get(char **functions, const struct symbols_of *of, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct symbol_map *map = symbols_get(of, cancellable, &why);
	struct probe_plan *plan;

	if (!map && !g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE)) {
		g_propagate_prefixed_error(error, g_steal_pointer(&why), "symbols of %s: ", of->kernel);
		return NULL;
	}
	plan = probe_plan_new(functions, map, why);
	if (map)
		look(plan, of->image);
	return plan;
}

void probe_plan_free(struct probe_plan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->targets);
	symbol_map_free(plan->map);
	g_free(plan->plain);
	g_free(plan);
}

static gboolean is_seen(const struct probe_target *target)
{
	return !target->absent || target->instead;
}

/* The targets of one function in all plans: NULL if one has it; else the first's reason. */
static const struct probe_target *absent_everywhere(GPtrArray *plans, guint number)
{
	const struct probe_plan *first = plans->pdata[0];

	for (guint i = 0; i < plans->len; i++)
		if (is_seen(((struct probe_plan *)plans->pdata[i])->targets->pdata[number]))
			return NULL;
	return first->targets->pdata[number];
}

gboolean probe_plan_check(GPtrArray *plans, GError **error)
{
	const struct probe_plan *first = plans->len ? plans->pdata[0] : NULL;

	for (guint i = 0; first && i < first->asked; i++) {
		const struct probe_target *target = absent_everywhere(plans, i);

		if (!target)
			continue;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--probe %s: %s", target->function, target->absent);
		return FALSE;
	}
	return TRUE;
}
