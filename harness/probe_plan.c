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
	g_free(target->absent);
	g_free(target);
}

static char *absence(const struct symbol_map *map, const char *function)
{
	g_autofree char *near = symbol_map_near(map, function);

	return g_strdup_printf("no function of this kernel is called so, or it was inlined%s%s", near ? "; there is " : "", near ? near : "");
}

static gboolean has_target(const struct probe_plan *plan, const char *function)
{
	for (guint i = 0; i < plan->targets->len; i++)
		if (strcmp(((struct probe_target *)plan->targets->pdata[i])->function, function) == 0)
			return TRUE;
	return FALSE;
}

static void add_target(struct probe_plan *plan, const char *function, const GError *why)
{
	struct probe_target *target = g_new0(struct probe_target, 1);

	target->function = g_strdup(function);
	if (!plan->map)
		target->absent = g_strdup(why->message);
	else if (!symbol_map_find(plan->map, function, &target->address))
		target->absent = absence(plan->map, function);
	plan->found += !target->absent;
	g_ptr_array_add(plan->targets, target);
}

struct probe_plan *probe_plan_new(char **functions, struct symbol_map *map, const GError *why)
{
	struct probe_plan *plan = g_new0(struct probe_plan, 1);

	plan->targets = g_ptr_array_new_with_free_func(target_free);
	plan->map = map;
	for (guint i = 0; functions[i]; i++)
		if (!has_target(plan, functions[i]))
			add_target(plan, functions[i], why);
	return plan;
}

struct probe_plan *probe_plan_get(char **functions, const struct symbols_of *of, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) why = NULL;
	struct symbol_map *map = symbols_get(of, cancellable, &why);

	if (map || g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE))
		return probe_plan_new(functions, map, why);
	g_propagate_prefixed_error(error, g_steal_pointer(&why), "symbols of %s: ", of->kernel);
	return NULL;
}

void probe_plan_free(struct probe_plan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->targets);
	symbol_map_free(plan->map);
	g_free(plan);
}

/* The targets of one function in all plans: NULL if one has it; else the first's reason. */
static const struct probe_target *absent_everywhere(GPtrArray *plans, guint number)
{
	const struct probe_plan *first = plans->pdata[0];

	for (guint i = 0; i < plans->len; i++)
		if (!((struct probe_target *)((struct probe_plan *)plans->pdata[i])->targets->pdata[number])->absent)
			return NULL;
	return first->targets->pdata[number];
}

gboolean probe_plan_check(GPtrArray *plans, GError **error)
{
	const struct probe_plan *first = plans->len ? plans->pdata[0] : NULL;

	for (guint i = 0; first && i < first->targets->len; i++) {
		const struct probe_target *target = absent_everywhere(plans, i);

		if (!target)
			continue;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--probe %s: %s", target->function, target->absent);
		return FALSE;
	}
	return TRUE;
}
