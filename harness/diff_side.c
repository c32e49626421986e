/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_side - one of the two things a diff compares: a cell, or a capture file
 */
#include "diff.h"

#include "analyze.h"
#include "artefact.h"
#include "error.h"
#include "event.h"
#include "packet_kind.h"

/* Why a cell has nothing to compare; its verdict knows. */
static void explain(const char *path, GError **error)
{
	g_autoptr(JsonObject) verdict = artefact_read_json(path, "5-verdict.json", NULL);
	const char *outcome = verdict ? artefact_string(verdict, "outcome") : NULL, *cause = verdict ? artefact_string(verdict, "cause") : NULL;

	if (outcome)
		g_prefix_error(error, "the cell is %s (%s): ", outcome, cause ? cause : "no cause told");
}

static gboolean read_cell(struct diff_side *side, const char *path, GError **error)
{
	g_autofree char *packets = g_build_filename(path, "3-packets.pcap", NULL);
	g_autoptr(JsonObject) analysis = artefact_read_json(path, "4-analysis.json", error);
	g_autoptr(GPtrArray) events = analysis ? event_read(path, error) : NULL;

	side->cell = TRUE;
	side->capture = events ? capture_salvage(packets, error) : NULL;
	if (!side->capture) {
		explain(path, error);
		return FALSE;
	}
	side->facts = facts_from_json(analysis);
	side->roles = packet_roles(side->capture, events);
	return TRUE;
}

static gboolean read_capture(struct diff_side *side, const char *path, GError **error)
{
	side->capture = capture_salvage(path, error);
	if (!side->capture)
		return FALSE;
	side->facts = analyze_wire(side->capture);
	side->roles = packet_roles(side->capture, NULL);
	return TRUE;
}

struct diff_side *diff_side_new(const char *name, const char *path, GError **error)
{
	g_autoptr(diff_side_t) side = g_new0(struct diff_side, 1);
	gboolean done = g_file_test(path, G_FILE_TEST_IS_DIR) ? read_cell(side, path, error) : read_capture(side, path, error);

	side->name = g_strdup(name ? name : path);
	return done ? g_steal_pointer(&side) : NULL;
}

void diff_side_free(struct diff_side *side)
{
	if (!side)
		return;
	g_free(side->name);
	capture_free(side->capture);
	facts_free(side->facts);
	if (side->roles)
		g_array_unref(side->roles);
	g_free(side);
}
