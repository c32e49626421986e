/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_apt - what apt is asked: which packages there are, and for their files
 */
#include "source_apt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "source_kind.h"
#include "source_process.h"

static const char keyring[] = "/usr/share/keyrings/debian-archive-keyring.gpg";
static const char own_sources[] = "sources.list";
static const char own_config[] = "apt.conf";

const char *apt_suite(const struct kernel *kernel)
{
	return kernel_key(kernel, "suite");
}

static char *own_place(const struct kernel *kernel, const struct workspace *workspace, const char *name)
{
	g_autofree char *folder = g_strconcat("apt-", apt_suite(kernel), NULL), *place = source_place(workspace, folder);

	return g_build_filename(place, name, NULL);
}

/* The rest of a set of arguments that begins with the program's name; for a kernel with a suite, that suite's set-up stands between. */
static char **arguments(const struct kernel *kernel, const struct workspace *workspace, const char *const *words)
{
	GStrvBuilder *builder = g_strv_builder_new();
	char **argv;

	g_strv_builder_add(builder, words[0]);
	if (apt_suite(kernel)) {
		g_autofree char *config = own_place(kernel, workspace, own_config);

		g_strv_builder_add_many(builder, "-c", config, NULL);
	}
	g_strv_builder_addv(builder, (const char **)words + 1);
	argv = g_strv_builder_end(builder);
	g_strv_builder_unref(builder);
	return argv;
}

static gboolean run_apt(const struct kernel *kernel, const struct workspace *workspace, const char *const *words, const char *folder,
			char **output, int *exit_code, GCancellable *cancellable, GError **error)
{
	g_auto(GStrv) argv = arguments(kernel, workspace, words);
	struct process process = {.argv = (const char *const *)argv, .directory = folder};

	return process_run(&process, cancellable, output, exit_code, error);
}

/* Security updates have an archive of their own, and suites without any have none in it. */
static gboolean has_security(const char *suite)
{
	return !strchr(suite, '-') && strcmp(suite, "sid") && strcmp(suite, "unstable") && strcmp(suite, "experimental");
}

static void add_entry(GString *entries, const char *archive, const char *suite, const char *pocket)
{
	g_string_append(entries, "deb ");
	if (g_file_test(keyring, G_FILE_TEST_EXISTS))
		g_string_append_printf(entries, "[signed-by=%s] ", keyring);
	g_string_append_printf(entries, "%s %s%s main\n", archive, suite, pocket);
}

/* An archive that has the very suite, such as one for old releases that the user added, wins over the first that may have it. */
static void prefer(char **archive, const char *found, gboolean exact, gboolean likely)
{
	if (exact || (likely && !*archive)) {
		g_free(*archive);
		*archive = g_strdup(found);
	}
}

/* Entries for the suite in the archives that the machine takes Debian itself and its security updates from; NULL if it takes none. */
static char *entries_of(const char *suite, GCancellable *cancellable, GError **error)
{
	const char *const argv[] = {"apt-get", "indextargets", "--format", "$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)", "Created-By: Packages", NULL};
	struct process process = {.argv = argv};
	g_autofree char *output = NULL, *main_archive = NULL, *security = NULL, *its_security = g_strconcat(suite, "-security", NULL);
	g_auto(GStrv) lines = NULL;
	GString *entries;

	if (!process_run(&process, cancellable, &output, NULL, error))
		return NULL;
	lines = g_strsplit(output, "\n", -1);
	for (guint i = 0; lines[i]; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 3);

		if (g_strv_length(fields) != 3 || strcmp(fields[0], "Debian"))
			continue;
		prefer(&main_archive, fields[2], !strcmp(fields[1], suite), !strchr(fields[1], '-'));
		prefer(&security, fields[2], !strcmp(fields[1], its_security), g_str_has_suffix(fields[1], "-security"));
	}
	if (!main_archive) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "where %s is to be had is not known, as apt has no lists of Debian's here; "
			    "run `apt-get update` (as root), or give a .deb file", suite);
		return NULL;
	}
	entries = g_string_new(NULL);
	add_entry(entries, main_archive, suite, "");
	if (security && has_security(suite))
		add_entry(entries, security, suite, "-security");
	return g_string_free(entries, FALSE);
}

/* Hooks are for the machine's own lists and archives. Lists of a suite that is not kept any more are out of date, but signed all the same. */
static char *config_of(const char *place, const char *sources)
{
	return g_strdup_printf("#clear APT::Update::Pre-Invoke;\n#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
			       "Dir::State \"%s/state/\";\nDir::State::lists \"%s/state/lists/\";\n"
			       "Dir::Cache \"%s/cache/\";\nDir::Cache::srcpkgcache \"\";\nDir::Cache::pkgcache \"\";\n"
			       "Dir::Etc::sourcelist \"%s\";\nDir::Etc::sourceparts \"/dev/null\";\n"
			       "Dir::Etc::preferences \"/dev/null\";\nDir::Etc::preferencesparts \"/dev/null\";\nAPT::Default-Release \"\";\n"
			       "APT::Sandbox::User \"\";\nAcquire::Languages \"none\";\nAcquire::Check-Valid-Until \"false\";\n",
			       place, place, place, sources);
}

static gboolean write_setup(const struct kernel *kernel, const struct workspace *workspace, const char *place, GCancellable *cancellable,
			    GError **error)
{
	g_autofree char *entries = entries_of(apt_suite(kernel), cancellable, error), *sources = own_place(kernel, workspace, own_sources);
	g_autofree char *lists = g_build_filename(place, "state", "lists", "partial", NULL);
	g_autofree char *archives = g_build_filename(place, "cache", "archives", "partial", NULL), *config = config_of(place, sources);

	if (!entries)
		return FALSE;
	if (g_mkdir_with_parents(lists, 0777) < 0 || g_mkdir_with_parents(archives, 0777) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be made: %s", place, g_strerror(errno));
		return FALSE;
	}
	return artefact_write(place, own_sources, entries, strlen(entries), error) &&
	       artefact_write(place, own_config, config, strlen(config), error);
}

/* The first line in which apt says what it could not do, or NULL; it points into text, which is cut there. */
static const char *complaint(char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (g_str_has_prefix(line, "E: ") || g_str_has_prefix(line, "W: Failed"))
			return line + strlen("E: ");
	return NULL;
}

/* Packages of the suite itself, not of its security updates alone. */
static gboolean has_lists(const struct kernel *kernel, const char *place)
{
	g_autofree char *lists = g_build_filename(place, "state", "lists", NULL), *part = g_strdup_printf("_dists_%s_", apt_suite(kernel));
	GDir *directory = g_dir_open(lists, 0, NULL);
	const char *entry;
	gboolean found = FALSE;

	while (directory && !found && (entry = g_dir_read_name(directory)))
		found = strstr(entry, part) && strstr(entry, "_Packages");
	if (directory)
		g_dir_close(directory);
	return found;
}

static gboolean read_lists(const struct kernel *kernel, const struct workspace *workspace, const char *place, GCancellable *cancellable,
			   GError **error)
{
	static const char *const words[] = {"apt-get", "-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "update", NULL};
	g_autofree char *output = NULL;
	const char *why;
	int exit_code;

	workspace_progress(workspace, "source", kernel->name, "reading the package lists of %s", apt_suite(kernel));
	if (!write_setup(kernel, workspace, place, cancellable, error) ||
	    !run_apt(kernel, workspace, words, NULL, &output, &exit_code, cancellable, error))
		return FALSE;
	why = complaint(output);
	if (!has_lists(kernel, place)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "the package lists of %s cannot be had: %s", apt_suite(kernel),
			    why ? why : "apt-get update left none");
		return FALSE;
	}
	if (why)
		workspace_progress(workspace, "note", kernel->name, "perhaps not the newest package of %s: %s", apt_suite(kernel), why);
	return TRUE;
}

/* Makes the suite's set-up; reads its lists if there are none, or always. Under a lock: kernels of one suite share it. */
static gboolean prepare(const struct kernel *kernel, const struct workspace *workspace, gboolean always, GCancellable *cancellable,
			GError **error)
{
	g_autofree char *place = NULL, *lock_path = NULL;
	gboolean done;
	int lock;

	if (!apt_suite(kernel))
		return TRUE;
	place = own_place(kernel, workspace, NULL);
	lock_path = own_place(kernel, workspace, "lock");
	g_mkdir_with_parents(place, 0777);
	lock = process_lock(lock_path, cancellable, error);
	if (lock < 0)
		return FALSE;
	done = (!always && has_lists(kernel, place)) || read_lists(kernel, workspace, place, cancellable, error);
	close(lock);
	return done;
}

gboolean apt_update(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	return prepare(kernel, workspace, TRUE, cancellable, error);
}

char *apt_show(const struct kernel *kernel, const struct workspace *workspace, const char *name, GCancellable *cancellable,
	       GError **error)
{
	const char *const words[] = {"apt-cache", "--no-all-versions", "show", name, NULL};
	const char *suite = apt_suite(kernel);
	g_autofree char *output = NULL;
	int exit_code;

	if (!run_apt(kernel, workspace, words, NULL, &output, &exit_code, cancellable, error)) {
		g_prefix_error(error, "%s cannot be looked up (give deb:FILE.deb instead): ", name);
		return NULL;
	}
	if (!exit_code)
		return g_steal_pointer(&output);
	if (suite)
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(kernel), "%s has no package %s", suite, name);
	else
		g_set_error(error, FINRIG_ERROR, (gint)kernel_absent(kernel), "apt knows no package %s; run `apt-get update` (as root), "
			    "name the release that has it (suite = sid), or give a .deb file", name);
	return NULL;
}

gboolean apt_download(const struct kernel *kernel, const struct workspace *workspace, const char *name, const char *version, const char *folder,
		      GCancellable *cancellable, GError **error)
{
	g_autofree char *what = g_strdup_printf("%s=%s", name, version);
	const char *const words[] = {"apt-get", "-q", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o",
				     "APT::Sandbox::User=", "download", what, NULL};

	return prepare(kernel, workspace, FALSE, cancellable, error) && run_apt(kernel, workspace, words, folder, NULL, NULL, cancellable, error);
}
