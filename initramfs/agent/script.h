/* SPDX-License-Identifier: GPL-2.0-or-later
 * script - the packetdrill language, read whole before time starts
 * in: the bytes of a script; out: struct script, a flat array of timed statements, or one struct script_error.
 * Life cycle: script_parse() -> read only -> script_free(). All memory hangs on the script and is freed with it; the text
 * given is copied, so the caller may free it at once. Bad input of any kind gives an error, never an exit.
 */
#ifndef FINRIG_SCRIPT_H
#define FINRIG_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "packet.h"

enum {
	SCRIPT_MAX_BYTES = 1 << 20,      /* a longer script is refused */
	SCRIPT_MAX_STATEMENTS = 1 << 16,
	SCRIPT_MAX_SECONDS = 1000000000, /* the latest time a script may name, about 31 years */
	SCRIPT_CHECK_ERRORS = 100,
	SCRIPT_TOLERANCE_US = 4000,      /* when the script has no --tolerance_usecs */
};

/* Where the script is wrong. message has no place in it and no full stop: "expected a time, '+' or '*', found 'foo'". */
struct script_error {
	unsigned line, column; /* from 1; columns count bytes */
	char message[256];
	char construct[64]; /* what is not understood, to be counted over many scripts: "symbol TCP_FOO", "syntax at 'foo'" */
};

/* Origin of the numbers: script time zero for the absolute kinds, the time of the statement before for the relative ones. */
enum script_time_kind {
	SCRIPT_TIME_ABSOLUTE,       /* 0.5 */
	SCRIPT_TIME_RELATIVE,       /* +0.5 */
	SCRIPT_TIME_ANY,            /* *  (an outgoing packet at whatever time) */
	SCRIPT_TIME_ABSOLUTE_RANGE, /* 0.5~0.7 */
	SCRIPT_TIME_RELATIVE_RANGE, /* +0.5~+0.7 */
	SCRIPT_TIME_KIND_COUNT
};

struct script_time {
	enum script_time_kind kind;
	int64_t start_ns;        /* 0 for SCRIPT_TIME_ANY */
	int64_t end_ns;          /* of a range; else the same as start_ns */
	bool blocking;           /* 0.2...0.3 call(): the call blocks and returns at blocking_end_ns */
	int64_t blocking_end_ns; /* same origin as start_ns, also for +0.2...0.3 */
};

/* A script's argument or expected result. A tree; children hang on `first` and are chained by `next`. */
enum script_expr_kind {
	SCRIPT_EXPR_INTEGER,  /* value; 0x1f when hex */
	SCRIPT_EXPR_STRING,   /* text, text_bytes (may hold zero bytes); repeated: "ab"... */
	SCRIPT_EXPR_SYMBOL,   /* text as written, value from the tables of symbols.h */
	SCRIPT_EXPR_OR,       /* a|b|c: children; value of the whole */
	SCRIPT_EXPR_ELLIPSIS, /* ... */
	SCRIPT_EXPR_LIST,     /* [a, b]: children */
	SCRIPT_EXPR_STRUCT,   /* {a=1, b(...)=2, 3}: children, SCRIPT_EXPR_FIELD or plain */
	SCRIPT_EXPR_FIELD,    /* text = name; first: the value; argument: what stands in the parentheses after the name */
	SCRIPT_EXPR_CALL,     /* htons(8080), inet_addr("192.0.2.1"): text = name, children = arguments */
	SCRIPT_EXPR_KIND_COUNT
};

struct script_expr {
	enum script_expr_kind kind;
	unsigned line, column;
	bool hex, repeated;
	int64_t value;
	const char *text;  /* zero terminated also when text_bytes counts more */
	size_t text_bytes;
	unsigned count;    /* children */
	struct script_expr *first, *next, *argument;
};

struct script_call {
	const char *name;
	struct script_expr *arguments; /* first; chained by next */
	unsigned argument_count;
	struct script_expr *result;    /* SCRIPT_EXPR_ELLIPSIS: any (`...` and `*`); INTEGER, SYMBOL or OR: value */
	const char *errno_name;        /* NULL when not given */
	int errno_value;               /* 0 when not given */
	const char *note;              /* text in parentheses at the end; NULL when not given */
};

enum script_kind {
	SCRIPT_PACKET_IN,       /* packet: to be injected */
	SCRIPT_PACKET_OUT,      /* packet: expected */
	SCRIPT_CALL,            /* call */
	SCRIPT_COMMAND,         /* text: for sh, without the backticks */
	SCRIPT_CODE,            /* text: between %{ and }% */
	SCRIPT_OWN,             /* name, text: a statement of finrig's (drain mark observe ...), text is the rest of its line */
	SCRIPT_INIT_COMMAND,    /* text: a command without a time, before all timed statements */
	SCRIPT_CLEANUP_COMMAND, /* text: the same after all timed statements */
	SCRIPT_KIND_COUNT
};

struct script_statement {
	enum script_kind kind;
	unsigned line, column;       /* of its first byte, from 1 */
	const char *source;          /* as written, from time to end, line breaks made blanks: for messages */
	struct script_time time;     /* absolute 0 for init and cleanup commands */
	const struct packet *packet;
	const struct script_call *call;
	const char *name;
	const char *text;
	size_t text_bytes;
};

/* `--name=value` at the top; value NULL for `--name`. */
struct script_option {
	unsigned line, column;
	const char *name; /* without the dashes; "define" for -D too */
	const char *value;
};

struct script {
	const char *file;
	struct script_statement *statements;
	unsigned statement_count;
	struct script_option *options;
	unsigned option_count;
	struct arena *arena;
};

/* An option from outside, without dashes; value may be NULL. */
struct script_setting { const char *name, *value; };

/* Reads the script. file is only for messages. NULL on error, with *error filled in. */
struct script *script_parse(const char *file, const char *text, size_t text_bytes, struct script_error *error);
/* The same with options from outside the script (a job's, a command line's), which win over the script's own: what they
 * `define` stands for names in it, and their `ip_version` decides what CMSG_LEVEL_IP and CMSG_TYPE_RECVERR are. They are not
 * among script->options. The script does not outlive them. */
struct script *script_parse_with(const char *file, const char *text, size_t text_bytes, const struct script_setting *settings,
				 unsigned setting_count, struct script_error *error);
/* Tells every error of a script that can be found, in order: goes on behind the statement that has one. At most
 * SCRIPT_CHECK_ERRORS. Returns their number. */
unsigned script_check(const char *file, const char *text, size_t text_bytes,
		      void (*report)(const char *file, const struct script_error *error));
/* NULL is allowed. */
void script_free(struct script *script);

/* The name of the kind: "packet-in", "packet-out", "call", "command", "code", "own", ... */
const char *script_kind_name(enum script_kind kind);

/* The last value given for an option (`name` without dashes): "" for one without a value, NULL when the script has none. */
const char *script_option(const struct script *script, const char *name);
/* The same as a number; fallback when it is not given. The parser has checked that numbers are numbers. */
int64_t script_option_integer(const struct script *script, const char *name, int64_t fallback);

/* Writes the script in its canonical form, which parses to the same script; one statement a line. */
void script_print(const struct script *script, FILE *out);
void script_print_statement(const struct script_statement *statement, FILE *out);

/* The n-th child (from 0) of a list, struct or call; NULL when there are fewer. */
const struct script_expr *script_child(const struct script_expr *parent, unsigned n);
/* The n-th argument of the call; NULL when there are fewer. */
const struct script_expr *script_argument(const struct script_call *call, unsigned n);
/* The field's value in a struct, by name; NULL when it is not there. */
const struct script_expr *script_field(const struct script_expr *parent, const char *name);
/* True when the expression is a number (INTEGER, SYMBOL, OR; a LIST of one such as in [1]); *value in host order. */
bool script_integer(const struct script_expr *expr, int64_t *value);

#endif
