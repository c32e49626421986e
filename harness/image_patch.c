/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_patch - a kernel's patches, applied to private copies of the files they touch
 */
#include "image_patch.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "source_process.h"
#include "source_unpack.h"

struct patching {
	struct patched *patched;
	const char *tree;
	const char *path, *name; /* of the patch at hand */
	GCancellable *cancellable;
	GError **error;
};

void patched_free(struct patched *patched)
{
	if (!patched)
		return;
	if (patched->scratch)
		remove_folder(patched->scratch);
	g_free(patched->scratch);
	g_ptr_array_unref(patched->files);
	g_ptr_array_unref(patched->steps);
	g_free(patched->diff);
	g_free(patched);
}

static void step_free(gpointer data)
{
	struct patch_step *step = data;

	g_free(step->name);
	g_free(step->diff);
	g_ptr_array_unref(step->notes);
	g_free(step);
}

static gboolean complain(const struct patching *patching, const char *what)
{
	g_set_error(patching->error, FINRIG_ERROR, FINRIG_ERROR_UNFIT, "%s: %s", patching->name, what);
	return FALSE;
}

/* Copies a file of the tree into scratch, unless an earlier patch brought it there. A file not in the tree is one to be made. */
static gboolean bring(const struct patching *patching, const char *file)
{
	g_autofree char *from = g_build_filename(patching->tree, file, NULL), *to = g_build_filename(patching->patched->scratch, file, NULL);
	g_autofree char *folder = g_path_get_dirname(to), *text = NULL;
	GStatBuf about;
	gsize length;

	if (strstr(file, "..") || *file == '/')
		return complain(patching, "names a file outside the tree");
	if (g_ptr_array_find_with_equal_func(patching->patched->files, file, g_str_equal, NULL))
		return TRUE;
	g_ptr_array_add(patching->patched->files, g_strdup(file));
	g_mkdir_with_parents(folder, 0777);
	if (g_stat(from, &about) < 0)
		return TRUE;
	return g_file_get_contents(from, &text, &length, patching->error) &&
	       g_file_set_contents_full(to, text, (gssize)length, G_FILE_SET_CONTENTS_NONE, (about.st_mode & 0777) | 0200, patching->error);
}

/* The name in a line `--- a/drivers/net/tun.c<tab>date`, without its first folder; NULL for /dev/null. */
static char *diff_name(const char *line)
{
	g_autofree char *name = g_strndup(line + 4, strcspn(line + 4, "\t\r\n"));
	const char *slash = strchr(name, '/');

	return !strcmp(g_strchomp(name), "/dev/null") || !slash ? NULL : g_strdup(slash + 1);
}

/* Names of the files that a diff touches, each once; its old and its new name where they differ. */
static GPtrArray *diff_files(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

	/* A `+++` line is a header only right after a `---` line: a hunk may add lines that look like one. */
	for (guint i = 1; lines[0] && lines[i]; i++) {
		if (!g_str_has_prefix(lines[i - 1], "--- ") || !g_str_has_prefix(lines[i], "+++ "))
			continue;
		for (guint side = 0; side < 2; side++) {
			char *name = diff_name(lines[i - 1 + side]);

			if (name && !g_ptr_array_find_with_equal_func(files, name, g_str_equal, NULL))
				g_ptr_array_add(files, name);
			else
				g_free(name);
		}
	}
	return files;
}

/* What patch says of hunks that went in elsewhere or only by leaving out context: "drivers/net/tun.c: Hunk #1 succeeded at …". */
static void take_notes(struct patch_step *step, const char *output)
{
	static const char file[] = "patching file ";
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	const char *name = "";

	for (guint i = 0; lines[i]; i++) {
		if (g_str_has_prefix(lines[i], file))
			name = lines[i] + strlen(file);
		else if (g_str_has_prefix(lines[i], "Hunk #"))
			g_ptr_array_add(step->notes, g_strdup_printf("%s: %s", name, lines[i]));
	}
}

/* Where patch has put the rejects is nobody's business: they are shown, and removed. */
static char *forget_rejects(const char *output)
{
	g_autoptr(GRegex) regex = g_regex_new(" -- saving rejects to file .*$", G_REGEX_MULTILINE, 0, NULL);

	return g_regex_replace_literal(regex, output, -1, 0, "", 0, NULL);
}

/* Is all of it in the source? patch says so of the first hunk of a file; the others are asked for by taking all of them out, in a trial. */
static gboolean is_there(const struct patching *patching, const char *output)
{
	const char *const argv[] = {"patch", "-p1", "--batch", "--reverse", "--dry-run", "-r", "-", "-d", patching->patched->scratch, "-i", patching->path, NULL};
	struct process process = {.argv = argv};
	g_autofree char *said = NULL;
	int exit_code = 1;

	return strstr(output, "previously applied") && !strstr(output, " succeeded at ") && !g_regex_match_simple("^patching file [^\n]*\n(patching|\\z)", output,
	       G_REGEX_MULTILINE, 0) && process_run(&process, patching->cancellable, &said, &exit_code, NULL) && !exit_code;
}

/* Would what was refused fit if tabs and blanks were all the same? The rejects' names are those of the files, without a first folder. */
static gboolean blanks_differ(const struct patching *patching, const char *rejects)
{
	const char *const argv[] = {"patch", "-p0", "--ignore-whitespace", "--batch", "--forward", "--dry-run", "-r", "-", "-d", patching->patched->scratch,
				    "-i", rejects, NULL};
	struct process process = {.argv = argv};
	g_autofree char *said = NULL;
	int exit_code = 1;

	return g_file_test(rejects, G_FILE_TEST_EXISTS) && process_run(&process, patching->cancellable, &said, &exit_code, NULL) && !exit_code;
}

static gboolean apply_diff(const struct patching *patching, const char *text, struct patch_step *step)
{
	g_autoptr(GPtrArray) files = diff_files(text);
	g_autofree char *rejects = g_strconcat(patching->patched->scratch, ".rejects", NULL), *output = NULL, *hunks = NULL, *said = NULL, *why = NULL;
	const char *const argv[] = {"patch", "-p1", "--batch", "--forward", "--no-backup-if-mismatch", "-r", rejects, "-d",
				    patching->patched->scratch, "-i", patching->path, NULL};
	struct process process = {.argv = argv};
	gboolean blanks;
	int exit_code;

	if (!files->len)
		return complain(patching, "expected a unified diff with --- a/FILE and +++ b/FILE");
	for (guint i = 0; i < files->len; i++)
		if (!bring(patching, files->pdata[i]))
			return FALSE;
	if (!process_run(&process, patching->cancellable, &output, &exit_code, patching->error))
		return FALSE;
	g_file_get_contents(rejects, &hunks, NULL, NULL);
	blanks = exit_code && blanks_differ(patching, rejects);
	g_unlink(rejects);
	take_notes(step, output);
	if (!exit_code)
		return TRUE;
	said = forget_rejects(output);
	why = g_strdup_printf("%s:\n%s%s", is_there(patching, output) ? PATCH_IS_THERE : blanks ? PATCH_WANTS_BLANKS : "does not apply", said,
			      hunks ? hunks : "");
	return complain(patching, g_strchomp(why));
}

/* What stands after `# KEY:` in a .sed file. */
static char *sed_key(const char *text, const char *key)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *start = g_strdup_printf("# %s:", key);

	for (guint i = 0; lines[i] && (*lines[i] == '#' || !*lines[i]); i++)
		if (g_str_has_prefix(lines[i], start))
			return g_strdup(g_strstrip(lines[i] + strlen(start)));
	return NULL;
}

static gboolean run_diff(const struct patching *patching, const char *const *argv, char **output)
{
	struct process process = {.argv = argv};
	int exit_code;

	if (!process_run(&process, patching->cancellable, output, &exit_code, patching->error))
		return FALSE;
	if (exit_code < 2)
		return TRUE;
	return complain(patching, *output);
}

/* How many lines differ: an added, a removed and a replaced line count one each. */
static guint changed_lines(const char *diff)
{
	g_auto(GStrv) lines = g_strsplit(diff, "\n", -1);
	guint total = 0, added = 0, removed = 0;

	for (guint i = 0; lines[i]; i++) {
		if (g_str_has_prefix(lines[i], "@@") || !lines[i + 1]) {
			total += MAX(added, removed);
			added = removed = 0;
		} else if (!g_str_has_prefix(lines[i], "---") && !g_str_has_prefix(lines[i], "+++")) {
			added += *lines[i] == '+';
			removed += *lines[i] == '-';
		}
	}
	return total;
}

static gboolean run_sed(const struct patching *patching, const char *file, guint expected, struct patch_step *step)
{
	g_autofree char *path = g_build_filename(patching->patched->scratch, file, NULL), *before = g_strconcat(path, ".before-sed", NULL);
	g_autofree char *text = NULL, *diff = NULL, *why = NULL, *from = g_strconcat("a/", file, NULL), *to = g_strconcat("b/", file, NULL);
	const char *const sed[] = {"sed", "-E", "-i", "-f", patching->path, path, NULL};
	const char *const tell[] = {"diff", "-up", "--label", from, "--label", to, before, path, NULL};
	const char *const compare[] = {"diff", "-U0", "--label", "before", "--label", "after", before, path, NULL};
	struct process process = {.argv = sed};
	gsize length;
	gboolean done;

	if (!g_file_get_contents(path, &text, &length, patching->error) || !g_file_set_contents(before, text, (gssize)length, patching->error))
		return FALSE;
	done = process_run(&process, patching->cancellable, NULL, NULL, patching->error) && run_diff(patching, compare, &diff) &&
	       run_diff(patching, tell, &step->diff);
	g_unlink(before);
	if (!done)
		return FALSE;
	if (changed_lines(diff) == expected)
		return TRUE;
	why = g_strdup_printf("was to change %u lines of %s and changed %u%s%s", expected, file, changed_lines(diff), *diff ? ":\n" : "", diff);
	return complain(patching, g_strchomp(why));
}

static gboolean apply_sed(const struct patching *patching, const char *text, struct patch_step *step)
{
	g_autofree char *file = sed_key(text, "file"), *changes = sed_key(text, "changes"), *why = NULL;
	g_autofree char *path = file ? g_build_filename(patching->tree, file, NULL) : NULL;

	if (!file || !changes || atoi(changes) < 1)
		return complain(patching, "expected lines `# file: PATH` and `# changes: NUMBER` at its top");
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		why = g_strdup_printf("the tree has no %s", file);
		return complain(patching, why);
	}
	return bring(patching, file) && run_sed(patching, file, (guint)atoi(changes), step);
}

/* One file's part of applied.patch. */
static gboolean add_diff(const struct patching *patching, const char *file, GString *all)
{
	g_autofree char *before = g_build_filename(patching->tree, file, NULL), *after = g_build_filename(patching->patched->scratch, file, NULL);
	gboolean was = g_file_test(before, G_FILE_TEST_EXISTS), is = g_file_test(after, G_FILE_TEST_EXISTS);
	g_autofree char *from = was ? g_strconcat("a/", file, NULL) : g_strdup("/dev/null");
	g_autofree char *to = is ? g_strconcat("b/", file, NULL) : g_strdup("/dev/null"), *diff = NULL;
	const char *const argv[] = {"diff", "-u", "--label", from, "--label", to, was ? before : "/dev/null", is ? after : "/dev/null", NULL};

	if (!run_diff(patching, argv, &diff))
		return FALSE;
	g_string_append(all, diff);
	return TRUE;
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean apply_one(struct patching *patching, const char *path)
{
	g_autofree char *base = g_path_get_basename(path), *text = NULL;
	struct patch_step *step = g_new0(struct patch_step, 1);

	patching->path = path;
	patching->name = base;
	step->name = g_strdup(base);
	step->notes = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(patching->patched->steps, step);
	if (!g_file_get_contents(path, &text, NULL, patching->error))
		return FALSE;
	if (g_str_has_suffix(path, ".sed"))
		return apply_sed(patching, text, step);
	step->diff = g_strdup(text);
	return apply_diff(patching, text, step);
}

GPtrArray *patch_files(const char *path, GError **error)
{
	g_autoptr(GPtrArray) files = NULL;
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL, *file = NULL;

	if (!g_file_get_contents(path, &text, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", why->message);
		return NULL;
	}
	if (g_str_has_suffix(path, ".sed")) {
		files = g_ptr_array_new_with_free_func(g_free);
		file = sed_key(text, "file");
		if (file)
			g_ptr_array_add(files, g_steal_pointer(&file));
	} else
		files = diff_files(text);
	if (files->len)
		return g_steal_pointer(&files);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
		    "%s: expected a unified diff with --- a/FILE and +++ b/FILE, or a .sed file with a line `# file: PATH`", path);
	return NULL;
}

struct patched *patches_apply(char *const *patches, const char *tree, GCancellable *cancellable, GError **error)
{
	g_autoptr(patched_t) patched = g_new0(struct patched, 1);
	struct patching patching = {patched, tree, NULL, NULL, cancellable, error};
	GString *diff = g_string_new(NULL);
	gboolean done = TRUE;

	patched->files = g_ptr_array_new_with_free_func(g_free);
	patched->steps = g_ptr_array_new_with_free_func(step_free);
	patched->scratch = g_dir_make_tmp("finrig-patch-XXXXXX", error);
	done = patched->scratch != NULL;
	for (guint i = 0; done && patches[i]; i++)
		done = apply_one(&patching, patches[i]);
	g_ptr_array_sort(patched->files, compare_names);
	patching.name = "applied.patch";
	for (guint i = 0; done && i < patched->files->len; i++)
		done = add_diff(&patching, patched->files->pdata[i], diff);
	patched->diff = g_string_free(diff, FALSE);
	return done ? g_steal_pointer(&patched) : NULL;
}
