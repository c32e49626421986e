/* SPDX-License-Identifier: GPL-2.0-or-later
 * hunk - the hunks of a unified diff, and the diff again without one of them
 * in: a diff's text; out: its hunks in order. Line numbers are those of the file before, so that a diff stays right when a hunk is left out.
 */
#ifndef FINRIG_HUNK_H
#define FINRIG_HUNK_H

#include <glib.h>

struct hunk {
	char *file;    /* in the tree: drivers/net/tun.c */
	char *before, *after; /* names in the lines --- and +++, as written; NULL for /dev/null */
	guint part;    /* which pair of such lines it stands below: the patches of a series may have a file several times */
	char *header;  /* these lines */
	char *heading; /* "@@ -1102,6 +1102,7 @@ static netdev_tx_t tun_net_xmit(…" */
	char *text;    /* heading and all lines */
};

/* A list of struct hunk *, their files as `patch -p1` sees them. name: whose diff it is, for messages; remarks (char *, may be NULL) gets
 * what the diff has beside hunks: binary files, modes. FINRIG_ERROR_USAGE: name:line and what was expected; a rename. */
GPtrArray *hunks_parse(const char *name, const char *diff, GPtrArray *remarks, GError **error);
/* name without its first level folders; NULL if it has no more than those. */
const char *hunk_strip(const char *name, guint level);
/* Is there such a file in the tree? */
typedef gboolean (*hunk_has)(gconstpointer user, const char *file);
/* The files as `patch -pLEVEL` sees them, of two names that which the tree has; headers become "--- a/FILE" and "+++ b/FILE", for -p1. */
void hunks_strip(GPtrArray *hunks, guint level, hunk_has has, gconstpointer user);
/* Does the tree have the files of all hunks at this level, but for those that are made? At least one must be there. */
gboolean hunks_fit(const GPtrArray *hunks, guint level, hunk_has has, gconstpointer user);
/* Does it make its file? */
gboolean hunk_is_new(const struct hunk *hunk);
/* The diff again, without those hunks whose place in left_out (may be NULL) is TRUE; "" when none is left. Caller frees. */
char *hunks_text(const GPtrArray *hunks, const gboolean *left_out);
/* Did a hunk go into another function than its heading names? note: patch's words, "FILE: Hunk #N succeeded at LINE …"; tree: holds FILE
 * as it is now. A sentence, or NULL where both are the same or one of them is not known. Caller frees. */
char *hunk_astray(const GPtrArray *hunks, const char *note, const char *tree);

#endif
