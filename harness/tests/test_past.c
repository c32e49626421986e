/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_past - the history's file: steps of its schema, transactions, what is found again, two at once
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"
#include "past.h"
#include "past_schema.h"
#include "sql.h"
#include "stream.h"

struct fixture {
	char *folder, *path;
	struct past *history;
};

static void set_up(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	GError *error = NULL;

	fixture->folder = stream_folder();
	fixture->path = g_build_filename(fixture->folder, "below", "history.sqlite", NULL);
	fixture->history = past_open(fixture->path, FALSE, &error);
	g_assert_no_error(error);
}

static void tear_down(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	past_free(fixture->history);
	stream_remove(fixture->folder);
	g_free(fixture->folder);
	g_free(fixture->path);
}

/* One number out of the file, whatever finrig makes of it. */
static gint64 number(const char *path, const char *query)
{
	g_autoptr(GError) error = NULL;
	sqlite3 *database = sql_open(path, &error);
	sqlite3_stmt *statement = database ? sql_prepare(database, &error, query, 0) : NULL;
	gint64 found;

	g_assert_no_error(error);
	g_assert_true(sql_row(statement, &error));
	found = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return found;
}

static void execute(const char *path, const char *text)
{
	g_autoptr(GError) error = NULL;
	sqlite3 *database = sql_open(path, &error);

	g_assert_no_error(error);
	g_assert_true(sql_execute(database, text, &error));
	g_assert_no_error(error);
	sqlite3_close(database);
}

static struct past_cell sample(const char *outcome, const char *key, const char *bytes)
{
	return (struct past_cell){ .kernel = (char *)"k", .test_case = (char *)"c", .variant = (char *)"plain", .outcome = (char *)outcome,
				      .event = (char *)"expected", .key = (char *)key, .bytes = (char *)bytes, .place = (char *)"plain/k/c" };
}

/* A whole night of one cell. Returns its id. */
static gint64 add_night(struct past *history, const char *name, const char *started, gboolean trusted, const struct past_cell *cell)
{
	struct past_night night = { .name = (char *)name, .started = (char *)started, .finished = (char *)started, .folder = (char *)"/f",
				       .finrig = (char *)"0", .trusted = trusted, .exit_code = 1 };
	g_autoptr(GError) error = NULL;

	g_assert_true(past_add_night(history, &night, &error) && past_begin(history, &error) &&
		      past_add_cell(history, night.id, cell, &error) && past_close_night(history, &night, &error) &&
		      past_commit(history, &error));
	g_assert_no_error(error);
	return night.id;
}

static const char *last_outcome(struct past *history, const char *name, struct past_cell **last)
{
	const struct past_cell cell = sample("FIXED", NULL, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(past_last(history, name, &cell, last, &error));
	g_assert_no_error(error);
	return *last ? (*last)->outcome : NULL;
}

/* Steps of a test's own: those of the history are few and must not be changed for tests. */
static const char *const steps[] = {
	"CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('old');",
	"ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = 5;",
	"CREATE TABLE b (z TEXT); INSERT INTO nowhere VALUES (1);",
};

static void migrate(const char *path, int count, GError **error)
{
	sqlite3 *database = sql_open(path, error);

	g_assert_nonnull(database);
	sql_migrate(database, steps, count, error);
	sqlite3_close(database);
}

static void test_steps(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *path = g_build_filename(fixture->folder, "steps.sqlite", NULL);
	g_autoptr(GError) error = NULL;

	migrate(path, 1, &error);
	g_assert_no_error(error);
	g_assert_cmpint(number(path, "PRAGMA user_version"), ==, 1);
	execute(path, "INSERT INTO a VALUES ('mine')");
	migrate(path, 2, &error);
	g_assert_no_error(error);
	g_assert_cmpint(number(path, "SELECT count(*) FROM a WHERE y = 5"), ==, 2);
	migrate(path, 2, &error);
	g_assert_no_error(error);
	g_assert_cmpint(number(path, "SELECT count(*) FROM a"), ==, 2);
	/* Half a step is no step. */
	migrate(path, 3, &error);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_nonnull(strstr(error->message, "no such table: nowhere"));
	g_clear_error(&error);
	g_assert_cmpint(number(path, "PRAGMA user_version"), ==, 2);
	g_assert_cmpint(number(path, "SELECT count(*) FROM sqlite_master WHERE name = 'b'"), ==, 0);
	/* An older finrig keeps its hands off. */
	migrate(path, 1, &error);
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_nonnull(strstr(error->message, "schema version 2 is of a newer finrig; this one knows 1"));
}

static gpointer open_and_close(gpointer path)
{
	GError *error = NULL;
	struct past *history = past_open(path, FALSE, &error);

	g_assert_no_error(error);
	past_free(history);
	return NULL;
}

/* All want to make the tables. */
static void test_steps_at_once(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *path = g_build_filename(fixture->folder, "many.sqlite", NULL);
	GThread *threads[8];

	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("opens", open_and_close, path);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	g_assert_cmpint(number(path, "PRAGMA user_version"), ==, past_step_count);
	g_assert_cmpint(number(path, "SELECT count(*) FROM result"), ==, 0);
}

static void test_open(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *nowhere = g_build_filename(fixture->folder, "none.sqlite", NULL), *text = g_build_filename(fixture->folder, "text", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_null(past_open(nowhere, TRUE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_false(g_file_test(nowhere, G_FILE_TEST_EXISTS));
	g_clear_error(&error);
	stream_put(fixture->folder, "text", "this is no database, and long enough to be looked at as one, which takes sixteen bytes", -1);
	g_assert_null(past_open(text, FALSE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_clear_error(&error);
	execute(fixture->path, "PRAGMA user_version = 1000");
	g_assert_null(past_open(fixture->path, FALSE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
}

static void test_foreign(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *path = g_build_filename(fixture->folder, "others.sqlite", NULL);
	g_autoptr(GError) error = NULL;

	for (int version = 0; version < 2; version++) {
		g_autofree char *set = g_strdup_printf("CREATE TABLE IF NOT EXISTS cell (a); PRAGMA user_version = %d", version);

		execute(path, set);
		g_assert_null(past_open(path, FALSE, &error));
		g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
		g_assert_nonnull(strstr(error->message, "no history of finrig"));
		g_clear_error(&error);
	}
	g_assert_cmpint(number(path, "SELECT count(*) FROM sqlite_master"), ==, 1);
}

/* A page that was written over in the middle of the file. */
static void test_damaged(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *bytes = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;

	execute(fixture->path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO word (text) SELECT 'word ' || i FROM n");
	g_assert_true(g_file_get_contents(fixture->path, &bytes, &length, NULL));
	memset(bytes + length / 2, 7, 8192);
	g_assert_true(g_file_set_contents(fixture->path, bytes, (gssize)length, NULL));
	g_assert_null(past_open(fixture->path, FALSE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_nonnull(strstr(error->message, "is damaged: "));
	g_clear_error(&error);
	g_assert_null(past_open(fixture->path, TRUE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
}

/* Who reads makes nothing of an empty file, least of all good news. */
static void test_empty(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autofree char *path = g_build_filename(fixture->folder, "empty.sqlite", NULL), *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize length;

	stream_put(fixture->folder, "empty.sqlite", "", 0);
	g_assert_null(past_open(path, TRUE, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE);
	g_assert_true(g_file_get_contents(path, &text, &length, NULL));
	g_assert_cmpuint(length, ==, 0);
}

static void test_last_night(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	const struct past_cell fixed = sample("FIXED", NULL, NULL), buggy = sample("BUGGY", NULL, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) none = past_of_last_night(fixture->history, "n", &error), cells = NULL, kernels = NULL, cases = NULL, nothing = NULL;

	g_assert_cmpuint(none->len, ==, 0);
	add_night(fixture->history, "n", "2026-01-01T00:00:00Z", TRUE, &fixed);
	add_night(fixture->history, "n", "2026-01-02T00:00:00Z", TRUE, &buggy);
	add_night(fixture->history, "n", "2026-01-03T00:00:00Z", FALSE, &fixed);
	add_night(fixture->history, "other", "2026-01-04T00:00:00Z", TRUE, &fixed);
	cells = past_of_last_night(fixture->history, "n", &error);
	g_assert_cmpuint(cells->len, ==, 1);
	g_assert_cmpstr(((const struct past_cell *)cells->pdata[0])->started, ==, "2026-01-02T00:00:00Z");
	kernels = past_partners(fixture->history, NULL, "c", &error);
	cases = past_partners(fixture->history, "k", NULL, &error);
	nothing = past_partners(fixture->history, "c", NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(kernels->len, ==, 1);
	g_assert_cmpstr(kernels->pdata[0], ==, "k");
	g_assert_cmpstr(cases->pdata[0], ==, "c");
	g_assert_cmpuint(nothing->len, ==, 0);
}

static void test_last(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	const struct past_cell fixed = sample("FIXED", NULL, NULL), buggy = sample("BUGGY", NULL, NULL), skip = sample("SKIP", NULL, NULL),
				  broken = sample("BROKEN", NULL, NULL);
	g_autoptr(past_cell_t) none = NULL, first = NULL, second = NULL, other = NULL;

	g_assert_null(last_outcome(fixture->history, "n", &none));
	add_night(fixture->history, "n", "2026-01-01T00:00:00Z", TRUE, &fixed);
	add_night(fixture->history, "n", "2026-01-02T00:00:00Z", FALSE, &buggy);
	add_night(fixture->history, "n", "2026-01-03T00:00:00Z", TRUE, &skip);
	add_night(fixture->history, "n", "2026-01-04T00:00:00Z", TRUE, &broken);
	add_night(fixture->history, "other", "2026-01-05T00:00:00Z", TRUE, &buggy);
	g_assert_cmpstr(last_outcome(fixture->history, "n", &first), ==, "FIXED");
	g_assert_cmpstr(first->started, ==, "2026-01-01T00:00:00Z");
	g_assert_null(first->expect);
	g_assert_cmpstr(last_outcome(fixture->history, "other", &other), ==, "BUGGY");
	add_night(fixture->history, "n", "2026-01-06T00:00:00Z", TRUE, &buggy);
	g_assert_cmpstr(last_outcome(fixture->history, "n", &second), ==, "BUGGY");
}

static void test_bytes(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	const struct past_cell now = sample("FIXED", "key", "bytes"), same = sample("FIXED", "key", "bytes"),
				  unread = sample("BROKEN", "key", NULL), others = sample("FIXED", "key", "others"),
				  elsewhere = sample("FIXED", "key 2", "bytes 2");
	g_autoptr(past_cell_t) other = NULL;
	g_autoptr(GError) error = NULL;

	add_night(fixture->history, "n", "2026-01-01T00:00:00Z", TRUE, &same);
	add_night(fixture->history, "n", "2026-01-02T00:00:00Z", TRUE, &elsewhere);
	add_night(fixture->history, "n", "2026-01-03T00:00:00Z", TRUE, &unread);
	g_assert_true(past_other_bytes(fixture->history, &now, &other, &error) && !other);
	g_assert_true(past_other_bytes(fixture->history, &unread, &other, &error) && !other);
	add_night(fixture->history, "any other", "2026-01-04T00:00:00Z", TRUE, &others);
	g_assert_true(past_other_bytes(fixture->history, &now, &other, &error));
	g_assert_cmpstr(other->started, ==, "2026-01-04T00:00:00Z");
	g_assert_cmpstr(other->place, ==, "plain/k/c");
}

/* A night that ends badly, by a rollback or by the death of its process, leaves no cell. */
static void test_whole_or_not(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	const struct past_cell cell = sample("FIXED", NULL, NULL);
	struct past_night night = { .name = (char *)"n", .started = (char *)"s", .folder = (char *)"/f", .finrig = (char *)"0" };
	g_autoptr(GError) error = NULL;
	int status;
	pid_t child;

	g_assert_true(past_add_night(fixture->history, &night, &error) && past_begin(fixture->history, &error) &&
		      past_add_cell(fixture->history, night.id, &cell, &error));
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM result"), ==, 0);
	past_rollback(fixture->history);
	child = fork();
	if (child == 0) {
		struct past *own = past_open(fixture->path, TRUE, NULL);

		_exit(!(own && past_begin(own, NULL) && past_add_cell(own, night.id, &cell, NULL)));
	}
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_cmpint(status, ==, 0);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM result"), ==, 0);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM night WHERE finished IS NULL AND NOT trusted"), ==, 1);
	g_assert_true(past_begin(fixture->history, &error) && past_add_cell(fixture->history, night.id, &cell, &error) &&
		      past_commit(fixture->history, &error));
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM result"), ==, 1);
}

enum { NIGHTS_EACH = 20 };

/* Each night counts the cells it found in the file, under the lock. */
static gpointer many_nights(gpointer path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(past_t) history = past_open(path, TRUE, &error);
	struct past_night night = { .name = (char *)"n", .started = (char *)"s", .folder = (char *)"/f", .finrig = (char *)"0" };

	for (int i = 0; i < NIGHTS_EACH; i++) {
		struct past_cell cell = sample("FIXED", NULL, NULL);
		g_autofree char *found = NULL;
		g_autoptr(GPtrArray) cells = NULL;

		g_assert_true(past_add_night(history, &night, &error) && past_begin(history, &error));
		cells = past_of_cell(history, "n", "k", "c", NULL, &error);
		cell.cause = found = g_strdup_printf("%u", cells->len);
		g_assert_true(past_add_cell(history, night.id, &cell, &error) && past_forget(history, "n", 1000, &error) &&
			      past_commit(history, &error));
	}
	g_assert_no_error(error);
	return NULL;
}

static void test_two_at_once(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	GThread *one = g_thread_new("one", many_nights, fixture->path), *two = g_thread_new("two", many_nights, fixture->path);

	g_thread_join(one);
	g_thread_join(two);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM result"), ==, 2 * NIGHTS_EACH);
	/* None saw what another did not finish, none missed what another did. */
	g_assert_cmpint(number(fixture->path, "SELECT count(DISTINCT cause) FROM result"), ==, 2 * NIGHTS_EACH);
}

static void test_forget(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(past_cell_t) last = NULL;

	for (int i = 0; i < 5; i++) {
		g_autofree char *started = g_strdup_printf("2026-01-0%dT00:00:00Z", i + 1), *key = g_strdup_printf("key of %d", i);
		const struct past_cell cell = sample("FIXED", key, key);

		add_night(fixture->history, i ? "n" : "other", started, TRUE, &cell);
	}
	g_assert_true(past_forget(fixture->history, "n", 2, &error));
	g_assert_no_error(error);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM night"), ==, 3);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM result"), ==, 3);
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM word WHERE text LIKE 'key of %'"), ==, 3);
	g_assert_cmpstr(last_outcome(fixture->history, "n", &last), ==, "FIXED");
	g_assert_cmpstr(last->started, ==, "2026-01-05T00:00:00Z");
}

static void test_lists(struct fixture *fixture, gconstpointer data G_GNUC_UNUSED)
{
	struct past_cell cell = sample("FIXED", NULL, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = NULL, plain = NULL, since = NULL, nights = NULL;

	add_night(fixture->history, "n", "2026-01-01T00:00:00Z", TRUE, &cell);
	cell.variant = (char *)"ipv6";
	add_night(fixture->history, "n", "2026-01-02T00:00:00Z", TRUE, &cell);
	all = past_of_cell(fixture->history, NULL, "k", "c", NULL, &error);
	plain = past_of_cell(fixture->history, "n", "k", "c", "plain", &error);
	since = past_since(fixture->history, "2026-01-02", &error);
	nights = past_nights(fixture->history, "n", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(all->len, ==, 2);
	g_assert_cmpstr(((struct past_cell *)all->pdata[0])->variant, ==, "ipv6");
	g_assert_cmpuint(plain->len, ==, 1);
	g_assert_cmpuint(since->len, ==, 1);
	g_assert_cmpuint(nights->len, ==, 2);
	g_assert_cmpint(((struct past_night *)nights->pdata[0])->exit_code, ==, 1);
	g_assert_true(past_folder_removed(fixture->history, ((struct past_night *)nights->pdata[1])->id, &error));
	g_assert_cmpint(number(fixture->path, "SELECT count(*) FROM night WHERE kept"), ==, 1);
}

/* For docs.sh: the columns that people read. */
static int print_columns(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = stream_folder(), *path = g_build_filename(folder, "h", NULL);
	struct past *history = past_open(path, FALSE, &error);
	sqlite3 *database = sql_open(path, &error);
	sqlite3_stmt *statement = sql_prepare(database, &error, "SELECT name FROM pragma_table_info('night') UNION ALL"
					      " SELECT name FROM pragma_table_info('result')", 0);

	while (sql_row(statement, &error))
		puts((const char *)sqlite3_column_text(statement, 0));
	g_assert_no_error(error);
	sqlite3_finalize(statement);
	sqlite3_close(database);
	past_free(history);
	stream_remove(folder);
	return 0;
}

#define TEST(path, function) g_test_add(path, struct fixture, NULL, set_up, function, tear_down)

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--columns") == 0)
		return print_columns();
	g_test_init(&argc, &argv, NULL);
	TEST("/past/steps", test_steps);
	TEST("/past/steps-at-once", test_steps_at_once);
	TEST("/past/open", test_open);
	TEST("/past/foreign", test_foreign);
	TEST("/past/damaged", test_damaged);
	TEST("/past/empty", test_empty);
	TEST("/past/last-night", test_last_night);
	TEST("/past/last", test_last);
	TEST("/past/bytes", test_bytes);
	TEST("/past/whole-or-not", test_whole_or_not);
	TEST("/past/two-at-once", test_two_at_once);
	TEST("/past/forget", test_forget);
	TEST("/past/lists", test_lists);
	return g_test_run();
}
