/* SPDX-License-Identifier: GPL-2.0-or-later
 * job - takes the host's job text apart; job.h is the manual
 */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOB_MAGIC "finrig-job 1"

static bool set_case(struct job *job, char *value, const char **why)
{
	*why = "case: expected a name";
	job->case_name = value;
	return *value != '\0';
}

static bool set_file(struct job *job, char *value, const char **why)
{
	*why = "file: expected a path";
	job->file = value;
	return *value != '\0';
}

static bool set_mode(struct job *job, char *value, const char **why)
{
	static const char *const names[JOB_MODE_COUNT] = { [JOB_RUN] = "run", [JOB_SHELL] = "shell", [JOB_SYMBOLS] = "symbols" };

	for (unsigned mode = 0; mode < JOB_MODE_COUNT; mode++) {
		if (strcmp(value, names[mode]) == 0) {
			job->mode = mode;
			return true;
		}
	}
	*why = "mode: expected run, shell or symbols";
	return false;
}

static bool set_observe_us(struct job *job, char *value, const char **why)
{
	*why = "observe_us: expected microseconds, at most 100 days";
	job->observe_us = 0;
	for (char *digit = value; *digit; digit++) {
		if (*digit < '0' || *digit > '9')
			return false;
		job->observe_us = job->observe_us * 10 + (*digit - '0');
		if (job->observe_us > JOB_OBSERVE_MAX_US)
			return false;
	}
	return *value != '\0';
}

static bool set_drain(struct job *job, char *value, const char **why)
{
	return drain_parse(&job->drain, value, why);
}

static bool set_seccomp(struct job *job, char *value, const char **why)
{
	*why = "seccomp: expected 2.6.32";
	job->seccomp_2632 = strcmp(value, "2.6.32") == 0;
	return job->seccomp_2632;
}

static bool set_device(struct job *job, char *value, const char **why)
{
	*why = "device: expected a name";
	job->device = value;
	return *value != '\0';
}

static bool set_folder(struct job *job, char *value, const char **why)
{
	*why = "folder: expected an absolute path";
	job->folder = value;
	return *value == '/';
}

static bool set_script_bytes(struct job *job, char *value, const char **why)
{
	char *end;

	*why = "script_bytes: expected a number";
	job->script_bytes = strtoul(value, &end, 10);
	return *value >= '0' && *value <= '9' && !*end;
}

static bool append(struct job_setting *list, size_t *count, char *value, const char **why)
{
	char *equals = strchr(value, '=');

	*why = "more than 128 of them";
	if (*count == JOB_LIST_MAX)
		return false;
	*why = "expected name=value";
	list[*count].name = value;
	list[*count].value = value + strlen(value);
	if (equals) {
		*equals = '\0';
		list[*count].value = equals + 1;
	}
	(*count)++;
	return equals != value && *value != '\0';
}

/* The name becomes a path under /proc/sys, which it must not leave. */
static bool set_sysctl(struct job *job, char *value, const char **why)
{
	*why = "sysctl: expected name=value";
	if (!strchr(value, '=') || !append(job->sysctl, &job->sysctl_count, value, why))
		return false;
	*why = "sysctl: a name of letters, digits, '.', '/', '-' and '_', with no '..'";
	if (strstr(value, "..") || *value == '/')
		return false;
	return value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_-")] == '\0';
}

static bool set_option(struct job *job, char *value, const char **why)
{
	return append(job->option, &job->option_count, value, why);
}

static const struct {
	const char *name;
	bool (*set)(struct job *job, char *value, const char **why);
} keys[] = {
	{ "case", set_case }, { "file", set_file }, { "mode", set_mode }, { "observe_us", set_observe_us },
	{ "drain", set_drain }, { "seccomp", set_seccomp }, { "device", set_device },
	{ "sysctl", set_sysctl }, { "option", set_option },
	{ "folder", set_folder }, { "script_bytes", set_script_bytes },
};

static bool set_key(struct job *job, char *line, const char **why)
{
	char *colon = strchr(line, ':'), *value;

	*why = "expected `key: value`";
	if (!colon)
		return false;
	*colon = '\0';
	value = colon + 1;
	value += strspn(value, " \t");
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(line, keys[i].name) == 0)
			return keys[i].set(job, value, why);
	*why = "unknown key";
	return false;
}

/* Cuts the line at *next off and moves *next behind it. NULL if no newline comes, or a NUL before it. */
static char *take_line(char **next, char *end)
{
	char *line = *next;
	char *newline = memchr(line, '\n', (size_t)(end - line));

	if (!newline || memchr(line, '\0', (size_t)(newline - line)))
		return NULL;
	*newline = '\0';
	*next = newline + 1;
	return line;
}

/* The script, then the files. */
static void split_body(struct job *job, char *body, char *end)
{
	size_t body_bytes = (size_t)(end - body);

	job->script = body;
	if (job->script_bytes > body_bytes)
		job->script_bytes = body_bytes;
	job->files = body + job->script_bytes;
	job->files_bytes = body_bytes - job->script_bytes;
}

static bool read_file_head(const char *line, struct job_file *file)
{
	int length = -1;

	if (sscanf(line, "%o %zu %n", &file->mode, &file->data_bytes, &length) != 2 || length < 0)
		return false;
	file->path = line + length;
	return file->path[0] == '/' && file->mode <= 0777 && !strstr(file->path, "/../");
}

int job_next_file(struct job *job, struct job_file *file, char why[JOB_WHY_BYTES])
{
	char *end = job->files + job->files_bytes, *next = job->files, *line;

	if (!job->files_bytes)
		return 0;
	line = take_line(&next, end);
	if (!line || !read_file_head(line, file) || file->data_bytes > (size_t)(end - next)) {
		snprintf(why, JOB_WHY_BYTES, "the job's files: expected `MODE BYTES PATH` and the bytes");
		return -1;
	}
	file->data = next;
	job->files = next + file->data_bytes;
	job->files_bytes = (size_t)(end - job->files);
	return 1;
}

bool job_parse(struct job *job, char *text, size_t text_bytes, char why[JOB_WHY_BYTES])
{
	char *end = text + text_bytes, *next = text, *line;
	const char *fault = "the job does not begin with `" JOB_MAGIC "`";
	unsigned number = 1;

	*job = (struct job){ .case_name = "", .file = "", .script_bytes = SIZE_MAX, .drain = { .kind = DRAIN_EXPECTED } };
	line = take_line(&next, end);
	if (line && strcmp(line, JOB_MAGIC) == 0) {
		for (;;) {
			number++;
			fault = "the job ends before its empty line";
			line = take_line(&next, end);
			if (!line)
				break;
			if (!*line) {
				split_body(job, next, end);
				return true;
			}
			if (!set_key(job, line, &fault))
				break;
		}
	}
	snprintf(why, JOB_WHY_BYTES, "job line %u: %s", number, fault);
	return false;
}
