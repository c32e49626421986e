/* SPDX-License-Identifier: GPL-2.0-or-later
 * hunk - the hunks of a unified diff, and the diff again without one of them
 * in: a diff's text; out: its hunks in order. Line numbers are those of the file before, so that a diff stays right when a hunk is left out.
 */
#ifndef FINRIG_HUNK_H
#define FINRIG_HUNK_H

#include <glib.h>

struct hunk {
	char *file;    /* in the tree: drivers/net/tun.c */
	char *header;  /* the lines --- and +++ it stands below */
	char *heading; /* "@@ -1102,6 +1102,7 @@ static netdev_tx_t tun_net_xmit(…" */
	char *text;    /* heading and all lines */
};

/* A list of struct hunk *. name: whose diff it is, for messages. FINRIG_ERROR_USAGE: name:line and what was expected. */
GPtrArray *hunks_parse(const char *name, const char *diff, GError **error);
/* The diff without its hunk number left_out, counted from 0; "" when it had no other. Caller frees. */
char *hunks_without(const GPtrArray *hunks, guint left_out);
/* Did a hunk go into another function than its heading names? note: patch's words, "FILE: Hunk #N succeeded at LINE …"; tree: holds FILE
 * as it is now. A sentence, or NULL where both are the same or one of them is not known. Caller frees. */
char *hunk_astray(const GPtrArray *hunks, const char *note, const char *tree);

#endif
