/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_facts - what a night's text, its JSON and its page tell alike: counts, kernels that moved, canaries, what was not compared
 */
#include "nightly_facts.h"

#include <string.h>

#include "rerun.h"

void nightly_count_events(const struct nightly *nightly, guint counts[NIGHTLY_EVENT_COUNT])
{
	memset(counts, 0, NIGHTLY_EVENT_COUNT * sizeof(*counts));
	for (guint i = 0; i < nightly->cells->len; i++)
		counts[((struct nightly_cell *)nightly->cells->pdata[i])->event]++;
}

struct nightly_canaries nightly_count_canaries(const struct nightly *nightly)
{
	struct nightly_canaries canaries = { 0, 0, 0 };

	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];

		if (!cell->kernel->canary || g_strcmp0(cell->now->expect, "buggy") != 0)
			continue;
		canaries.all++;
		canaries.ran += strcmp(cell->now->outcome, "SKIP") != 0;
		canaries.told += strcmp(cell->now->outcome, "BUGGY") == 0;
	}
	return canaries;
}

const struct nightly_cell *nightly_moved(const struct nightly *nightly, const struct nightly_kernel *kernel)
{
	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];

		if (cell->kernel == kernel && cell->last && cell->now->image)
			return g_strcmp0(cell->last->image, cell->now->image) == 0 ? NULL : cell;
	}
	return NULL;
}

gboolean nightly_is_uncompared(const struct nightly_cell *cell)
{
	return !cell->last && strcmp(cell->now->outcome, "SKIP") != 0 && strcmp(cell->now->outcome, "BROKEN") != 0;
}

guint nightly_count_uncompared(const struct nightly *nightly)
{
	guint count = 0;

	for (guint i = 0; i < nightly->cells->len; i++)
		count += nightly_is_uncompared(nightly->cells->pdata[i]);
	return count;
}

char *nightly_uncompared_text(const struct nightly *nightly)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint count = nightly_count_uncompared(nightly);

	if (count)
		g_string_append_printf(text, "not compared: %u cell%s that no trusted night before has\n", count, count == 1 ? "" : "s");
	for (guint i = 0; i < nightly->untrusted->len; i++)
		g_string_append_printf(text, "%s%s", i ? ", " : "not compared with ",
				       (char *)nightly->untrusted->pdata[i]);
	if (nightly->untrusted->len)
		g_string_append_printf(text, ", which %s not trusted\n", nightly->untrusted->len == 1 ? "was" : "were");
	return g_strdup(text->str);
}

char *nightly_left_out_text(const struct nightly_part *part)
{
	enum { NAMES_MAX = 10 };
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < part->left_out->len && i < NAMES_MAX; i++) {
		const struct case_left_out *left_out = part->left_out->pdata[i];

		if (i)
			g_string_append(text, ", ");
		else
			g_string_append_printf(text, "left out of %s: ", part->variant->name);
		g_string_append_printf(text, "%s names %s", left_out->name, left_out->ip_version);
	}
	if (part->left_out->len > NAMES_MAX)
		g_string_append_printf(text, ", and %u more", part->left_out->len - NAMES_MAX);
	return part->left_out->len ? g_strdup(text->str) : NULL;
}

char *nightly_again(const struct nightly *nightly, const struct nightly_cell *cell)
{
	g_autofree char *folder = g_build_filename(nightly->night->folder, cell->now->place, NULL);

	return rerun_command(folder);
}
