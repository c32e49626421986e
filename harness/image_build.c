/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_build - a kernel built from source with today's tools, the source untouched
 * What each word on make's command line and in its environment is there for is told in docs/old-kernels.md.
 */
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "image_config.h"
#include "image_make.h"
#include "image_patch.h"
#include "image_room.h"
#include "source_process.h"

enum { PROGRESS_US = 2 * G_USEC_PER_SEC };

/* `\#` inside make's functions changed its meaning in GNU make 4.3: with the old definitions the saved command lines of
 * 2.6.32 to 3.16 are cut at a `#`, and every object is built anew each time. These on the command line win over the tree's. */
static const char *const constant_words[] = {
	"ARCH=x86_64",
	"CROSS_COMPILE=",
	"LOCALVERSION=", /* set and empty: no "+" for being outside of a git tag */
	"pound=#",
	"make-cmd=$(subst $(pound),$$(pound),$(subst $$,$$$$,$(call escsq,$(cmd_$(1)))))",
};

/* What would differ from one build to the next. Kernels before 2.6.39 ask the programs of host_programs instead. */
static const char *const constant_environment[][2] = {
	{"KBUILD_BUILD_TIMESTAMP", "Thu Jan  1 00:00:00 UTC 1970"},
	{"KBUILD_BUILD_USER", "finrig"},
	{"KBUILD_BUILD_HOST", "finrig"},
	{"KBUILD_BUILD_VERSION", "1"},
	{"SOURCE_DATE_EPOCH", "0"},
	{"TZ", "UTC"},
};

static const char *const host_programs[][2] = {
	{"date", "[ $# = 0 ] && exec echo 'Thu Jan  1 00:00:00 UTC 1970'; PATH=${PATH#*:}; exec date \"$@\""},
	{"whoami", "echo finrig"},
	{"hostname", "echo finrig"},
	{"dnsdomainname", "echo"},
	{"domainname", "echo"},
};

struct build {
	struct recipe *recipe;
	struct room *room;
	char *log;
	char **environment;
	GCancellable *cancellable;
	gint64 told_us;
	guint steps;
};

static gboolean write_host_programs(const struct build *build, char **folder, GError **error)
{
	*folder = g_build_filename(build->room->directory, "bin", NULL);
	for (guint i = 0; i < G_N_ELEMENTS(host_programs); i++) {
		g_autofree char *text = g_strdup_printf("#!/bin/sh\n%s\n", host_programs[i][1]);
		g_autofree char *path = g_build_filename(*folder, host_programs[i][0], NULL);

		if (!artefact_write(*folder, host_programs[i][0], text, strlen(text), error))
			return FALSE;
		g_chmod(path, 0755);
	}
	return TRUE;
}

/* ccache, when it is installed: paths relative to the room, so that another room of the same source hits as well. */
static char **add_ccache(const struct build *build, char **environment)
{
	g_autofree char *ccache = g_find_program_in_path("ccache"), *folder = g_build_filename(build->recipe->workspace->cache, "ccache", NULL);
	g_autofree char *absolute = g_canonicalize_filename(folder, NULL);

	if (!ccache)
		return environment;
	environment = g_environ_setenv(environment, "FINRIG_CCACHE", ccache, TRUE);
	environment = g_environ_setenv(environment, "CCACHE_DIR", absolute, FALSE);
	environment = g_environ_setenv(environment, "CCACHE_BASEDIR", build->room->directory, TRUE);
	environment = g_environ_setenv(environment, "CCACHE_NOHASHDIR", "1", TRUE);
	return g_environ_setenv(environment, "CCACHE_SLOPPINESS", "time_macros,locale", TRUE);
}

static gboolean set_environment(struct build *build, GError **error)
{
	g_autofree char *programs = NULL, *path = NULL, *include = recipe_shim_include(build->recipe->workspace);
	char **environment = process_environment();

	build->environment = environment;
	if (!write_host_programs(build, &programs, error))
		return FALSE;
	path = g_strdup_printf("%s:%s", programs, g_environ_getenv(environment, "PATH"));
	environment = g_environ_setenv(environment, "PATH", path, TRUE);
	environment = g_environ_setenv(environment, "FINRIG_SHIM_INCLUDE", include, TRUE);
	environment = g_environ_setenv(environment, "GIT_CEILING_DIRECTORIES", build->room->directory, TRUE);
	for (guint i = 0; i < G_N_ELEMENTS(constant_environment); i++)
		environment = g_environ_setenv(environment, constant_environment[i][0], constant_environment[i][1], TRUE);
	build->environment = add_ccache(build, environment);
	return TRUE;
}

/* kbuild's short lines: "  CC      net/ipv4/tcp.o". */
static void tell_progress(gpointer user, const char *line)
{
	struct build *build = user;
	gint64 now_us = g_get_monotonic_time();
	const char *name;

	if (!g_str_has_prefix(line, "  "))
		return;
	build->steps++;
	if (now_us - build->told_us < PROGRESS_US)
		return;
	build->told_us = now_us;
	name = strrchr(line, ' ') + 1;
	workspace_progress(build->recipe->workspace, "image", build->recipe->kernel->name, "%u steps, now at %s", build->steps, name);
}

/* What was said of files, with the files called as in their tree: reports have no path of this machine. */
static char *name_files(const struct build *build, const char *output)
{
	g_autofree char *src = g_strconcat(build->room->src, "/", NULL), *obj = g_strconcat(build->room->obj, "/", NULL);
	g_autofree char *shim = recipe_shim(build->recipe->workspace, "cc"), *folder = g_path_get_dirname(shim), *shims = g_strconcat(folder, "/", NULL);
	GString *text = g_string_new(output);

	g_string_replace(text, src, "", 0);
	g_string_replace(text, obj, "", 0);
	g_string_replace(text, "../src/", "", 0); /* as ccache makes it relative */
	g_string_replace(text, shims, "", 0);
	return g_string_free(text, FALSE);
}

/* Runs make for one target; extra: one further word, or NULL. */
static gboolean run_make(struct build *build, const char *target, const char *extra, GError **error)
{
	g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *output = NULL, *said = NULL, *what = g_strconcat("make ", target, NULL);
	g_autofree char *cc = recipe_shim(build->recipe->workspace, "cc"), *perl = recipe_shim(build->recipe->workspace, "perl");
	struct process process = {.environment = build->environment, .log = build->log, .line = tell_progress, .line_user = build};
	int exit_code;

	g_ptr_array_add(argv, g_strdup("make"));
	g_ptr_array_add(argv, g_strdup_printf("-j%d", MAX(1, build->recipe->workspace->jobs)));
	g_ptr_array_add(argv, g_strdup("-C"));
	g_ptr_array_add(argv, g_strdup(build->room->src));
	g_ptr_array_add(argv, g_strconcat("O=", build->room->obj, NULL));
	for (guint i = 0; i < G_N_ELEMENTS(constant_words); i++)
		g_ptr_array_add(argv, g_strdup(constant_words[i]));
	g_ptr_array_add(argv, g_strconcat("CC=", cc, NULL));
	g_ptr_array_add(argv, g_strconcat("PERL=", perl, NULL));
	for (guint i = 0; build->recipe->make[i]; i++)
		g_ptr_array_add(argv, g_strdup(build->recipe->make[i]));
	if (extra)
		g_ptr_array_add(argv, g_strdup(extra));
	g_ptr_array_add(argv, g_strdup(target));
	g_ptr_array_add(argv, NULL);
	process.argv = (const char *const *)argv->pdata;
	if (!process_run(&process, build->cancellable, &output, &exit_code, error))
		return FALSE;
	said = exit_code ? name_files(build, output) : NULL;
	return said ? make_failed(what, said, build->log, error) : TRUE;
}

static gboolean check_config(struct build *build, GError **error)
{
	g_autofree char *path = g_build_filename(build->room->obj, ".config", NULL), *config = NULL;

	return g_file_get_contents(path, &config, NULL, error) &&
	       config_check(build->recipe->wishes, config, build->room->src, build->recipe->absent, error);
}

/* Configures anew only if the wishes or the source are others than last time: a new .config costs time. */
static gboolean configure(struct build *build, GError **error)
{
	g_autofree char *wishes = config_text(build->recipe->wishes), *place = g_build_filename(build->room->obj, "finrig.config", NULL);
	g_autofree char *config = g_build_filename(build->room->obj, ".config", NULL), *before = NULL;
	g_autofree char *configured = g_build_filename(build->room->directory, "configured", NULL);
	g_autofree char *stamp = g_strdup_printf("%s%s\n", wishes, build->recipe->source->identity);
	g_autofree char *extra = g_strconcat("KCONFIG_ALLCONFIG=", place, NULL);

	if (g_file_test(config, G_FILE_TEST_EXISTS) && g_file_get_contents(configured, &before, NULL, NULL) && !strcmp(before, stamp))
		return check_config(build, error);
	g_unlink(configured);
	if (!artefact_write(build->room->obj, "finrig.config", wishes, strlen(wishes), error) ||
	    !run_make(build, "allnoconfig", extra, error) || !check_config(build, error))
		return FALSE;
	return artefact_write(build->room->directory, "configured", stamp, strlen(stamp), error);
}

/* Kernels before 2.6.39 count their builds in it and put the number into `uname -v`. */
static void forget_count(const struct build *build)
{
	g_autofree char *path = g_build_filename(build->room->obj, ".version", NULL);

	g_unlink(path);
}

/* One kernel at a time gets all processors of a machine; modules of packaged kernels do not wait here. */
static gboolean make_image(struct build *build, GError **error)
{
	g_autofree char *place = g_build_filename(workspace_scratch(build->recipe->workspace), "image", "build.lock", NULL);
	gboolean made;
	int lock = process_lock(place, build->cancellable, error);

	if (lock < 0)
		return FALSE;
	made = configure(build, error);
	forget_count(build);
	made = made && run_make(build, "bzImage", NULL, error);
	close(lock);
	return made;
}

static gboolean take_results(struct build *build, const char *into, const char *diff, GError **error)
{
	static const char *const results[][2] = {
		{"arch/x86/boot/bzImage", "bzImage"}, {"System.map", "System.map"}, {"vmlinux", "vmlinux"}, {".config", "config"},
	};
	g_autofree char *release = g_build_filename(build->room->obj, "include/config/kernel.release", NULL), *image = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(results); i++) {
		g_autofree char *from = g_build_filename(build->room->obj, results[i][0], NULL);

		if (!make_copy(from, into, results[i][1], error))
			return FALSE;
	}
	if (!make_copy(build->log, into, "build.log", error) || (*diff && !artefact_write(into, "applied.patch", diff, strlen(diff), error)))
		return FALSE;
	if (g_file_get_contents(release, &build->recipe->release, NULL, NULL)) {
		g_strstrip(build->recipe->release);
		return TRUE;
	}
	image = g_build_filename(into, "bzImage", NULL);
	build->recipe->release = make_release(image);
	return TRUE;
}

static gboolean build_in_room(struct build *build, const char *into, GError **error)
{
	struct recipe *recipe = build->recipe;
	g_autoptr(patched_t) patched = patches_apply(recipe->patches, recipe->source->directory, build->cancellable, error);

	if (!patched)
		return FALSE;
	workspace_progress(recipe->workspace, "image", recipe->kernel->name, "preparing the source");
	if (!room_furnish(build->room, recipe->source, patched, build->cancellable, error) || !set_environment(build, error))
		return FALSE;
	g_unlink(build->log);
	workspace_progress(recipe->workspace, "image", recipe->kernel->name, "building; log in %s", build->log);
	return make_image(build, error) && take_results(build, into, patched->diff, error);
}

gboolean make_from_tree(struct recipe *recipe, const char *into, GCancellable *cancellable, GError **error)
{
	gboolean can = make_place(workspace_scratch(recipe->workspace), "set FINRIG_SCRATCH or FINRIG_CACHE to", error) &&
		       make_place(recipe->workspace->libexec, "put finrig into", error) &&
		       make_place(recipe->workspace->data, "put finrig into", error);
	g_autoptr(room_t) room = can ? room_enter(recipe->workspace, recipe->room, cancellable, error) : NULL;
	struct build build = {.recipe = recipe, .room = room, .cancellable = cancellable, .told_us = g_get_monotonic_time()};
	gboolean built;

	if (!room)
		return FALSE;
	build.log = g_build_filename(room->directory, "build.log", NULL);
	built = build_in_room(&build, into, error);
	g_free(build.log);
	g_strfreev(build.environment);
	return built;
}
