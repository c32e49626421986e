/* SPDX-License-Identifier: GPL-2.0-or-later
 * past - what every cell of every night came out as, in one SQLite file
 * in: a night's cells; out: what a cell was before, and lists for people. The tables are in past_schema.c and docs/nightly.md.
 *
 *   past_open() -> past_add_night() ... the night runs ... past_begin() -> past_last(), past_add_cell() ...
 *   -> past_close_night() -> past_commit() -> past_free()
 *
 * A night's cells are written in one transaction, at its end: one that was killed leaves no cell, and of two that run at once the
 * second to end is compared with the first. Who finds the file locked waits.
 */
#ifndef FINRIG_PAST_H
#define FINRIG_PAST_H

#include <glib.h>

struct past;

struct past_night {
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
struct past_cell {
	char *kernel, *test_case, *variant;
	char *outcome, *expect, *cause;
	char *event;               /* the word of nightly_judge.h for what this is against the history */
	char *source;              /* the commit of a kernel from git */
	/* Inputs: keys of the kernel's image and of its initramfs, SHA-256 of finrig with its agent, of QEMU with its arguments, of the job. */
	char *image, *initramfs, *rig, *machine, *job;
	char *key, *bytes;         /* SHA-256 of all inputs, and of all the guest said */
	char *place;               /* the cell's folder below the night's */
	gint64 night;              /* set by readers, as all below */
	gboolean trusted;          /* the night is */
	char *name, *started, *folder;
};

/* Opens the file at path, makes it or brings it to this finrig's schema. FINRIG_ERROR_USAGE: it is of a newer finrig, or a database of
 * something else, or (must_exist) it is not there or empty. FINRIG_ERROR_BROKEN; also where it is damaged anywhere: lists with rows missing
 * would be read as good news. */
struct past *past_open(const char *path, gboolean must_exist, GError **error);
void past_free(struct past *history);

/* Writes between the two are seen by nobody before, or ever if it is not committed. */
gboolean past_begin(struct past *history, GError **error);
gboolean past_commit(struct past *history, GError **error);
void past_rollback(struct past *history);

/* At its start, so that its folder is known whatever becomes of it; sets night->id. */
gboolean past_add_night(struct past *history, struct past_night *night, GError **error);
/* What is known at its end: finished, trusted, exit_code. */
gboolean past_close_night(struct past *history, const struct past_night *night, GError **error);
gboolean past_add_cell(struct past *history, gint64 night, const struct past_cell *cell, GError **error);

/* *last: the same cell of the newest trusted night of that name in which it was judged; NULL if there is none. Caller frees. */
gboolean past_last(struct past *history, const char *name, const struct past_cell *cell, struct past_cell **last, GError **error);
/* *other: the newest cell of any name with the same key, if its bytes are others; else NULL. Caller frees. */
gboolean past_other_bytes(struct past *history, const struct past_cell *cell, struct past_cell **other, GError **error);

/* char *: of the kernels that had the case, or of the cases that were on the kernel (the other is NULL). */
GPtrArray *past_partners(struct past *history, const char *kernel, const char *test_case, GError **error);
/* struct past_night * of one name, newest first. */
GPtrArray *past_nights(struct past *history, const char *name, GError **error);
/* struct past_cell * of one cell in all nights, newest first; variant and name NULL: any. */
GPtrArray *past_of_cell(struct past *history, const char *name, const char *kernel, const char *test_case, const char *variant,
			   GError **error);
/* struct past_cell * of the newest trusted night of one name, by kernel, case, variant; none if there is no such night. */
GPtrArray *past_of_last_night(struct past *history, const char *name, GError **error);
/* struct past_cell * of nights that started at that time or later, by name, kernel, case, variant, night. */
GPtrArray *past_since(struct past *history, const char *since, GError **error);

/* Forgets what is older than the newest count nights of this name. */
gboolean past_forget(struct past *history, const char *name, guint count, GError **error);
gboolean past_folder_removed(struct past *history, gint64 night, GError **error);

void past_night_free(struct past_night *night);
void past_cell_free(struct past_cell *cell);

typedef struct past past_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(past_t, past_free)
typedef struct past_cell past_cell_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(past_cell_t, past_cell_free)

#endif
