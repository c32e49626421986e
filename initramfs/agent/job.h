/* SPDX-License-Identifier: GPL-2.0-or-later
 * job - what the host asks of the agent, as text; the host is trusted no more than a file found in the street
 *
 *   finrig-job 1
 *   case: NAME
 *   file: PATH                    as to be shown in messages
 *   mode: run | shell | symbols   run when absent; symbols: send what /proc/kallsyms says, and nothing else (kallsyms.h)
 *   observe_us: N                 guest time to go on watching after the last statement; 0 when absent
 *   drain: never | always | expected | after 3s | slow 5/s      (drain.h); expected when absent
 *   seccomp: 2.6.32               answer newer system calls as that kernel would (seccomp.h)
 *   device: NAME                  capture this one too; the script's commands may make it
 *   sysctl: name=value            repeated, in order; dots or slashes in the name
 *   option: name=value            repeated; packetdrill's command line options without their dashes (options.h)
 *   folder: PATH                  where commands run; where the agent stands when absent
 *   script_bytes: N               length of the .pkt file; to the end when absent
 *   <empty line>
 *   <the whole .pkt file>
 *   <files: for each `MODE BYTES PATH\n` (mode octal, path absolute, without `..`) and its bytes; job_next_file()>
 *
 * A key has one colon and any blanks behind it; lines end in \n. Order of keys does not matter. An unknown key is an error:
 * host and agent are built together, and a key that is not understood would change what the case means.
 */
#ifndef FINRIG_AGENT_JOB_H
#define FINRIG_AGENT_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drain.h"

enum { JOB_LIST_MAX = 128, JOB_WHY_BYTES = 256 };
/* A hundred days of guest time. */
#define JOB_OBSERVE_MAX_US (INT64_C(100) * 24 * 3600 * 1000000)

enum job_mode { JOB_RUN, JOB_SHELL, JOB_SYMBOLS, JOB_MODE_COUNT };

struct job_setting {
	char *name, *value;
};

struct job {
	const char *case_name, *file; /* "" when absent */
	enum job_mode mode;
	int64_t observe_us;
	struct drain drain;
	const char *device;           /* NULL when absent */
	bool seccomp_2632;
	struct job_setting sysctl[JOB_LIST_MAX], option[JOB_LIST_MAX];
	size_t sysctl_count, option_count;
	const char *folder;           /* NULL when absent */
	const char *script;
	size_t script_bytes;
	char *files;
	size_t files_bytes;
};

/* A file that the job brings along. */
struct job_file {
	const char *path;
	unsigned mode;
	const char *data;
	size_t data_bytes;
};

/* Takes text apart in place: job points into it, so text must live as long. text must have a NUL at text[text_bytes];
 * NULs before that are refused in the head. false: why says what is wrong and in which line of the job. */
bool job_parse(struct job *job, char *text, size_t text_bytes, char why[JOB_WHY_BYTES]);
/* Takes the next of the job's files. Returns 1, 0 when there is none left, or -1: what comes is no file, as why says. */
int job_next_file(struct job *job, struct job_file *file, char why[JOB_WHY_BYTES]);

#endif
