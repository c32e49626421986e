/* SPDX-License-Identifier: GPL-2.0-or-later
 * job - what the host tells an agent to do, as text; initramfs/agent/job.h is the format's manual
 */
#ifndef FINRIG_JOB_H
#define FINRIG_JOB_H

#include "case.h"

/* What the user set for the cells of a run, beyond the cases' own headers. */
struct job_options {
	GPtrArray *options;   /* char *: packetdrill's command line options without dashes: "tolerance_usecs=4000" */
	const char *seccomp;  /* "2.6.32": refuse the system calls that kernel lacks; or NULL */
	const char *drain;    /* by case_drain(), in place of what the cases say; or NULL */
};

/* The job that runs a case, with the files its commands call. host: it runs where the script is. NULL with FINRIG_ERROR_USAGE as of
 * suite_pack(). Caller frees. */
GString *job_run(const struct test_case *test_case, const struct job_options *options, gboolean host, GError **error);
/* The job that gives a shell. Caller frees. */
GString *job_shell(void);
/* The job that has a guest tell where its functions are. Caller frees. */
GString *job_symbols(void);

#endif
