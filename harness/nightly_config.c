/* SPDX-License-Identifier: GPL-2.0-or-later
 * nightly_config - what a nightly runs: kernels x cases x variants, as a key file says it
 */
#include "nightly_config.h"

#include <stddef.h>
#include <string.h>

#include "case.h"
#include "case_list.h"
#include "duration.h"
#include "error.h"
#include "vm_machine.h"

#define VARIANT_GROUP "variant "

/* A place in the file, for complaints. */
struct place {
	const struct key_file *file;
	const char *group, *key;
};

/* One key: reads value into to, the member of struct nightly_config or struct nightly_variant that it stands for. */
struct setting {
	const char *name;
	gboolean (*set)(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error);
	gsize offset;
	int least, most; /* of numbers */
};

static gboolean set_text(const struct setting *setting G_GNUC_UNUSED, gpointer to, const char *value, const struct place *place G_GNUC_UNUSED,
			 GError **error G_GNUC_UNUSED)
{
	g_free(*(char **)to);
	*(char **)to = g_strdup(value);
	return TRUE;
}

/* Becomes part of paths and of the subject of a mail. */
static gboolean set_name(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	if (*value == '.' || strspn(value, NIGHTLY_NAME_CHARACTERS) != strlen(value))
		return key_file_complain(place->file, place->group, place->key, error, "expected letters, digits and . _ + -, found '%s'", value);
	return set_text(setting, to, value, place, error);
}

static gboolean set_path(const struct setting *setting G_GNUC_UNUSED, gpointer to, const char *value, const struct place *place,
			 GError **error G_GNUC_UNUSED)
{
	g_free(*(char **)to);
	*(char **)to = key_file_path(place->file, value);
	return TRUE;
}

static gboolean set_list(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	char **parts = key_file_parts(value);

	g_strfreev(*(char ***)to);
	*(char ***)to = parts;
	return parts[0] || key_file_complain(place->file, place->group, place->key, error, "%s has nothing between its ;", setting->name);
}

static gboolean set_paths(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	if (!set_list(setting, to, value, place, error))
		return FALSE;
	for (char **part = *(char ***)to; *part; part++) {
		char *path = key_file_path(place->file, *part);

		g_free(*part);
		*part = path;
	}
	return TRUE;
}

static gboolean set_number(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	gint64 number;

	if (!g_ascii_string_to_signed(value, 10, setting->least, setting->most, &number, NULL))
		return key_file_complain(place->file, place->group, place->key, error, "expected a number from %d to %d, found '%s'",
					 setting->least, setting->most, value);
	*(int *)to = (int)number;
	return TRUE;
}

static gboolean set_truth(const struct setting *setting G_GNUC_UNUSED, gpointer to, const char *value, const struct place *place, GError **error)
{
	*(gboolean *)to = g_str_equal(value, "yes");
	return *(gboolean *)to || g_str_equal(value, "no") ||
	       key_file_complain(place->file, place->group, place->key, error, "expected yes or no, found '%s'", value);
}

static gboolean set_time(const struct setting *setting G_GNUC_UNUSED, gpointer to, const char *value, const struct place *place, GError **error)
{
	return duration_parse(value, to) ||
	       key_file_complain(place->file, place->group, place->key, error, "expected a time such as 600s or 10min, found '%s'", value);
}

static gboolean set_drain(const struct setting *setting G_GNUC_UNUSED, gpointer to, const char *value, const struct place *place, GError **error)
{
	*(char **)to = case_drain(value);
	return *(char **)to ||
	       key_file_complain(place->file, place->group, place->key, error, "expected " CASE_DRAINS ", found '%s'", value);
}

static gboolean set_ip_version(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	char *values[] = { (char *)value, NULL };
	struct case_variants variants = { NULL };
	gboolean ok = !strpbrk(value, ",;") && strcmp(value, "all") != 0 && case_variants_parse(&variants, values, NULL);

	g_strfreev(variants.ip_versions);
	if (ok)
		return set_text(setting, to, value, place, error);
	return key_file_complain(place->file, place->group, place->key, error, "expected ipv4, ipv6 or ipv4-mapped-ipv6, found '%s'", value);
}

static void expectation_free(gpointer data)
{
	struct nightly_expectation *expectation = data;

	g_free(expectation->kernel);
	g_free(expectation->test_case);
	g_free(expectation->outcome);
	g_free(expectation->key);
	g_free(expectation);
}

/* A kernel's name has no slash, a case's may. */
static gboolean set_expectation(const struct setting *setting, gpointer to, const char *value, const struct place *place, GError **error)
{
	const char *kernel = place->key + strlen(setting->name), *slash = strchr(kernel, '/');
	struct nightly_expectation *expectation;

	if (!slash || slash == kernel || !slash[1])
		return key_file_complain(place->file, place->group, place->key, error, "expected expect.KERNEL/CASE, found '%s'", place->key);
	if (strcmp(value, "buggy") != 0 && strcmp(value, "fixed") != 0)
		return key_file_complain(place->file, place->group, place->key, error, "expected buggy or fixed, found '%s'", value);
	expectation = g_new0(struct nightly_expectation, 1);
	expectation->kernel = g_strndup(kernel, (gsize)(slash - kernel));
	expectation->test_case = g_strdup(slash + 1);
	expectation->outcome = g_strdup(value);
	expectation->key = g_strdup(place->key);
	g_ptr_array_add(*(GPtrArray **)to, expectation);
	return TRUE;
}

#define CONFIG(member) offsetof(struct nightly_config, member)
#define VARIANT(member) offsetof(struct nightly_variant, member)

static const struct setting config_settings[] = {
	{ "name", set_name, CONFIG(name), 0, 0 }, { "kernels", set_list, CONFIG(kernels), 0, 0 },
	{ "cases", set_list, CONFIG(cases), 0, 0 }, { "folders", set_paths, CONFIG(folders), 0, 0 },
	{ "canaries", set_list, CONFIG(canaries), 0, 0 }, { "tarballs", set_paths, CONFIG(tarballs), 0, 0 },
	{ "results", set_path, CONFIG(results), 0, 0 }, { "history", set_path, CONFIG(history), 0, 0 },
	{ "cached", set_truth, CONFIG(cached), 0, 0 }, { "repeat", set_number, CONFIG(repeat), 1, 1000 }, { "jobs", set_number, CONFIG(jobs), 1, 4096 },
	{ "memory", set_number, CONFIG(memory_mib), 64, 65536 }, { "timeout", set_time, CONFIG(timeout_us), 0, 0 },
	{ "keep", set_number, CONFIG(keep), 1, 100000 }, { "keep-history", set_number, CONFIG(keep_history), 2, 100000 },
};

/* A name that ends in a dot is a prefix. */
static const struct setting variant_settings[] = {
	{ "ip-version", set_ip_version, VARIANT(ip_version), 0, 0 }, { "drain", set_drain, VARIANT(drain), 0, 0 },
	{ "shift", set_number, VARIANT(shift), 0, 10 }, { "kernels", set_list, VARIANT(kernels), 0, 0 },
	{ "cases", set_list, VARIANT(cases), 0, 0 }, { "expect.", set_expectation, VARIANT(expect), 0, 0 },
};

static const struct setting *find_setting(const struct setting *settings, gsize count, const char *name)
{
	for (gsize i = 0; i < count; i++)
		if (g_str_has_suffix(settings[i].name, ".") ? g_str_has_prefix(name, settings[i].name) : g_str_equal(name, settings[i].name))
			return &settings[i];
	return NULL;
}

static gboolean complain_of_key(const struct place *place, const struct setting *settings, gsize count, GError **error)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (gsize i = 0; i < count; i++)
		g_string_append_printf(known, " %s%s", settings[i].name, g_str_has_suffix(settings[i].name, ".") ? "KERNEL/CASE" : "");
	return key_file_complain(place->file, place->group, place->key, error, "unknown key %s: expected one of%s", place->key, known->str);
}

/* All keys of a group into the structure at base. */
static gboolean read_group(const struct key_file *file, const char *group, const struct setting *settings, gsize count, gpointer base,
			   GError **error)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file->keys, group, NULL, NULL);

	for (guint i = 0; keys && keys[i]; i++) {
		struct place place = { file, group, keys[i] };
		const struct setting *setting = find_setting(settings, count, keys[i]);
		g_autofree char *value = NULL;

		if (!setting)
			return complain_of_key(&place, settings, count, error);
		value = key_file_value(file, group, keys[i], error);
		if (!value || !setting->set(setting, (char *)base + setting->offset, value, &place, error))
			return FALSE;
	}
	return TRUE;
}

static void variant_free(gpointer data)
{
	struct nightly_variant *variant = data;

	g_free(variant->name);
	g_free(variant->group);
	g_free(variant->ip_version);
	g_free(variant->drain);
	g_strfreev(variant->kernels);
	g_strfreev(variant->cases);
	g_ptr_array_unref(variant->expect);
	g_free(variant);
}

static struct nightly_variant *add_variant(struct nightly_config *config, const char *name, const char *group)
{
	struct nightly_variant *variant = g_new0(struct nightly_variant, 1);

	variant->name = g_strdup(name);
	variant->group = g_strdup(group);
	variant->shift = VM_SHIFT_DEFAULT;
	variant->expect = g_ptr_array_new_with_free_func(expectation_free);
	g_ptr_array_add(config->variants, variant);
	return variant;
}

static gboolean read_variant(struct nightly_config *config, const char *group, GError **error)
{
	g_autofree char *name = g_strstrip(g_strdup(group + strlen(VARIANT_GROUP)));
	struct nightly_variant *variant;

	if (!*name || *name == '.' || strspn(name, NIGHTLY_NAME_CHARACTERS) != strlen(name))
		return key_file_complain(config->file, group, NULL, error, "expected [variant NAME] of letters, digits and . _ + -");
	for (guint i = 0; i < config->variants->len; i++)
		if (g_str_equal(((struct nightly_variant *)config->variants->pdata[i])->name, name))
			return key_file_complain(config->file, group, NULL, error, "there is another variant %s", name);
	variant = add_variant(config, name, group);
	return read_group(config->file, group, variant_settings, G_N_ELEMENTS(variant_settings), variant, error);
}

static gboolean read_groups(struct nightly_config *config, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(config->file->keys, NULL);

	for (guint i = 0; groups[i]; i++) {
		gboolean ok;

		if (g_str_equal(groups[i], "nightly"))
			ok = read_group(config->file, groups[i], config_settings, G_N_ELEMENTS(config_settings), config, error);
		else if (g_str_has_prefix(groups[i], VARIANT_GROUP))
			ok = read_variant(config, groups[i], error);
		else
			ok = key_file_complain(config->file, groups[i], NULL, error, "expected [nightly] or [variant NAME], found [%s]", groups[i]);
		if (!ok)
			return FALSE;
	}
	if (!config->variants->len)
		add_variant(config, "plain", NULL);
	return TRUE;
}

/* What the file does not say. */
static gboolean complete(struct nightly_config *config, GError **error)
{
	g_autofree char *base = g_path_get_basename(config->file->path);
	char *dot = strrchr(base, '.');

	if (!config->kernels)
		return key_file_complain(config->file, "nightly", NULL, error, "expected kernels = KERNEL; … in [nightly]");
	if (!config->cases && !config->folders)
		return key_file_complain(config->file, "nightly", NULL, error, "expected cases = CASE; … or folders = DIR; … in [nightly]");
	if (dot && dot != base)
		*dot = '\0';
	if (!config->name)
		config->name = g_strcanon(g_strdup(base), NIGHTLY_NAME_CHARACTERS, '-');
	config->cases = config->cases ? config->cases : g_new0(char *, 1);
	config->folders = config->folders ? config->folders : g_new0(char *, 1);
	config->tarballs = config->tarballs ? config->tarballs : g_new0(char *, 1);
	config->results = config->results ? config->results : g_strdup(NIGHTLY_RESULTS);
	config->history = config->history ? config->history : g_strdup(NIGHTLY_HISTORY);
	return TRUE;
}

struct nightly_config *nightly_config_read(const char *path, GError **error)
{
	g_autoptr(nightly_config_t) config = g_new0(struct nightly_config, 1);

	config->variants = g_ptr_array_new_with_free_func(variant_free);
	config->repeat = 1;
	config->memory_mib = VM_MEMORY_DEFAULT_MIB;
	config->timeout_us = 600 * G_USEC_PER_SEC;
	config->keep = 14;
	config->keep_history = 1000;
	config->file = key_file_read(path, error);
	if (!config->file || !read_groups(config, error) || !complete(config, error))
		return NULL;
	return g_steal_pointer(&config);
}

void nightly_config_free(struct nightly_config *config)
{
	if (!config)
		return;
	key_file_free(config->file);
	g_free(config->name);
	g_strfreev(config->kernels);
	g_strfreev(config->cases);
	g_strfreev(config->folders);
	g_strfreev(config->canaries);
	g_strfreev(config->tarballs);
	g_free(config->results);
	g_free(config->history);
	g_ptr_array_unref(config->variants);
	g_free(config);
}
