/* SPDX-License-Identifier: GPL-2.0-or-later
 * history - what every cell of every night came out as, in one SQLite file
 * in: a night's cells; out: what a cell was before, and lists for people. The tables are in history_schema.c and docs/nightly.md.
 *
 *   history_open() -> history_add_night() ... the night runs ... history_begin() -> history_last(), history_add_cell() ...
 *   -> history_close_night() -> history_commit() -> history_free()
 *
 * A night's cells are written in one transaction, at its end: one that was killed leaves no cell, and of two that run at once the
 * second to end is compared with the first. Who finds the file locked waits.
 */
#ifndef FINRIG_HISTORY_H
#define FINRIG_HISTORY_H

#include <glib.h>

struct history;

struct history_night {
	gint64 id;
	char *name;                /* of the configuration */
	char *started, *finished;  /* 2026-01-31T02:00:00Z; finished NULL: it runs, or was ended before its end */
	char *folder;              /* absolute */
	char *finrig;              /* version */
	gboolean trusted;          /* FALSE: the rig was found broken, so nothing is compared with this night; or it has no end */
	int exit_code;
	gboolean kept;             /* the folder was not removed */
};

/* Texts may be NULL where a cell has none: one that did not run has no inputs. */
struct history_cell {
	char *kernel, *test_case, *variant;
	char *outcome, *expect, *cause;
	char *event;               /* the word of nightly_judge.h for what this is against the history */
	char *source;              /* the commit of a kernel from git */
	/* Inputs: keys of the kernel's image and of its initramfs, SHA-256 of finrig with its agent, of QEMU with its arguments, of the job. */
	char *image, *initramfs, *rig, *machine, *job;
	char *key, *bytes;         /* SHA-256 of all inputs, and of all the guest said */
	char *place;               /* the cell's folder below the night's */
	gint64 night;              /* set by readers, as all below */
	char *name, *started, *folder;
};

/* Opens the file at path, makes it or brings it to this finrig's schema. FINRIG_ERROR_USAGE: it is of a newer finrig, or (must_exist)
 * it is not there. FINRIG_ERROR_BROKEN. */
struct history *history_open(const char *path, gboolean must_exist, GError **error);
void history_free(struct history *history);

/* Writes between the two are seen by nobody before, or ever if it is not committed. */
gboolean history_begin(struct history *history, GError **error);
gboolean history_commit(struct history *history, GError **error);
void history_rollback(struct history *history);

/* At its start, so that its folder is known whatever becomes of it; sets night->id. */
gboolean history_add_night(struct history *history, struct history_night *night, GError **error);
/* What is known at its end: finished, trusted, exit_code. */
gboolean history_close_night(struct history *history, const struct history_night *night, GError **error);
gboolean history_add_cell(struct history *history, gint64 night, const struct history_cell *cell, GError **error);

/* *last: the same cell of the newest trusted night of that name in which it was judged; NULL if there is none. Caller frees. */
gboolean history_last(struct history *history, const char *name, const struct history_cell *cell, struct history_cell **last, GError **error);
/* *other: the newest cell of any name with the same key, if its bytes are others; else NULL. Caller frees. */
gboolean history_other_bytes(struct history *history, const struct history_cell *cell, struct history_cell **other, GError **error);

/* struct history_night * of one name, newest first. */
GPtrArray *history_nights(struct history *history, const char *name, GError **error);
/* struct history_cell * of one cell in all nights, newest first; variant and name NULL: any. */
GPtrArray *history_of_cell(struct history *history, const char *name, const char *kernel, const char *test_case, const char *variant,
			   GError **error);
/* struct history_cell * of nights that started at that time or later, by name, kernel, case, variant, night. */
GPtrArray *history_since(struct history *history, const char *since, GError **error);

/* Forgets what is older than the newest count nights of this name. */
gboolean history_forget(struct history *history, const char *name, guint count, GError **error);
gboolean history_folder_removed(struct history *history, gint64 night, GError **error);

void history_night_free(struct history_night *night);
void history_cell_free(struct history_cell *cell);

typedef struct history history_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(history_t, history_free)
typedef struct history_cell history_cell_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(history_cell_t, history_cell_free)

#endif
