/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_text - a night as the text of a mail
 * in: a night with its events; out: a subject, then what is not as it was, the worst first, then counts. One line a fact, ASCII in
 * the subject.
 */
#include <string.h>

#include "nightly_facts.h"

/* One broken kernel can be hundreds of cells; the rest is in the history. */
enum { CELLS_MAX = 40, NAMES_MAX = 10 };

static const char *plural(guint count)
{
	return count == 1 ? "" : "s";
}

static void add_subject(GString *text, const struct nightly *nightly, const guint *counts)
{
	const char *comma = "";

	g_string_append_printf(text, "finrig nightly %s: ", nightly->config->name);
	for (guint event = 0; event < NIGHTLY_EVENT_COUNT; event++)
		if (counts[event]) {
			g_string_append_printf(text, "%s%u %s", comma, counts[event], nightly_event_brief(event, counts[event]));
			comma = ", ";
		}
	g_string_append_c(text, '\n');
}

static void add_outcome(GString *text, const struct nightly_cell *cell)
{
	const struct past_cell *now = cell->now;

	g_string_append(text, "    ");
	if (cell->last && strcmp(cell->last->outcome, now->outcome) != 0)
		g_string_append_printf(text, "%s -> ", cell->last->outcome);
	g_string_append(text, now->outcome);
	if (cell->failing_since)
		g_string_append_printf(text, " since %s", cell->failing_since);
	if (now->expect)
		g_string_append_printf(text, ", expected %s", now->expect);
	g_string_append_printf(text, ": %s\n", now->cause ? now->cause : "");
}

/* The alarm's other half, if its night's folder has not been removed since. */
static void add_other_bytes(GString *text, const struct past_cell *other)
{
	gboolean kept = g_file_test(other->folder, G_FILE_TEST_IS_DIR);

	if (kept)
		g_string_append_printf(text, "    other bytes: %s/%s of %s\n", other->folder, other->place, other->started);
	else
		g_string_append_printf(text, "    other bytes: in the night of %s, whose folder is not kept\n", other->started);
}

/* What the history adds: against which night, and what has changed since. */
static void add_comparison(GString *text, const struct nightly_cell *cell)
{
	g_autofree char *changes = cell->last ? nightly_changes(cell->last, cell->now) : NULL;

	if (cell->other)
		add_other_bytes(text, cell->other);
	if (cell->repeats_differ)
		g_string_append(text, "    other bytes: in repeat/ beside it\n");
	if (cell->last)
		g_string_append_printf(text, "    since %s: %s\n", cell->last->started, changes ? changes : "nothing changed");
	else if (nightly_is_uncompared(cell))
		g_string_append(text, "    not compared: no trusted night before has it\n");
}

static void add_cell(GString *text, const struct nightly *nightly, const struct nightly_cell *cell)
{
	g_autofree char *again = nightly_again(nightly, cell);

	g_string_append_printf(text, "  %s %s", cell->now->kernel, cell->now->test_case);
	if (nightly->plan->parts->len > 1)
		g_string_append_printf(text, " [%s]", cell->now->variant);
	g_string_append_c(text, '\n');
	add_outcome(text, cell);
	add_comparison(text, cell);
	g_string_append_printf(text, "    see: %s/%s\n", nightly->night->folder, cell->now->place);
	if (again)
		g_string_append_printf(text, "    again: %s\n", again);
}

/* What could not run for the same reason is one line. */
static void add_reasons(GString *text, const struct nightly *nightly, enum nightly_event event)
{
	g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];
		char *reason = g_strdup_printf("%s: %s", cell->now->kernel, cell->now->cause ? cell->now->cause : "");
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, reason));

		if (cell->event != event) {
			g_free(reason);
			continue;
		}
		g_hash_table_insert(counts, reason, GUINT_TO_POINTER(count + 1));
		if (!count)
			g_ptr_array_add(order, reason);
		else
			g_free(reason);
	}
	for (guint i = 0; i < order->len; i++) {
		guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, order->pdata[i]));

		g_string_append_printf(text, "  %u cell%s of %s\n", count, plural(count), (char *)order->pdata[i]);
	}
}

static void add_cells(GString *text, const struct nightly *nightly, enum nightly_event event)
{
	guint told = 0;

	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];

		if (cell->event == event && told++ < CELLS_MAX)
			add_cell(text, nightly, cell);
	}
	if (told > CELLS_MAX)
		g_string_append_printf(text, "  and %u more\n", told - CELLS_MAX);
}

/* Of one kernel, those that came out so. */
static void add_first_of(GString *text, const struct nightly *nightly, const struct nightly_kernel *kernel, const char *outcome)
{
	guint told = 0;

	for (guint i = 0; i < nightly->cells->len; i++) {
		const struct nightly_cell *cell = nightly->cells->pdata[i];

		if (cell->event != NIGHTLY_FIRST || cell->kernel != kernel || strcmp(cell->now->outcome, outcome) != 0 || told++ >= NAMES_MAX)
			continue;
		if (told == 1)
			g_string_append_printf(text, "  %s %s: ", kernel->name, outcome);
		g_string_append_printf(text, "%s%s", told == 1 ? "" : ", ", cell->now->test_case);
		if (nightly->plan->parts->len > 1)
			g_string_append_printf(text, " [%s]", cell->now->variant);
	}
	if (told > NAMES_MAX)
		g_string_append_printf(text, ", and %u more", told - NAMES_MAX);
	if (told)
		g_string_append_c(text, '\n');
}

static void add_first(GString *text, const struct nightly *nightly)
{
	for (guint i = 0; i < nightly->plan->kernels->len; i++) {
		add_first_of(text, nightly, nightly->plan->kernels->pdata[i], "BUGGY");
		add_first_of(text, nightly, nightly->plan->kernels->pdata[i], "FIXED");
	}
}

static void add_events(GString *text, const struct nightly *nightly, const guint *counts)
{
	for (guint event = 0; event < NIGHTLY_SAME; event++) {
		if (!counts[event])
			continue;
		g_string_append_printf(text, "\n%s (%u)\n", nightly_event_title(event), counts[event]);
		if (event == NIGHTLY_BROKEN || event == NIGHTLY_LOST || event == NIGHTLY_SKIPPED)
			add_reasons(text, nightly, event);
		else if (event == NIGHTLY_FIRST)
			add_first(text, nightly);
		else
			add_cells(text, nightly, event);
	}
}

/* A kernel that moved, whether or not a cell shows it. */
static void add_moves(GString *text, const struct nightly *nightly)
{
	for (guint i = 0; i < nightly->plan->kernels->len; i++) {
		const struct nightly_kernel *kernel = nightly->plan->kernels->pdata[i];
		const struct nightly_cell *moved = nightly_moved(nightly, kernel);

		if (!moved)
			continue;
		g_string_append_printf(text, "moved: %s", kernel->name);
		if (kernel->commit && moved->last->source)
			g_string_append_printf(text, ", commit %.12s -> %.12s", moved->last->source, kernel->commit);
		g_string_append_printf(text, ", image %.12s -> %.12s\n", moved->last->image, moved->now->image);
	}
}

/* What the last trusted night had and tonight has not; of a kernel that is no more, the number of cells. */
static void add_gone(GString *text, const struct nightly *nightly)
{
	const char *between = "not run any more: ";
	guint told = 0, cells = 0;

	for (guint i = 0; i < nightly->gone->len; i++) {
		const struct past_cell *cell = nightly->gone->pdata[i], *next = i + 1 < nightly->gone->len ? nightly->gone->pdata[i + 1] : NULL;
		gboolean whole = !nightly_plan_kernel(nightly->plan, cell->kernel);

		cells++;
		if (whole && next && g_str_equal(next->kernel, cell->kernel))
			continue;
		if (told++ < NAMES_MAX && whole)
			g_string_append_printf(text, "%sall of %s (%u cell%s)", between, cell->kernel, cells, plural(cells));
		else if (told <= NAMES_MAX)
			g_string_append_printf(text, "%s%s %s [%s]", between, cell->kernel, cell->test_case, cell->variant);
		between = ", ";
		cells = 0;
	}
	if (told > NAMES_MAX)
		g_string_append_printf(text, ", and %u more", told - NAMES_MAX);
	if (told)
		g_string_append_printf(text, "; the night of %s had %s\n", ((const struct past_cell *)nightly->gone->pdata[0])->started,
				       nightly->gone->len == 1 ? "it" : "them");
}

static void add_left_out(GString *text, const struct nightly_part *part)
{
	g_autofree char *left_out = nightly_left_out_text(part);

	if (left_out)
		g_string_append_printf(text, "%s\n", left_out);
}

/* Do the cells whose bug is known show it? */
static void add_canaries(GString *text, const struct nightly *nightly)
{
	const struct nightly_canaries canaries = nightly_count_canaries(nightly);

	g_string_append_printf(text, "canaries: %u of %u told%s\n", canaries.told, canaries.all,
			       !canaries.ran ? ": nothing shows tonight that this rig can tell a bug" : canaries.told < canaries.all ? "" : ", so the rig can tell a bug");
}

char *nightly_text(const struct nightly *nightly)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *uncompared = nightly_uncompared_text(nightly);
	guint counts[NIGHTLY_EVENT_COUNT];

	nightly_count_events(nightly, counts);
	add_subject(text, nightly, counts);
	add_events(text, nightly, counts);
	g_string_append_printf(text, "\n%u cell%s of %u kernel%s, in %u variant%s; %s to %s\n", nightly->cells->len, plural(nightly->cells->len),
			       nightly->plan->kernels->len, plural(nightly->plan->kernels->len), nightly->plan->parts->len,
			       plural(nightly->plan->parts->len), nightly->night->started, nightly->night->finished);
	for (guint i = 0; i < nightly->plan->parts->len; i++)
		add_left_out(text, nightly->plan->parts->pdata[i]);
	add_gone(text, nightly);
	add_moves(text, nightly);
	add_canaries(text, nightly);
	g_string_append(text, uncompared);
	if (!nightly->night->trusted)
		g_string_append(text, "later nights will not be compared with this one\n");
	g_string_append_printf(text, "all: %s\n", nightly->night->folder);
	return g_strdup(text->str);
}

/* text begins with an empty line. */
static char *mail_of(const char *address, const char *subject, const char *text)
{
	return g_strdup_printf("To: %s\nSubject: %s\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
			       "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n%s", address, subject, text);
}

char *nightly_failure_mail(const char *path, const char *address, const char *why)
{
	g_autofree char *name = g_path_get_basename(path), *text = g_strdup_printf("\n%s\n", why), *subject = NULL;

	if (g_str_has_suffix(name, ".nightly"))
		name[strlen(name) - strlen(".nightly")] = '\0';
	g_strcanon(name, NIGHTLY_NAME_CHARACTERS, '-');
	subject = g_strdup_printf("finrig nightly %s: NO NIGHT: it did not come to its end", name);
	return mail_of(address, subject, text);
}

char *nightly_mail(const struct nightly *nightly, const char *address)
{
	g_autofree char *text = nightly_text(nightly);
	const char *end = strchr(text, '\n');
	g_autofree char *subject = g_strndup(text, (gsize)(end - text));

	return mail_of(address, subject, end + 1);
}
