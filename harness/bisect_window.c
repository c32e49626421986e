/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_window - where a case's verdict is known to change, so that a bisection with several changes in it is warned of
 */
#include "bisect_window.h"

#include <string.h>

static void expectation_free(gpointer data)
{
	struct expectation *expectation = data;

	g_free(expectation->name);
	g_free(expectation->expect);
	g_free(expectation);
}

static void add_expectation(GPtrArray *matrix, const char *name, const char *expect)
{
	struct expectation *expectation = g_new0(struct expectation, 1);

	expectation->name = g_strdup(name);
	expectation->expect = g_strdup(expect);
	g_ptr_array_add(matrix, expectation);
}

static gint by_release(gconstpointer a, gconstpointer b)
{
	return strverscmp((*(const struct expectation *const *)a)->name, (*(const struct expectation *const *)b)->name);
}

static const char *release_of(const struct kernel *kernel)
{
	gboolean upstream = kernel->kind == KERNEL_TARBALL && !kernel_key(kernel, "patches") && g_str_has_prefix(kernel->where, "linux-");

	return upstream ? kernel->where + strlen("linux-") : NULL;
}

GPtrArray *matrix_of_releases(const struct workspace *workspace, const char *case_name, GError **error)
{
	g_autoptr(GPtrArray) names = kernel_names(workspace, error), matrix = g_ptr_array_new_with_free_func(expectation_free);

	for (guint i = 0; names && i < names->len; i++) {
		g_autoptr(kernel_t) kernel = kernel_new(workspace, names->pdata[i], error);
		const char *release = kernel ? release_of(kernel) : NULL, *expect = kernel ? kernel_expectation(kernel, case_name) : NULL;

		if (!kernel)
			return NULL;
		if (release && expect)
			add_expectation(matrix, release, expect);
	}
	g_ptr_array_sort(matrix, by_release);
	return names ? g_steal_pointer(&matrix) : NULL;
}

GPtrArray *matrix_of_kernels(const GPtrArray *kernels, const char *case_name)
{
	GPtrArray *matrix = g_ptr_array_new_with_free_func(expectation_free);

	for (guint i = 0; i < kernels->len; i++) {
		const struct kernel *kernel = kernels->pdata[i];
		const char *expect = kernel_expectation(kernel, case_name);

		if (expect)
			add_expectation(matrix, kernel->name, expect);
	}
	return matrix;
}

GPtrArray *windows_between(const GPtrArray *matrix, const char *low, const char *high)
{
	GPtrArray *windows = g_ptr_array_new_with_free_func(g_free);
	const struct expectation *before = NULL;

	for (guint i = 0; i < matrix->len; i++) {
		const struct expectation *at = matrix->pdata[i];

		if ((low && strverscmp(at->name, low) < 0) || (high && strverscmp(at->name, high) > 0))
			continue;
		if (before && strcmp(before->expect, at->expect) != 0) {
			struct window *window = g_new0(struct window, 1);

			window->old = before;
			window->new = at;
			g_ptr_array_add(windows, window);
		}
		before = at;
	}
	return windows;
}

char *windows_text(const GPtrArray *windows)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = windows->pdata[i];

		g_string_append_printf(text, "%s  --window %u  %s %s .. %s %s", i ? "\n" : "", i + 1, window->old->name, window->old->expect,
				       window->new->name, window->new->expect);
	}
	return g_string_free(text, FALSE);
}

/* The value of `NAME = value` at the start of a line; "" when there is none. */
static char *makefile_value(const char *makefile, const char *name)
{
	g_autofree char *pattern = g_strdup_printf("^%s[ \\t]*=[ \\t]*(\\S*)", name);
	g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE | G_REGEX_RAW, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;

	return g_regex_match(regex, makefile, 0, &match) ? g_match_info_fetch(match, 1) : g_strdup("");
}

char *release_of_makefile(const char *makefile)
{
	g_autofree char *version = makefile_value(makefile, "VERSION"), *patchlevel = makefile_value(makefile, "PATCHLEVEL");
	g_autofree char *sublevel = makefile_value(makefile, "SUBLEVEL"), *extra = makefile_value(makefile, "EXTRAVERSION");
	g_autoptr(GString) release = g_string_new(version);

	if (!*version || !*patchlevel)
		return NULL;
	g_string_append_printf(release, ".%s", patchlevel);
	if (*sublevel && strcmp(sublevel, "0") != 0)
		g_string_append_printf(release, ".%s", sublevel);
	if (*extra == '.') /* 2.6.33.3; what begins with a dash is a candidate's or a vendor's */
		g_string_append(release, extra);
	return g_string_free(g_steal_pointer(&release), FALSE);
}
