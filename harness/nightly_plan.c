/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_plan - the cells of a nightly: its kernels and cases read and checked, once for each variant
 */
#include "nightly_plan.h"

#include <string.h>

#include "error.h"
#include "kernel.h"
#include "source.h"

/* What the steps below share. */
struct planning {
	const struct nightly_config *config;
	const struct workspace *workspace;
	GCancellable *cancellable;
	struct nightly_plan *plan;
};

static gboolean is_pattern(const char *text)
{
	return strpbrk(text, "*?") && !strchr(text, ':');
}

static gboolean matches_any(char **patterns, const char *name)
{
	for (guint i = 0; patterns[i]; i++)
		if (g_pattern_match_simple(patterns[i], name))
			return TRUE;
	return FALSE;
}

static gboolean complain(const struct planning *planning, const char *key, GError **error, const char *format, const char *text)
{
	g_autofree char *what = g_strdup_printf(format, text);

	return key_file_complain(planning->config->file, "nightly", key, error, "%s", what);
}

static void kernel_entry_free(gpointer data)
{
	struct nightly_kernel *kernel = data;

	g_free(kernel->name);
	g_free(kernel->spec);
	g_free(kernel->commit);
	g_free(kernel);
}

static gboolean is_canary(const struct nightly_config *config, const struct kernel *kernel)
{
	return config->canaries ? matches_any(config->canaries, kernel->name) : kernel_key(kernel, "mutant-of") != NULL;
}

/* A ref that stands for nothing is no fault here: it costs this kernel's cells, which say why. */
static gboolean add_kernel(const struct planning *planning, const char *spec, GError **error)
{
	g_autoptr(kernel_t) kernel = kernel_new(planning->workspace, spec, error);
	struct nightly_kernel *entry;

	if (!kernel)
		return key_file_prefix(planning->config->file, "nightly", "kernels", error);
	if (nightly_plan_kernel(planning->plan, kernel->name))
		return complain(planning, "kernels", error, "two kernels are called %s; give one another with ,name=NAME", kernel->name);
	entry = g_new0(struct nightly_kernel, 1);
	entry->name = g_strdup(kernel->name);
	entry->spec = g_strdup(spec);
	entry->commit = source_commit(kernel, planning->workspace, planning->cancellable, NULL);
	entry->canary = is_canary(planning->config, kernel);
	g_ptr_array_add(planning->plan->kernels, entry);
	return TRUE;
}

static gboolean add_kernels_like(const struct planning *planning, const char *pattern, GError **error)
{
	g_autoptr(GPtrArray) names = kernel_names(planning->workspace, error);
	guint found = 0;

	for (guint i = 0; names && i < names->len; i++) {
		if (!g_pattern_match_simple(pattern, names->pdata[i]))
			continue;
		found++;
		if (!nightly_plan_kernel(planning->plan, names->pdata[i]) && !add_kernel(planning, names->pdata[i], error))
			return FALSE;
	}
	return names && (found || complain(planning, "kernels", error, "no kernel is called like %s", pattern));
}

static gboolean read_kernels(const struct planning *planning, GError **error)
{
	for (char **entry = planning->config->kernels; *entry; entry++) {
		g_autofree char *path = g_str_has_suffix(*entry, ".kernel") ? key_file_path(planning->config->file, *entry) : NULL;

		if (!(is_pattern(*entry) ? add_kernels_like : add_kernel)(planning, path ? path : *entry, error))
			return FALSE;
	}
	for (char **pattern = planning->config->canaries; pattern && *pattern; pattern++) {
		gboolean found = FALSE;

		for (guint i = 0; i < planning->plan->kernels->len; i++)
			found |= g_pattern_match_simple(*pattern, ((struct nightly_kernel *)planning->plan->kernels->pdata[i])->name);
		if (!found)
			return complain(planning, "canaries", error, "no kernel of this nightly is called %s", *pattern);
	}
	return TRUE;
}

static gboolean is_listed(const struct nightly_part *part, const char *name)
{
	for (guint i = 0; i < part->cases->len; i++)
		if (g_str_equal(((struct test_case *)part->cases->pdata[i])->base, name))
			return TRUE;
	for (guint i = 0; i < part->left_out->len; i++)
		if (g_str_equal(((struct case_left_out *)part->left_out->pdata[i])->name, name))
			return TRUE;
	return FALSE;
}

/* A pattern without a slash means no suite's scripts. */
static gboolean add_cases_like(const struct planning *planning, struct nightly_part *part, const char *pattern,
			       const struct case_variants *variants, GError **error)
{
	g_autofree char *root = g_build_filename(planning->workspace->data, "cases", NULL);
	g_autoptr(GPtrArray) names = case_names(root, error);
	guint found = 0;

	for (guint i = 0; names && i < names->len; i++) {
		const char *name = names->pdata[i];

		if (!g_pattern_match_simple(pattern, name) || (strchr(name, '/') && !strchr(pattern, '/')))
			continue;
		found++;
		if (!is_listed(part, name) && !case_list_add(part->cases, planning->workspace, name, variants, error))
			return FALSE;
	}
	return names && (found || complain(planning, "cases", error, "no case is called like %s", pattern));
}

static gboolean add_case(const struct planning *planning, struct nightly_part *part, const char *name, const struct case_variants *variants,
			 GError **error)
{
	g_autofree char *path = g_str_has_suffix(name, ".pkt") ? key_file_path(planning->config->file, name) : NULL;

	if (is_pattern(name))
		return add_cases_like(planning, part, name, variants, error);
	return is_listed(part, name) || case_list_add(part->cases, planning->workspace, path ? path : name, variants, error) ||
	       key_file_prefix(planning->config->file, "nightly", "cases", error);
}

static gboolean check_names(const struct planning *planning, GPtrArray *cases, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < cases->len; i++)
		if (!g_hash_table_add(seen, ((struct test_case *)cases->pdata[i])->base))
			return complain(planning, NULL, error, "two cases are called %s", ((struct test_case *)cases->pdata[i])->base);
	return TRUE;
}

static gboolean read_cases(const struct planning *planning, struct nightly_part *part, GError **error)
{
	char *versions[] = { part->variant->ip_version, NULL };
	const struct case_variants variants = { part->variant->ip_version ? versions : NULL, part->left_out };

	for (char **name = planning->config->cases; *name; name++)
		if (!add_case(planning, part, *name, &variants, error))
			return FALSE;
	for (char **folder = planning->config->folders; *folder; folder++)
		if (!case_list_add_folder(part->cases, planning->workspace, *folder, &variants, error))
			return key_file_prefix(planning->config->file, "nightly", "folders", error);
	return check_names(planning, part->cases, error);
}

/* Why a variant has no case of this name: ": closing-lo names ipv4 itself"; "" where it was not left out. Caller frees. */
static char *why_left_out(const struct nightly_part *part, const char *pattern)
{
	for (guint i = 0; i < part->left_out->len; i++) {
		const struct case_left_out *left_out = part->left_out->pdata[i];

		if (g_pattern_match_simple(pattern, left_out->name))
			return g_strdup_printf(": %s names %s itself", left_out->name, left_out->ip_version);
	}
	return g_strdup("");
}

/* Every name of a variant's list must stand for something: a slip would leave cells out in silence. */
static gboolean check_patterns(const struct planning *planning, const struct nightly_part *part, const char *key, char **patterns,
			       gboolean of_kernels, GError **error)
{
	GPtrArray *all = of_kernels ? part->kernels : part->cases;

	for (guint i = 0; patterns && patterns[i]; i++) {
		gboolean found = FALSE;

		for (guint j = 0; j < all->len; j++)
			found |= g_pattern_match_simple(patterns[i], of_kernels ? ((struct kernel *)all->pdata[j])->name
										: ((struct test_case *)all->pdata[j])->base);
		if (!found) {
			g_autofree char *why = why_left_out(part, of_kernels ? "" : patterns[i]);

			return key_file_complain(planning->config->file, part->variant->group, key, error, "no %s of this %s is called %s%s",
						 of_kernels ? "kernel" : "case", *why ? "variant" : "nightly", patterns[i], why);
		}
	}
	return TRUE;
}

static gboolean read_part_kernels(const struct planning *planning, struct nightly_part *part, GError **error)
{
	for (guint i = 0; i < planning->plan->kernels->len; i++) {
		const struct nightly_kernel *entry = planning->plan->kernels->pdata[i];
		struct kernel *kernel = kernel_new(planning->workspace, entry->spec, error);

		if (!kernel)
			return FALSE;
		if (entry->commit)
			kernel_set_key(kernel, "commit", entry->commit);
		g_ptr_array_add(part->kernels, kernel);
	}
	return TRUE;
}

static void leave_only(const struct nightly_part *part)
{
	for (guint i = part->kernels->len; part->variant->kernels && i-- > 0;)
		if (!matches_any(part->variant->kernels, ((struct kernel *)part->kernels->pdata[i])->name))
			g_ptr_array_remove_index(part->kernels, i);
	for (guint i = part->cases->len; part->variant->cases && i-- > 0;)
		if (!matches_any(part->variant->cases, ((struct test_case *)part->cases->pdata[i])->base))
			g_ptr_array_remove_index(part->cases, i);
	for (guint i = part->left_out->len; part->variant->cases && i-- > 0;)
		if (!matches_any(part->variant->cases, ((struct case_left_out *)part->left_out->pdata[i])->name))
			g_ptr_array_remove_index(part->left_out, i);
}

/* The last that fits counts, as the last mention of a key would. */
static gboolean expect(const struct planning *planning, const struct nightly_part *part, const struct nightly_expectation *expectation,
		       GError **error)
{
	guint found = 0;

	for (guint i = 0; i < part->kernels->len; i++)
		for (guint j = 0; j < part->cases->len; j++) {
			struct kernel *kernel = part->kernels->pdata[i];
			const struct test_case *test_case = part->cases->pdata[j];

			if (!g_pattern_match_simple(expectation->kernel, kernel->name) ||
			    !g_pattern_match_simple(expectation->test_case, test_case->base))
				continue;
			g_hash_table_replace(kernel->expect, g_strdup(test_case->base), g_strdup(expectation->outcome));
			g_hash_table_remove(kernel->predicted, test_case->base);
			found++;
		}
	if (!found) {
		g_autofree char *why = why_left_out(part, expectation->test_case);

		return key_file_complain(planning->config->file, part->variant->group, expectation->key, error,
					 "no cell of this variant is called %s/%s%s", expectation->kernel, expectation->test_case, why);
	}
	return TRUE;
}

/* A variant all of whose cases were left out would be a night of nothing. */
static gboolean check_rest(const struct planning *planning, const struct nightly_part *part, GError **error)
{
	g_autofree char *why = why_left_out(part, "*");

	return part->cases->len ||
	       key_file_complain(planning->config->file, part->variant->group, NULL, error, "variant %s has no case%s", part->variant->name, why);
}

static void part_free(gpointer data)
{
	struct nightly_part *part = data;

	g_ptr_array_unref(part->kernels);
	g_ptr_array_unref(part->cases);
	g_ptr_array_unref(part->left_out);
	g_free(part);
}

static gboolean add_part(const struct planning *planning, const struct nightly_variant *variant, GError **error)
{
	struct nightly_part *part = g_new0(struct nightly_part, 1);

	part->variant = variant;
	part->kernels = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	part->cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	part->left_out = g_ptr_array_new_with_free_func((GDestroyNotify)case_left_out_free);
	g_ptr_array_add(planning->plan->parts, part);
	if (!read_part_kernels(planning, part, error) || !read_cases(planning, part, error) ||
	    !check_patterns(planning, part, "kernels", variant->kernels, TRUE, error) ||
	    !check_patterns(planning, part, "cases", variant->cases, FALSE, error))
		return FALSE;
	leave_only(part);
	if (!check_rest(planning, part, error))
		return FALSE;
	for (guint i = 0; i < variant->expect->len; i++)
		if (!expect(planning, part, variant->expect->pdata[i], error))
			return FALSE;
	planning->plan->cells += part->kernels->len * part->cases->len;
	return TRUE;
}

static gboolean has_buggy_cell(const struct nightly_plan *plan, const char *name)
{
	for (guint i = 0; i < plan->parts->len; i++) {
		const struct nightly_part *part = plan->parts->pdata[i];

		for (guint j = 0; j < part->kernels->len; j++)
			for (guint k = 0; g_str_equal(((struct kernel *)part->kernels->pdata[j])->name, name) && k < part->cases->len; k++)
				if (g_strcmp0(kernel_expectation(part->kernels->pdata[j], ((struct test_case *)part->cases->pdata[k])->base),
					      "buggy") == 0)
					return TRUE;
	}
	return FALSE;
}

/* One that was named and has nothing to tell would be trusted for nothing. */
static gboolean check_canaries(const struct planning *planning, GError **error)
{
	for (guint i = 0; planning->config->canaries && i < planning->plan->kernels->len; i++) {
		const struct nightly_kernel *kernel = planning->plan->kernels->pdata[i];

		if (kernel->canary && !has_buggy_cell(planning->plan, kernel->name))
			return complain(planning, "canaries", error, "no case of this nightly is expected to be buggy on %s", kernel->name);
	}
	return TRUE;
}

struct nightly_plan *nightly_plan_new(const struct nightly_config *config, const struct workspace *workspace, GCancellable *cancellable,
				      GError **error)
{
	g_autoptr(nightly_plan_t) plan = g_new0(struct nightly_plan, 1);
	const struct planning planning = { config, workspace, cancellable, plan };

	plan->kernels = g_ptr_array_new_with_free_func(kernel_entry_free);
	plan->parts = g_ptr_array_new_with_free_func(part_free);
	if (!read_kernels(&planning, error))
		return NULL;
	for (guint i = 0; i < config->variants->len; i++)
		if (!add_part(&planning, config->variants->pdata[i], error))
			return NULL;
	return check_canaries(&planning, error) ? g_steal_pointer(&plan) : NULL;
}

const struct nightly_kernel *nightly_plan_kernel(const struct nightly_plan *plan, const char *name)
{
	for (guint i = 0; i < plan->kernels->len; i++)
		if (g_str_equal(((struct nightly_kernel *)plan->kernels->pdata[i])->name, name))
			return plan->kernels->pdata[i];
	return NULL;
}

void nightly_plan_free(struct nightly_plan *plan)
{
	if (!plan)
		return;
	g_ptr_array_unref(plan->kernels);
	g_ptr_array_unref(plan->parts);
	g_free(plan);
}
