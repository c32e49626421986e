/* SPDX-License-Identifier: GPL-2.0-or-later
 * submit - a run as jobs for a cluster
 */
#include "submit.h"

#include <glib/gstdio.h>
#include <string.h>

#include "artefact.h"
#include "error.h"
#include "nightly_cell.h"
#include "report.h"
#include "rerun.h"

#define IDENTITY "run"
#define IDS "jobs"
#define MERGED "merged"

static void kernel_clear(gpointer data)
{
	g_free(((struct submit_kernel *)data)->array);
	g_free(data);
}

static void job_free(gpointer data)
{
	struct submit_job *job = data;

	g_free(job->name);
	g_free(job->path);
	g_free(job->text);
	g_free(job);
}

/* Appends first to last to a list as sbatch --array takes it. */
static void add_range(GString *array, guint first, guint last)
{
	g_string_append_printf(array, "%s%u", array->len ? "," : "", first);
	if (last > first)
		g_string_append_printf(array, "-%u", last);
}

/* Parts are numbered from 1. */
static char *ranges(const gboolean *wanted, guint parts)
{
	GString *array = g_string_new(NULL);

	for (guint first = 1; first <= parts; first++) {
		guint last = first;

		if (!wanted[first])
			continue;
		while (last < parts && wanted[last + 1])
			last++;
		add_range(array, first, last);
		first = last;
	}
	return g_string_free(array, FALSE);
}

static void look_at_kernel(struct submit *submit, const struct kernel *kernel, const GPtrArray *cases, guint per_task, const struct workspace *workspace)
{
	struct submit_kernel *of = g_new0(struct submit_kernel, 1);
	g_autofree char *state = NULL;
	g_autofree gboolean *wanted = NULL;

	of->kernel = kernel;
	of->parts = (cases->len + per_task - 1) / per_task;
	wanted = g_new0(gboolean, of->parts + 1);
	for (guint i = 0; i < cases->len; i++)
		if (!share_is_finished(submit->directory, kernel->name, ((const struct test_case *)cases->pdata[i])->name)) {
			of->missing++;
			wanted[i % of->parts + 1] = TRUE;
		}
	for (guint part = 1; part <= of->parts; part++)
		of->tasks += (guint)wanted[part];
	of->array = ranges(wanted, of->parts);
	if (of->missing) {
		state = kernel_state(kernel, workspace);
		of->built = g_str_equal(state, "built");
	}
	submit->missing += of->missing;
	submit->tasks += of->tasks;
	g_ptr_array_add(submit->kernels, of);
}

struct submit *submit_new(const struct run_request *request, const struct submit_options *options, const char *directory,
			  const struct workspace *workspace)
{
	struct submit *submit = g_new0(struct submit, 1);

	submit->directory = g_canonicalize_filename(directory, NULL);
	submit->state = g_strconcat(submit->directory, ".slurm", NULL);
	submit->kernels = g_ptr_array_new_with_free_func(kernel_clear);
	submit->cells = request->kernels->len * request->cases->len;
	for (guint i = 0; i < request->kernels->len; i++)
		look_at_kernel(submit, request->kernels->pdata[i], request->cases, options->per_task, workspace);
	return submit;
}

void submit_free(struct submit *submit)
{
	if (!submit)
		return;
	g_free(submit->directory);
	g_free(submit->state);
	g_ptr_array_unref(submit->kernels);
	g_free(submit);
}

/* What one job's script is made with. */
struct script {
	const struct submit *submit;
	const struct submit_options *options;
	const struct run_arguments *arguments;
	const struct workspace *workspace;
};

static void directive(GString *text, const char *option, const char *value)
{
	g_autofree char *quoted = strpbrk(value, " \t'\"\\#") ? g_shell_quote(value) : g_strdup(value);

	g_string_append_printf(text, "#SBATCH --%s=%s\n", option, quoted);
}

/* In the name of a log % begins what Slurm puts in; array is such. */
static void log_directive(GString *text, const char *folder, const char *name, const char *array)
{
	g_auto(GStrv) parts = g_strsplit(folder, "%", -1);
	g_autofree char *plain = g_strjoinv("%%", parts), *file = g_strconcat(name, array, ".log", NULL);
	g_autofree char *path = g_build_filename(plain, file, NULL);

	directive(text, "output", path);
}

static GString *begin(const struct script *script, const char *name, const char *array)
{
	GString *text = g_string_new("#!/bin/sh\n");
	g_autofree char *title = g_strconcat("finrig-", name, NULL), *here = g_get_current_dir();
	g_autofree char *cores = g_strdup_printf("%u", script->options->cores);

	directive(text, "job-name", title);
	log_directive(text, script->submit->state, name, array);
	g_string_append(text, "#SBATCH --open-mode=append\n#SBATCH --requeue\n");
	directive(text, "chdir", here);
	directive(text, "cpus-per-task", cores);
	if (script->options->partition)
		directive(text, "partition", script->options->partition);
	return text;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Clusters may be told to hand no environment on (SBATCH_EXPORT=NONE, or a plugin's doing). */
static void add_environment(GString *text, const struct workspace *workspace)
{
	g_autofree char *cache = g_canonicalize_filename(workspace->cache, NULL), *quoted = g_shell_quote(cache);
	g_auto(GStrv) names = g_listenv();

	g_string_append_printf(text, "export FINRIG_CACHE=%s\n", quoted);
	qsort(names, g_strv_length(names), sizeof(*names), compare_names);
	for (char **name = names; *name; name++) {
		g_autofree char *value = g_str_has_prefix(*name, "FINRIG_") ? g_shell_quote(g_getenv(*name)) : NULL;

		if (value && strcmp(*name, "FINRIG_CACHE"))
			g_string_append_printf(text, "export %s=%s\n", *name, value);
	}
}

/* kernel NULL: all of them. part is written as it is, for the shell. */
static void add_command(GString *text, const struct script *script, const char *kernel, const char *part)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL), *program = g_shell_quote(self ? self : "finrig");
	g_autoptr(GPtrArray) words = run_arguments_words(script->arguments);

	for (guint i = 0; script->options->sbatch && script->options->sbatch[i]; i++)
		g_string_append_printf(text, "#SBATCH %s\n", script->options->sbatch[i]);
	add_environment(text, script->workspace);
	g_string_append_printf(text, "%s%s run --jobs \"${SLURM_CPUS_PER_TASK:-%u}\"", kernel ? "exec " : "", program, script->options->cores);
	for (char **name = script->arguments->kernels; !kernel && *name; name++) {
		rerun_add_word(text, "--kernel");
		rerun_add_word(text, *name);
	}
	if (kernel) {
		rerun_add_word(text, "--kernel");
		rerun_add_word(text, kernel);
	}
	for (guint i = 0; i < words->len; i++)
		rerun_add_word(text, words->pdata[i]);
	rerun_add_word(text, "--results");
	rerun_add_word(text, script->submit->directory);
	g_string_append_printf(text, " --part %s", part);
	for (char **name = script->arguments->positional; *name; name++)
		rerun_add_word(text, *name);
	g_string_append_c(text, '\n');
}

static struct submit_job *add_job(GPtrArray *jobs, const struct script *script, const char *name, GString *text)
{
	struct submit_job *job = g_new0(struct submit_job, 1);
	g_autofree char *file = g_strconcat(name, ".sh", NULL);

	job->name = g_strdup(name);
	job->path = g_build_filename(script->submit->state, file, NULL);
	job->text = g_string_free(text, FALSE);
	job->after = -1;
	g_ptr_array_add(jobs, job);
	return job;
}

static void add_kernel(GPtrArray *jobs, const struct script *script, const struct submit_kernel *of)
{
	g_autofree char *image = g_strconcat(of->kernel->name, ".image", NULL), *cells = g_strconcat(of->kernel->name, ".cells", NULL);
	g_autofree char *part = g_strdup_printf("\"$SLURM_ARRAY_TASK_ID\"/%u", of->parts);
	GString *text;
	gint after = -1;

	if (!of->missing)
		return;
	if (!of->built) {
		text = begin(script, image, "");
		add_command(text, script, of->kernel->said, "images");
		after = (gint)jobs->len;
		add_job(jobs, script, image, text);
	}
	text = begin(script, cells, ".%a");
	directive(text, "array", of->array);
	g_string_append(text, "#SBATCH --kill-on-invalid-dep=yes\n");
	add_command(text, script, of->kernel->said, part);
	add_job(jobs, script, cells, text)->after = after;
}

GPtrArray *submit_jobs(const struct submit *submit, const struct submit_options *options, const struct run_arguments *arguments,
		       const struct workspace *workspace)
{
	GPtrArray *jobs = g_ptr_array_new_with_free_func(job_free);
	const struct script script = { submit, options, arguments, workspace };
	g_autofree char *mark = g_build_filename(submit->state, MERGED, NULL), *quoted = g_shell_quote(mark);
	GString *text;

	for (guint i = 0; i < submit->kernels->len; i++)
		add_kernel(jobs, &script, submit->kernels->pdata[i]);
	text = begin(&script, "merge", "");
	add_command(text, &script, NULL, "merge");
	g_string_append_printf(text, "echo $? >%s\n", quoted);
	add_job(jobs, &script, "merge", text)->last = TRUE;
	return jobs;
}

/* Another finrig may judge otherwise: its verdicts are not to be mixed with these. */
static char *identity_of(const struct run_arguments *arguments, const struct workspace *workspace)
{
	g_autofree char *rig = nightly_rig(workspace);
	g_autoptr(GPtrArray) words = run_arguments_words(arguments);
	GString *text = g_string_new("finrig ");

	g_string_append_printf(text, "%s\nrun", rig ? rig : "?");
	for (guint i = 0; i < words->len; i++)
		rerun_add_word(text, words->pdata[i]);
	for (char **name = arguments->kernels; *name; name++) {
		rerun_add_word(text, "--kernel");
		rerun_add_word(text, *name);
	}
	for (char **name = arguments->positional; *name; name++)
		rerun_add_word(text, *name);
	g_string_append_c(text, '\n');
	return g_string_free(text, FALSE);
}

gboolean submit_claim(const struct submit *submit, const struct run_request *request, const struct run_arguments *arguments,
		      const struct workspace *workspace, GError **error)
{
	g_autofree char *identity = identity_of(arguments, workspace), *path = g_build_filename(submit->state, IDENTITY, NULL), *before = NULL;
	gsize same = strcspn(identity, "\n");

	if (!g_file_get_contents(path, &before, NULL, NULL))
		return artefact_write(submit->state, IDENTITY, identity, strlen(identity), error) &&
		       report_plan(submit->directory, request->kernels, request->cases, error);
	if (g_str_equal(before, identity))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s is of a run %s: give another --results (guests that were run are not run again)",
		    submit->state, strncmp(before, identity, same + 1) ? "by another finrig" : "with other options");
	return FALSE;
}

gboolean submit_write_scripts(const struct submit *submit, const GPtrArray *jobs, GError **error)
{
	g_autofree char *mark = g_build_filename(submit->state, MERGED, NULL);

	g_unlink(mark);
	for (guint i = 0; i < jobs->len; i++) {
		const struct submit_job *job = jobs->pdata[i];
		g_autofree char *file = g_path_get_basename(job->path);

		if (!artefact_write(submit->state, file, job->text, strlen(job->text), error))
			return FALSE;
	}
	return TRUE;
}

char *submit_last_job(const struct submit *submit)
{
	g_autofree char *path = g_build_filename(submit->state, IDS, NULL), *text = NULL;
	const char *last;

	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	g_strchomp(text);
	last = strrchr(text, '\n');
	return *text ? g_strdup(last ? last + 1 : text) : NULL;
}

gboolean submit_write_ids(const struct submit *submit, const GPtrArray *ids, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < ids->len; i++)
		g_string_append_printf(text, "%s\n", (const char *)ids->pdata[i]);
	return artefact_write(submit->state, IDS, text->str, text->len, error);
}

int submit_merged(const struct submit *submit)
{
	g_autofree char *path = g_build_filename(submit->state, MERGED, NULL), *text = NULL;

	return g_file_get_contents(path, &text, NULL, NULL) ? (int)g_ascii_strtoull(text, NULL, 10) : -1;
}
