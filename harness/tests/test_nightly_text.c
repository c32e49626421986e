/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_nightly_text - one night as text, as a mail and as JSON
 */
#include "artefact.h"
#include "nightly.h"
#include "nightly_cell.h"
#include "nightly_json.h"
#include "stream.h"
#include "vm_machine.h"

/* A night of a branch that regressed and a mutant. */
struct night {
	struct nightly_kernel branch, mutant;
	struct nightly_variant variant;
	struct nightly_part part;
	struct case_left_out left_out;
	struct nightly_plan plan;
	struct nightly_config config;
	struct past_night past;
	struct nightly nightly;
	char *folder;
};

static void add_cell(struct nightly *nightly, const struct nightly_cell *cell, struct past_cell now, struct past_cell *last)
{
	struct nightly_cell *added = g_new0(struct nightly_cell, 1);

	*added = *cell;
	added->now = g_new0(struct past_cell, 1);
	added->now->kernel = g_strdup(cell->kernel->name);
	added->now->test_case = g_strdup("closing");
	added->now->variant = g_strdup("plain");
	added->now->outcome = g_strdup(now.outcome);
	added->now->expect = g_strdup(now.expect);
	added->now->cause = g_strdup(now.cause);
	added->now->image = g_strdup(now.image);
	added->now->place = g_strdup("plain/k/closing");
	added->failing_since = g_strdup(cell->failing_since);
	added->last = last;
	g_ptr_array_add(nightly->cells, added);
}

static struct past_cell *last_cell(const char *outcome, const char *image)
{
	struct past_cell *last = g_new0(struct past_cell, 1);

	last->outcome = g_strdup(outcome);
	last->image = g_strdup(image);
	last->expect = g_strdup("fixed");
	last->started = g_strdup("2026-01-30T02:00:00Z");
	return last;
}

/* What a run leaves of the cell that the texts name. */
static void leave_cell(const char *folder)
{
	g_autofree char *cell = g_build_filename(folder, "plain", "k", "closing", NULL);

	stream_put(cell, "0-cell.json", "{\"kernel\": \"branch\", \"said\": \"git:/my repo@main,name=branch\", \"case\": \"closing\", "
		   "\"file\": \"cases/closing.pkt\"}", -1);
	stream_put(cell, "0-case.pkt", "0 close(3) = 0\n", -1);
	stream_put(cell, "0-job.txt", "drain: slow 5/s\n\n", -1);
}

static void fill(struct night *night)
{
	struct nightly_cell cell = { .kernel = &night->branch, .variant = &night->variant, .event = NIGHTLY_REGRESSION };
	struct past_cell now = { .outcome = (char *)"BUGGY", .expect = (char *)"fixed", .cause = (char *)"0 FIN …", .image = (char *)"new" };

	add_cell(&night->nightly, &cell, now, last_cell("FIXED", "old"));
	cell.event = NIGHTLY_FAILING;
	cell.failing_since = (char *)"2026-01-02T02:00:00Z";
	now.cause = (char *)"0 FIN";
	add_cell(&night->nightly, &cell, now, last_cell("BUGGY", "new"));
	cell = (struct nightly_cell){ .kernel = &night->mutant, .variant = &night->variant, .event = NIGHTLY_EXPECTED };
	now.expect = (char *)"buggy";
	add_cell(&night->nightly, &cell, now, NULL);
	cell.event = NIGHTLY_SKIPPED;
	now = (struct past_cell){ .outcome = (char *)"SKIP", .expect = (char *)"fixed", .cause = (char *)"no source" };
	add_cell(&night->nightly, &cell, now, NULL);
	add_cell(&night->nightly, &cell, now, NULL);
	cell = (struct nightly_cell){ .kernel = &night->branch, .variant = &night->variant, .event = NIGHTLY_FIRST };
	now = (struct past_cell){ .outcome = (char *)"BUGGY", .cause = (char *)"0 FIN" };
	add_cell(&night->nightly, &cell, now, NULL);
	now.outcome = (char *)"FIXED";
	for (guint i = 0; i < 12; i++)
		add_cell(&night->nightly, &cell, now, NULL);
	cell.event = NIGHTLY_UNEXPECTED;
	now = (struct past_cell){ .outcome = (char *)"CHANGED", .cause = (char *)"1 FIN" };
	add_cell(&night->nightly, &cell, now, NULL);
	cell.event = NIGHTLY_SAME;
	add_cell(&night->nightly, &cell, now, last_cell("BUGGY", NULL));
}

static void add_gone(struct nightly *nightly, const char *kernel, const char *test_case)
{
	struct past_cell *cell = last_cell("FIXED", NULL);

	cell->kernel = g_strdup(kernel);
	cell->test_case = g_strdup(test_case);
	cell->variant = g_strdup("plain");
	g_ptr_array_add(nightly->gone, cell);
}

static void set_up(struct night *night, gconstpointer data)
{
	(void)data;
	night->folder = stream_folder();
	leave_cell(night->folder);
	night->branch = (struct nightly_kernel){ (char *)"branch", (char *)"git:/my repo@main,name=branch", NULL, FALSE };
	night->mutant = (struct nightly_kernel){ (char *)"mutant", (char *)"mutant", NULL, TRUE };
	night->variant = (struct nightly_variant){ .name = (char *)"plain", .drain = (char *)"slow 5/s", .shift = VM_SHIFT_DEFAULT };
	night->plan = (struct nightly_plan){ g_ptr_array_new(), g_ptr_array_new(), 5 };
	night->config = (struct nightly_config){ .name = (char *)"n", .memory_mib = VM_MEMORY_DEFAULT_MIB };
	night->past = (struct past_night){ .started = (char *)"2026-01-31T02:00:00Z", .finished = (char *)"2026-01-31T02:10:00Z",
					   .folder = night->folder, .trusted = TRUE, .exit_code = 1 };
	night->nightly = (struct nightly){ .config = &night->config, .plan = &night->plan, .night = &night->past, .lock = -1,
					   .cells = g_ptr_array_new_with_free_func((GDestroyNotify)nightly_cell_free),
					   .untrusted = g_ptr_array_new(),
					   .gone = g_ptr_array_new_with_free_func((GDestroyNotify)past_cell_free) };
	add_gone(&night->nightly, "branch", "a");
	add_gone(&night->nightly, "old", "a");
	add_gone(&night->nightly, "old", "b");
	add_gone(&night->nightly, "older", "a");
	g_ptr_array_add(night->nightly.untrusted, (gpointer)"2026-01-30T12:00:00Z");
	g_ptr_array_add(night->nightly.untrusted, (gpointer)"2026-01-30T10:00:00Z");
	g_ptr_array_add(night->plan.kernels, &night->branch);
	g_ptr_array_add(night->plan.kernels, &night->mutant);
	night->left_out = (struct case_left_out){ (char *)"lo", (char *)"ipv4" };
	night->part = (struct nightly_part){ .variant = &night->variant, .left_out = g_ptr_array_new() };
	g_ptr_array_add(night->part.left_out, &night->left_out);
	g_ptr_array_add(night->plan.parts, &night->part);
	fill(night);
}

static void tear_down(struct night *night, gconstpointer data)
{
	(void)data;
	g_ptr_array_unref(night->nightly.cells);
	g_ptr_array_unref(night->nightly.untrusted);
	g_ptr_array_unref(night->nightly.gone);
	g_ptr_array_unref(night->plan.kernels);
	g_ptr_array_unref(night->plan.parts);
	g_ptr_array_unref(night->part.left_out);
	stream_remove(night->folder);
	g_free(night->folder);
}

static const char expected_text[] =
	"finrig nightly n: 1 NEW regression, 1 unexpected, 1 still failing, 13 first seen, 2 skipped, 1 as before, 1 as expected\n"
	"\nNEW regression (1)\n"
	"  branch closing\n"
	"    FIXED -> BUGGY, expected fixed: 0 FIN …\n"
	"    since 2026-01-30T02:00:00Z: kernel old -> new\n"
	"    see: FOLDER/plain/k/closing\n"
	"    again: finrig run --again --kernel 'git:/my repo@main,name=branch' --drain 'slow 5/s' closing\n"
	"\nnot as expected at first sight (1)\n"
	"  branch closing\n"
	"    CHANGED: 1 FIN\n"
	"    not compared: no trusted night before has it\n"
	"    see: FOLDER/plain/k/closing\n"
	"    again: finrig run --again --kernel 'git:/my repo@main,name=branch' --drain 'slow 5/s' closing\n"
	"\nstill failing (1)\n"
	"  branch closing\n"
	"    BUGGY since 2026-01-02T02:00:00Z, expected fixed: 0 FIN\n"
	"    since 2026-01-30T02:00:00Z: nothing changed\n"
	"    see: FOLDER/plain/k/closing\n"
	"    again: finrig run --again --kernel 'git:/my repo@main,name=branch' --drain 'slow 5/s' closing\n"
	"\nfirst seen: no expectation and no trusted night before to hold it against (13)\n"
	"  branch BUGGY: closing\n"
	"  branch FIXED: closing, closing, closing, closing, closing, closing, closing, closing, closing, closing, and 2 more\n"
	"\ncannot run here (2)\n"
	"  2 cells of mutant: no source\n"
	"\n20 cells of 2 kernels, in 1 variant; 2026-01-31T02:00:00Z to 2026-01-31T02:10:00Z\n"
	"left out of plain: lo names ipv4\n"
	"not run any more: branch a [plain], all of old (2 cells), all of older (1 cell); the night of 2026-01-30T02:00:00Z had them\n"
	"moved: branch, image old -> new\n"
	"canaries: 1 of 1 told, so the rig can tell a bug\n"
	"not compared: 15 cells that no trusted night before has\n"
	"not compared with 2026-01-30T12:00:00Z, 2026-01-30T10:00:00Z, which were not trusted\n"
	"all: FOLDER\n";

static void test_text(struct night *night, gconstpointer data)
{
	g_autofree char *text = nightly_text(&night->nightly);
	g_autoptr(GString) shown = g_string_new(text);

	(void)data;
	g_string_replace(shown, night->folder, "FOLDER", 0);
	g_assert_cmpstr(shown->str, ==, expected_text);
}

static void test_mail(struct night *night, gconstpointer data)
{
	g_autofree char *mail = nightly_mail(&night->nightly, "team@example.org");

	(void)data;
	g_assert_true(g_str_has_prefix(mail, "To: team@example.org\nSubject: finrig nightly n: 1 NEW regression, 1 unexpected"));
	g_assert_nonnull(strstr(mail, "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nNEW regression (1)\n"));
}

/* No mail would be read as no news. */
static void test_failure_mail(struct night *night, gconstpointer data)
{
	g_autofree char *mail = nightly_failure_mail("/etc/my stack.nightly", "team@example.org", "x.nightly:3: …");

	(void)night;
	(void)data;
	g_assert_true(g_str_has_prefix(mail, "To: team@example.org\nSubject: finrig nightly my-stack: NO NIGHT: "));
	g_assert_true(g_str_has_suffix(mail, "Content-Transfer-Encoding: 8bit\n\nx.nightly:3: …\n"));
}

/* A cell whose folder is gone is told without the command. */
static void test_no_folder(struct night *night, gconstpointer data)
{
	g_autofree char *text = NULL;

	(void)data;
	stream_remove(night->folder);
	text = nightly_text(&night->nightly);
	g_assert_nonnull(strstr(text, "plain/k/closing\n\nnot as expected at first sight"));
}

static JsonObject *cell_of(JsonObject *root, guint number)
{
	return json_array_get_object_element(json_object_get_array_member(root, "cells"), number);
}

/* The worst first, what is as expected not at all. */
static void test_json(struct night *night, gconstpointer data)
{
	g_autoptr(JsonNode) node = nightly_json(&night->nightly);
	JsonObject *root = json_node_get_object(node), *cell = cell_of(root, 0), *counts = json_object_get_object_member(root, "counts");
	JsonObject *branch = json_array_get_object_element(json_object_get_array_member(root, "kernels"), 0);

	(void)data;
	g_assert_cmpint(artefact_int(root, "exit_code", -1), ==, 1);
	g_assert_cmpint(artefact_int(root, "all", -1), ==, 20);
	g_assert_cmpint(artefact_int(counts, "regression", -1), ==, 1);
	g_assert_cmpint(artefact_int(counts, "crash", -1), ==, 0);
	g_assert_cmpint(artefact_int(counts, "expected", -1), ==, 1);
	g_assert_cmpint(artefact_int(counts, "same", -1), ==, 1);
	g_assert_cmpint(artefact_int(counts, "first", -1), ==, 13);
	g_assert_cmpint(artefact_int(root, "not_compared", -1), ==, 15);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(root, "untrusted")), ==, 2);
	g_assert_cmpint(artefact_int(json_object_get_object_member(root, "canaries"), "told", -1), ==, 1);
	g_assert_true(json_object_get_boolean_member(branch, "moved"));
	g_assert_cmpstr(artefact_string(json_object_get_object_member(branch, "from"), "image"), ==, "old");
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(root, "left_out")), ==, 1);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(root, "gone")), ==, 4);
	g_assert_cmpuint(json_array_get_length(json_object_get_array_member(root, "cells")), ==, 18);
	g_assert_cmpstr(artefact_string(cell, "event"), ==, "regression");
	g_assert_cmpstr(artefact_string(cell, "place"), ==, "plain/k/closing");
	g_assert_cmpstr(artefact_string(cell, "again"), ==, "finrig run --again --kernel 'git:/my repo@main,name=branch' --drain 'slow 5/s' closing");
	g_assert_cmpstr(artefact_string(json_object_get_object_member(cell, "last"), "outcome"), ==, "FIXED");
	g_assert_cmpstr(artefact_string(json_object_get_object_member(cell, "last"), "changed"), ==, "kernel old -> new");
	cell = cell_of(root, 2);
	g_assert_cmpstr(artefact_string(cell, "event"), ==, "failing");
	g_assert_cmpstr(artefact_string(cell, "failing_since"), ==, "2026-01-02T02:00:00Z");
	g_assert_false(json_object_has_member(json_object_get_object_member(cell, "last"), "changed"));
	cell = cell_of(root, 16);
	g_assert_cmpstr(artefact_string(cell, "event"), ==, "skipped");
	g_assert_false(json_object_has_member(cell, "last"));
}

int main(int argc, char **argv)
{
	static const struct { const char *name; void (*run)(struct night *night, gconstpointer data); } tests[] = {
		{ "/nightly/text", test_text }, { "/nightly/mail", test_mail }, { "/nightly/failure-mail", test_failure_mail }, { "/nightly/no-folder", test_no_folder }, { "/nightly/json", test_json },
	};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, struct night, NULL, set_up, tests[i].run, tear_down);
	return g_test_run();
}
