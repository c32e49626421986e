/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_recipe - all that goes into one image, and its key
 */
#include "image_recipe.h"

#include <string.h>

#include "error.h"
#include "image_config.h"
#include "source_debian.h"
#include "source_process.h"

/* Goes up when the stage itself makes another image of the same inputs. */
#define RECIPE_FORMAT "1"

const char *const recipe_wanted_modules[] = {
	"af_packet", "ipv6", "tun", "inet_diag", "tcp_diag", "veth", "sch_fq", "tcp_bbr", "tcp_dctcp", NULL,
};

static void input_free(gpointer data)
{
	struct recipe_input *input = data;

	g_free(input->kind);
	g_free(input->name);
	g_free(input->version);
	g_free(input->content);
	g_free(input);
}

static void swap_free(gpointer data)
{
	struct recipe_swap *swap = data;

	g_free(swap->module);
	g_free(swap->package);
	g_free(swap->folder);
	g_free(swap->file);
	g_free(swap);
}

void recipe_free(struct recipe *recipe)
{
	if (!recipe)
		return;
	g_ptr_array_unref(recipe->inputs);
	g_ptr_array_unref(recipe->swaps);
	g_clear_pointer(&recipe->wishes, g_ptr_array_unref);
	g_strfreev(recipe->patches);
	g_strfreev(recipe->make);
	g_strfreev(recipe->modules);
	g_free(recipe->key);
	g_free(recipe->room);
	g_free(recipe->release);
	g_ptr_array_unref(recipe->loading);
	g_ptr_array_unref(recipe->absent);
	g_free(recipe);
}

void recipe_add(struct recipe *recipe, const char *kind, const char *name, const char *version, const char *content)
{
	struct recipe_input *input = g_new0(struct recipe_input, 1);

	input->kind = g_strdup(kind);
	input->name = g_strdup(name);
	input->version = g_strdup(version);
	input->content = g_strdup(content);
	g_ptr_array_add(recipe->inputs, input);
}

char *recipe_shim(const struct workspace *workspace, const char *name)
{
	g_autofree char *path = g_build_filename(workspace->libexec, "shims", name, NULL);

	return g_canonicalize_filename(path, NULL);
}

char *recipe_shim_include(const struct workspace *workspace)
{
	g_autofree char *path = g_build_filename(workspace->data, "kernels", "shims", "include", NULL);

	return g_canonicalize_filename(path, NULL);
}

static gboolean complain(const struct recipe *recipe, GError **error, const char *text)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s", recipe->kernel->origin, text);
	return FALSE;
}

/* The first line that a tool says of itself; NULL if it cannot be asked. */
static char *version_of(const char *tool)
{
	const char *const argv[] = {tool, "--version", NULL};
	struct process process = {.argv = argv};
	g_autofree char *output = NULL;

	return process_run(&process, NULL, &output, NULL, NULL) ? g_strndup(output, strcspn(output, "\n")) : NULL;
}

/* The lines of compiler, assembler and linker. gcc-12 is called gcc, as it is the same if the rest of the line is. */
static char *ask_toolchain(const char *compiler)
{
	static const char *const tools[] = {"as", "ld"};
	g_autofree char *line = version_of(compiler);
	const char *rest = line ? strchr(line, ' ') : NULL;
	GString *versions = g_string_new(NULL);

	if (line && rest && g_str_has_prefix(compiler, "gcc-"))
		g_string_append_printf(versions, "gcc%s", rest);
	else if (line)
		g_string_append(versions, line);
	for (guint i = 0; i < G_N_ELEMENTS(tools); i++) {
		g_autofree char *said = version_of(tools[i]);

		if (said)
			g_string_append_printf(versions, "; %s", said);
	}
	return g_string_free(versions, FALSE);
}

/* Each compiler is asked once. */
static const char *toolchain(const char *compiler)
{
	static GMutex mutex;
	static GHashTable *known;
	const char *versions;

	g_mutex_lock(&mutex);
	if (!known)
		known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	versions = g_hash_table_lookup(known, compiler);
	if (!versions) {
		g_hash_table_insert(known, g_strdup(compiler), ask_toolchain(compiler));
		versions = g_hash_table_lookup(known, compiler);
	}
	g_mutex_unlock(&mutex);
	return versions;
}

static const char *own_compiler(void)
{
	const char *given = g_getenv("FINRIG_CC");

	return given && *given ? given : "gcc";
}

/* What a packaged kernel's modules are built by (make_from_package() does the same by the headers' word): the user's choice, the gcc that built
 * the kernel, or gcc where that one is not installed. */
static char *swap_compiler(const struct recipe *recipe)
{
	g_autofree char *config = debian_config(recipe->workspace, recipe->source), *text = config ? config_value(config, "CC_VERSION_TEXT") : NULL;
	const char *at = text ? strstr(text, "gcc-") : NULL;
	g_autofree char *name = at ? g_strndup(at, strcspn(at, " \"")) : NULL, *installed = name ? g_find_program_in_path(name) : NULL;

	return g_strdup(!strcmp(own_compiler(), "gcc") && installed ? name : own_compiler());
}

/* One of finrig's own kernel files: what it names comes with it. */
static gboolean is_own(const struct recipe *recipe)
{
	g_autofree char *own = g_build_filename(recipe->workspace->data, "kernels", NULL), *absolute = g_canonicalize_filename(own, NULL);

	return !recipe->kernel->from_spec && !strcmp(recipe->kernel->folder, absolute);
}

/* Errors of one code become another: who reads a file does not know whose it is. */
static gboolean recode(GError **error, enum finrig_error from, enum finrig_error to)
{
	if (error && g_error_matches(*error, FINRIG_ERROR, (gint)from))
		(*error)->code = (gint)to;
	return FALSE;
}

/* A patch, a module or a configuration that the kernel names cannot be read. */
static gboolean part_unread(const struct recipe *recipe, const char *key, GError **error)
{
	g_prefix_error(error, "%s: %s: ", recipe->kernel->origin, key);
	recode(error, FINRIG_ERROR_UNAVAILABLE, is_own(recipe) ? FINRIG_ERROR_BROKEN : kernel_absent(recipe->kernel));
	return recode(error, FINRIG_ERROR_USAGE, is_own(recipe) ? FINRIG_ERROR_BROKEN : FINRIG_ERROR_USAGE);
}

static gboolean add_patches(struct recipe *recipe, GError **error)
{
	g_auto(GStrv) names = kernel_list(recipe->kernel, "patches");
	guint named = g_strv_length(names);

	recipe->patches = kernel_patches(recipe->kernel, recipe->workspace);
	for (guint i = 0; recipe->patches[i]; i++) {
		const char *path = recipe->patches[i];
		g_autofree char *name = i < named ? g_strdup(names[i]) : g_path_get_basename(path), *hash = NULL;

		if (!g_str_has_suffix(path, ".patch") && !g_str_has_suffix(path, ".diff") && !g_str_has_suffix(path, ".sed")) {
			g_autofree char *text = g_strdup_printf("patches: %s: expected a name ending in .patch, .diff or .sed", name);

			return complain(recipe, error, text);
		}
		hash = hash_file(recipe->workspace, path, error);
		if (!hash)
			return part_unread(recipe, "patches", error);
		recipe_add(recipe, "patch", name, NULL, hash);
	}
	return TRUE;
}

/* guest.config, then what the kernel adds; `none` drops all before it. */
static gboolean add_config(struct recipe *recipe, GError **error)
{
	g_auto(GStrv) names = kernel_list(recipe->kernel, "config");
	g_autofree char *base = g_build_filename(recipe->workspace->data, "kernels", "config", "guest.config", NULL), *text = NULL, *hash = NULL;

	recipe->wishes = config_new();
	if (!config_read(recipe->wishes, base, error))
		return recode(error, FINRIG_ERROR_USAGE, FINRIG_ERROR_BROKEN);
	for (guint i = 0; names[i]; i++) {
		g_autofree char *path = kernel_path(recipe->kernel, recipe->workspace, "config", names[i]);

		if (!strcmp(names[i], "none"))
			g_ptr_array_set_size(recipe->wishes, 0);
		else if (!config_read(recipe->wishes, path, error))
			return part_unread(recipe, "config", error);
	}
	text = config_text(recipe->wishes);
	hash = hash_text(text);
	recipe_add(recipe, "config", "fragments", NULL, hash);
	return TRUE;
}

static gboolean add_make(struct recipe *recipe, GError **error)
{
	const char *text = kernel_key(recipe->kernel, "make");
	g_autoptr(GError) why = NULL;
	int count;

	if (!text) {
		recipe->make = g_new0(char *, 1);
		return TRUE;
	}
	if (!g_shell_parse_argv(text, &count, &recipe->make, &why))
		return complain(recipe, error, why->message);
	for (int i = 0; i < count; i++)
		if (!g_regex_match_simple("^[A-Za-z_][A-Za-z0-9_.]*=", recipe->make[i], 0, 0))
			return complain(recipe, error, "make: expected VARIABLE=value, with quotes around blanks");
	recipe_add(recipe, "make", "variables", NULL, text);
	return TRUE;
}

static gboolean add_toolchain(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	g_autofree char *folder = g_build_filename(recipe->workspace->data, "kernels", "shims", NULL);
	g_autoptr(tree_t) shims = tree_read(recipe->workspace, folder, cancellable, error);

	if (!shims)
		return recode(error, FINRIG_ERROR_UNAVAILABLE, FINRIG_ERROR_BROKEN);
	recipe_add(recipe, "shims", "kernels/shims", NULL, shims->identity);
	recipe_add(recipe, "compiler", "toolchain", NULL, toolchain(own_compiler()));
	return TRUE;
}

static gint compare_swaps(gconstpointer a, gconstpointer b)
{
	return strcmp((*(const struct recipe_swap *const *)a)->module, (*(const struct recipe_swap *const *)b)->module);
}

static gboolean read_swaps(struct recipe *recipe, GError **error)
{
	GHashTableIter each;
	gpointer key, value;

	g_hash_table_iter_init(&each, recipe->kernel->keys);
	while (g_hash_table_iter_next(&each, &key, &value)) {
		const char *file = kernel_swap_file(value);
		g_autofree char *where = g_strndup(value, file ? (gsize)(file - (const char *)value - 1) : 0);
		struct recipe_swap *swap;

		if (!g_str_has_prefix(key, "modules."))
			continue;
		if (!file || !(g_str_has_prefix(where, "linux-source") || strchr(where, '/')) || !g_str_has_suffix(file, ".c") || strstr(file, "..")) {
			g_autofree char *text = g_strdup_printf("%s = %s: expected PACKAGE:FILE or FOLDER/:FILE such as linux-source-6.1:drivers/net/tun.c",
								(char *)key, (char *)value);

			return complain(recipe, error, text);
		}
		swap = g_new0(struct recipe_swap, 1);
		swap->module = g_strdup((char *)key + strlen("modules."));
		swap->folder = strchr(where, '/') ? g_canonicalize_filename(where, recipe->kernel->folder) : NULL;
		swap->package = swap->folder ? NULL : g_strdup(where);
		swap->file = g_strdup(file);
		g_ptr_array_add(recipe->swaps, swap);
	}
	g_ptr_array_sort(recipe->swaps, compare_swaps);
	return TRUE;
}

gboolean swap_takes(const struct recipe_swap *swap, const char *name)
{
	g_autofree char *base = g_path_get_basename(swap->file);

	return !strcmp(name, base) || g_str_has_suffix(name, ".h");
}

static gint compare_texts(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The module's file in a folder of the user's, and the headers beside it: by content, so that other names and neighbours do not count. */
static char *hash_swap(const struct recipe *recipe, const struct recipe_swap *swap, GError **error)
{
	g_autofree char *path = g_build_filename(swap->folder, swap->file, NULL), *beside = g_path_get_dirname(path), *own = hash_file(recipe->workspace, path, error);
	g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) text = g_string_new(NULL);
	GDir *directory = own ? g_dir_open(beside, 0, error) : NULL;
	const char *entry;

	while (directory && (entry = g_dir_read_name(directory))) {
		g_autofree char *file = g_build_filename(beside, entry, NULL);
		g_autofree char *hash = swap_takes(swap, entry) ? hash_file(recipe->workspace, file, NULL) : NULL;

		if (hash)
			g_ptr_array_add(parts, g_strdup_printf("%s %s\n", entry, hash));
	}
	if (!directory)
		return NULL;
	g_dir_close(directory);
	g_ptr_array_sort(parts, compare_texts);
	for (guint i = 0; i < parts->len; i++)
		g_string_append(text, parts->pdata[i]);
	return hash_text(text->str);
}

/* The packages a swap takes come in the image's own version, so that names and versions say all. */
static gboolean add_swap(struct recipe *recipe, const struct recipe_swap *swap, GError **error)
{
	g_autofree char *what = NULL, *key = g_strconcat("modules.", swap->module, NULL);

	if (!swap->folder)
		what = g_strconcat(swap->package, ":", swap->file, NULL);
	else if (!(what = hash_swap(recipe, swap, error)))
		return part_unread(recipe, key, error);
	recipe_add(recipe, "module", swap->module, recipe->source->version, what);
	return TRUE;
}

static gboolean add_swaps(struct recipe *recipe, GError **error)
{
	if (!read_swaps(recipe, error))
		return FALSE;
	for (guint i = 0; i < recipe->swaps->len; i++)
		if (!add_swap(recipe, recipe->swaps->pdata[i], error))
			return FALSE;
	if (recipe->patches[0] && !recipe->swaps->len)
		return complain(recipe, error, "patches: a packaged kernel can only be patched in the modules it swaps (modules.NAME = …)");
	if (recipe->swaps->len) {
		g_autofree char *compiler = swap_compiler(recipe);

		recipe_add(recipe, "compiler", "toolchain", NULL, toolchain(compiler));
		recipe_add(recipe, "make", "modules", NULL, RECIPE_NO_BTF " " RECIPE_NO_DEBUG_INFO);
	}
	return TRUE;
}

static gboolean add_files(struct recipe *recipe, const char *list_key, const char *kind, GError **error)
{
	g_auto(GStrv) names = kernel_list(recipe->kernel, list_key);

	for (guint i = 0; names[i]; i++) {
		g_autofree char *path = g_canonicalize_filename(names[i], recipe->kernel->folder), *hash = hash_file(recipe->workspace, path, error);

		if (!hash)
			return part_unread(recipe, list_key, error);
		recipe_add(recipe, kind, names[i], NULL, hash);
	}
	return TRUE;
}

static gboolean add_tree_inputs(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	if (recipe->modules[0])
		return complain(recipe, error, "modules: a kernel that is built here has all built in; use config");
	return add_patches(recipe, error) && add_config(recipe, error) && add_make(recipe, error) && add_toolchain(recipe, cancellable, error);
}

static gboolean add_package_inputs(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	g_autofree char *standard = g_strjoinv(" ", (char **)recipe_wanted_modules);
	const char *wanted = kernel_key(recipe->kernel, "modules");

	(void)cancellable;
	if (kernel_key(recipe->kernel, "config") || kernel_key(recipe->kernel, "make"))
		return complain(recipe, error, "config, make: a packaged kernel is not built here");
	recipe_add(recipe, "modules", "modules", NULL, standard);
	if (wanted)
		recipe_add(recipe, "modules", "further modules", NULL, wanted);
	return add_patches(recipe, error) && add_swaps(recipe, error);
}

static gboolean add_ready_inputs(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	(void)cancellable;
	return add_files(recipe, "modules", "module", error) && add_files(recipe, "config", "config", error);
}

/* kinds: NULL for all inputs, else those that rooms differ by; family then stands for the source. */
static char *digest(const struct recipe *recipe, const char *const *kinds)
{
	GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *head = g_strdup_printf("finrig image %s\n%s\n", RECIPE_FORMAT, kinds ? recipe->source->family : "");
	char *hex;

	g_checksum_update(sum, (const guchar *)head, -1);
	for (guint i = 0; i < recipe->inputs->len; i++) {
		const struct recipe_input *input = recipe->inputs->pdata[i];
		gboolean named = !strcmp(input->kind, "module") && recipe->swaps->len;
		g_autofree char *line = g_strdup_printf("%s %s %s\n", input->kind, named ? input->name : "", input->content);

		if (!kinds || g_strv_contains(kinds, input->kind))
			g_checksum_update(sum, (const guchar *)line, -1);
	}
	hex = g_strdup(g_checksum_get_string(sum));
	g_checksum_free(sum);
	return hex;
}

struct recipe *recipe_new(const struct kernel *kernel, const struct workspace *workspace, struct source *source,
			  GCancellable *cancellable, GError **error)
{
	static gboolean (*const add_inputs[SOURCE_FORM_COUNT])(struct recipe *recipe, GCancellable *cancellable, GError **error) = {
		[SOURCE_TREE] = add_tree_inputs, [SOURCE_PACKAGE] = add_package_inputs, [SOURCE_READY] = add_ready_inputs,
	};
	static const char *const room_kinds[] = {"config", "make", "shims", "compiler", NULL};
	g_autoptr(recipe_t) recipe = g_new0(struct recipe, 1);

	recipe->kernel = kernel;
	recipe->workspace = workspace;
	recipe->source = source;
	recipe->inputs = g_ptr_array_new_with_free_func(input_free);
	recipe->swaps = g_ptr_array_new_with_free_func(swap_free);
	recipe->loading = g_ptr_array_new_with_free_func(g_free);
	recipe->absent = g_ptr_array_new_with_free_func(g_free);
	recipe->modules = kernel_list(kernel, "modules");
	recipe_add(recipe, "source", source->label, source->version, source->identity);
	if (!add_inputs[source->form](recipe, cancellable, error))
		return NULL;
	recipe->key = digest(recipe, NULL);
	recipe->room = digest(recipe, room_kinds);
	return g_steal_pointer(&recipe);
}
