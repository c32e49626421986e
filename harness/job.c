/* SPDX-License-Identifier: GPL-2.0-or-later
 * job - what the host tells an agent to do, as text
 */
#include "job.h"

char *job_run(const struct test_case *test_case, const struct job_options *options)
{
	GString *job = g_string_new("finrig-job 1\n");

	g_string_append_printf(job, "case: %s\nfile: %s\nmode: run\n", test_case->name, test_case->file);
	g_string_append_printf(job, "observe_us: %" G_GINT64_FORMAT "\ndrain: %s\n", test_case->observe_us, test_case->drain);
	if (options->seccomp)
		g_string_append_printf(job, "seccomp: %s\n", options->seccomp);
	for (guint i = 0; i < test_case->sysctl->len; i++)
		g_string_append_printf(job, "sysctl: %s\n", (char *)test_case->sysctl->pdata[i]);
	for (guint i = 0; options->options && i < options->options->len; i++)
		g_string_append_printf(job, "option: %s\n", (char *)options->options->pdata[i]);
	g_string_append(job, "\n");
	g_string_append_len(job, test_case->text, test_case->text_bytes);
	return g_string_free(job, FALSE);
}

char *job_shell(void)
{
	return g_strdup("finrig-job 1\ncase: shell\nfile: shell\nmode: shell\nobserve_us: 0\ndrain: never\n\n");
}
