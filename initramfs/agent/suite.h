/* SPDX-License-Identifier: GPL-2.0-or-later
 * suite - the files that a script's commands call, laid out as they are beside the script on the host
 */
#ifndef FINRIG_AGENT_SUITE_H
#define FINRIG_AGENT_SUITE_H

#include "job.h"

/* Writes the job's files and goes to its folder. false: why says which cannot be made. */
bool suite_lay_out(struct job *job, char why[JOB_WHY_BYTES]);

#endif
