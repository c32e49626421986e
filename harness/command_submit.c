/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig submit - a run as jobs of a cluster
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "progress.h"
#include "report.h"
#include "slurm.h"
#include "submit.h"

enum { PER_TASK_DEFAULT = 50, PER_TASK_MAX = 1000000 };

/* The command line as given. */
struct arguments {
	struct run_arguments run;
	char *partition, **sbatch;
	int per_task;
	gboolean slurm, dry_run, wait;
};

static gboolean check(const struct arguments *a, GError **error)
{
	if (!a->slurm)
		return error_usage(error, "expected --slurm: it is the one kind of cluster there is");
	if (a->per_task < 1 || a->per_task > PER_TASK_MAX)
		return error_usage(error, "expected --per-task from 1 to 1000000");
	if (a->run.part || a->run.repeat > 1)
		return error_usage(error, "a submitted run is divided by itself, and each cell is run once: leave out %s", a->run.part ? "--part" : "--repeat");
	if (a->partition && (!*a->partition || strpbrk(a->partition, " \n")))
		return error_usage(error, "expected --partition with one name, or some with commas, found %s", a->partition);
	for (guint i = 0; a->sbatch && a->sbatch[i]; i++)
		if (*a->sbatch[i] != '-' || strchr(a->sbatch[i], '\n'))
			return error_usage(error, "expected --sbatch with an option of sbatch, such as --sbatch=-t60, found %s", a->sbatch[i]);
	return TRUE;
}

/* A name in place of the number that Slurm will give. */
static void print_scripts(const GPtrArray *jobs)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < jobs->len; i++) {
		const struct submit_job *job = jobs->pdata[i];

		printf("# ==> %s\n%s\n", job->path, job->text);
		g_ptr_array_add(names, job->name);
	}
	for (guint i = 0; i < jobs->len; i++) {
		g_autofree char *line = slurm_command_line(jobs, i, names);

		printf("# %s\n", line);
	}
}

static void say(gpointer user, const char *text)
{
	workspace_progress(user, "submit", "jobs", "%s", *text ? text : "in the queue");
}

static int print_report(const struct submit *submit, const struct arguments *a, GError **error)
{
	const char *format = run_arguments_format(&a->run);
	int exit_code;

	progress_clear();
	return report_print(submit->directory, format ? format : report_usual_format(submit->cells / submit->kernels->len), stdout, &exit_code, error) ? exit_code : EXIT_BROKEN;
}

static int wait_and_print(const struct submit *submit, const char *id, const struct arguments *a, struct workspace *workspace, GError **error)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt = interrupt_start(cancellable);
	gboolean ended = slurm_wait(id, say, workspace, cancellable, error);
	int merged = submit_merged(submit), exit_code = EXIT_BROKEN;

	interrupt_stop(interrupt);
	if (!ended)
		return EXIT_BROKEN;
	if (merged >= 0)
		exit_code = print_report(submit, a, error);
	/* No cell is BROKEN: the merge is. */
	if (merged < 0 || (merged == EXIT_BROKEN && exit_code != EXIT_BROKEN))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "the last job, %s, ended before it had written the reports; submit again (logs: %s)",
			    id, submit->state);
	return merged == EXIT_BROKEN ? EXIT_BROKEN : exit_code;
}

/* Jobs that are still there would run beside new ones of the same cells: no harm, and no use. */
static int already_queued(const struct submit *submit, const char *id, const char *why, const struct arguments *a, struct workspace *workspace,
			  GError **error)
{
	if (why) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "is job %s of this run still in the queue? squeue: %s", id, why);
		return EXIT_BROKEN;
	}
	if (a->wait)
		return wait_and_print(submit, id, a, workspace, error);
	error_usage(error, "jobs of this run are in the queue (--wait waits for them): the last is %s", id);
	return EXIT_BROKEN;
}

static int submit_all(const struct submit *submit, const GPtrArray *jobs, const struct arguments *a, struct workspace *workspace, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	const char *last;

	if (!submit_write_scripts(submit, jobs, error) || !slurm_submit(jobs, ids, error) || !submit_write_ids(submit, ids, error))
		return EXIT_BROKEN;
	last = ids->pdata[ids->len - 1];
	progress_clear();
	fprintf(a->wait ? stderr : stdout, "%u of %u cells, %u tasks in %u jobs; the last is %s\nresults: %s\nlogs: %s\n", submit->missing, submit->cells,
		submit->tasks, jobs->len, last, submit->directory, submit->state);
	fflush(stdout);
	return a->wait ? wait_and_print(submit, last, a, workspace, error) : EXIT_AS_EXPECTED;
}

static int submit_run(const struct submit *submit, const struct run_request *request, const struct submit_options *options, const struct arguments *a,
		      struct workspace *workspace, GError **error)
{
	g_autoptr(GPtrArray) jobs = submit_jobs(submit, options, &a->run, workspace);
	g_autofree char *before = submit_last_job(submit), *why = NULL;
	int merged = submit_merged(submit);

	if (strchr(submit->state, '\n')) {
		error_usage(error, "expected --results in one line, found %s", submit->directory);
		return EXIT_BROKEN;
	}
	if (a->dry_run) {
		print_scripts(jobs);
		return EXIT_AS_EXPECTED;
	}
	if (!slurm_check(error) || !submit_claim(submit, request, &a->run, workspace, error))
		return EXIT_BROKEN;
	if (before && slurm_is_queued(before, &why))
		return already_queued(submit, before, why, a, workspace, error);
	/* A part that came behind the merge may have finished what was BROKEN: then the reports want another. */
	if (!submit->missing && (merged == EXIT_AS_EXPECTED || merged == EXIT_DIFFERENT))
		return print_report(submit, a, error);
	return submit_all(submit, jobs, a, workspace, error);
}

static int submit_request(const struct run_request *request, const struct arguments *a, struct workspace *workspace, GError **error)
{
	const struct submit_options options = {
		.partition = a->partition, .sbatch = a->sbatch, .per_task = (guint)a->per_task, .cores = a->run.jobs > 0 ? (guint)a->run.jobs : 1,
	};
	g_autofree char *directory = NULL;
	g_autoptr(submit_t) submit = NULL;

	if (!a->dry_run && !a->run.results && !slurm_check(error))
		return EXIT_BROKEN;
	if (a->run.results)
		directory = g_strdup(a->run.results);
	else
		directory = a->dry_run ? run_name_directory() : run_new_directory();
	submit = submit_new(request, &options, directory, workspace);
	return submit_run(submit, request, &options, a, workspace, error);
}

static GOptionEntry *all_entries(struct arguments *a)
{
	const GOptionEntry own[] = {
		{ "slurm", 0, 0, G_OPTION_ARG_NONE, &a->slurm, "As jobs of Slurm", NULL },
		{ "dry-run", 0, 0, G_OPTION_ARG_NONE, &a->dry_run, "Print the scripts and submit nothing", NULL },
		{ "wait", 0, 0, G_OPTION_ARG_NONE, &a->wait, "Wait for the last job and print what finrig run prints", NULL },
		{ "partition", 0, 0, G_OPTION_ARG_STRING, &a->partition, "The partition of all jobs, or some with commas", "NAME" },
		{ "per-task", 0, 0, G_OPTION_ARG_INT, &a->per_task, "Cells of a task of an array (default 50)", "N" },
		{ "sbatch", 0, 0, G_OPTION_ARG_STRING_ARRAY, &a->sbatch, "An option of sbatch for all jobs, such as -t60 (repeatable)", "OPTION" },
	};
	g_autofree GOptionEntry *run = run_arguments_entries(&a->run);
	guint runs = 0;
	GOptionEntry *entries;

	while (run[runs].long_name)
		runs++;
	entries = g_new0(GOptionEntry, G_N_ELEMENTS(own) + runs + 1);
	memcpy(entries, own, sizeof(own));
	memcpy(entries + G_N_ELEMENTS(own), run, runs * sizeof(*run));
	for (guint i = 0; i < runs; i++)
		if (g_str_equal(run[i].long_name, "jobs"))
			entries[G_N_ELEMENTS(own) + i].description = "Cores of a job: cells at a time, and make's -j (default 1)";
	return entries;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	struct arguments a = { .run = RUN_ARGUMENTS_DEFAULT, .per_task = PER_TASK_DEFAULT };
	g_autofree GOptionEntry *entries = all_entries(&a);
	struct run_request request = { NULL };
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (command_parse(self, entries, &argc, &argv, &error)) {
		a.run.positional = argv + 1;
		if (check(&a, &error) && run_request_read(&request, &a.run, workspace, &error))
			exit_code = submit_request(&request, &a, workspace, &error);
		run_request_clear(&request);
	}
	run_arguments_clear(&a.run);
	g_free(a.partition);
	g_strfreev(a.sbatch);
	return error ? command_fail(error) : exit_code;
}

const struct command command_submit = {
	.name = "submit", .arguments = "--slurm --kernel KERNEL… CASE…", .run = run,
	.summary = "run cases on kernels as jobs of a cluster, with the files of finrig run",
	.description = "The options of finrig run, and where its folder and finrig's cache are must be the same on all nodes (docs/cluster.md). A job for\n"
		       "each kernel that is not built, an array for each kernel's cells, and one that merges all into one run. Submitted again with the\n"
		       "same --results, what is missing or BROKEN is run. Exit codes: 0 submitted, 2 not; with --wait those of finrig run.",
};
