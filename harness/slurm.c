/* SPDX-License-Identifier: GPL-2.0-or-later
 * slurm - Slurm's own commands: sbatch, squeue, scancel
 */
#include "slurm.h"

#include <string.h>

#include "error.h"
#include "rerun.h"
#include "source_process.h"
#include "submit.h"

/* The controller is asked seldom by those who wait long. */
enum { POLL_FIRST_MS = 500, POLL_MAX_MS = 10000 };

gboolean slurm_check(GError **error)
{
	g_autofree char *sbatch = g_find_program_in_path("sbatch");

	if (sbatch)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "sbatch is not installed: --slurm needs Slurm's commands (Debian: slurm-client) "
		    "on a machine of the cluster; --dry-run shows the scripts without");
	return FALSE;
}

/* With the user's own environment, which sbatch gives to the job. argv ends with NULL and is taken over. */
static gboolean run_command(GPtrArray *argv, char **output, int *exit_code, GError **error)
{
	g_auto(GStrv) environment = g_get_environ();
	struct process process = { .argv = (const char *const *)argv->pdata, .environment = environment };
	gboolean ran = process_run(&process, NULL, output, exit_code, error);

	g_ptr_array_unref(argv);
	if (ran)
		g_strchomp(*output);
	return ran;
}

static GPtrArray *command_of(const char *const *words, guint count)
{
	GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(argv, g_strdup(words[i]));
	return argv;
}

/* afterok:7 of a job that needs another; afterany of all before it for the last one. NULL: none. */
static char *dependency(const GPtrArray *jobs, guint number, const GPtrArray *ids)
{
	const struct submit_job *job = jobs->pdata[number];
	GString *text;

	if (job->after >= 0)
		return g_strconcat("--dependency=afterok:", (const char *)ids->pdata[job->after], NULL);
	if (!job->last || !number)
		return NULL;
	text = g_string_new("--dependency=afterany");
	for (guint i = 0; i < number; i++)
		g_string_append_printf(text, ":%s", (const char *)ids->pdata[i]);
	return g_string_free(text, FALSE);
}

static GPtrArray *submission(const GPtrArray *jobs, guint number, const GPtrArray *ids)
{
	static const char *const words[] = { "sbatch", "--parsable" };
	GPtrArray *argv = command_of(words, G_N_ELEMENTS(words));
	char *after = dependency(jobs, number, ids);

	if (after)
		g_ptr_array_add(argv, after);
	g_ptr_array_add(argv, g_strdup(((const struct submit_job *)jobs->pdata[number])->path));
	g_ptr_array_add(argv, NULL);
	return argv;
}

char *slurm_command_line(const GPtrArray *jobs, guint job, const GPtrArray *ids)
{
	g_autoptr(GPtrArray) argv = submission(jobs, job, ids);
	GString *line = g_string_new(NULL);

	for (guint i = 0; argv->pdata[i]; i++)
		rerun_add_word(line, argv->pdata[i]);
	return g_string_free(line, FALSE);
}

/* `17` or `17;cluster`, behind what sbatch may have to say. */
static char *number_in(const char *output)
{
	const char *line = strrchr(output, '\n');
	gsize digits;

	line = line ? line + 1 : output;
	digits = strspn(line, "0123456789");
	return digits && (!line[digits] || line[digits] == ';') ? g_strndup(line, digits) : NULL;
}

static void cancel(const GPtrArray *ids)
{
	static const char *const words[] = { "scancel" };
	GPtrArray *argv = command_of(words, G_N_ELEMENTS(words));
	g_autofree char *output = NULL;
	int exit_code;

	for (guint i = 0; i < ids->len; i++)
		g_ptr_array_add(argv, g_strdup(ids->pdata[i]));
	g_ptr_array_add(argv, NULL);
	if (ids->len)
		run_command(argv, &output, &exit_code, NULL);
	else
		g_ptr_array_unref(argv);
}

gboolean slurm_submit(const GPtrArray *jobs, GPtrArray *ids, GError **error)
{
	for (guint i = 0; i < jobs->len; i++) {
		g_autofree char *output = NULL;
		int exit_code;
		char *number;

		if (!run_command(submission(jobs, i, ids), &output, &exit_code, error)) {
			cancel(ids);
			return FALSE;
		}
		number = exit_code ? NULL : number_in(output);
		if (!number) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s%s", ((const struct submit_job *)jobs->pdata[i])->path, output,
				    strstr(output, "job array") ? " (--per-task makes fewer and longer tasks)" : "");
			cancel(ids);
			return FALSE;
		}
		g_ptr_array_add(ids, number);
	}
	return TRUE;
}

gboolean slurm_is_queued(const char *id, char **why)
{
	const char *const words[] = { "squeue", "--noheader", "--format=%T", "--jobs", id };
	GPtrArray *argv = command_of(words, G_N_ELEMENTS(words));
	g_autofree char *output = NULL;
	g_autoptr(GError) error = NULL;
	int exit_code;

	*why = NULL;
	g_ptr_array_add(argv, NULL);
	if (!run_command(argv, &output, &exit_code, &error)) {
		*why = g_strdup(error->message);
		return TRUE;
	}
	if (!exit_code)
		return *output != '\0';
	if (strstr(output, "Invalid job id"))
		return FALSE;
	*why = g_steal_pointer(&output);
	return TRUE;
}

static gboolean pause_for(guint time_ms, GCancellable *cancellable)
{
	GPollFD stop;
	gboolean stopped = g_cancellable_is_cancelled(cancellable);

	if (g_cancellable_make_pollfd(cancellable, &stop)) {
		stopped = g_poll(&stop, 1, (gint)time_ms) > 0;
		g_cancellable_release_fd(cancellable);
	}
	return !stopped;
}

gboolean slurm_wait(const char *id, void (*say)(gpointer user, const char *text), gpointer user, GCancellable *cancellable, GError **error)
{
	guint time_ms = POLL_FIRST_MS;
	char *why;

	while (slurm_is_queued(id, &why)) {
		say(user, why ? why : "");
		g_free(why);
		if (!pause_for(time_ms, cancellable)) {
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted; the jobs go on, and the same command waits for them again");
			return FALSE;
		}
		time_ms = MIN(time_ms * 5 / 4, POLL_MAX_MS);
	}
	return TRUE;
}
