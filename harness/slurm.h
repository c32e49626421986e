/* SPDX-License-Identifier: GPL-2.0-or-later
 * slurm - Slurm's own commands: sbatch, squeue, scancel
 * Their manual pages are the reference; nothing here needs accounting (sacct) to be set up.
 */
#ifndef FINRIG_SLURM_H
#define FINRIG_SLURM_H

#include <gio/gio.h>

/* FINRIG_ERROR_UNAVAILABLE when sbatch is not installed. */
gboolean slurm_check(GError **error);
/* Submits jobs (struct submit_job *) in their order and adds the number of each to ids (char *). When one is refused those before it are
 * cancelled: FINRIG_ERROR_BROKEN with sbatch's own words. */
gboolean slurm_submit(const GPtrArray *jobs, GPtrArray *ids, GError **error);
/* How a job would be submitted; ids as far as they are known. Caller frees. */
char *slurm_command_line(const GPtrArray *jobs, guint job, const GPtrArray *ids);
/* Is the job pending or running? Also TRUE while nobody can tell, with *why not NULL then (caller frees). */
gboolean slurm_is_queued(const char *id, char **why);
/* Comes back when the job is neither. FINRIG_ERROR_CANCELLED. */
gboolean slurm_wait(const char *id, void (*say)(gpointer user, const char *text), gpointer user, GCancellable *cancellable, GError **error);

#endif
