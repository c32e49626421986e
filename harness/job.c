/* SPDX-License-Identifier: GPL-2.0-or-later
 * job - what the host tells an agent to do, as text
 */
#include "job.h"

#include "suite.h"

static void append_head(GString *job, const struct test_case *test_case, const struct job_options *options)
{
	g_string_append(job, "finrig-job 1\n");
	g_string_append_printf(job, "case: %s\nfile: %s\nmode: run\n", test_case->name, test_case->file);
	g_string_append_printf(job, "observe_us: %" G_GINT64_FORMAT "\ndrain: %s\n", test_case->observe_us,
			       options->drain ? options->drain : test_case->drain);
	if (options->seccomp)
		g_string_append_printf(job, "seccomp: %s\n", options->seccomp);
	if (test_case->device)
		g_string_append_printf(job, "device: %s\n", test_case->device);
	for (guint i = 0; i < test_case->sysctl->len; i++)
		g_string_append_printf(job, "sysctl: %s\n", (char *)test_case->sysctl->pdata[i]);
	for (guint i = 0; options->options && i < options->options->len; i++)
		g_string_append_printf(job, "option: %s\n", (char *)options->options->pdata[i]);
	for (guint i = 0; i < test_case->options->len; i++)
		g_string_append_printf(job, "option: %s\n", (char *)test_case->options->pdata[i]);
}

GString *job_run(const struct test_case *test_case, const struct job_options *options, gboolean host, GError **error)
{
	g_autofree char *folder = host && test_case->path ? g_path_get_dirname(test_case->path) : NULL;
	g_autoptr(GString) files = g_string_new(NULL);
	GString *job;

	if (!host && !suite_pack(test_case, files, &folder, error))
		return NULL;
	job = g_string_new(NULL);
	append_head(job, test_case, options);
	if (folder)
		g_string_append_printf(job, "folder: %s\n", folder);
	g_string_append_printf(job, "script_bytes: %zu\n\n", test_case->text_bytes);
	g_string_append_len(job, test_case->text, (gssize)test_case->text_bytes);
	g_string_append_len(job, files->str, (gssize)files->len);
	return job;
}

GString *job_shell(void)
{
	return g_string_new("finrig-job 1\ncase: shell\nfile: shell\nmode: shell\nobserve_us: 0\ndrain: never\nscript_bytes: 0\n\n");
}

GString *job_symbols(void)
{
	return g_string_new("finrig-job 1\ncase: symbols\nfile: symbols\nmode: symbols\nobserve_us: 0\ndrain: never\nscript_bytes: 0\n\n");
}
