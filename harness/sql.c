/* SPDX-License-Identifier: GPL-2.0-or-later
 * sql - SQLite with GError, and statements whose values are texts, and tables that grow by steps
 */
#include "sql.h"

#include "error.h"

enum { PATIENCE_MS = 600000 };

gboolean sql_check(sqlite3 *database, int code, GError **error)
{
	if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", database ? sqlite3_db_filename(database, "main") : "SQLite",
		    database ? sqlite3_errmsg(database) : sqlite3_errstr(code));
	return FALSE;
}

gboolean sql_execute(sqlite3 *database, const char *text, GError **error)
{
	return sql_check(database, sqlite3_exec(database, text, NULL, NULL, NULL), error);
}

sqlite3 *sql_open(const char *path, GError **error)
{
	sqlite3 *database = NULL;
	int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

	if (code != SQLITE_OK)
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", path, sqlite3_errstr(code));
	/* No write-ahead log: the switch to it is refused at once, whatever the patience, while another process has the file open. */
	else if (sql_check(database, sqlite3_busy_timeout(database, PATIENCE_MS), error) &&
		 sql_execute(database, "PRAGMA foreign_keys = ON", error))
		return database;
	sqlite3_close(database);
	return NULL;
}

static gboolean read_version(sqlite3 *database, int *version, GError **error)
{
	g_autoptr(sql_statement_t) statement = sql_prepare(database, error, "PRAGMA user_version", 0);

	if (!statement || !sql_row(statement, error))
		return FALSE;
	*version = sqlite3_column_int(statement, 0);
	return TRUE;
}

/* The version is read again under the lock: another process may have taken the step meanwhile. */
static gboolean take_step(sqlite3 *database, const char *const *steps, int count, int *version, GError **error)
{
	g_autofree char *mark = NULL;
	gboolean ok = sql_execute(database, "BEGIN IMMEDIATE", error);

	if (!ok)
		return FALSE;
	ok = read_version(database, version, error);
	if (ok && *version < count) {
		mark = g_strdup_printf("PRAGMA user_version = %d", *version + 1);
		ok = sql_execute(database, steps[*version], error) && sql_execute(database, mark, error);
		++*version;
	}
	if (ok && sql_execute(database, "COMMIT", error))
		return TRUE;
	sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	return FALSE;
}

gboolean sql_migrate(sqlite3 *database, const char *const *steps, int count, GError **error)
{
	int version;

	if (!read_version(database, &version, error))
		return FALSE;
	while (version < count)
		if (!take_step(database, steps, count, &version, error))
			return FALSE;
	if (version == count)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: schema version %d is of a newer finrig; this one knows %d",
		    sqlite3_db_filename(database, "main"), version, count);
	return FALSE;
}

static sqlite3_stmt *prepare(sqlite3 *database, GError **error, const char *text, int count, va_list values)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, text, -1, &statement, NULL);

	for (int i = 1; code == SQLITE_OK && i <= count; i++)
		code = sqlite3_bind_text(statement, i, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
	if (sql_check(database, code, error))
		return statement;
	sqlite3_finalize(statement);
	return NULL;
}

sqlite3_stmt *sql_prepare(sqlite3 *database, GError **error, const char *text, int count, ...)
{
	sqlite3_stmt *statement;
	va_list values;

	va_start(values, count);
	statement = prepare(database, error, text, count, values);
	va_end(values);
	return statement;
}

gboolean sql_row(sqlite3_stmt *statement, GError **error)
{
	int code = sqlite3_step(statement);

	return sql_check(sqlite3_db_handle(statement), code, error) && code == SQLITE_ROW;
}

gboolean sql_run(sqlite3 *database, GError **error, const char *text, int count, ...)
{
	g_autoptr(sql_statement_t) statement = NULL;
	va_list values;

	va_start(values, count);
	statement = prepare(database, error, text, count, values);
	va_end(values);
	return statement && sql_check(database, sqlite3_step(statement), error);
}

char *sql_text(sqlite3_stmt *statement, int column)
{
	return g_strdup((const char *)sqlite3_column_text(statement, column));
}
