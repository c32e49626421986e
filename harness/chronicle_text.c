/* SPDX-License-Identifier: GPL-2.0-or-later
 * chronicle_text - a time line's JSON as a table
 */
#include "chronicle.h"

#include <string.h>

#include "artefact.h"
#include "seconds.h"
#include "socket_field.h"

const char chronicle_kinds[] = "wire, socket, expiry, counter, call, script, mismatch, error, log or console";

static gboolean has(JsonObject *row, const char *name)
{
	return json_object_has_member(row, name);
}

static void append_number(GString *out, const char *format, double value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(number, sizeof(number), format, value));
}

static void append_seconds(GString *out, const char *before, JsonObject *row, const char *name)
{
	if (!has(row, name))
		return;
	g_string_append(out, before);
	append_number(out, "%.6g", json_object_get_double_member(row, name));
	g_string_append(out, " s");
}

static void append_int(GString *out, const char *before, JsonObject *row, const char *name)
{
	if (has(row, name))
		g_string_append_printf(out, "%s%" G_GINT64_FORMAT, before, artefact_int(row, name, 0));
}

static void append_string(GString *out, const char *before, JsonObject *row, const char *name)
{
	const char *text = artefact_string(row, name);

	if (text && *text)
		g_string_append_printf(out, "%s%s", before, text);
}

static void wire_text(GString *out, JsonObject *row)
{
	g_string_append_printf(out, "%-3s ", artefact_string(row, "direction"));
	if (!has(row, "flags")) {
		g_string_append(out, "no TCP");
		return;
	}
	append_string(out, "", row, "flags");
	append_int(out, " seq ", row, "seq");
	append_int(out, " len ", row, "length");
	append_int(out, " ack ", row, "ack");
	append_int(out, " win ", row, "window");
	append_string(out, " <", row, "options");
	if (artefact_string(row, "options") && *artefact_string(row, "options"))
		g_string_append_c(out, '>');
	if (json_object_get_boolean_member(row, "repeat"))
		g_string_append(out, ", sent before");
}

static void memory_text(GString *out, JsonObject *row)
{
	append_int(out, ", wmem_alloc ", row, "wmem_alloc");
	append_int(out, ", wmem_queued ", row, "wmem_queued");
}

static void state_text(GString *out, JsonObject *row)
{
	append_string(out, "", row, "state");
	if (g_strcmp0(artefact_string(row, "timer"), "none") != 0) {
		append_string(out, ", ", row, "timer");
		append_seconds(out, " in ", row, "timer_s");
	}
	append_seconds(out, ", rto ", row, "rto_s");
	append_int(out, ", backoff ", row, "backoff");
	memory_text(out, row);
}

static void socket_text(GString *out, JsonObject *row)
{
	if (has(row, "gone"))
		g_string_append(out, "gone");
	else
		state_text(out, row);
}

static void function_text(GString *out, JsonObject *row)
{
	append_string(out, "", row, has(row, "entry") ? "entry" : "function");
}

static void result_text(GString *out, JsonObject *row)
{
	if (has(row, "result"))
		append_int(out, " = ", row, "result");
	else if (!has(row, "duration_ns"))
		g_string_append(out, " did not return");
	append_string(out, " ", row, "errno");
}

/* "tcp_retransmit_skb(sk=0xffff888003a51180, skb=0xffff888003b0c700, segs=1) = -16 EBUSY, from tcp_retransmit_timer+0x5e5; CLOSING, …" */
static void call_text(GString *out, JsonObject *row)
{
	for (gint64 depth = artefact_int(row, "depth", 0); depth > 0; depth--)
		g_string_append(out, "  ");
	function_text(out, row);
	append_string(out, "(", row, "arguments");
	if (has(row, "arguments"))
		g_string_append_c(out, ')');
	result_text(out, row);
	append_string(out, ", from ", row, "caller");
	append_string(out, "; ", row, "state");
	memory_text(out, row);
}

/* "retransmit timer no. 3 after rto 1.184 s: tcp_retransmit_skb = -16 EBUSY, nothing sent; CLOSING, …" */
static void expiry_text(GString *out, JsonObject *row)
{
	JsonArray *calls = json_object_get_array_member(row, "calls");
	gint64 sent = artefact_int(row, "sent", 0);

	append_string(out, "", row, "expired");
	append_int(out, " timer no. ", row, "number");
	append_seconds(out, " after rto ", row, "expired_rto_s");
	g_string_append(out, ": ");
	for (guint i = 0; i < json_array_get_length(calls); i++) {
		JsonObject *call = json_array_get_object_element(calls, i);

		function_text(out, call);
		result_text(out, call);
		append_int(out, " at wmem_alloc ", call, "wmem_alloc");
		g_string_append(out, ", ");
	}
	if (sent)
		g_string_append_printf(out, "%" G_GINT64_FORMAT " segment%s sent; ", sent, sent == 1 ? "" : "s");
	else
		g_string_append(out, "nothing sent; ");
	socket_text(out, row);
}

static void counter_text(GString *out, JsonObject *row)
{
	JsonObjectIter iter;
	const char *name, *comma = "";
	JsonNode *node;

	json_object_iter_init_ordered(&iter, json_object_get_object_member(row, "changes"));
	while (json_object_iter_next_ordered(&iter, &name, &node)) {
		g_string_append_printf(out, "%s%s %+" G_GINT64_FORMAT, comma, name, json_node_get_int(node));
		comma = ", ";
	}
}

static void script_text(GString *out, JsonObject *row)
{
	append_int(out, "line ", row, "line");
	append_string(out, " ", row, has(row, "name") ? "name" : "statement");
	append_int(out, " = ", row, "result");
	append_string(out, " ", row, "errno");
}

static void mismatch_text(GString *out, JsonObject *row)
{
	append_int(out, "line ", row, "line");
	append_string(out, " ", row, "mark");
	append_string(out, ": expected ", row, "expected");
	append_string(out, ", actual ", row, "actual");
}

static void plain_text(GString *out, JsonObject *row)
{
	append_int(out, "line ", row, "line");
	append_string(out, has(row, "line") ? " " : "", row, "text");
}

static const struct {
	const char *name;
	void (*append)(GString *out, JsonObject *row);
} kinds[] = {
	{ "wire", wire_text }, { "socket", socket_text }, { "expiry", expiry_text }, { "counter", counter_text }, { "call", call_text },
	{ "script", script_text }, { "mismatch", mismatch_text }, { "error", plain_text }, { "log", plain_text }, { "console", plain_text },
};

gboolean chronicle_has_kind(const char *kind)
{
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return TRUE;
	return FALSE;
}

/* A sample that differs in quiet fields alone is left to those who want all. */
static gboolean is_quiet(JsonObject *row)
{
	JsonArray *names = has(row, "changed") ? json_object_get_array_member(row, "changed") : NULL;

	if (!names || !json_array_get_length(names) || g_strcmp0(artefact_string(row, "kind"), "socket") != 0)
		return FALSE;
	for (guint i = 0; i < json_array_get_length(names); i++) {
		const struct socket_field *field = socket_field_named(json_array_get_string_element(names, i));

		if (!field || field->kind == SOCKET_FIELD_SHOWN)
			return FALSE;
	}
	return TRUE;
}

/* " [rtt_us 99500, cwnd 10]": what is new since the sample before. */
static void append_changed(GString *out, JsonObject *row)
{
	JsonArray *names = has(row, "changed") ? json_object_get_array_member(row, "changed") : NULL;

	const char *before = " [";
	guint untold = 0;

	for (guint i = 0; names && i < json_array_get_length(names); i++) {
		const char *name = json_array_get_string_element(names, i);

		if (!has(row, name)) {
			untold++;
			continue;
		}
		g_string_append_printf(out, "%s%s", before, name);
		if (artefact_string(row, name))
			append_string(out, " ", row, name);
		else
			append_int(out, " ", row, name);
		before = ", ";
	}
	if (untold)
		g_string_append_printf(out, "%s%u no longer told", before, untold);
	if (names && json_array_get_length(names))
		g_string_append_c(out, ']');
}

static void append_row(GString *out, JsonObject *row, gboolean all_fields)
{
	const char *kind = artefact_string(row, "kind");
	char time[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append_printf(out, "%13s  %-8s ", g_ascii_formatd(time, sizeof(time), "%.6f", seconds_of_ns(artefact_int(row, "t_ns", 0))), kind);
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].name, kind) == 0)
			kinds[i].append(out, row);
	if (all_fields)
		append_changed(out, row);
	g_string_append_c(out, '\n');
}

static void append_head(GString *out, JsonObject *chronicle)
{
	JsonArray *probes = json_object_get_array_member(chronicle, "probes");

	g_string_append_printf(out, "%s/%s", artefact_string(chronicle, "kernel"), artefact_string(chronicle, "case"));
	append_string(out, ", Linux ", chronicle, "release");
	g_string_append_c(out, '\n');
	for (guint i = 0; i < json_array_get_length(probes); i++) {
		JsonObject *probe = json_array_get_object_element(probes, i);

		if (has(probe, "text"))
			g_string_append_printf(out, "%s%s: %s\n", artefact_string(probe, "function"), has(probe, "address") ? "" : " is not probed",
					       artefact_string(probe, "text"));
	}
}

GString *chronicle_text(JsonObject *chronicle, char **only, gboolean all_fields)
{
	JsonArray *rows = json_object_get_array_member(chronicle, "rows");
	GString *out = g_string_new(NULL);

	append_head(out, chronicle);
	for (guint i = 0; i < json_array_get_length(rows); i++) {
		JsonObject *row = json_array_get_object_element(rows, i);

		if ((!only || g_strv_contains((const char *const *)only, artefact_string(row, "kind"))) && (all_fields || !is_quiet(row)))
			append_row(out, row, all_fields);
	}
	return out;
}
