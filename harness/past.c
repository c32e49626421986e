/* SPDX-License-Identifier: GPL-2.0-or-later
 * past - what every cell of every night came out as, in one SQLite file
 */
#include "past.h"

#include <stddef.h>
#include <string.h>

#include "error.h"
#include "past_schema.h"
#include "sql.h"

struct past {
	sqlite3 *database;
	GHashTable *words; /* char * -> char *: ids of words, as long as a transaction keeps others from forgetting them */
};

/* The texts of a cell, by their names in view `result`; word: also in table `cell`, as the id of a word. */
static const struct column {
	const char *name;
	gsize offset;
	gboolean word;
} columns[] = {
#define WORD(member) { #member, offsetof(struct past_cell, member), TRUE }
#define OTHER(member) { #member, offsetof(struct past_cell, member), FALSE }
	WORD(kernel), WORD(test_case), WORD(variant), WORD(outcome), WORD(expect), WORD(cause), WORD(event), WORD(source), WORD(image),
	WORD(initramfs), WORD(rig), WORD(machine), WORD(job), WORD(key), WORD(bytes), WORD(place), OTHER(name), OTHER(started), OTHER(folder),
#undef WORD
#undef OTHER
};

static char **text_of(struct past_cell *cell, const struct column *column)
{
	return (char **)((char *)cell + column->offset);
}

void past_cell_free(struct past_cell *cell)
{
	for (guint i = 0; cell && i < G_N_ELEMENTS(columns); i++)
		g_free(*text_of(cell, &columns[i]));
	g_free(cell);
}

void past_night_free(struct past_night *night)
{
	if (!night)
		return;
	g_free(night->name);
	g_free(night->started);
	g_free(night->finished);
	g_free(night->folder);
	g_free(night->finrig);
	g_free(night);
}

/* The tables of somebody else are left alone, whatever version theirs say. One statement, so that another who makes the history right
 * now is seen whole or not at all. */
static gboolean check_owner(sqlite3 *database, const char *path, gboolean must_exist, GError **error)
{
	g_autoptr(sql_statement_t) statement = sql_prepare(database, error,
		"SELECT count(*), coalesce(sum(type = 'table' AND name IN ('word', 'night', 'cell')), 0) FROM sqlite_master", 0);

	if (!statement || !sql_row(statement, error))
		return FALSE;
	if (must_exist && !sqlite3_column_int(statement, 0)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: is empty, and no history yet", path);
		return FALSE;
	}
	if (!sqlite3_column_int(statement, 0) || sqlite3_column_int(statement, 1) == 3)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: is a database, but no history of finrig", path);
	return FALSE;
}

/* Said before a night that would be lost in it, and not hours later. */
static gboolean check_sound(sqlite3 *database, const char *path, GError **error)
{
	g_autoptr(sql_statement_t) statement = sql_prepare(database, error, "PRAGMA quick_check(1)", 0);
	g_autofree char *found = statement && sql_row(statement, error) ? sql_text(statement, 0) : NULL;

	if (!found)
		return FALSE;
	if (strcmp(found, "ok") == 0)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: is damaged: %s; move it away to begin a new one, or save what it has: "
		    "sqlite3 FILE .recover", path, found);
	return FALSE;
}

struct past *past_open(const char *path, gboolean must_exist, GError **error)
{
	g_autoptr(past_t) history = NULL;
	g_autofree char *folder = g_path_get_dirname(path);

	if (must_exist && !g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: no history there; finrig nightly makes one (--history names another)", path);
		return NULL;
	}
	g_mkdir_with_parents(folder, 0777);
	history = g_new0(struct past, 1);
	history->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!(history->database = sql_open(path, error)) || !check_owner(history->database, path, must_exist, error) ||
	    !check_sound(history->database, path, error) || !sql_migrate(history->database, past_steps, past_step_count, error))
		return NULL;
	return g_steal_pointer(&history);
}

void past_free(struct past *history)
{
	if (!history)
		return;
	sqlite3_close(history->database);
	g_hash_table_unref(history->words);
	g_free(history);
}

gboolean past_begin(struct past *history, GError **error)
{
	g_hash_table_remove_all(history->words);
	return sql_execute(history->database, "BEGIN IMMEDIATE", error);
}

gboolean past_commit(struct past *history, GError **error)
{
	return sql_execute(history->database, "COMMIT", error);
}

void past_rollback(struct past *history)
{
	sqlite3_exec(history->database, "ROLLBACK", NULL, NULL, NULL);
}

/* The id of a text's word, made when there is none; *id is the table's own. */
static gboolean find_word(struct past *history, const char *text, const char **id, GError **error)
{
	g_autoptr(sql_statement_t) statement = NULL;

	*id = text ? g_hash_table_lookup(history->words, text) : NULL;
	if (!text || *id)
		return TRUE;
	if (!sql_run(history->database, error, "INSERT OR IGNORE INTO word (text) VALUES (?)", 1, text) ||
	    !(statement = sql_prepare(history->database, error, "SELECT id FROM word WHERE text = ?", 1, text)) || !sql_row(statement, error))
		return FALSE;
	*id = sql_text(statement, 0);
	g_hash_table_insert(history->words, g_strdup(text), (gpointer)*id);
	return TRUE;
}

gboolean past_add_night(struct past *history, struct past_night *night, GError **error)
{
	if (!sql_run(history->database, error, "INSERT INTO night (name, started, folder, finrig) VALUES (?, ?, ?, ?)", 4, night->name,
		     night->started, night->folder, night->finrig))
		return FALSE;
	night->id = sqlite3_last_insert_rowid(history->database);
	return TRUE;
}

gboolean past_close_night(struct past *history, const struct past_night *night, GError **error)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, night->id), *exit_code = g_strdup_printf("%d", night->exit_code);

	return sql_run(history->database, error, "UPDATE night SET finished = ?, trusted = ?, exit_code = ? WHERE id = ?", 4, night->finished,
		       night->trusted ? "1" : "0", exit_code, id);
}

gboolean past_add_cell(struct past *history, gint64 night, const struct past_cell *cell, GError **error)
{
	g_autoptr(GString) text = g_string_new("INSERT INTO cell (night"), values = g_string_new(NULL);
	struct past_cell copy = *cell;

	g_string_append_printf(values, "%" G_GINT64_FORMAT, night);
	for (guint i = 0; i < G_N_ELEMENTS(columns); i++) {
		const char *id;

		if (!columns[i].word)
			continue;
		if (!find_word(history, *text_of(&copy, &columns[i]), &id, error))
			return FALSE;
		g_string_append_printf(text, ", %s", columns[i].name);
		g_string_append_printf(values, ", %s", id ? id : "NULL");
	}
	g_string_append_printf(text, ") VALUES (%s)", values->str);
	return sql_execute(history->database, text->str, error);
}

static struct past_cell *read_cell(sqlite3_stmt *statement)
{
	struct past_cell *cell = g_new0(struct past_cell, 1);

	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		*text_of(cell, &columns[i]) = sql_text(statement, (int)i);
	cell->night = sqlite3_column_int64(statement, G_N_ELEMENTS(columns));
	cell->trusted = sqlite3_column_int(statement, G_N_ELEMENTS(columns) + 1) != 0;
	return cell;
}

/* Rows of the view, under a condition and in an order, with four values at most. */
static GPtrArray *select_cells(struct past *history, const char *rest, const char *const values[4], int count, GError **error)
{
	g_autoptr(GPtrArray) cells = g_ptr_array_new_with_free_func((GDestroyNotify)past_cell_free);
	g_autoptr(GString) text = g_string_new("SELECT ");
	g_autoptr(sql_statement_t) statement = NULL;
	g_autoptr(GError) why = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		g_string_append_printf(text, "%s, ", columns[i].name);
	g_string_append_printf(text, "night, trusted FROM result %s", rest);
	statement = sql_prepare(history->database, error, text->str, count, values[0], values[1], values[2], values[3]);
	if (!statement)
		return NULL;
	while (sql_row(statement, &why))
		g_ptr_array_add(cells, read_cell(statement));
	if (!why)
		return g_steal_pointer(&cells);
	g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}

/* The first of them, taken out; NULL if there is none. */
static gboolean take_first(GPtrArray *cells, struct past_cell **first)
{
	*first = NULL;
	if (!cells)
		return FALSE;
	if (cells->len)
		*first = g_ptr_array_steal_index(cells, 0);
	g_ptr_array_unref(cells);
	return TRUE;
}

gboolean past_last(struct past *history, const char *name, const struct past_cell *cell, struct past_cell **last, GError **error)
{
	const char *const values[4] = { cell->kernel, cell->test_case, cell->variant, name };

	return take_first(select_cells(history, "WHERE kernel = ? AND test_case = ? AND variant = ? AND name = ? AND trusted"
				       " AND outcome NOT IN ('SKIP', 'BROKEN') ORDER BY night DESC LIMIT 1", values, 4, error), last);
}

gboolean past_other_bytes(struct past *history, const struct past_cell *cell, struct past_cell **other, GError **error)
{
	const char *const values[4] = { cell->key };

	*other = NULL;
	if (!cell->key || !cell->bytes)
		return TRUE;
	if (!take_first(select_cells(history, "WHERE key = ? AND bytes IS NOT NULL ORDER BY night DESC LIMIT 1", values, 1, error), other))
		return FALSE;
	if (*other && g_str_equal((*other)->bytes, cell->bytes))
		g_clear_pointer(other, past_cell_free);
	return TRUE;
}

static struct past_night *read_night(sqlite3_stmt *statement)
{
	struct past_night *night = g_new0(struct past_night, 1);

	night->id = sqlite3_column_int64(statement, 0);
	night->name = sql_text(statement, 1);
	night->started = sql_text(statement, 2);
	night->finished = sql_text(statement, 3);
	night->folder = sql_text(statement, 4);
	night->finrig = sql_text(statement, 5);
	night->trusted = sqlite3_column_int(statement, 6);
	night->exit_code = sqlite3_column_int(statement, 7);
	night->kept = sqlite3_column_int(statement, 8);
	return night;
}

GPtrArray *past_nights(struct past *history, const char *name, GError **error)
{
	g_autoptr(GPtrArray) nights = g_ptr_array_new_with_free_func((GDestroyNotify)past_night_free);
	g_autoptr(sql_statement_t) statement = sql_prepare(history->database, error, "SELECT id, name, started, finished, folder, finrig,"
		" trusted, exit_code, kept FROM night WHERE name = ? ORDER BY id DESC", 1, name);
	g_autoptr(GError) why = NULL;

	if (!statement)
		return NULL;
	while (sql_row(statement, &why))
		g_ptr_array_add(nights, read_night(statement));
	if (!why)
		return g_steal_pointer(&nights);
	g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}

GPtrArray *past_of_cell(struct past *history, const char *name, const char *kernel, const char *test_case, const char *variant,
			   GError **error)
{
	const char *const values[4] = { kernel, test_case, variant, name };

	return select_cells(history, "WHERE kernel = ?1 AND test_case = ?2 AND (?3 IS NULL OR variant = ?3) AND (?4 IS NULL OR name = ?4)"
			    " ORDER BY night DESC, variant", values, 4, error);
}

GPtrArray *past_of_last_night(struct past *history, const char *name, GError **error)
{
	const char *const values[4] = { name };

	return select_cells(history, "WHERE night = (SELECT max(id) FROM night WHERE name = ? AND trusted) ORDER BY kernel, test_case, variant", values, 1,
			    error);
}

GPtrArray *past_partners(struct past *history, const char *kernel, const char *test_case, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(sql_statement_t) statement = sql_prepare(history->database, error, kernel ? "SELECT DISTINCT test_case FROM result WHERE kernel = ?" :
		"SELECT DISTINCT kernel FROM result WHERE test_case = ?", 1, kernel ? kernel : test_case);
	g_autoptr(GError) why = NULL;

	if (!statement)
		return NULL;
	while (sql_row(statement, &why))
		g_ptr_array_add(names, sql_text(statement, 0));
	if (!why)
		return g_steal_pointer(&names);
	g_propagate_error(error, g_steal_pointer(&why));
	return NULL;
}

GPtrArray *past_since(struct past *history, const char *since, GError **error)
{
	const char *const values[4] = { since };

	return select_cells(history, "WHERE started >= ? ORDER BY name, kernel, test_case, variant, night", values, 1, error);
}

/* The words that no cell has any more. */
static gboolean forget_words(struct past *history, GError **error)
{
	g_autoptr(GString) text = g_string_new("DELETE FROM word WHERE id NOT IN (");

	for (guint i = 0; i < G_N_ELEMENTS(columns); i++)
		if (columns[i].word)
			g_string_append_printf(text, "%sSELECT %s FROM cell WHERE %s IS NOT NULL", i ? " UNION " : "", columns[i].name, columns[i].name);
	g_string_append_c(text, ')');
	return sql_execute(history->database, text->str, error);
}

gboolean past_forget(struct past *history, const char *name, guint count, GError **error)
{
	g_autofree char *most = g_strdup_printf("%u", count);

	if (!sql_run(history->database, error, "DELETE FROM night WHERE name = ?1 AND id NOT IN"
		     " (SELECT id FROM night WHERE name = ?1 ORDER BY id DESC LIMIT CAST(?2 AS INTEGER))", 2, name, most))
		return FALSE;
	return !sqlite3_changes(history->database) || forget_words(history, error);
}

gboolean past_folder_removed(struct past *history, gint64 night, GError **error)
{
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, night);

	return sql_run(history->database, error, "UPDATE night SET kept = 0 WHERE id = ?", 1, id);
}
