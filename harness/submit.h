/* SPDX-License-Identifier: GPL-2.0-or-later
 * submit - a run as jobs for a cluster: what is missing in its folder, and the scripts that run it in parts (share.h)
 * in: a run's arguments; out: <run>.slurm/ with a script a job, their logs, and what was submitted.
 *
 *   image of kernel A  -> cells of A (an array; each task a part of them)  \
 *   image of kernel B  -> cells of B                                        -> merge, whatever became of the others
 *   (built already)       cells of C                                       /
 */
#ifndef FINRIG_SUBMIT_H
#define FINRIG_SUBMIT_H

#include "run_arguments.h"

struct submit_options {
	const char *partition; /* or NULL */
	char **sbatch;         /* options for every job, NULL-terminated; or NULL */
	guint per_task;        /* cells of a task of an array */
	guint cores;           /* a job gets */
};

struct submit_kernel {
	const struct kernel *kernel;
	gboolean built;
	guint missing;  /* cells */
	guint tasks, parts; /* tasks that have a cell to run, of so many parts */
	char *array;    /* these parts: "1-3,7" */
};

struct submit {
	char *directory; /* the run's, absolute */
	char *state;     /* <run>.slurm */
	GPtrArray *kernels; /* struct submit_kernel *, in the run's order */
	guint cells, missing, tasks;
};

/* A script for sbatch. */
struct submit_job {
	char *name, *path, *text;
	gint after;     /* place of the job that must have gone well; or -1 */
	gboolean last;  /* runs when all before it came to any end */
};

/* Looks at what is there of the run. directory: its folder, which need not be there. */
struct submit *submit_new(const struct run_request *request, const struct submit_options *options, const char *directory,
			  const struct workspace *workspace);
void submit_free(struct submit *submit);
/* The jobs that are to be submitted (struct submit_job *), in an order in which each comes behind those it depends on. */
GPtrArray *submit_jobs(const struct submit *submit, const struct submit_options *options, const struct run_arguments *arguments,
		       const struct workspace *workspace);
/* Makes the run's folder and the other one, or checks that they are of the same run. FINRIG_ERROR_USAGE: of another; FINRIG_ERROR_BROKEN. */
gboolean submit_claim(const struct submit *submit, const struct run_request *request, const struct run_arguments *arguments,
		      const struct workspace *workspace, GError **error);
gboolean submit_write_scripts(const struct submit *submit, const GPtrArray *jobs, GError **error);

/* The number by which Slurm knows the last job that was submitted for the run, or NULL. Caller frees. */
char *submit_last_job(const struct submit *submit);
/* ids: char *, of all jobs, the last one last. */
gboolean submit_write_ids(const struct submit *submit, const GPtrArray *ids, GError **error);
/* The exit code of the last job (2: cells were BROKEN, or the merge was); -1 when it did not come to its end. */
int submit_merged(const struct submit *submit);

typedef struct submit submit_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(submit_t, submit_free)

#endif
