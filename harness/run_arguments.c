/* SPDX-License-Identifier: GPL-2.0-or-later
 * run_arguments - the options of `finrig run`, and what other commands share of them
 */
#include "run_arguments.h"

#include <string.h>

#include "case_list.h"
#include "error.h"
#include "report.h"
#include "snapshot.h"

#define PLACE(member) offsetof(struct run_arguments, member)

/* One row = one option, and where its value goes. */
static const struct option {
	GOptionEntry entry; /* arg_data is set for each parse */
	gsize place;
} options[] = {
	{ { "kernel", 'k', 0, G_OPTION_ARG_STRING_ARRAY, NULL, "A kernel by name or as KIND:WHERE[,key=value]… (repeatable)", "KERNEL" }, PLACE(kernels) },
	{ { "cases", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, "Run every .pkt file below DIR (repeatable)", "DIR" }, PLACE(cases) },
	{ { "results", 0, 0, G_OPTION_ARG_FILENAME, NULL, "The run's folder (default results/<time>)", "DIR" }, PLACE(results) },
	{ { "part", 0, 0, G_OPTION_ARG_STRING, NULL, "Only a part of a run that other machines share: 1/N … N/N, before them images, after them merge", "PART" },
	  PLACE(part) },
	{ { "tarballs", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, "A folder with kernel tarballs or unpacked trees (repeatable)", "DIR" }, PLACE(tarballs) },
	{ { "mirror", 0, 0, G_OPTION_ARG_STRING, NULL, "Where kernel tarballs are fetched from, the folder above v3.x/", "URL" }, PLACE(mirror) },
	{ { "non-fatal", 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, "Go on after a mismatch of packet, syscall or packet,syscall", "WHAT" }, PLACE(non_fatal) },
	{ { "script-option", 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, "An option packetdrill has, as NAME=VALUE (repeatable)", "OPTION" },
	  PLACE(script_options) },
	{ { "ip-version", 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, "Each case once for each: ipv4, ipv6, ipv4-mapped-ipv6, all; with commas or repeated", "LIST" },
	  PLACE(ip_versions) },
	{ { "probe", 0, 0, G_OPTION_ARG_STRING_ARRAY, NULL, "Record every call of a kernel function and what it returned (repeatable)", "FUNCTION" },
	  PLACE(probes) },
	{ { "ktap", 0, 0, G_OPTION_ARG_NONE, NULL, "The same as --format ktap", NULL }, PLACE(ktap) },
	{ { "drain", 0, 0, G_OPTION_ARG_STRING, NULL, "When the device gives skbs back, for all cases: " CASE_DRAINS, "WHEN" }, PLACE(drain) },
	{ { "format", 0, 0, G_OPTION_ARG_STRING, NULL, "What to print: terminal, summary (default for more than 12 cases), ktap, junit, kcidb, html", "FORMAT" },
	  PLACE(format) },
	{ { "jobs", 'j', 0, G_OPTION_ARG_INT, NULL, "Cells at a time, and make's -j (default: cores)", "N" }, PLACE(jobs) },
	{ { "shift", 0, 0, G_OPTION_ARG_INT, NULL, "A guest instruction takes 2^N ns (default: the kernel's, or 3)", "N" }, PLACE(shift) },
	{ { "memory", 0, 0, G_OPTION_ARG_INT, NULL, "Guest memory in MiB (default 128)", "N" }, PLACE(memory_mib) },
	{ { "timeout", 0, 0, G_OPTION_ARG_INT, NULL, "Wall clock limit of a cell in seconds (default 600)", "N" }, PLACE(timeout_s) },
	{ { "repeat", 0, 0, G_OPTION_ARG_INT, NULL, "Run every cell N times and compare the bytes; implies --again", "N" }, PLACE(repeat) },
	{ { "again", 0, 0, G_OPTION_ARG_NONE, NULL, "Run every guest, also where the same cell was run before", NULL }, PLACE(again) },
	{ { "cold", 0, 0, G_OPTION_ARG_NONE, NULL, "Boot every guest, make and use no snapshots; implies --again", NULL }, PLACE(cold) },
	{ { "realtime", 0, 0, G_OPTION_ARG_NONE, NULL, "Do not warp the guest's time", NULL }, PLACE(realtime) },
	{ { "accel", 0, 0, G_OPTION_ARG_STRING, NULL, "tcg (default) or kvm, which does not warp", "ACCEL" }, PLACE(accel) },
	{ { "seccomp", 0, 0, G_OPTION_ARG_STRING, NULL, "Refuse the agent the system calls this kernel lacks: 2.6.32", "VERSION" }, PLACE(seccomp) },
};

static GOptionEntry entry_of(struct run_arguments *arguments, const struct option *option)
{
	GOptionEntry entry = option->entry;

	entry.arg_data = (char *)arguments + option->place;
	return entry;
}

GOptionEntry run_arguments_entry(struct run_arguments *arguments, const char *name, const char *description)
{
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
		if (g_str_equal(options[i].entry.long_name, name)) {
			GOptionEntry entry = entry_of(arguments, &options[i]);

			if (description)
				entry.description = description;
			return entry;
		}
	g_assert_not_reached();
}

GOptionEntry *run_arguments_entries(struct run_arguments *arguments)
{
	GOptionEntry *entries = g_new0(GOptionEntry, G_N_ELEMENTS(options) + 1);

	for (gsize i = 0; i < G_N_ELEMENTS(options); i++)
		entries[i] = entry_of(arguments, &options[i]);
	return entries;
}

static void add_word(GPtrArray *words, const GOptionEntry *entry, const char *value)
{
	g_ptr_array_add(words, g_strconcat("--", entry->long_name, value ? "=" : NULL, value, NULL));
}

static void add_words(GPtrArray *words, const GOptionEntry *entry, const GOptionEntry *otherwise)
{
	g_autofree char *number = NULL;

	if (entry->arg == G_OPTION_ARG_STRING_ARRAY || entry->arg == G_OPTION_ARG_FILENAME_ARRAY) {
		for (char **value = *(char ***)entry->arg_data; value && *value; value++)
			add_word(words, entry, *value);
	} else if (entry->arg == G_OPTION_ARG_STRING || entry->arg == G_OPTION_ARG_FILENAME) {
		if (*(char **)entry->arg_data)
			add_word(words, entry, *(char **)entry->arg_data);
	} else if (*(int *)entry->arg_data != *(int *)otherwise->arg_data) {
		number = g_strdup_printf("%d", *(int *)entry->arg_data);
		add_word(words, entry, entry->arg == G_OPTION_ARG_NONE ? NULL : number);
	}
}

GPtrArray *run_arguments_words(const struct run_arguments *arguments)
{
	static const char *const others[] = { "kernel", "results", "part", "jobs", "format", "ktap", NULL };
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	struct run_arguments given = *arguments, none = RUN_ARGUMENTS_DEFAULT;

	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		GOptionEntry entry = entry_of(&given, &options[i]), otherwise = entry_of(&none, &options[i]);

		if (!g_strv_contains(others, entry.long_name))
			add_words(words, &entry, &otherwise);
	}
	return words;
}

void run_arguments_clear(struct run_arguments *arguments)
{
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		GOptionEntry entry = entry_of(arguments, &options[i]);

		if (entry.arg == G_OPTION_ARG_STRING_ARRAY || entry.arg == G_OPTION_ARG_FILENAME_ARRAY)
			g_strfreev(*(char ***)entry.arg_data);
		else if (entry.arg == G_OPTION_ARG_STRING || entry.arg == G_OPTION_ARG_FILENAME)
			g_free(*(char **)entry.arg_data);
	}
}

const char *run_arguments_format(const struct run_arguments *arguments)
{
	return arguments->format ? arguments->format : arguments->ktap ? "ktap" : NULL;
}

void run_arguments_set_workspace(const struct run_arguments *arguments, struct workspace *workspace)
{
	for (guint i = 0; arguments->tarballs && arguments->tarballs[i]; i++)
		g_ptr_array_add(workspace->tarball_dirs, g_strdup(arguments->tarballs[i]));
	if (arguments->mirror) {
		g_free(workspace->mirror);
		workspace->mirror = g_strdup(arguments->mirror);
	}
	if (arguments->jobs > 0)
		workspace->jobs = arguments->jobs;
}

void run_arguments_fill_cell(const struct run_arguments *arguments, struct workspace *workspace, gboolean again, struct cell_options *cell)
{
	cell->machine.lockstep = workspace->lockstep;
	cell->wall_limit_us = (gint64)arguments->timeout_s * G_USEC_PER_SEC;
	cell->snapshots = snapshots_new(workspace);
	cell->cache = cell_cache_new(workspace, again);
}

void run_arguments_free_cell(struct cell_options *cell)
{
	g_clear_pointer(&cell->cache, cell_cache_free);
	g_clear_pointer(&cell->snapshots, snapshots_free);
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
			error_usage(error, "two kernels are called %s; give one another with ,name=NAME", kernel->name);
			return NULL;
		}
	}
	if (!kernels->len) {
		error_usage(error, "expected --kernel NAME (see finrig kernels)");
		return NULL;
	}
	return g_steal_pointer(&kernels);
}

static GPtrArray *read_cases(const struct workspace *workspace, const struct run_arguments *arguments, GError **error)
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
		ok = error_usage(error, "expected a case or --cases DIR (see finrig cases)");
	return ok ? g_steal_pointer(&cases) : NULL;
}

static gboolean set_machine(struct vm_machine *machine, const struct run_arguments *arguments, GError **error)
{
	if (arguments->shift != SHIFT_NOT_GIVEN && (arguments->shift < 0 || arguments->shift > VM_SHIFT_MAX))
		return error_usage(error, "expected --shift from 0 to 10");
	if (arguments->memory_mib < 64 || arguments->memory_mib > 65536)
		return error_usage(error, "expected --memory from 64 to 65536 MiB");
	if (arguments->accel && strcmp(arguments->accel, "tcg") != 0 && strcmp(arguments->accel, "kvm") != 0)
		return error_usage(error, "expected --accel tcg or kvm, found '%s'", arguments->accel);
	if (arguments->seccomp && strcmp(arguments->seccomp, "2.6.32") != 0)
		return error_usage(error, "expected --seccomp 2.6.32, found '%s'", arguments->seccomp);
	if (arguments->repeat < 0 || arguments->repeat > 100000)
		return error_usage(error, "expected --repeat from 1 to 100000");
	machine->shift = arguments->shift == SHIFT_NOT_GIVEN ? VM_SHIFT_DEFAULT : arguments->shift;
	machine->memory_mib = arguments->memory_mib;
	machine->realtime = arguments->realtime;
	machine->accel = g_strcmp0(arguments->accel, "kvm") == 0 ? VM_ACCEL_KVM : VM_ACCEL_TCG;
	if (arguments->probes && !vm_machine_is_warped(machine))
		return error_usage(error, "--probe stops the guest's clock, which only a warped one allows: leave --realtime and --accel kvm out");
	return TRUE;
}

static GPtrArray *packetdrill_options(const struct run_arguments *arguments)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; arguments->non_fatal && arguments->non_fatal[i]; i++)
		g_ptr_array_add(list, g_strconcat("non_fatal=", arguments->non_fatal[i], NULL));
	for (guint i = 0; arguments->script_options && arguments->script_options[i]; i++)
		g_ptr_array_add(list, g_strdup(arguments->script_options[i]));
	return list;
}

static gboolean read_drain(struct run_request *request, const struct run_arguments *arguments, GError **error)
{
	request->drain = arguments->drain ? case_drain(arguments->drain) : NULL;
	return !arguments->drain || request->drain ? TRUE : error_usage(error, "expected --drain " CASE_DRAINS ", found '%s'", arguments->drain);
}

static gboolean read_part(struct run_request *request, const struct run_arguments *arguments, GError **error)
{
	if (!arguments->part)
		return TRUE;
	if (!share_parse(&request->share, arguments->part, error))
		return FALSE;
	if (!arguments->results)
		return error_usage(error, "expected --results DIR, the folder of the whole run, with --part %s", arguments->part);
	if (arguments->repeat > 1)
		return error_usage(error, "--repeat compares a run's cells on one machine: leave --part %s out", arguments->part);
	request->options.share = &request->share;
	return TRUE;
}

/* A guest that is to boot, or to be run many times, is to be run at all; one that is not warped has no bytes to repeat. */
static void set_caches(struct run_request *request, const struct run_arguments *arguments, struct workspace *workspace)
{
	struct cell_options *cell = &request->options.cell;

	run_arguments_fill_cell(arguments, workspace, arguments->again || arguments->cold || arguments->repeat > 1, cell);
	if (arguments->cold)
		g_clear_pointer(&cell->snapshots, snapshots_free);
	if (!vm_machine_is_warped(&cell->machine))
		g_clear_pointer(&cell->cache, cell_cache_free);
}

gboolean run_request_read(struct run_request *request, const struct run_arguments *arguments, struct workspace *workspace, GError **error)
{
	struct run_options *run = &request->options;

	*request = (struct run_request){ .options = { .cell = { .machine = VM_MACHINE_DEFAULT } } };
	run_arguments_set_workspace(arguments, workspace);
	if (!read_drain(request, arguments, error) || !read_part(request, arguments, error) || !set_machine(&run->cell.machine, arguments, error) ||
	    !report_check_format(arguments->format, error) || !(request->kernels = read_kernels(workspace, arguments->kernels, error)) ||
	    !(request->cases = read_cases(workspace, arguments, error)))
		return FALSE;
	request->packetdrill = packetdrill_options(arguments);
	run->kernels = request->kernels;
	run->cases = request->cases;
	run->repeat = (guint)arguments->repeat;
	run->cell.probes = arguments->probes;
	run->cell.shift_given = arguments->shift != SHIFT_NOT_GIVEN;
	run->cell.job = (struct job_options){ request->packetdrill, arguments->seccomp, request->drain };
	set_caches(request, arguments, workspace);
	return TRUE;
}

void run_request_clear(struct run_request *request)
{
	run_arguments_free_cell(&request->options.cell);
	g_clear_pointer(&request->kernels, g_ptr_array_unref);
	g_clear_pointer(&request->cases, g_ptr_array_unref);
	g_clear_pointer(&request->packetdrill, g_ptr_array_unref);
	g_clear_pointer(&request->drain, g_free);
}
