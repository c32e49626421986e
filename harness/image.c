/* SPDX-License-Identifier: GPL-2.0-or-later
 * image - the image stage: from a kernel to something QEMU can boot
 * in: struct kernel; out: cache/image/<key>/, made whole in a temporary folder beside it and then renamed.
 */
#include "image.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "image_config.h"
#include "image_log.h"
#include "image_make.h"
#include "image_recipe.h"
#include "source_process.h"
#include "source_unpack.h"

void image_free(struct image *image)
{
	if (!image)
		return;
	g_free(image->key);
	g_free(image->directory);
	g_free(image->bzimage);
	g_free(image->config);
	g_free(image->system_map);
	g_free(image->vmlinux);
	g_free(image->release);
	g_ptr_array_unref(image->modules);
	g_free(image);
}

gboolean image_has_option(const struct image *image, const char *option)
{
	g_autofree char *config = NULL, *value = NULL;

	if (!image->config || !g_file_get_contents(image->config, &config, NULL, NULL))
		return TRUE;
	value = config_value(config, option);
	return !strcmp(value, "y") || !strcmp(value, "m");
}

gboolean make_copy(const char *from, const char *into, const char *name, GError **error)
{
	g_autofree char *to = g_build_filename(into, name, NULL), *content = NULL;
	g_autoptr(GError) why = NULL;
	gsize length;

	g_unlink(to); /* GLib 2.74 does not cut a longer file that is there */
	if (g_mkdir_with_parents(into, 0777) == 0 && g_file_get_contents(from, &content, &length, &why) &&
	    g_file_set_contents_full(to, content, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0666, &why))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why ? why->message : into);
	return FALSE;
}

gboolean make_failed(const char *what, const char *output, const char *log, GError **error)
{
	g_autofree char *line = log_first_error(output);
	GError *why = g_error_new(FINRIG_ERROR, log_blames_host(output) ? FINRIG_ERROR_BROKEN : FINRIG_ERROR_UNBUILT, "%s failed: %s", what, line);

	error_about(why)->log = g_strdup(log);
	error_about(why)->lines = log_lines(output);
	g_propagate_error(error, why);
	return FALSE;
}

/* The boot protocol's setup header (Documentation/x86/boot.rst, "kernel_version"): at 0x20e a 16-bit offset, counted from 0x200,
 * of a text that begins with the release. */
char *make_release(const char *bzimage)
{
	g_autofree char *content = NULL;
	gsize length, start, end;

	if (!g_file_get_contents(bzimage, &content, &length, NULL) || length < 0x210 || memcmp(content + 0x202, "HdrS", 4))
		return NULL;
	start = 0x200 + (guchar)content[0x20e] + 256u * (guchar)content[0x20f];
	if (start == 0x200 || start >= length)
		return NULL;
	for (end = start; end < length && content[end] > ' '; end++)
		;
	return g_strndup(content + start, end - start);
}

static char *image_folder(const struct workspace *workspace, const char *key)
{
	g_autofree char *path = g_build_filename(workspace->cache, "image", key, NULL);

	return g_canonicalize_filename(path, NULL);
}

/* A file of the image, or NULL if it has none. */
static char *optional_file(const char *directory, const char *name)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);

	return g_file_test(path, G_FILE_TEST_EXISTS) ? g_steal_pointer(&path) : NULL;
}

/* What was made before, or NULL. */
static struct image *image_load(const struct workspace *workspace, const char *key)
{
	g_autofree char *directory = image_folder(workspace, key), *bzimage = optional_file(directory, "bzImage");
	JsonObject *manifest = bzimage ? artefact_read_json(directory, "manifest.json", NULL) : NULL;
	JsonArray *modules = NULL;
	struct image *image;

	if (!manifest)
		return NULL;
	image = g_new0(struct image, 1);
	image->key = g_strdup(key);
	image->bzimage = g_steal_pointer(&bzimage);
	image->config = optional_file(directory, "config");
	image->system_map = optional_file(directory, "System.map");
	image->vmlinux = optional_file(directory, "vmlinux");
	image->release = g_strdup(artefact_string(manifest, "release"));
	image->modules = g_ptr_array_new_with_free_func(g_free);
	if (json_object_has_member(manifest, "modules"))
		modules = json_object_get_array_member(manifest, "modules");
	for (guint i = 0; modules && i < json_array_get_length(modules); i++)
		g_ptr_array_add(image->modules, g_build_filename(directory, "modules", json_array_get_string_element(modules, i), NULL));
	image->directory = g_steal_pointer(&directory);
	json_object_unref(manifest);
	return image;
}

static JsonNode *names_node(GPtrArray *names)
{
	JsonArray *array = json_array_new();
	JsonNode *node = json_node_new(JSON_NODE_ARRAY);

	for (guint i = 0; i < names->len; i++)
		json_array_add_string_element(array, names->pdata[i]);
	json_node_take_array(node, array);
	return node;
}

static JsonNode *inputs_node(const struct recipe *recipe)
{
	JsonArray *array = json_array_new();
	JsonNode *node = json_node_new(JSON_NODE_ARRAY);

	for (guint i = 0; i < recipe->inputs->len; i++) {
		const struct recipe_input *input = recipe->inputs->pdata[i];
		JsonObject *object = json_object_new();

		json_object_set_string_member(object, "kind", input->kind);
		json_object_set_string_member(object, "name", input->name);
		if (input->version)
			json_object_set_string_member(object, "version", input->version);
		json_object_set_string_member(object, strlen(input->content) == 64 ? "sha256" : "content", input->content);
		json_array_add_object_element(array, object);
	}
	json_node_take_array(node, array);
	return node;
}

static gboolean write_manifest(const struct recipe *recipe, const char *into, GError **error)
{
	JsonObject *manifest = json_object_new();
	JsonNode *root = json_node_new(JSON_NODE_OBJECT);
	gboolean written;

	json_object_set_string_member(manifest, "key", recipe->key);
	if (recipe->release)
		json_object_set_string_member(manifest, "release", recipe->release);
	json_object_set_member(manifest, "modules", names_node(recipe->loading));
	json_object_set_member(manifest, "options_absent", names_node(recipe->absent));
	json_object_set_member(manifest, "inputs", inputs_node(recipe));
	json_node_take_object(root, manifest);
	written = artefact_write_json(into, "manifest.json", root, error);
	json_node_unref(root);
	return written;
}

gboolean make_from_ready(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error)
{
	const char *config = kernel_key(recipe->kernel, "config");
	g_autofree char *bzimage = g_build_filename(into, "bzImage", NULL), *folder = g_build_filename(into, "modules", NULL);
	g_autofree char *config_path = config ? g_canonicalize_filename(config, recipe->kernel->folder) : NULL;

	(void)cancellable;
	if (!make_copy(recipe->source->file, into, "bzImage", error) || (config && !make_copy(config_path, into, "config", error)))
		return FALSE;
	g_mkdir_with_parents(folder, 0777);
	for (guint i = 0; recipe->modules[i]; i++) {
		g_autofree char *from = g_canonicalize_filename(recipe->modules[i], recipe->kernel->folder), *base = g_path_get_basename(from);
		g_autofree char *name = g_strdup_printf("%.*s.ko", (int)(strstr(base, ".ko") ? strstr(base, ".ko") - base : (gssize)strlen(base)), base);
		g_autofree char *to = g_build_filename(folder, name, NULL);

		if (!unpack_file(from, to, error))
			return FALSE;
		g_ptr_array_add(recipe->loading, g_steal_pointer(&name));
	}
	recipe->release = make_release(bzimage);
	return TRUE;
}

static gboolean make_new(struct recipe *recipe, const char *directory, GCancellable *cancellable, GError **error)
{
	static gboolean (*const makers[SOURCE_FORM_COUNT])(struct recipe *, const char *, GCancellable *, GError **) = {
		[SOURCE_TREE] = make_from_tree, [SOURCE_PACKAGE] = make_from_package, [SOURCE_READY] = make_from_ready,
	};
	g_autofree char *temporary = g_strconcat(directory, ".tmp-XXXXXX", NULL);
	gboolean made;

	if (!g_mkdtemp_full(temporary, 0777)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", temporary, g_strerror(errno));
		return FALSE;
	}
	made = makers[recipe->source->form](recipe, temporary, cancellable, error) && write_manifest(recipe, temporary, error);
	if (made && rename(temporary, directory) < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", directory, g_strerror(errno));
		made = FALSE;
	}
	if (!made)
		remove_folder(temporary);
	return made;
}

/* Under the key's lock: whoever waited finds it made. */
static struct image *image_make(struct recipe *recipe, GCancellable *cancellable, GError **error)
{
	g_autofree char *directory = image_folder(recipe->workspace, recipe->key), *lock_path = g_strconcat(directory, ".lock", NULL);
	int lock = process_lock(lock_path, cancellable, error);
	struct image *image;

	if (lock < 0)
		return NULL;
	image = image_load(recipe->workspace, recipe->key);
	if (!image) {
		remove_folder(directory); /* one without a manifest is none */
		if (source_unpack(recipe->source, recipe->kernel, recipe->workspace, cancellable, error) &&
		    make_new(recipe, directory, cancellable, error))
			image = image_load(recipe->workspace, recipe->key);
	}
	close(lock);
	return image;
}

/* The sentence about what is missing stands alone; everything else says whose it is. Foreign errors are the rig's. */
static GError *point_out(const struct kernel *kernel, const char *stage, const GError *why)
{
	GError *told = why->domain == FINRIG_ERROR ? g_error_copy(why) : g_error_new(FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s", why->message);

	if (told->code != FINRIG_ERROR_UNAVAILABLE && !g_str_has_prefix(told->message, kernel->origin))
		g_prefix_error(&told, "%s: %s: ", kernel->name, stage);
	return told;
}

struct image *image_get(const struct kernel *kernel, const struct workspace *workspace, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) why = NULL;
	GError *told;
	g_autoptr(source_t) source = source_find(kernel, workspace, SOURCE_NETWORK, cancellable, &why);
	g_autoptr(recipe_t) recipe = source ? recipe_new(kernel, workspace, source, cancellable, &why) : NULL;
	struct image *image = recipe ? image_load(workspace, recipe->key) : NULL;

	if (!image && recipe)
		image = image_make(recipe, cancellable, &why);
	if (!image && !why)
		g_set_error(&why, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "was made and cannot be read");
	if (!image) {
		told = point_out(kernel, source ? "image" : "source", why);
		error_about(told)->unready = TRUE;
		error_about(told)->image = recipe ? g_strdup(recipe->key) : NULL;
		g_propagate_error(error, told);
	}
	return image;
}

char *kernel_state(const struct kernel *kernel, const struct workspace *workspace)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(source_t) source = source_find(kernel, workspace, SOURCE_LOCAL, NULL, &why);
	g_autoptr(recipe_t) recipe = source ? recipe_new(kernel, workspace, source, NULL, &why) : NULL;
	g_autoptr(image_t) image = recipe ? image_load(workspace, recipe->key) : NULL;

	if (image)
		return g_strdup("built");
	if (recipe && (source->file || source->directory))
		return g_strdup("source at hand");
	if (!why || (g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE) && source_can_be_fetched(kernel)))
		return g_strdup("to be fetched");
	return g_strdup_printf("unavailable: %s", why->message);
}
