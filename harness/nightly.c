/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly - one night: all cells of a plan run, compared with their history, and written into it
 */
#include "nightly.h"

#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "json_text.h"
#include "nightly_cell.h"
#include "nightly_folder.h"
#include "nightly_index.h"
#include "nightly_json.h"
#include "nightly_report.h"
#include "repeat.h"
#include "run.h"
#include "snapshot.h"
#include "source_unpack.h"

static char *time_now(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%dT%H:%M:%SZ");
}

/* What all parts of a night share. */
struct kept {
	struct snapshots *snapshots;
	struct cell_cache *cells;
};

static gboolean run_part(const struct nightly *nightly, const struct nightly_part *part, const struct kept *kept, GCancellable *cancellable,
			 GError **error)
{
	const struct nightly_config *config = nightly->config;
	g_autofree char *folder = g_build_filename(nightly->night->folder, part->variant->name, NULL), *text = NULL;
	struct run_options options = {
		.kernels = part->kernels, .cases = part->cases, .directory = folder, .repeat = (guint)config->repeat,
		.cell = { .machine = VM_MACHINE_DEFAULT, .wall_limit_us = config->timeout_us, .snapshots = kept->snapshots,
			  .cache = kept->cells, .job = { .drain = part->variant->drain } },
	};
	gboolean same;

	options.cell.machine.lockstep = nightly->workspace->lockstep;
	options.cell.machine.shift = part->variant->shift;
	options.cell.shift_given = part->variant->shift != VM_SHIFT_DEFAULT;
	options.cell.machine.memory_mib = config->memory_mib;
	return run_all(&options, nightly->workspace, cancellable, error) &&
	       (config->repeat < 2 || repeat_compare(folder, part->kernels, part->cases, (guint)config->repeat, &same, &text, error));
}

static gboolean run_parts(struct nightly *nightly, GCancellable *cancellable, GError **error)
{
	g_autofree char *rig = nightly_rig(nightly->workspace);
	const struct kept kept = { snapshots_new(nightly->workspace),
				   cell_cache_new(nightly->workspace, !nightly->config->cached || nightly->config->repeat > 1) };
	gboolean ok = TRUE;

	for (guint i = 0; ok && i < nightly->plan->parts->len; i++)
		ok = run_part(nightly, nightly->plan->parts->pdata[i], &kept, cancellable, error) &&
		     nightly_cells_add(nightly, nightly->plan->parts->pdata[i], rig, error);
	cell_cache_free(kept.cells);
	snapshots_free(kept.snapshots);
	return ok;
}

/* Since when it is failing without a night between in which it did not. */
static gboolean find_failing_since(struct past *history, const char *name, struct nightly_cell *cell, GError **error)
{
	const struct past_cell *now = cell->now;
	g_autoptr(GPtrArray) rows = past_of_cell(history, name, now->kernel, now->test_case, now->variant, error);

	for (guint i = 0; rows && i < rows->len; i++) {
		const struct past_cell *row = rows->pdata[i];

		if (g_str_equal(row->outcome, "SKIP") || g_str_equal(row->outcome, "BROKEN"))
			continue;
		if (!nightly_event_is_bad(row->event))
			break;
		g_free(cell->failing_since);
		cell->failing_since = g_strdup(row->started);
	}
	return rows != NULL;
}

static gboolean record_cell(struct nightly *nightly, struct past *history, struct nightly_cell *cell, GError **error)
{
	const char *name = nightly->config->name;

	if (!past_last(history, name, cell->now, &cell->last, error) || !past_other_bytes(history, cell->now, &cell->other, error))
		return FALSE;
	cell->event = nightly_judge(cell->now, cell->last, cell->kernel->canary, cell->other || cell->repeats_differ);
	cell->now->event = g_strdup(nightly_event_word(cell->event));
	if (cell->event == NIGHTLY_FAILING && !find_failing_since(history, name, cell, error))
		return FALSE;
	nightly->night->trusted &= cell->event != NIGHTLY_CANARY;
	nightly->night->exit_code = MAX(nightly->night->exit_code, nightly_event_exit_code(cell->event));
	return past_add_cell(history, nightly->night->id, cell->now, error);
}

/* A night without an end may still run, or was killed: it left no cells to be compared with. */
static gboolean find_untrusted(struct nightly *nightly, struct past *history, GError **error)
{
	g_autoptr(GPtrArray) nights = past_nights(history, nightly->config->name, error);

	for (guint i = 0; nights && i < nights->len; i++) {
		const struct past_night *night = nights->pdata[i];

		if (night->trusted)
			break;
		if (night->finished && night->id != nightly->night->id)
			g_ptr_array_add(nightly->untrusted, g_strdup(night->started));
	}
	return nights != NULL;
}

static char *name_of(const struct past_cell *cell)
{
	return g_strdup_printf("%s %s %s", cell->kernel, cell->variant, cell->test_case);
}

/* A case that was renamed and a kernel that was taken out would go without a word. */
static gboolean find_gone(struct nightly *nightly, struct past *history, GError **error)
{
	g_autoptr(GPtrArray) before = past_of_last_night(history, nightly->config->name, error);
	g_autoptr(GHashTable) tonight = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < nightly->cells->len; i++)
		g_hash_table_add(tonight, name_of(((const struct nightly_cell *)nightly->cells->pdata[i])->now));
	for (guint i = 0; before && i < before->len; i++) {
		g_autofree char *name = name_of(before->pdata[i]);

		if (!g_hash_table_contains(tonight, name))
			g_ptr_array_add(nightly->gone, g_steal_pointer(&before->pdata[i]));
	}
	return before != NULL;
}

static gboolean record_all(struct nightly *nightly, struct past *history, GError **error)
{
	nightly->night->trusted = TRUE;
	nightly->night->exit_code = 0;
	if (!find_untrusted(nightly, history, error) || !find_gone(nightly, history, error))
		return FALSE;
	for (guint i = 0; i < nightly->cells->len; i++)
		if (!record_cell(nightly, history, nightly->cells->pdata[i], error))
			return FALSE;
	nightly->night->finished = time_now();
	return past_close_night(history, nightly->night, error) &&
	       past_forget(history, nightly->config->name, nightly->config->keep_history, error);
}

static gboolean record(struct nightly *nightly, struct past *history, GError **error)
{
	if (!past_begin(history, error))
		return FALSE;
	if (record_all(nightly, history, error) && past_commit(history, error))
		return TRUE;
	past_rollback(history);
	return FALSE;
}

static gboolean write_texts(const struct nightly *nightly, GError **error)
{
	g_autofree char *text = nightly_text(nightly);
	g_autoptr(JsonNode) json = nightly_json(nightly);

	return json_text_write(nightly->night->folder, "night.json", json, error) &&
	       artefact_write(nightly->night->folder, "night.txt", text, strlen(text), error);
}

static struct nightly *new_nightly(const struct nightly_config *config, const struct nightly_plan *plan, const struct workspace *workspace)
{
	struct nightly *nightly = g_new0(struct nightly, 1);

	nightly->config = config;
	nightly->plan = plan;
	nightly->workspace = workspace;
	nightly->cells = g_ptr_array_new_with_free_func((GDestroyNotify)nightly_cell_free);
	nightly->untrusted = g_ptr_array_new_with_free_func(g_free);
	nightly->gone = g_ptr_array_new_with_free_func((GDestroyNotify)past_cell_free);
	nightly->lock = -1;
	nightly->night = g_new0(struct past_night, 1);
	nightly->night->name = g_strdup(config->name);
	nightly->night->started = time_now();
	nightly->night->finrig = g_strdup(FINRIG_VERSION);
	return nightly;
}

/* A folder that the history does not know would never be removed. */
static gboolean begin_night(struct nightly *nightly, struct past *history, GError **error)
{
	const struct nightly_config *config = nightly->config;

	nightly->night->folder = nightly_folder_make(config->results, config->name, nightly->night->started, &nightly->lock, error);
	if (!nightly->night->folder)
		return FALSE;
	if (past_add_night(history, nightly->night, error)) {
		nightly_folder_point(nightly->night->folder);
		return TRUE;
	}
	remove_folder(nightly->night->folder);
	return FALSE;
}

struct nightly *nightly_run(const struct nightly_config *config, const struct nightly_plan *plan, const struct workspace *workspace,
			    GCancellable *cancellable, GError **error)
{
	g_autoptr(nightly_t) nightly = new_nightly(config, plan, workspace);
	g_autoptr(past_t) history = past_open(config->history, FALSE, error);

	if (!history)
		return NULL;
	/* Old folders go before the texts, which name those that are there. */
	if (!begin_night(nightly, history, error) || !run_parts(nightly, cancellable, error) || !record(nightly, history, error) ||
	    !nightly_folder_retain(history, config->name, config->keep, error) || !nightly_report_write(nightly, error) ||
	    !write_texts(nightly, error) || !nightly_index_write(nightly, history, error))
		return NULL;
	return g_steal_pointer(&nightly);
}

void nightly_free(struct nightly *nightly)
{
	if (!nightly)
		return;
	if (nightly->lock >= 0)
		close(nightly->lock);
	past_night_free(nightly->night);
	g_ptr_array_unref(nightly->cells);
	g_ptr_array_unref(nightly->untrusted);
	g_ptr_array_unref(nightly->gone);
	g_free(nightly);
}
