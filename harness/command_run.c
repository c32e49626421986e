/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig run - runs cases on kernels and tells the buggy from the fixed
 */
#include <stdio.h>
#include <string.h>

#include "case_list.h"
#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "probe_check.h"
#include "progress.h"
#include "repeat.h"
#include "report.h"
#include "run.h"

/* The command line as given. */
struct arguments {
	char **kernels, **tarballs, **cases, **non_fatal, **script_options, **ip_versions, **probes, **positional;
	char *results, *accel, *seccomp, *mirror, *format, *drain;
	int shift, jobs, timeout_s, memory_mib, repeat;
	gboolean realtime, cold, again, ktap;
};

static void arguments_clear(struct arguments *arguments)
{
	g_strfreev(arguments->kernels);
	g_strfreev(arguments->tarballs);
	g_strfreev(arguments->cases);
	g_strfreev(arguments->non_fatal);
	g_strfreev(arguments->script_options);
	g_strfreev(arguments->ip_versions);
	g_strfreev(arguments->probes);
	g_free(arguments->results);
	g_free(arguments->accel);
	g_free(arguments->seccomp);
	g_free(arguments->mirror);
	g_free(arguments->format);
	g_free(arguments->drain);
}

static gboolean usage(GError **error, const char *format, const char *value)
{
	g_autofree char *text = g_strdup_printf(format, value);

	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s", text);
	return FALSE;
}

static GPtrArray *read_kernels(const struct workspace *workspace, char **names, GError **error)
{
	g_autoptr(GPtrArray) kernels = g_ptr_array_new_with_free_func((GDestroyNotify)kernel_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; names && names[i]; i++) {
		struct kernel *kernel = kernel_new(workspace, names[i], error);

		if (!kernel)
			return NULL;
		g_ptr_array_add(kernels, kernel);
		if (!g_hash_table_add(seen, kernel->name)) {
			usage(error, "two kernels are called %s; give one another with ,name=NAME", kernel->name);
			return NULL;
		}
	}
	if (!kernels->len) {
		usage(error, "expected --kernel NAME%s (see finrig kernels)", "");
		return NULL;
	}
	return g_steal_pointer(&kernels);
}

/* Every script is read before the first guest boots. */
static GPtrArray *read_cases(const struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	g_autoptr(GPtrArray) cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
	struct case_variants variants = { NULL };
	gboolean ok = case_variants_parse(&variants, arguments->ip_versions, error);

	for (guint i = 0; ok && arguments->positional && arguments->positional[i]; i++)
		ok = case_list_add(cases, workspace, arguments->positional[i], &variants, error);
	for (guint i = 0; ok && arguments->cases && arguments->cases[i]; i++)
		ok = case_list_add_folder(cases, workspace, arguments->cases[i], &variants, error);
	g_strfreev(variants.ip_versions);
	if (ok && !cases->len)
		ok = usage(error, "expected a case%s or --cases DIR (see finrig cases)", "");
	return ok ? g_steal_pointer(&cases) : NULL;
}

enum { SHIFT_NOT_GIVEN = -1 };

static gboolean set_machine(struct vm_machine *machine, const struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	if (arguments->shift != SHIFT_NOT_GIVEN && (arguments->shift < 0 || arguments->shift > VM_SHIFT_MAX))
		return usage(error, "expected --shift from 0 to 10%s", "");
	if (arguments->memory_mib < 64 || arguments->memory_mib > 65536)
		return usage(error, "expected --memory from 64 to 65536 MiB%s", "");
	if (arguments->accel && strcmp(arguments->accel, "tcg") != 0 && strcmp(arguments->accel, "kvm") != 0)
		return usage(error, "expected --accel tcg or kvm, found '%s'", arguments->accel);
	if (arguments->seccomp && strcmp(arguments->seccomp, "2.6.32") != 0)
		return usage(error, "expected --seccomp 2.6.32, found '%s'", arguments->seccomp);
	if (arguments->repeat < 0 || arguments->repeat > 100000)
		return usage(error, "expected --repeat from 1 to 100000%s", "");
	machine->lockstep = workspace->lockstep;
	machine->shift = arguments->shift == SHIFT_NOT_GIVEN ? VM_SHIFT_DEFAULT : arguments->shift;
	machine->memory_mib = arguments->memory_mib;
	machine->realtime = arguments->realtime;
	machine->accel = g_strcmp0(arguments->accel, "kvm") == 0 ? VM_ACCEL_KVM : VM_ACCEL_TCG;
	if (arguments->probes && !vm_machine_is_warped(machine))
		return usage(error, "--probe stops the guest's clock, which only a warped one allows: leave --realtime and --accel kvm%s", " out");
	return TRUE;
}

static GPtrArray *script_options(const struct arguments *arguments)
{
	GPtrArray *options = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; arguments->non_fatal && arguments->non_fatal[i]; i++)
		g_ptr_array_add(options, g_strconcat("non_fatal=", arguments->non_fatal[i], NULL));
	for (guint i = 0; arguments->script_options && arguments->script_options[i]; i++)
		g_ptr_array_add(options, g_strdup(arguments->script_options[i]));
	return options;
}

/* More cases than a table can show are summed up; the table is in report.txt all the same. */
enum { TABLE_MAX_CASES = 12 };

/* Cells that repeat are no reason for a better exit code, ones that do not are for a worse. KTAP takes lines behind a #. */
static gboolean print_repeats(const struct run_options *options, const char *format, int *exit_code, GError **error)
{
	g_autofree char *text = NULL;
	g_auto(GStrv) lines = NULL;
	gboolean same;

	if (options->repeat < 2)
		return TRUE;
	if (!repeat_compare(options->directory, options->kernels, options->cases, options->repeat, &same, &text, error))
		return FALSE;
	lines = g_strsplit(g_strchomp(text), "\n", -1);
	for (guint i = 0; lines[i]; i++)
		printf("%s%s\n", strcmp(format, "ktap") == 0 ? "# " : "", lines[i]);
	if (!same && *exit_code == EXIT_AS_EXPECTED)
		*exit_code = EXIT_DIFFERENT;
	return TRUE;
}

/* What is wrong with the command line leaves no folder: *directory stays NULL. */
static gboolean check_and_run(struct run_options *options, struct workspace *workspace, const char *results, char **directory, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	gboolean ok = !options->cell.probes || probe_check(options->kernels, &options->cell, workspace, cancellable, error);

	if (ok) {
		options->directory = *directory = results ? g_strdup(results) : run_new_directory();
		ok = run_all(options, workspace, cancellable, error);
	}
	interrupt_stop(interrupt);
	progress_clear();
	return ok;
}

static int run_and_print(struct run_options *options, struct workspace *workspace, const char *results, const char *format)
{
	g_autoptr(GError) error = NULL, unprinted = NULL;
	g_autofree char *directory = NULL;
	int exit_code = EXIT_AS_EXPECTED;
	gboolean ok = check_and_run(options, workspace, results, &directory, &error);

	if (!directory)
		return command_fail(error);
	if (!format)
		format = options->cases->len > TABLE_MAX_CASES ? "summary" : "terminal";
	if (!report_print(options->directory, format, stdout, &exit_code, &unprinted) && ok)
		return command_fail(unprinted);
	if (ok)
		ok = print_repeats(options, format, &exit_code, &error);
	return ok ? exit_code : command_fail(error);
}

static int run_arguments(struct workspace *workspace, const struct arguments *arguments, GError **error)
{
	struct run_options options = { .cell = { .machine = VM_MACHINE_DEFAULT } };
	g_autoptr(GPtrArray) kernels = NULL, cases = NULL, packetdrill = script_options(arguments);
	g_autofree char *drain = NULL;
	int exit_code;

	for (guint i = 0; arguments->tarballs && arguments->tarballs[i]; i++)
		g_ptr_array_add(workspace->tarball_dirs, g_strdup(arguments->tarballs[i]));
	if (arguments->mirror) {
		g_free(workspace->mirror);
		workspace->mirror = g_strdup(arguments->mirror);
	}
	if (arguments->jobs > 0)
		workspace->jobs = arguments->jobs;
	drain = arguments->drain ? case_drain(arguments->drain) : NULL;
	if (arguments->drain && !drain)
		usage(error, "expected --drain " CASE_DRAINS ", found '%s'", arguments->drain);
	if (*error || !set_machine(&options.cell.machine, workspace, arguments, error) || !report_check_format(arguments->format, error) ||
	    !(kernels = read_kernels(workspace, arguments->kernels, error)) ||
	    !(cases = read_cases(workspace, arguments, error)))
		return EXIT_BROKEN;
	options.kernels = kernels;
	options.cases = cases;
	options.repeat = (guint)arguments->repeat;
	options.cell.wall_limit_us = (gint64)arguments->timeout_s * G_USEC_PER_SEC;
	options.cell.probes = arguments->probes;
	options.cell.shift_given = arguments->shift != SHIFT_NOT_GIVEN;
	options.cell.job = (struct job_options){ packetdrill, arguments->seccomp, drain };
	options.cell.snapshots = arguments->cold ? NULL : snapshots_new(workspace);
	/* A guest that is to boot, or to be run many times, is to be run at all. */
	if (vm_machine_is_warped(&options.cell.machine))
		options.cell.cache = cell_cache_new(workspace, arguments->again || arguments->cold || arguments->repeat > 1);
	exit_code = run_and_print(&options, workspace, arguments->results, arguments->format);
	cell_cache_free(options.cell.cache);
	snapshots_free(options.cell.snapshots);
	return exit_code;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct arguments a = { .shift = SHIFT_NOT_GIVEN, .timeout_s = 600, .memory_mib = VM_MEMORY_DEFAULT_MIB };
	const GOptionEntry entries[] = {
		{ "kernel", 'k', 0, G_OPTION_ARG_STRING_ARRAY, &a.kernels, "A kernel by name or as KIND:WHERE[,key=value]… (repeatable)", "KERNEL" },
		{ "cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.cases, "Run every .pkt file below DIR (repeatable)", "DIR" },
		{ "results", 0, 0, G_OPTION_ARG_FILENAME, &a.results, "The run's folder (default results/<time>)", "DIR" },
		{ "tarballs", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &a.tarballs, "A folder with kernel tarballs or unpacked trees (repeatable)", "DIR" },
		{ "mirror", 0, 0, G_OPTION_ARG_STRING, &a.mirror, "Where kernel tarballs are fetched from, the folder above v3.x/", "URL" },
		{ "non-fatal", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.non_fatal, "Go on after a mismatch of packet, syscall or packet,syscall", "WHAT" },
		{ "script-option", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.script_options, "An option packetdrill has, as NAME=VALUE (repeatable)", "OPTION" },
		{ "ip-version", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.ip_versions, "Each case once for each: ipv4, ipv6, ipv4-mapped-ipv6, all; with commas or repeated", "LIST" },
		{ "probe", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a.probes, "Record every call of a kernel function and what it returned (repeatable)", "FUNCTION" },
		{ "ktap", 0, 0, G_OPTION_ARG_NONE, &a.ktap, "The same as --format ktap", NULL },
		{ "drain", 0, 0, G_OPTION_ARG_STRING, &a.drain, "When the device gives skbs back, for all cases: " CASE_DRAINS, "WHEN" },
		{ "format", 0, 0, G_OPTION_ARG_STRING, &a.format, "What to print: terminal, summary (default for more than 12 cases), ktap, junit, kcidb, html", "FORMAT" },
		{ "jobs", 'j', 0, G_OPTION_ARG_INT, &a.jobs, "Cells at a time, and make's -j (default: cores)", "N" },
		{ "shift", 0, 0, G_OPTION_ARG_INT, &a.shift, "A guest instruction takes 2^N ns (default: the kernel's, or 3)", "N" },
		{ "memory", 0, 0, G_OPTION_ARG_INT, &a.memory_mib, "Guest memory in MiB (default 128)", "N" },
		{ "timeout", 0, 0, G_OPTION_ARG_INT, &a.timeout_s, "Wall clock limit of a cell in seconds (default 600)", "N" },
		{ "repeat", 0, 0, G_OPTION_ARG_INT, &a.repeat, "Run every cell N times and compare the bytes; implies --again", "N" },
		{ "again", 0, 0, G_OPTION_ARG_NONE, &a.again, "Run every guest, also where the same cell was run before", NULL },
		{ "cold", 0, 0, G_OPTION_ARG_NONE, &a.cold, "Boot every guest, make and use no snapshots; implies --again", NULL },
		{ "realtime", 0, 0, G_OPTION_ARG_NONE, &a.realtime, "Do not warp the guest's time", NULL },
		{ "accel", 0, 0, G_OPTION_ARG_STRING, &a.accel, "tcg (default) or kvm, which does not warp", "ACCEL" },
		{ "seccomp", 0, 0, G_OPTION_ARG_STRING, &a.seccomp, "Refuse the agent the system calls this kernel lacks: 2.6.32", "VERSION" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (command_parse(self, entries, &argc, &argv, &error)) {
		a.positional = argv + 1;
		if (a.ktap && !a.format)
			a.format = g_strdup("ktap");
		exit_code = run_arguments(workspace, &a, &error);
	}
	arguments_clear(&a);
	return error ? command_fail(error) : exit_code;
}

const struct command command_run = {
	.name = "run", .arguments = "--kernel KERNEL… CASE…", .run = run,
	.summary = "run cases on kernels and tell the buggy from the fixed",
	.description = "CASE is a name (see finrig cases) or a path ending in .pkt. KERNEL is a name (see finrig kernels) or one of\n"
		       "tarball:FILE  git:REPOSITORY@REF  tree:FOLDER  deb:PACKAGE  image:BZIMAGE, with ,key=value of a kernel file.",
};
