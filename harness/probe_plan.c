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

static gboolean has_target(const struct probe_plan *plan, const char *function)
{
	for (guint i = 0; i < plan->targets->len; i++)
		if (strcmp(((struct probe_target *)plan->targets->pdata[i])->function, function) == 0)
			return TRUE;
	return FALSE;
}

static void add_entries(const struct probe_plan *plan, struct probe_target *target)
{
	g_autoptr(GArray) copies = symbol_map_copies(plan->map, target->function);
	struct symbol own = { 0, target->function };

	if (symbol_map_find(plan->map, target->function, &own.address))
		g_array_append_val(target->entries, own);
	g_array_append_vals(target->entries, copies->data, copies->len);
	if (target->entries->len)
		target->address = g_array_index(target->entries, struct symbol, 0).address;
	else
		target->absent = absence(plan->map, target->function);
}

static void add_target(struct probe_plan *plan, const char *function, const GError *why)
{
	struct probe_target *target = g_new0(struct probe_target, 1);

	target->function = g_strdup(function);
	target->entries = g_array_new(FALSE, FALSE, sizeof(struct symbol));
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
		if (!has_target(plan, functions[i]))
			add_target(plan, functions[i], why);
	plan->asked = plan->targets->len;
	return plan;
}

/* What is left of a function whose beginning stands in its callers: name.part.0, name.constprop.0.part.0. Who asks for such a one by its
 * own name gets no more than that. */
static gboolean is_rest(const struct probe_target *target, const struct symbol *entry)
{
	return strstr(entry->name + strlen(target->function), ".part.") != NULL;
}

gboolean probe_plan_must_look(const struct probe_plan *plan)
{
	for (guint i = 0; i < plan->targets->len; i++) {
		const struct probe_target *target = plan->targets->pdata[i];

		for (guint j = 0; j < target->entries->len; j++)
			if (is_rest(target, &g_array_index(target->entries, struct symbol, j)))
				return TRUE;
	}
	return FALSE;
}

/* Functions that call or jump to a rest, each once and as its source calls it; char *. But the function itself and its own copies. */
static void add_callers(const struct probe_plan *plan, const struct probe_target *target, const struct kernel_text *text, guint64 rest,
			GPtrArray *callers)
{
	g_autoptr(GArray) calls = kernel_text_calls(text, rest);

	for (guint i = 0; i < calls->len; i++) {
		const char *symbol = symbol_map_function(plan->map, g_array_index(calls, guint64, i));
		g_autofree char *caller = symbol ? g_strndup(symbol, strcspn(symbol, ".")) : NULL;

		if (caller && !symbol_is_of(symbol, target->function) &&
		    !g_ptr_array_find_with_equal_func(callers, caller, g_str_equal, NULL))
			g_ptr_array_add(callers, g_steal_pointer(&caller));
	}
}

static void look_for(struct probe_plan *plan, struct probe_target *target, const struct kernel_text *text, const GError *why)
{
	g_autoptr(GPtrArray) callers = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *names = NULL;
	gboolean rests = FALSE;

	for (guint i = 0; i < target->entries->len; i++) {
		const struct symbol *entry = &g_array_index(target->entries, struct symbol, i);

		if (!is_rest(target, entry))
			continue;
		rests = TRUE;
		if (text)
			add_callers(plan, target, text, entry->address, callers);
	}
	if (rests && !text)
		target->note = g_strdup_printf("its beginning is inlined into callers, which are not known: %s", why->message);
	if (!callers->len)
		return;
	for (guint i = 0; i < callers->len; i++)
		if (!has_target(plan, callers->pdata[i]))
			add_target(plan, callers->pdata[i], NULL);
	g_ptr_array_add(callers, NULL);
	names = g_strjoinv(", ", (char **)callers->pdata);
	target->note = g_strdup_printf("its beginning is inlined into %s; probing that as well", names);
}

void probe_plan_look(struct probe_plan *plan, const struct kernel_text *text, const GError *why)
{
	/* What is added here may itself be inlined further up. */
	for (guint i = 0; i < plan->targets->len; i++)
		look_for(plan, plan->targets->pdata[i], text, why);
}

static void look(struct probe_plan *plan, const struct image *image)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(kernel_text_t) text = kernel_text_read(image, &why);

	probe_plan_look(plan, text, why);
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
	if (probe_plan_must_look(plan))
		look(plan, of->image);
	return plan;
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

	for (guint i = 0; first && i < first->asked; i++) {
		const struct probe_target *target = absent_everywhere(plans, i);

		if (!target)
			continue;
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "--probe %s: %s", target->function, target->absent);
		return FALSE;
	}
	return TRUE;
}
