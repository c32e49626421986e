/* SPDX-License-Identifier: GPL-2.0-or-later
 * mismatch - tells where a kernel did otherwise than the script says; mismatch.h is the manual
 */
#include "mismatch.h"

#include <stdio.h>

#include "clock.h"
#include "outlet.h"

static bool is_verbose;

struct mismatch {
	const char *expected, *actual, *mark, *marker; /* marker: NULL when the whole differs */
	const char *text;
};

void mismatch_set_verbose(bool verbose)
{
	is_verbose = verbose;
}

static void report(const char *file, const struct script_statement *statement, const struct mismatch *mismatch)
{
	struct record *record = outlet_begin(RECORD_MISMATCH, clock_ns());

	record_text(record, FIELD_FILE, file);
	record_uint(record, FIELD_LINE, statement->line);
	record_uint(record, FIELD_COLUMN, statement->column);
	record_text(record, FIELD_KIND, script_kind_name(statement->kind));
	record_text(record, FIELD_EXPECTED, mismatch->expected);
	record_text(record, FIELD_ACTUAL, mismatch->actual);
	record_text(record, FIELD_MARK, mismatch->mark);
	record_text(record, FIELD_MARKER, mismatch->marker);
	record_text(record, FIELD_TEXT, mismatch->text);
	outlet_send();
	if (!is_verbose)
		return;
	fprintf(stderr, "%s:%u:%u: %s\nexpected: %s\nactual:   %s\n", file, statement->line, statement->column, mismatch->text,
		mismatch->expected, mismatch->actual);
	if (mismatch->marker)
		fprintf(stderr, "          %s\n", mismatch->marker);
}

/* Seconds with microseconds, as scripts are written. */
static int print_time(char *text, size_t size, int64_t ns)
{
	int64_t us = (ns < 0 ? -ns : ns) / NS_PER_US;

	return snprintf(text, size, "%s%lld.%06lld", ns < 0 ? "-" : "", (long long)(us / 1000000), (long long)(us % 1000000));
}

void mismatch_packet(const char *file, const struct script_statement *statement, const struct packet *actual,
		     enum packet_field field)
{
	static struct mismatch_text text;
	char sentence[96];

	mismatch_format(statement->packet, actual, field, &text);
	snprintf(sentence, sizeof(sentence), "the packet's %s differs", packet_field_name(field));
	report(file, statement, &(struct mismatch){
		.expected = text.expected, .actual = text.actual, .mark = packet_field_name(field), .marker = text.marker,
		.text = sentence });
}

void mismatch_absent(const char *file, const struct script_statement *statement)
{
	static struct packet_text text;

	packet_format(statement->packet, &text);
	report(file, statement, &(struct mismatch){
		.expected = text.text, .actual = "no packet", .mark = "packet", .text = "the expected packet did not come in time" });
}

void mismatch_late(const char *file, const struct script_statement *statement, const struct packet *actual,
		   enum packet_field field, int64_t live_ns)
{
	static struct mismatch_text text;
	char sentence[192], time[32];

	mismatch_format(statement->packet, actual, field, &text);
	print_time(time, sizeof(time), live_ns);
	snprintf(sentence, sizeof(sentence), "the expected packet did not come in time; the next came at %s and its %s differs", time,
		 packet_field_name(field));
	report(file, statement, &(struct mismatch){
		.expected = text.expected, .actual = text.actual, .mark = packet_field_name(field), .marker = text.marker,
		.text = sentence });
}

void mismatch_own(const char *file, const struct script_statement *statement, const char *expected, const char *actual,
		  const char *sentence)
{
	report(file, statement, &(struct mismatch){ .expected = expected, .actual = actual, .mark = "number", .text = sentence });
}

void mismatch_call(const char *file, const struct script_statement *statement, const struct call_difference *difference)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "%.64s: the %s differs%s%s", statement->call->name, difference->mark,
		 difference->note[0] ? "; " : "", difference->note);
	report(file, statement, &(struct mismatch){
		.expected = difference->expected, .actual = difference->actual, .mark = difference->mark, .text = sentence });
}

void mismatch_time(const char *file, const struct script_statement *statement, int64_t start_ns, int64_t end_ns,
		   int64_t live_ns, int64_t tolerance_ns)
{
	char expected[64], actual[32], sentence[96];
	int used = print_time(expected, sizeof(expected), start_ns);

	if (end_ns != start_ns) {
		expected[used++] = '~';
		print_time(expected + used, sizeof(expected) - (size_t)used, end_ns);
	}
	print_time(actual, sizeof(actual), live_ns);
	snprintf(sentence, sizeof(sentence), "it happened at another time than expected; tolerance is %lld us",
		 (long long)(tolerance_ns / NS_PER_US));
	report(file, statement, &(struct mismatch){ .expected = expected, .actual = actual, .mark = "time", .text = sentence });
}

void mismatch_return(const char *file, const struct script_statement *statement, int64_t wanted_ns, int64_t live_ns,
		     int64_t tolerance_ns)
{
	char expected[32], actual[32] = "still blocked", sentence[192];

	print_time(expected, sizeof(expected), wanted_ns);
	if (live_ns >= 0)
		print_time(actual, sizeof(actual), live_ns);
	snprintf(sentence, sizeof(sentence), "%.64s: it returned at another time than expected; tolerance is %lld us",
		 statement->call->name, (long long)(tolerance_ns / NS_PER_US));
	report(file, statement, &(struct mismatch){ .expected = expected, .actual = actual, .mark = "time", .text = sentence });
}

void mismatch_command(const char *file, const struct script_statement *statement, const char *how, const char *said)
{
	char sentence[512];

	snprintf(sentence, sizeof(sentence), "the command failed: %s%s%.400s", how, *said ? ": " : "", said);
	report(file, statement, &(struct mismatch){ .expected = "exit status 0", .actual = how, .mark = "status", .text = sentence });
}
