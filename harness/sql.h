/* SPDX-License-Identifier: GPL-2.0-or-later
 * sql - SQLite with GError, statements whose values are texts, and tables that grow by steps
 * Every value is bound as text: a column of INTEGER affinity turns "5" into 5 itself (sqlite.org/datatype3.html, 3.1), and NULL is NULL.
 */
#ifndef FINRIG_SQL_H
#define FINRIG_SQL_H

#include <glib.h>
#include <sqlite3.h>

/* Opens or makes the file at path, with foreign keys and ten minutes' patience with who holds a lock. NULL with FINRIG_ERROR_BROKEN. */
sqlite3 *sql_open(const char *path, GError **error);
/* Takes each step that PRAGMA user_version says is missing, in a transaction of its own; step n brings version n to n + 1. For any
 * number of processes at once. FINRIG_ERROR_USAGE: the file is of a newer finrig; FINRIG_ERROR_BROKEN: the file stays at the last whole step. */
gboolean sql_migrate(sqlite3 *database, const char *const *steps, int count, GError **error);

/* TRUE, or FINRIG_ERROR_BROKEN with SQLite's own words: for the code that a call of SQLite gave. */
gboolean sql_check(sqlite3 *database, int code, GError **error);
/* Statements without values. */
gboolean sql_execute(sqlite3 *database, const char *text, GError **error);
/* A statement with its first count parameters bound to texts (const char *, may be NULL). */
sqlite3_stmt *sql_prepare(sqlite3 *database, GError **error, const char *text, int count, ...);
/* TRUE while there is a row; FALSE at the end, or with *error set. */
gboolean sql_row(sqlite3_stmt *statement, GError **error);
/* A statement that gives no rows. */
gboolean sql_run(sqlite3 *database, GError **error, const char *text, int count, ...);
/* A column's text, for the caller to free; NULL of NULL. */
char *sql_text(sqlite3_stmt *statement, int column);

typedef sqlite3_stmt sql_statement_t;
static inline void sql_statement_free(sqlite3_stmt *statement) { sqlite3_finalize(statement); }
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sql_statement_t, sql_statement_free)

#endif
