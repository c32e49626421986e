/* SPDX-License-Identifier: GPL-2.0-or-later
 * bisect_history - the commits of a bisection, and git bisect at work on them
 * in: a user's repository and two refs, or a list of names; out: which commit to test next, and what was found.
 *
 * git bisect runs in a bare repository of ours that has nothing but its own state: the objects are read from the user's repository
 * (as git's alternates), which is never written to. A list (kernels, patches of a series) is made a history of empty commits, one for
 * each name, so that all bisections are git's.
 *
 *   history_new_commits() or history_new_list()  →  history_begin()  →  history_mark() …  until found or given up
 */
#ifndef FINRIG_BISECT_HISTORY_H
#define FINRIG_BISECT_HISTORY_H

#include <gio/gio.h>

struct history {
	char *directory;   /* the bare repository */
	char *repository;  /* absolute path of the user's, NULL for a list */
	char *old_id, *new_id;
	char *old_term, *new_term; /* from history_begin() on */
	GPtrArray *ids;    /* char *: of a list, in order; else NULL */
	gboolean first_parent; /* these four by history_narrow() */
	char **paths;          /* git's pathspecs, NULL: all */
	GPtrArray *idle;       /* char *: those of the paths that no commit changes; NULL without paths */
	GPtrArray *skipped;    /* char *: ids that are not to be judged; NULL: none */
	GCancellable *cancellable; /* not owned */
};

struct history_commit {
	char *id;
	char *subject, *author, *date; /* author date, ISO 8601 */
	char *parent;                  /* id of the first one, NULL when it has none */
	char **parents;                /* ids of all */
};

/* HISTORY_NONE: no commit that changes the paths has the new verdict, but for the new end. */
enum history_state { HISTORY_NEXT, HISTORY_FOUND, HISTORY_SKIPPED, HISTORY_NONE };

/* What git bisect says after a mark. */
struct history_answer {
	enum history_state state;
	GPtrArray *ids;   /* char *: the commit to test; the one found; all that the one sought may be, old to new */
	guint left, steps; /* HISTORY_NEXT: commits left to test, and how many tests that may take */
};

enum history_mark { HISTORY_OLD, HISTORY_NEW, HISTORY_SKIP };

/* One without ends, to look at commits of a repository. directory is made anew. FINRIG_ERROR_USAGE: no repository. */
struct history *history_open(const char *directory, const char *repository, GCancellable *cancellable, GError **error);
/* directory is made anew. old and new are refs of repository. FINRIG_ERROR_USAGE: no repository, no such ref, new is older than old;
 * FINRIG_ERROR_BROKEN, FINRIG_ERROR_CANCELLED. */
struct history *history_new_commits(const char *directory, const char *repository, const char *old, const char *new, GCancellable *cancellable,
				    GError **error);
/* names: one commit for each, old to new. */
struct history *history_new_list(const char *directory, GPtrArray *names, GCancellable *cancellable, GError **error);
/* git bisect start, with terms for the two sides ("fixed", "buggy"), and its ends marked. */
gboolean history_begin(struct history *history, const char *old_term, const char *new_term, struct history_answer *answer, GError **error);
gboolean history_mark(struct history *history, enum history_mark mark, const char *id, struct history_answer *answer, GError **error);
void history_answer_clear(struct history_answer *answer);
/* What `git bisect replay` takes. */
char *history_log(const struct history *history, GError **error);
struct history_commit *history_commit(const struct history *history, const char *id, GError **error);
void history_commit_free(struct history_commit *commit);
/* Writes the change from one commit to another to the file path, as a patch for `patch -p1`; only: of what these pathspecs name, NULL for
 * all of it. */
gboolean history_patch(const struct history *history, const char *from, const char *to, char *const *only, const char *path, GError **error);
/* Text of a file of a commit, or NULL: there is none. */
char *history_file(const struct history *history, const char *id, const char *path);
/* Puts a file of a commit, and the headers beside it, under their names into the folder into. FINRIG_ERROR_USAGE: no such file. */
gboolean history_export(const struct history *history, const char *id, const char *file, const char *into, GError **error);
/* The id of a commit, by the names of the user's repository. FINRIG_ERROR_USAGE: it has none of that name. */
char *history_resolve(const struct history *history, const char *ref, GError **error);
/* Does a repository have this ref? */
gboolean repository_has_ref(const char *repository, const char *ref);
/* Removes the bare repository. */
void history_free(struct history *history);

typedef struct history history_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(history_t, history_free)
typedef struct history_commit history_commit_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(history_commit_t, history_commit_free)

#endif
