/* SPDX-License-Identifier: GPL-2.0-or-later
 * case - one .pkt file: its header, read on the host; the script below it is the agent's to read
 * in: cases/NAME.pkt; out: struct test_case. The header's keys are in docs/case-language.md.
 */
#ifndef FINRIG_CASE_H
#define FINRIG_CASE_H

#include <glib.h>

#include "workspace.h"

/* One `ok:` or `bug:` line with its place, so that an error in it can be named. */
struct case_line {
	char *text;
	unsigned line, column; /* of text in the file, from 1 */
};

struct test_case {
	char *name;          /* file name without .pkt, and the folders below the root it was found in; of a variant with .VARIANT behind */
	char *base;          /* the name without the variant: what a kernel's expectations are about */
	GPtrArray *options;  /* char *: "name=value", of the variant; they win over the script's */
	char *file;          /* path as to be shown in messages */
	char *path, *root;   /* absolute: where the file is, and the folder it was found in; NULL when not read from a file, or given alone */
	char *text;          /* the whole file, header included: line numbers stay true */
	gsize text_bytes;
	char *title, *why;   /* NULL when not given */
	gint64 observe_us;   /* 0 when not given */
	char *drain;         /* canonical text, "expected" when not given */
	char *device;        /* captured beside tun0; NULL when not given */
	GPtrArray *sysctl;   /* char *: "name=value" */
	GPtrArray *needs;    /* char * */
	GPtrArray *ok, *bug; /* struct case_line * */
	GPtrArray *assertions; /* the same of the script's assert statements; filled in by agent_check() */
};

/* Adds a line to ok, bug or assertions. */
void case_add_line(GPtrArray *lines, const char *text, unsigned line, unsigned column);
/* Reads the file at path. root: the folder the name is relative to, or NULL for the file name alone.
 * NULL with FINRIG_ERROR_USAGE: file:line:column and what was expected. */
struct test_case *case_read(const char *path, const char *root, GError **error);
/* The same from memory; file only for messages. */
struct test_case *case_parse(const char *name, const char *file, const char *text, gsize text_bytes, GError **error);
/* Makes it a variant of itself, called name.variant, with an option. */
void case_make_variant(struct test_case *test_case, const char *variant, const char *option);
/* NAME of data/cases, or a path ending in .pkt. */
struct test_case *case_new(const struct workspace *workspace, const char *name_or_path, GError **error);
/* Names (char *) of all .pkt files below root, sorted. */
GPtrArray *case_names(const char *root, GError **error);
/* A time of draining as agents read it, from one as people write it; NULL if it is none of CASE_DRAINS. */
char *case_drain(const char *value);
#define CASE_DRAINS "never, always, expected, 'after 3s' or 'slow 5/s'"
void case_free(struct test_case *test_case);

typedef struct test_case test_case_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(test_case_t, case_free)

#endif
