/* SPDX-License-Identifier: GPL-2.0-or-later
 * share - a run divided among machines that have its folder in common
 * in: `--part WHAT`; out: cells that come into the run's folder whole or not at all.
 *
 *   images  ->  1/N, 2/N … N/N, anywhere, in any order, also twice  ->  merge
 *
 * A part works in a folder of its own, <run>/.parts/<part>/, and moves each cell into the run's folder when it has its verdict. What is
 * there already stays, but for BROKEN cells. So a part that is killed leaves nothing that is believed, and one that runs twice does
 * no harm. merge makes the run's folder what one machine would have left; a cell that no part finished is BROKEN and says why.
 */
#ifndef FINRIG_SHARE_H
#define FINRIG_SHARE_H

#include "cell.h"

enum share_kind {
	SHARE_CELLS,  /* the number-th of count shares: every count-th cell */
	SHARE_IMAGES, /* no cells: kernels are made ready, and the cells of those that cannot be are closed */
	SHARE_MERGE,  /* no cells either: see merge.h */
};

struct share {
	enum share_kind kind;
	guint number, count; /* of SHARE_CELLS, from 1 */
};

/* "2/8", "images" or "merge". FINRIG_ERROR_USAGE. */
gboolean share_parse(struct share *share, const char *text, GError **error);
/* Is the cell of that place in the order of a run one of the share? Counted kernel by kernel, in each case by case, from 0. */
gboolean share_has(const struct share *share, guint place);
/* Has the run's folder a verdict of that cell that is not BROKEN? */
gboolean share_is_finished(const char *run_directory, const char *kernel, const char *test_case);

/* The folder that a part has its unfinished cells in; with a note of who runs it, locked until share_end(). */
struct share_room {
	char *directory, *run_directory;
	int lock;
};

/* NULL: FINRIG_ERROR_BROKEN. */
struct share_room *share_begin(const char *run_directory, GError **error);
/* Where a cell is to be made. Caller frees. */
char *share_place(const struct share_room *room, const char *kernel, const char *test_case);
/* Moves a cell with a verdict from the room to its place; without one it does nothing. FINRIG_ERROR_BROKEN. */
gboolean share_keep(const struct share_room *room, const char *kernel, const char *test_case, GError **error);
/* whole: all cells came to their end, so nothing of the folder is needed. Frees room, which may be NULL. */
void share_end(struct share_room *room, gboolean whole);

/* What is known of a cell that is in no run's folder: who began it. Caller frees. */
char *share_lost(const char *run_directory, const char *kernel, const char *test_case);
/* Who runs a part of it now; NULL: nobody. Caller frees. */
char *share_living(const char *run_directory);
/* Removes what parts that are no more left in <run>/.parts. */
void share_sweep(const char *run_directory);

#endif
