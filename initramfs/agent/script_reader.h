/* SPDX-License-Identifier: GPL-2.0-or-later
 * reader - what lexer, grammar and builders of one script_parse() share; no one else includes this
 * The grammar recognises, the builders (script_build.c, script_packet.c) make and check. A builder that fails has filled in
 * the error and returns false or NULL; the first error stays.
 */
#ifndef FINRIG_SCRIPT_READER_H
#define FINRIG_SCRIPT_READER_H

#include <setjmp.h>

#include "script.h"
#include "script_arena.h"

/* A stretch of the script. */
struct script_location {
	unsigned line, column;
	size_t start, end; /* byte offsets, end behind the last one */
};

struct script_token { const char *text; size_t bytes; };
struct script_number { int64_t value; bool hex; struct script_token token; };
struct script_range { int64_t start, end; };
struct script_list { struct script_expr *first, *last; unsigned count; };

/* Follows a call's result, to tell the note behind it from parentheses of the next statement. */
enum script_result_state { RESULT_NONE, RESULT_VALUE_NEXT, RESULT_VALUE_SEEN };

/* What stands behind the name of a TCP option, an ICMP type ...: `val 1 ecr 2`, `1:2 3:4`, `1460`. */
enum { OPERANDS_MAX = 8 };
enum script_operand_kind { OPERAND_INTEGER, OPERAND_RANGE, OPERAND_WORD };
struct script_operand {
	enum script_operand_kind kind;
	int64_t value, end;
	struct script_token word;
	struct script_location at;
};

struct script_reader {
	struct script *script;
	struct arena *arena;
	const char *text;
	size_t text_bytes;
	struct script_error *error;
	bool failed;
	jmp_buf out_of_memory;
	const struct script_setting *settings;
	unsigned setting_count;

	/* lexer */
	struct script_location place;   /* of the token being read */
	struct script_location end;     /* behind the last token */
	unsigned line, column;          /* of the next byte */
	size_t offset;
	int previous;                   /* the last token */
	unsigned depth;                 /* of ( [ { */
	unsigned addresses;             /* still to come after ipv4 or ipv6 */
	enum script_result_state result;

	/* statement being built */
	unsigned statement_space, option_space;
	bool timed_seen, cleanup_seen;
	struct script_statement draft;
	struct script_call *call;
	struct packet packet;
	struct packet_outer outer[PACKET_OUTER_MAX];
	struct script_operand operands[OPERANDS_MAX];
	unsigned operand_count;
};

/* Sets the error at a place unless one is set. Always false, so that `return script_fail(...)` reads well. */
bool script_fail(struct script_reader *reader, const struct script_location *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Names the construct that the next script_fail() is about. Always true. */
bool script_about(struct script_reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes the bytes so that a message can show them: at most 32, control bytes and broken UTF-8 as \xNN. size_bytes >= 160. */
void script_quote(const char *text, size_t text_bytes, char *quoted, size_t size_bytes);
/* Memory of the script; leaves script_parse() when there is none. */
void *script_take(struct script_reader *reader, size_t size_bytes);
char *script_text(struct script_reader *reader, const char *text, size_t text_bytes);
bool script_token_is(struct script_token token, const char *text);
/* What stands there in the script. */
struct script_token script_source(const struct script_reader *reader, const struct script_location *at);

/* script_numbers.c: independent of locale, overflow checked. False: does not fit. */
/* The value of a hex digit, -1 for anything else. */
int script_digit(char digit);
bool script_read_integer(struct script_token token, struct script_number *number);
bool script_read_range(struct script_token token, struct script_range *range);
bool script_read_time(struct script_token token, int64_t *time_ns);
/* "1.5" for 1500000000. */
void script_format_time(int64_t time_ns, char *text, size_t size_bytes);

/* script_options.c */
/* The value of --define=NAME=VALUE, the last one given; NULL when there is none. */
const char *script_define(const struct script_reader *reader, struct script_token name);
/* The same for a fast open cookie: TFO_COOKIE and TFO_COOKIE_ZERO have values of their own. */
const char *script_define_cookie(const struct script_reader *reader, struct script_token name);
/* What --ip_version says, "ipv4" when nothing does. */
const char *script_ip_version(const struct script_reader *reader);
bool script_add_option(struct script_reader *reader, struct script_token token, const struct script_location *at);

/* script_build.c */
bool script_time(struct script_reader *reader, enum script_time_kind kind, int64_t start_ns, int64_t end_ns,
		 const struct script_location *at);
/* A time written as a whole number of seconds. */
bool script_time_integer(struct script_reader *reader, struct script_number number, int64_t *time_ns,
			 const struct script_location *at);
bool script_blocking(struct script_reader *reader, int64_t end_ns, const struct script_location *at);
bool script_add_statement(struct script_reader *reader, const struct script_location *at);
bool script_add_untimed(struct script_reader *reader, struct script_token command, const struct script_location *at);
void script_draft_text(struct script_reader *reader, enum script_kind kind, struct script_token text);
bool script_draft_own(struct script_reader *reader, struct script_token line);
bool script_is_own(struct script_token word);
bool script_draft_call(struct script_reader *reader, struct script_token name, struct script_list arguments,
		       struct script_expr *result, const struct script_location *at);
bool script_draft_errno(struct script_reader *reader, struct script_token name, const struct script_location *at);
void script_draft_note(struct script_reader *reader, struct script_token note);

/* script_expr.c */
struct script_expr *script_expr_new(struct script_reader *reader, enum script_expr_kind kind,
				    const struct script_location *at);
struct script_expr *script_expr_integer(struct script_reader *reader, struct script_number number,
					const struct script_location *at);
struct script_expr *script_expr_named(struct script_reader *reader, enum script_expr_kind kind, struct script_token name,
				      struct script_list children, const struct script_location *at);
struct script_expr *script_expr_parent(struct script_reader *reader, enum script_expr_kind kind,
				       struct script_list children, const struct script_location *at);
/* NULL: unknown symbol, bad string escape. */
struct script_expr *script_expr_symbol(struct script_reader *reader, struct script_token name,
				       const struct script_location *at);
struct script_expr *script_expr_string(struct script_reader *reader, struct script_token quoted, bool repeated,
				       const struct script_location *at);
struct script_expr *script_expr_or(struct script_reader *reader, struct script_expr *left, struct script_expr *right,
				   const struct script_location *at);
struct script_list script_list_add(struct script_list list, struct script_expr *expr);

/* script_packet.c: fill in reader->packet. */
void script_packet_begin(struct script_reader *reader, enum packet_direction direction);
bool script_packet_end(struct script_reader *reader, const struct script_location *at);
bool script_packet_flags(struct script_reader *reader, struct script_token flags, const struct script_location *at);
bool script_packet_seq(struct script_reader *reader, struct script_range range, int64_t payload_bytes,
		       const struct script_location *at);
bool script_packet_field(struct script_reader *reader, struct script_token name, int64_t value,
			 const struct script_location *at);
bool script_packet_ports(struct script_reader *reader, int64_t source, int64_t destination,
			 const struct script_location *at);
bool script_packet_ip(struct script_reader *reader, struct script_token name, const int64_t *value,
		      const struct script_location *at);
bool script_packet_udp(struct script_reader *reader, int64_t payload_bytes, const struct script_location *at);

/* script_tcp_options.c: reader->operands hold what follows the name. */
bool script_operand(struct script_reader *reader, struct script_operand operand);
bool script_operand_word(struct script_reader *reader, struct script_token word, const struct script_location *at);
bool script_tcp_option(struct script_reader *reader, struct script_token name, const struct script_location *at);

/* script_icmp.c, script_outer.c */
bool script_packet_icmp(struct script_reader *reader, enum packet_protocol protocol, const struct script_location *at);
bool script_packet_icmp_payload(struct script_reader *reader, int64_t payload_bytes, const struct script_location *at);
bool script_packet_echoed(struct script_reader *reader, const struct script_range *range, int64_t payload_bytes,
			  const struct script_location *at);
bool script_outer_ip(struct script_reader *reader, enum packet_outer_kind kind, struct script_token source,
		     struct script_token destination, const struct script_location *at);
bool script_outer(struct script_reader *reader, enum packet_outer_kind kind, const struct script_location *at);
/* `flags [key present, ...], key 5, seq 1` of the GRE header just begun. */
bool script_outer_gre_flags(struct script_reader *reader, struct script_token flags, const struct script_location *at);
bool script_outer_gre_flag(struct script_reader *reader, struct script_token flag, const struct script_location *at);
bool script_outer_gre_present(struct script_reader *reader, struct script_token present, const struct script_location *at);
bool script_outer_gre_field(struct script_reader *reader, struct script_token name, int64_t value,
			    const struct script_location *at);
/* Are they `label`, `tc` and `ttl`? */
bool script_label_words(struct script_reader *reader, struct script_token label, struct script_token traffic_class,
			struct script_token ttl, const struct script_location *at);
bool script_outer_label(struct script_reader *reader, int64_t label, int64_t traffic_class, bool bottom, int64_t ttl,
			const struct script_location *at);

#endif
