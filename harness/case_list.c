/* SPDX-License-Identifier: GPL-2.0-or-later
 * case_list - the cases of a run: by name, by path, a folder of them
 */
#include "case_list.h"

#include <stdio.h>
#include <string.h>

#include "agent_check.h"
#include "error.h"
#include "suite.h"
#include "verdict.h"

static const char *const ip_versions[] = { "ipv4", "ipv6", "ipv4-mapped-ipv6", NULL };

gboolean case_variants_parse(struct case_variants *variants, char **values, GError **error)
{
	g_autoptr(GPtrArray) versions = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; values && values[i]; i++) {
		g_auto(GStrv) parts = g_str_equal(values[i], "all") ? g_strdupv((char **)ip_versions) : g_strsplit(values[i], ",", -1);

		for (guint j = 0; parts[j]; j++) {
			if (!g_strv_contains(ip_versions, parts[j])) {
				g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
					    "expected --ip-version ipv4, ipv6, ipv4-mapped-ipv6 or all, found '%s'", parts[j]);
				return FALSE;
			}
			if (!g_ptr_array_find_with_equal_func(versions, parts[j], g_str_equal, NULL))
				g_ptr_array_add(versions, g_strdup(parts[j]));
		}
	}
	g_ptr_array_add(versions, NULL);
	variants->ip_versions = versions->len > 1 ? (char **)g_ptr_array_free(g_steal_pointer(&versions), FALSE) : NULL;
	return TRUE;
}

/* The script first: its assertions are among the comparisons. */
gboolean case_check(const struct workspace *workspace, struct test_case *test_case, GError **error)
{
	g_autoptr(GString) files = g_string_new(NULL);
	g_autofree char *folder = NULL;

	return suite_pack(test_case, files, &folder, error) && agent_check(workspace, test_case, error) && verdict_check_case(test_case, error);
}

typedef struct test_case *(*reader)(const struct workspace *workspace, const char *name, const char *root, GError **error);

static struct test_case *read_named(const struct workspace *workspace, const char *name, const char *root G_GNUC_UNUSED, GError **error)
{
	return case_new(workspace, name, error);
}

static struct test_case *read_below(const struct workspace *workspace G_GNUC_UNUSED, const char *name, const char *root, GError **error)
{
	g_autofree char *file = g_strconcat(name, ".pkt", NULL), *path = g_build_filename(root, file, NULL);

	return case_read(path, root, error);
}

void case_left_out_free(struct case_left_out *left_out)
{
	g_free(left_out->name);
	g_free(left_out->ip_version);
	g_free(left_out);
}

/* The IP version that the script says it is for; NULL: it is for any, or says what is none. Caller frees. */
static char *own_version(const char *text)
{
	g_autoptr(GRegex) option = g_regex_new("^--ip_version=(\\S*)", G_REGEX_MULTILINE, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	g_autofree char *says = g_regex_match(option, text, 0, &match) ? g_strdelimit(g_match_info_fetch(match, 1), "_", '-') : NULL;

	return says && g_strv_contains(ip_versions, says) ? g_steal_pointer(&says) : NULL;
}

/* Is the case not for this version? One that is for none of them was told another: then it runs for all, or is left out of all. */
static gboolean is_for_others(const struct test_case *test_case, const char *version, const struct case_variants *variants, gboolean *left_out)
{
	g_autofree char *own = variants->ip_versions ? own_version(test_case->text) : NULL;
	struct case_left_out *entry;

	if (!own || g_str_equal(own, version))
		return FALSE;
	if (g_strv_contains((const char *const *)variants->ip_versions, own))
		return TRUE;
	if (!variants->left_out || *left_out)
		return variants->left_out != NULL;
	*left_out = TRUE;
	entry = g_new0(struct case_left_out, 1);
	entry->name = g_strdup(test_case->base);
	entry->ip_version = g_steal_pointer(&own);
	g_ptr_array_add(variants->left_out, entry);
	return TRUE;
}

/* The case, or one of it for each variant. They are read anew: it is cheap, and nobody shares anything. */
static gboolean add_variants(GPtrArray *cases, const struct workspace *workspace, reader read, const char *name, const char *root,
			     const struct case_variants *variants, GError **error)
{
	static const char *const as_it_says[] = { "", NULL };
	const char *const *versions = variants->ip_versions ? (const char *const *)variants->ip_versions : as_it_says;
	gboolean left_out = FALSE;

	for (guint i = 0; versions[i]; i++) {
		struct test_case *test_case = read(workspace, name, root, error);

		if (!test_case)
			return FALSE;
		if (is_for_others(test_case, versions[i], variants, &left_out)) {
			case_free(test_case);
			continue;
		}
		if (*versions[i]) {
			g_autofree char *option = g_strconcat("ip_version=", versions[i], NULL);

			case_make_variant(test_case, versions[i], option);
		}
		g_ptr_array_add(cases, test_case);
	}
	return TRUE;
}

/* Is the case that was added behind the first so many cases well? One that was left out is none. */
static gboolean check_last(GPtrArray *cases, guint before, const struct workspace *workspace, GError **error)
{
	return cases->len == before || case_check(workspace, cases->pdata[cases->len - 1], error);
}

gboolean case_list_add(GPtrArray *cases, const struct workspace *workspace, const char *name_or_path, const struct case_variants *variants,
		       GError **error)
{
	guint before = cases->len;

	return add_variants(cases, workspace, read_named, name_or_path, NULL, variants, error) && check_last(cases, before, workspace, error);
}

gboolean case_list_add_own(GPtrArray *cases, const struct workspace *workspace, const struct case_variants *variants, GError **error)
{
	g_autofree char *root = g_build_filename(workspace->data, "cases", NULL);
	g_autoptr(GPtrArray) names = case_names(root, error);

	for (guint i = 0; names && i < names->len; i++)
		if (!strchr(names->pdata[i], '/') && !case_list_add(cases, workspace, names->pdata[i], variants, error))
			return FALSE;
	return names != NULL;
}

gboolean case_list_add_folder(GPtrArray *cases, const struct workspace *workspace, const char *folder, const struct case_variants *variants,
			      GError **error)
{
	g_autoptr(GPtrArray) names = case_names(folder, error);

	for (guint i = 0; names && i < names->len; i++) {
		g_autoptr(GError) fault = NULL;
		guint before = cases->len;

		if (!add_variants(cases, workspace, read_below, names->pdata[i], folder, variants, error))
			return FALSE;
		if (check_last(cases, before, workspace, &fault))
			continue;
		if (!g_error_matches(fault, FINRIG_ERROR, FINRIG_ERROR_USAGE)) {
			g_propagate_error(error, g_steal_pointer(&fault));
			return FALSE;
		}
		fprintf(stderr, "%s\n", fault->message);
	}
	return names != NULL;
}
