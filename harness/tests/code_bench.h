/* SPDX-License-Identifier: GPL-2.0-or-later
 * code_bench - a cell whose script is code blocks, made by hand for tests
 * bench_open() -> bench_add() any number of times -> bench_run() -> result() and asserts -> bench_close(). No part of finrig itself.
 */
#ifndef FINRIG_TESTS_CODE_BENCH_H
#define FINRIG_TESTS_CODE_BENCH_H

#include "code.h"
#include "stream.h"

/* Enough for any block but those that are to be stopped. */
#define GENEROUS_US (30 * G_USEC_PER_SEC)

static G_GNUC_UNUSED const char values[] =
	"tcpi_state=1\ntcpi_ca_state=4\ntcpi_options=7\ntcpi_snd_cwnd=11\ntcpi_rto=204000\ntcpi_pacing_rate=18446744073709551615\n"
	"SK_MEMINFO_SNDBUF=87040\nSK_MEMINFO_FWD_ALLOC=-1\ncc=\"bbr \\\"two\\\" \\\\\"\n";

struct bench {
	GString *script;
	struct stream stream;
	guint blocks;
	GPtrArray *events, *results;
	char *folder;
};

static G_GNUC_UNUSED void bench_open(struct bench *bench)
{
	*bench = (struct bench){ .script = g_string_new("// title: code\n"), .folder = stream_folder() };
	stream_open(&bench->stream, "6.1.0");
}

/* Appends `+0 %{TEXT}%` to the script and its record to the stream; the text begins in column 6. */
static G_GNUC_UNUSED void bench_add_with(struct bench *bench, const char *text, const char *told)
{
	guint line = 1;

	for (const char *at = bench->script->str; *at; at++)
		line += *at == '\n';
	g_string_append_printf(bench->script, "+0 %%{%s}%%\n", text);
	record_begin(&stream_record, RECORD_CODE, stream_clock_ns(0.1 * ++bench->blocks));
	record_uint(&stream_record, FIELD_LINE, line);
	record_uint(&stream_record, FIELD_COLUMN, 1);
	record_text(&stream_record, FIELD_TEXT, text);
	record_text(&stream_record, FIELD_VALUES, told);
	stream_add(&bench->stream);
}

static G_GNUC_UNUSED void bench_add(struct bench *bench, const char *text)
{
	bench_add_with(bench, text, values);
}

static G_GNUC_UNUSED void bench_write(struct bench *bench)
{
	g_autoptr(GError) error = NULL;

	stream_end(&bench->stream, 60, RECORD_END_PASSED);
	stream_cell(bench->folder, &bench->stream, bench->script->str, "booting\n");
	g_assert_true(event_stage(bench->folder, &error));
	g_assert_no_error(error);
}

static G_GNUC_UNUSED void bench_run(struct bench *bench, gint64 limit_us)
{
	g_autoptr(GError) error = NULL;

	bench_write(bench);
	bench->events = event_read(bench->folder, &error);
	g_assert_no_error(error);
	bench->results = code_evaluate(bench->folder, bench->events, limit_us, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(bench->results->len, ==, bench->blocks);
}

static G_GNUC_UNUSED void bench_close(struct bench *bench)
{
	g_clear_pointer(&bench->results, g_ptr_array_unref);
	g_clear_pointer(&bench->events, g_ptr_array_unref);
	stream_close(&bench->stream);
	stream_remove(bench->folder);
	g_free(bench->folder);
	g_string_free(bench->script, TRUE);
}

static G_GNUC_UNUSED const struct code_result *result(const struct bench *bench, guint index)
{
	return g_ptr_array_index(bench->results, index);
}

static G_GNUC_UNUSED void assert_outcome(const struct bench *bench, guint index, enum code_outcome outcome)
{
	const struct code_result *one = result(bench, index);

	if (one->outcome != outcome)
		g_error("block %u: outcome %d instead of %d: %s", index, one->outcome, outcome, one->message);
}

static G_GNUC_UNUSED void assert_fails(const struct bench *bench, guint index, gint64 line, gint64 column, const char *message)
{
	const struct code_result *one = result(bench, index);

	assert_outcome(bench, index, CODE_FAILED);
	g_assert_cmpstr(one->message, ==, message);
	g_assert_cmpint(one->at_line, ==, line);
	g_assert_cmpint(one->at_column, ==, column);
}

/* Evaluates one block and returns its message; the script's line 2. */
static G_GNUC_UNUSED char *message_of(const char *text)
{
	struct bench bench;
	char *message;

	bench_open(&bench);
	bench_add(&bench, text);
	bench_run(&bench, GENEROUS_US);
	assert_outcome(&bench, 0, CODE_FAILED);
	message = g_strdup(result(&bench, 0)->message);
	bench_close(&bench);
	return message;
}

#endif
