/* SPDX-License-Identifier: GPL-2.0-or-later
 * backport_patch - the patch to be verified, as people send it, made into one that applies with -p1 and has no more than what is built
 * in: a diff, a mail, a series in one mbox, with whatever level of paths; out: its hunks, a file in the run's folder, and remarks.
 */
#include "backport_part.h"

#include <string.h>

#include "artefact.h"
#include "error.h"
#include "image_try.h"
#include "json_text.h"
#include "patch_mail.h"

struct taking {
	const struct backport_request *request;
	struct backport *backport;
	GPtrArray *left_out;
	char *tree; /* of the base's source; NULL: of a package only the swapped modules' files are known */
};

static gboolean has(gconstpointer user, const char *file)
{
	const struct taking *taking = user;
	g_autofree char *path = taking->tree ? g_build_filename(taking->tree, file, NULL) : NULL;

	return path ? g_file_test(path, G_FILE_TEST_EXISTS) : image_swaps(taking->request->base, file);
}

/* In a package, a part of the files tells the level; others are told apart later. */
static gboolean fits(const struct taking *taking, const GPtrArray *hunks, guint level)
{
	for (guint i = 0; !taking->tree && i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];
		const char *before = hunk_strip(hunk->before, level), *after = hunk_strip(hunk->after, level);

		if ((before && has(taking, before)) || (after && has(taking, after)))
			return TRUE;
	}
	return taking->tree && hunks_fit(hunks, level, has, taking);
}

/* -p1 where that fits, or where no other does: then patch says what is wrong. */
static gboolean find_level(const struct taking *taking, GPtrArray *hunks, GError **error)
{
	int given = taking->request->strip, found = -1;

	for (int level = BACKPORT_STRIP_MAX; level >= 0; level--)
		if (fits(taking, hunks, (guint)level))
			found = level == 1 || found != 1 ? level : found;
	if (given >= 0 && found >= 0 && !fits(taking, hunks, (guint)given))
		return error_usage(error, "%s: its paths do not fit with -p%d; they do with -p%d", taking->backport->patch, given, found);
	if (given < 0 && found >= 0 && found != 1)
		g_ptr_array_add(taking->backport->notes, g_strdup_printf("its paths fit with -p%d and not with -p1: taken so", found));
	hunks_strip(hunks, given >= 0 ? (guint)given : found >= 0 ? (guint)found : 1, has, taking);
	return TRUE;
}

static gboolean refuse_elsewhere(const struct taking *taking, const char *file, GError **error)
{
	const char *base = taking->request->base->name;

	if (!strchr(file, '/'))
		return error_usage(error, "%s: names %s: expected paths from the top of the tree, as in a/drivers/net/tun.c", taking->backport->patch, file);
	return error_usage(error, "%s: is for %s, which %s does not build: expected a base that is built whole (source-6.1, deb:linux-source-…, tree:…)%s%s%s",
		      taking->backport->patch, file, base, g_str_has_suffix(file, ".c") ? ", or one that takes its module from source (modules.NAME=PACKAGE:" : "",
		      g_str_has_suffix(file, ".c") ? file : "", g_str_has_suffix(file, ".c") ? ")" : "");
}

/* What cannot change any kernel. */
static gboolean is_documentation(const char *file)
{
	static const char *const names[] = {"MAINTAINERS", "CREDITS", ".mailmap", ".gitignore", NULL}, *const endings[] = {".rst", ".txt", ".md", NULL};
	g_autofree char *name = g_path_get_basename(file);
	const char *ending = strrchr(name, '.');

	return g_str_has_prefix(file, "Documentation/") || g_str_has_prefix(name, "README") || g_strv_contains(names, name) ||
	       (ending && g_strv_contains(endings, ending));
}

static void remark_left_out(const struct taking *taking, const char *file)
{
	g_autofree char *text = g_strdup_printf("%s: not part of the module, left out", file);

	if (g_ptr_array_find_with_equal_func(taking->backport->notes, text, g_str_equal, NULL))
		return;
	g_ptr_array_add(taking->backport->notes, g_steal_pointer(&text));
	if (!is_documentation(file))
		g_ptr_array_add(taking->left_out, g_strdup(file));
}

/* Of a packaged kernel's base, what no module is made from is left out; in a tree it is patched as the rest is. */
static gboolean leave_out(const struct taking *taking, GPtrArray *hunks, GError **error)
{
	const struct kernel *base = taking->request->base;
	g_autofree char *first = hunks->len ? g_strdup(((const struct hunk *)hunks->pdata[0])->file) : NULL;

	for (guint i = 0; image_has_swaps(base) && i < hunks->len;) {
		const struct hunk *hunk = hunks->pdata[i];
		enum image_part part = image_part_of(base, hunk->file, hunk_is_new(hunk));

		if (part == IMAGE_PART_ELSEWHERE)
			return refuse_elsewhere(taking, hunk->file, error);
		if (part == IMAGE_PART_BUILT) {
			i++;
			continue;
		}
		remark_left_out(taking, hunk->file);
		g_ptr_array_remove_index(hunks, i);
	}
	return hunks->len || error_usage(error, "%s: is for nothing that %s builds: %s is no part of its module", taking->backport->patch, base->name, first);
}

static void add_hunks(struct backport *backport, const struct kernel *base, const GPtrArray *hunks)
{
	for (guint i = 0; i < hunks->len; i++) {
		const struct hunk *hunk = hunks->pdata[i];

		backport_add_hunk(backport, hunk->file, hunk->heading);
		if (image_part_of(base, hunk->file, hunk_is_new(hunk)) == IMAGE_PART_NOT_CODE)
			((struct backport_hunk *)backport->hunks->pdata[i])->need = NEED_NO_CODE;
	}
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

/* Of what the base is, and of the patch as it is applied. */
static char *digest_of(const struct taking *taking, const char *patch)
{
	const struct kernel *base = taking->request->base;
	g_autoptr(GList) keys = g_list_sort(g_hash_table_get_keys(base->keys), compare_names);
	g_autoptr(GString) text = g_string_new(taking->backport->patched);

	for (GList *key = keys; key; key = key->next)
		g_string_append_printf(text, "\n%s=%s", (char *)key->data, kernel_key(base, key->data));
	g_string_append_printf(text, "\n\n%s", patch);
	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->str, (gssize)text->len);
}

/* A folder belongs to one base and one patch: what stays of another would be taken for this one's. */
static gboolean claim_folder(const struct taking *taking, const char *patch, GError **error)
{
	static const char claim[] = "0-backport.json", verdict[] = "backport.json";
	const char *directory = taking->request->directory;
	g_autofree char *file = g_build_filename(directory, claim, NULL), *judged = g_build_filename(directory, verdict, NULL), *digest = digest_of(taking, patch);
	g_autoptr(JsonObject) before = g_file_test(file, G_FILE_TEST_EXISTS) ? artefact_read_json(directory, claim, error) : NULL;
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object;

	if (before ? g_strcmp0(artefact_string(before, "digest"), digest) != 0 : g_file_test(judged, G_FILE_TEST_EXISTS)) {
		g_clear_error(error);
		return error_usage(error, "%s holds another backport: give another --results", directory);
	}
	if (before || g_file_test(file, G_FILE_TEST_EXISTS))
		return before != NULL;
	object = json_object_new();
	json_object_set_string_member(object, "base", taking->backport->base);
	json_object_set_string_member(object, "patch", taking->backport->patch);
	json_object_set_string_member(object, "digest", digest);
	json_node_take_object(root, object);
	return json_text_write(directory, claim, root, error);
}

static gboolean take_diff(const struct taking *taking, const char *text, GPtrArray **hunks, char **path, GError **error)
{
	g_autofree char *plain = patch_mail_text(text, taking->backport->notes), *name = NULL, *diff = NULL, *relative = NULL;

	guint parts_line = patch_mail_parts_line(text);

	if (!*text)
		return error_usage(error, "%s: is empty", taking->backport->patch);
	if (parts_line)
		return error_usage(error, "%s:%u: a mail of several parts: save the patch by itself", taking->backport->patch, parts_line);
	if (!g_regex_match_simple("^(\\+\\+\\+ |GIT binary patch|new mode |rename to )", plain, G_REGEX_MULTILINE | G_REGEX_RAW, 0))
		return error_usage(error, "%s: expected a unified diff (diff -u, git diff) with --- a/FILE and +++ b/FILE", taking->backport->patch);
	*hunks = hunks_parse(taking->backport->patch, plain, taking->backport->notes, error);
	if (!*hunks || !find_level(taking, *hunks, error) || !leave_out(taking, *hunks, error))
		return FALSE;
	add_hunks(taking->backport, taking->request->base, *hunks);
	name = g_strconcat(taking->backport->patched + strlen(taking->backport->base) + 1, ".patch", NULL);
	diff = hunks_text(*hunks, NULL);
	relative = g_build_filename(taking->request->directory, name, NULL);
	*path = g_canonicalize_filename(relative, NULL);
	return claim_folder(taking, diff, error) && artefact_write(taking->request->directory, name, diff, strlen(diff), error);
}

static gboolean take_sed(const struct taking *taking, const char *text, char **path, GError **error)
{
	g_autoptr(GPtrArray) files = patch_files(taking->request->patch, error);

	for (guint i = 0; files && i < files->len; i++)
		if (image_part_of(taking->request->base, files->pdata[i], FALSE) == IMAGE_PART_ELSEWHERE)
			return refuse_elsewhere(taking, files->pdata[i], error);
	*path = g_canonicalize_filename(taking->request->patch, NULL);
	return files && claim_folder(taking, text, error);
}

gboolean backport_take_patch(struct backporting *at, GError **error)
{
	const struct backport_request *request = at->request;
	struct taking taking = {.request = request, .backport = at->backport, .left_out = at->left_out};
	g_autoptr(GError) why = NULL;
	g_autofree char *text = NULL;
	gboolean taken;

	if (!g_file_get_contents(request->patch, &text, NULL, &why))
		return error_usage(error, "%s", why->message);
	if (g_str_has_suffix(request->patch, ".sed"))
		return take_sed(&taking, text, &at->path, error);
	taken = image_find_tree(request->base, at->workspace, &taking.tree, at->cancellable, error) &&
		take_diff(&taking, text, &at->parts, &at->path, error);
	g_free(taking.tree);
	return taken;
}
