/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_cell - cells of a night's run, read from their folders, with the digests that tell inputs and bytes apart
 */
#include "nightly_cell.h"

#include <string.h>

#include "artefact.h"
#include "repeat.h"
#include "report.h"
#include "vm_machine.h"

/* NULL when the file is not there. */
static char *digest_file(const char *path)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);
	g_autoptr(GBytes) bytes = file ? g_mapped_file_get_bytes(file) : NULL;

	return bytes ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes) : NULL;
}

/* Of texts one after the other; NULL if one is. */
static char *digest_texts(const char *const *texts, guint count)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < count; i++) {
		if (!texts[i])
			return NULL;
		g_checksum_update(checksum, (const guchar *)texts[i], (gssize)strlen(texts[i]) + 1);
	}
	return g_strdup(g_checksum_get_string(checksum));
}

char *nightly_rig(const struct workspace *workspace)
{
	g_autofree char *agent_path = g_build_filename(workspace->libexec, "agent", NULL);
	g_autofree char *finrig = digest_file("/proc/self/exe"), *agent = digest_file(agent_path), *lockstep = digest_file(workspace->lockstep);
	const char *const texts[] = { finrig, agent, lockstep };

	return digest_texts(texts, G_N_ELEMENTS(texts));
}

static char *digest_machine(JsonObject *object)
{
	JsonNode *node = json_object_get_member(object, "arguments");
	g_autofree char *arguments = node ? json_to_string(node, FALSE) : NULL;
	const char *const texts[] = { artefact_string(object, "qemu"), arguments, vm_machine_command_line() };

	return digest_texts(texts, G_N_ELEMENTS(texts));
}

/* A cell that could not run has no inputs, and one whose machine failed said nothing that must come again. */
static void read_inputs(struct past_cell *cell, const char *folder, const char *rig, enum verdict_outcome outcome)
{
	g_autoptr(JsonObject) object = artefact_read_json(folder, "0-cell.json", NULL);
	g_autofree char *records = g_build_filename(folder, "1-records.bin", NULL);

	if (!object)
		return;
	cell->image = g_strdup(artefact_string(object, "image"));
	cell->job = g_strdup(artefact_string(object, "job"));
	cell->initramfs = g_strdup(artefact_string(object, "initramfs"));
	cell->rig = cell->image ? g_strdup(rig) : NULL;
	cell->machine = digest_machine(object);

	const char *const key_texts[] = { cell->image, cell->initramfs, cell->rig, cell->machine, cell->job };

	cell->key = digest_texts(key_texts, G_N_ELEMENTS(key_texts));
	if (cell->key && outcome != VERDICT_BROKEN && outcome != VERDICT_SKIP)
		cell->bytes = digest_file(records);
}

/* repeat_compare() left those that differ. */
static gboolean has_repetition(const char *run, const char *cell, int repeat)
{
	for (int number = 2; number <= repeat; number++) {
		g_autofree char *folder = repeat_directory(run, (guint)number), *path = g_build_filename(folder, cell, NULL);

		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return TRUE;
	}
	return FALSE;
}

static const struct test_case *find_case(const struct nightly_part *part, const char *name)
{
	for (guint i = 0; i < part->cases->len; i++)
		if (g_str_equal(((struct test_case *)part->cases->pdata[i])->name, name))
			return part->cases->pdata[i];
	return NULL;
}

static void add_cell(struct nightly *nightly, const struct nightly_part *part, const struct run_summary *run, const struct report_cell *report,
		     const char *rig)
{
	struct nightly_cell *cell = g_new0(struct nightly_cell, 1);
	g_autofree char *folder = g_build_filename(run->directory, report->directory, NULL);
	struct past_cell *now = g_new0(struct past_cell, 1);

	cell->now = now;
	cell->kernel = nightly_plan_kernel(nightly->plan, report->kernel);
	cell->variant = part->variant;
	cell->test_case = find_case(part, report->test_case);
	cell->repeats_differ = has_repetition(run->directory, report->directory, nightly->config->repeat);
	now->kernel = g_strdup(report->kernel);
	now->test_case = g_strdup(cell->test_case->base);
	now->variant = g_strdup(part->variant->name);
	now->outcome = g_strdup(report->judged ? verdict_name(report->outcome) : verdict_name(VERDICT_BROKEN));
	now->expect = g_strdup(report->expect);
	now->cause = g_strdup(report->judged ? report->cause : "no verdict was left");
	now->source = g_strdup(cell->kernel->commit);
	now->place = g_build_filename(part->variant->name, report->directory, NULL);
	read_inputs(now, folder, rig, report->judged ? report->outcome : VERDICT_BROKEN);
	g_ptr_array_add(nightly->cells, cell);
}

gboolean nightly_cells_add(struct nightly *nightly, const struct nightly_part *part, const char *rig, GError **error)
{
	g_autofree char *folder = g_build_filename(nightly->night->folder, part->variant->name, NULL);
	g_autoptr(run_summary_t) run = report_read(folder, error);

	for (guint i = 0; run && i < run->cells->len; i++)
		add_cell(nightly, part, run, run->cells->pdata[i], rig);
	return run != NULL;
}

void nightly_cell_free(struct nightly_cell *cell)
{
	if (!cell)
		return;
	past_cell_free(cell->now);
	past_cell_free(cell->last);
	past_cell_free(cell->other);
	g_free(cell->failing_since);
	g_free(cell);
}
