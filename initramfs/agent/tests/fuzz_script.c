/* SPDX-License-Identifier: GPL-2.0-or-later
 * fuzz_script - hostile bytes to everything in the agent that reads what others wrote: script, options, packet, job
 * in: one input, taken as each of the four; out: abort() where one of the promises below does not hold, or a sanitizer's report.
 * libFuzzer drives it (`make fuzz`), fuzz_replay.c gives it the corpus (harness/tests/fuzz_corpus.sh).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "options.h"
#include "packet_wire.h"
#include "script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

static void promise(bool holds, const char *what, const char *detail)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_script: broken promise: %s\n%s\n", what, detail);
	abort();
}

static struct packet_connection connection_of(uint8_t version, uint32_t isn)
{
	return (struct packet_connection){
		.ip_version = version, .local = { version, { 192, 168, 0, 1 } }, .remote = { version, { 192, 0, 2, 1 } },
		.local_port = 8080, .remote_port = 53753, .timestamp_tick_us = 1000, .timestamp_tolerance_us = 4000,
		.local_isn = { .known = true, .live = isn }, .remote_isn = { .known = true, .live = ~isn },
	};
}

/* Does every stack of labels end where it says so? One that does not cannot be read back. */
static bool is_readable(const struct packet *packet)
{
	for (unsigned i = 0; i < packet->outer_count; i++)
		for (unsigned n = 0; n < packet->outer[i].label_count; n++)
			if (packet->outer[i].labels[n].bottom != (n + 1 == packet->outer[i].label_count))
				return false;
	return true;
}

/* What a script can say can be built, and comes back as it was said. */
static void check_incoming(const struct packet *packet)
{
	static unsigned char wire[PACKET_MAX_BYTES];
	static struct packet_connection connection;
	static struct packet parsed, actual;
	struct packet_text text;
	struct packet_outer outer[PACKET_OUTER_MAX];
	const char *why = NULL;
	size_t count, inner;
	uint8_t outer_count;

	connection = connection_of(packet->protocol == PACKET_ICMPV6 || packet->given & PACKET_GIVEN_FLOWLABEL ? 6 : 4, packet->seq ^ 0x9e3779b9);
	packet_format(packet, &text);
	packet_learn_incoming(&connection, packet);
	count = packet_build(packet, &connection, wire, sizeof(wire), &why);
	promise(count || (why && *why), "a packet that is not built tells why", text.text);
	if (!count)
		return;
	inner = packet_peel(wire, count, outer, &outer_count);
	if (!is_readable(packet))
		return;
	promise(outer_count == packet->outer_count, "what was built has its headers", text.text);
	promise(packet_parse(wire + inner, count - inner, &parsed, &why), "what was built can be read", text.text);
	parsed.direction = PACKET_IN;
	parsed.outer = outer;
	parsed.outer_count = outer_count;
	packet_to_script(&parsed, &connection, &actual);
	promise(packet_compare(packet, &actual) == PACKET_SAME, "what was built is what the script said", text.text);
}

/* An expected packet against one that is unlike it. */
static void check_outgoing(const struct packet *expected, const struct packet *live)
{
	static struct packet_connection connection;
	static struct mismatch_text mismatch;
	static struct packet actual;
	enum packet_field field;

	connection = connection_of(live->ip_version == 6 ? 6 : 4, 7);
	field = packet_check(expected, live, &connection, &actual);
	promise(packet_field_name(field) != NULL, "a difference has a name", "");
	if (field == PACKET_SAME)
		return;
	mismatch_format(expected, &actual, field, &mismatch);
	promise(strchr(mismatch.marker, '^') != NULL, "a difference is marked", mismatch.actual);
}

static void check_statement(const struct script_statement *statement)
{
	static const struct packet nothing = { .protocol = PACKET_OTHER, .ip_version = 4 };
	static const struct packet bare = { .protocol = PACKET_TCP, .ip_version = 4, .flags = PACKET_ACK };

	promise(statement->line && statement->column && statement->source, "a statement has a place", "");
	promise(script_kind_name(statement->kind) != NULL, "a statement has a kind", statement->source);
	if (statement->kind == SCRIPT_PACKET_IN)
		check_incoming(statement->packet);
	if (statement->kind == SCRIPT_PACKET_OUT) {
		check_outgoing(statement->packet, &nothing);
		check_outgoing(statement->packet, &bare);
	}
}

static void check_options(const struct script *script)
{
	struct options options = options_default();
	const char *fault = NULL, *name = NULL;

	for (unsigned i = 0; i < script->option_count; i++) {
		const char *why = NULL;

		if (!options_apply(&options, script->options[i].name, script->options[i].value, &why))
			promise(why && *why, "an option that is refused tells why", script->options[i].name);
	}
	promise(options_finish(&options, &name, &fault) || (name && fault && *fault), "options that do not go together tell why", "");
}

static char *print(const struct script *script)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	script_print(script, out);
	fclose(out);
	promise(strlen(text) == text_bytes, "the printed script is whole", text);
	return text;
}

/* Reads it from a buffer of its very size, so that no byte beyond can be read unseen. */
static struct script *parse(const uint8_t *data, size_t size_bytes, struct script_error *error)
{
	char *exact = malloc(size_bytes ? size_bytes : 1);
	struct script *script;

	memcpy(exact, data, size_bytes);
	script = script_parse("fuzz.pkt", exact, size_bytes, error);
	free(exact);
	return script;
}

static unsigned reported;

static void report(const char *file, const struct script_error *error)
{
	(void)file;
	reported++;
	promise(error->line && error->column && *error->message && *error->construct, "an error has a place, a text and a name",
		error->message);
}

static void fuzz_text(const uint8_t *data, size_t size_bytes)
{
	enum { STATEMENTS = 16 /* their packets may be 64 KiB each */, CHECKED_BYTES = 96 /* each error reads all again */ };
	struct script_error error;
	struct script *script = parse(data, size_bytes, &error), *again;
	char *first, *second;

	if (!script) {
		reported = 0;
		report("fuzz.pkt", &error);
		promise(size_bytes > CHECKED_BYTES || script_check("fuzz.pkt", (const char *)data, size_bytes, report) + 1 == reported,
			"each error is told once", error.message);
		return;
	}
	check_options(script);
	for (unsigned i = 0; i < script->statement_count && i < STATEMENTS; i++)
		check_statement(&script->statements[i]);
	first = print(script);
	script_free(script);
	again = parse((const uint8_t *)first, strlen(first), &error);
	promise(again != NULL, error.message, first);
	second = print(again);
	promise(strcmp(first, second) == 0, "a printed script prints the same again", second);
	script_free(again);
	free(first);
	free(second);
}

/* The text of a packet read from the wire is a packet again, of the same text. */
static void check_text_of(struct packet *packet, enum packet_direction direction)
{
	struct packet_text text;
	struct script_error error;
	struct script *script;
	char line[PACKET_TEXT_MAX_BYTES + 2], *printed;

	packet->direction = direction;
	packet_format(packet, &text);
	if (packet->protocol == PACKET_OTHER)
		return;
	snprintf(line, sizeof(line), "0 %s\n", text.text);
	script = script_parse("packet", line, strlen(line), &error);
	promise(script != NULL, error.message, line);
	printed = print(script);
	promise(strcmp(printed, line) == 0, "the text of a packet is the packet", printed);
	free(printed);
	script_free(script);
}

static void fuzz_packet(const uint8_t *data, size_t size_bytes)
{
	static struct packet_connection connection;
	struct packet packet;
	struct packet_outer outer[PACKET_OUTER_MAX];
	enum packet_direction direction;
	uint8_t outer_count;
	size_t inner;
	unsigned char *exact = malloc(size_bytes ? size_bytes : 1);
	const char *why = NULL;
	bool whole;

	memcpy(exact, data, size_bytes);
	inner = packet_peel(exact, size_bytes, outer, &outer_count);
	promise(inner <= size_bytes && outer_count <= PACKET_OUTER_MAX + 1, "headers stand in the packet", "");
	whole = packet_parse(exact + inner, size_bytes - inner, &packet, &why);
	wire_complete_checksum(exact, size_bytes);
	free(exact);
	if (!whole) {
		promise(why && *why, "a packet that cannot be read tells why", "");
		return;
	}
	if (inner) {
		promise(outer_count && outer_count <= PACKET_OUTER_MAX, "headers have an offset", "");
		packet.outer = outer;
		packet.outer_count = outer_count;
	}
	connection = connection_of(packet.ip_version, 5);
	packet_belongs(&packet, &connection, &direction);
	check_outgoing(&packet, &packet);
	check_text_of(&packet, PACKET_IN);
	check_text_of(&packet, PACKET_OUT);
}

static void fuzz_job_files(struct job *job, const char *text, size_t size_bytes)
{
	static char why[JOB_WHY_BYTES];
	struct job_file file;
	const char *end = text + size_bytes;

	promise(job->script >= text && job->script + job->script_bytes == job->files && job->files + job->files_bytes == end,
		"a job ends with its files", "");
	while (job_next_file(job, &file, why) > 0)
		promise(file.path[0] == '/' && file.data >= text && file.data + file.data_bytes <= end, "a file is inside the job", file.path);
}

static void fuzz_job(const uint8_t *data, size_t size_bytes)
{
	static struct job job;
	char *text = malloc(size_bytes + 1), why[JOB_WHY_BYTES] = "";

	memcpy(text, data, size_bytes);
	text[size_bytes] = '\0';
	if (!job_parse(&job, text, size_bytes, why))
		promise(*why, "a job that cannot be read tells why", "");
	else
		fuzz_job_files(&job, text, size_bytes);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
	fuzz_text(data, size_bytes);
	fuzz_packet(data, size_bytes);
	fuzz_job(data, size_bytes);
	return 0;
}
