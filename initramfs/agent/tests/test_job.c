/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_job - the host's job text, right and hostile
 */
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "tap.h"

/* Parses a copy of exact size, so that a read past the end is a read past an allocation. */
static bool parse(struct job *job, const char *text, size_t text_bytes, char *why)
{
	char *copy = malloc(text_bytes + 1); /* job points into it: left to the end of the test */

	memcpy(copy, text, text_bytes);
	copy[text_bytes] = '\0';
	why[0] = '\0';
	return job_parse(job, copy, text_bytes, why);
}

static void test_whole(void)
{
	static const char text[] = "finrig-job 1\ncase: a/b\nfile: cases/a/b.pkt\nmode: shell\nobserve_us: 140000000\ndrain: slow 5/s\n"
				   "seccomp: 2.6.32\ndevice: veth0\nsysctl: net.ipv4.tcp_rmem=4096 87380 6291456\nsysctl: net.ipv4.tcp_sack=0\n"
				   "option: tolerance_usecs=10000\noption: flag\n\n// title: x\n0 socket\n\n";
	static struct job job;
	char why[JOB_WHY_BYTES];

	tap_ok(parse(&job, text, sizeof(text) - 1, why), "a job with every key: %s", why);
	tap_ok(strcmp(job.case_name, "a/b") == 0 && strcmp(job.file, "cases/a/b.pkt") == 0, "case and file");
	tap_ok(job.mode == JOB_SHELL && job.observe_us == 140000000 && job.seccomp_2632, "mode, observe and seccomp");
	tap_ok(job.drain.kind == DRAIN_SLOW && job.drain.interval_ns == 200000000, "drain");
	tap_ok(job.device && strcmp(job.device, "veth0") == 0, "device");
	tap_ok(job.sysctl_count == 2 && strcmp(job.sysctl[0].name, "net.ipv4.tcp_rmem") == 0
	       && strcmp(job.sysctl[0].value, "4096 87380 6291456") == 0 && strcmp(job.sysctl[1].value, "0") == 0, "sysctl, in order");
	tap_ok(job.option_count == 2 && strcmp(job.option[0].name, "tolerance_usecs") == 0 && strcmp(job.option[0].value, "10000") == 0
	       && strcmp(job.option[1].name, "flag") == 0 && strcmp(job.option[1].value, "") == 0, "options, with and without value");
	tap_ok(job.script_bytes == 22 && memcmp(job.script, "// title: x\n0 socket\n\n", 22) == 0, "the script to the last byte: %zu", job.script_bytes);
}

static void test_least(void)
{
	static struct job job;
	char why[JOB_WHY_BYTES];

	tap_ok(parse(&job, "finrig-job 1\n\n", 14, why) && job.script_bytes == 0, "a job of nothing");
	tap_ok(job.mode == JOB_RUN && job.drain.kind == DRAIN_EXPECTED && !*job.case_name && !job.observe_us && !job.device, "its defaults");
	tap_ok(parse(&job, "finrig-job 1\n\n\0\n", 16, why) && job.script_bytes == 2, "a NUL in the script is the script's business");
}

static const struct { const char *text, *why; } bad[] = {
	{ "", "line 1" }, { "finrig-job 1", "line 1" }, { "finrig-job 2\n\n", "line 1" }, { "FINRIG\n\n", "line 1" },
	{ "finrig-job 1\n", "line 2: the job ends" }, { "finrig-job 1\ncase: a\n", "line 3: the job ends" },
	{ "finrig-job 1\ncase: a", "line 2: the job ends" }, { "finrig-job 1\ncase:\n\n", "line 2: case" },
	{ "finrig-job 1\nfile: \n\n", "file" }, { "finrig-job 1\nwhatever: 1\n\n", "line 2: unknown key" },
	{ "finrig-job 1\ncase\n\n", "key: value" }, { "finrig-job 1\nmode: walk\n\n", "run, shell or symbols" },
	{ "finrig-job 1\nobserve_us: \n\n", "observe_us" }, { "finrig-job 1\nobserve_us: -1\n\n", "observe_us" },
	{ "finrig-job 1\nobserve_us: 99999999999999999999\n\n", "observe_us" }, { "finrig-job 1\nobserve_us: 1s\n\n", "observe_us" },
	{ "finrig-job 1\ndrain: now\n\n", "drain" }, { "finrig-job 1\nseccomp: 3.2\n\n", "2.6.32" },
	{ "finrig-job 1\nsysctl: net.ipv4\n\n", "name=value" }, { "finrig-job 1\nsysctl: =1\n\n", "name=value" },
	{ "finrig-job 1\nsysctl: ../../etc/passwd=1\n\n", "no '..'" }, { "finrig-job 1\nsysctl: /etc=1\n\n", "sysctl" },
	{ "finrig-job 1\nsysctl: a b=1\n\n", "sysctl" }, { "finrig-job 1\noption: =1\n\n", "name=value" },
	{ "finrig-job 1\nfolder: x\n\n", "absolute" }, { "finrig-job 1\ndevice:\n\n", "device" }, { "finrig-job 1\nscript_bytes: 1x\n\n", "number" },
};

static void test_bad(void)
{
	static struct job job;
	char why[JOB_WHY_BYTES];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		tap_ok(!parse(&job, bad[i].text, strlen(bad[i].text), why) && strstr(why, bad[i].why), "refused %zu: %s", i, why);
	tap_ok(!parse(&job, "finrig-job 1\ncase: a\0b\n\n", 24, why), "a NUL in the head is refused: %s", why);
}

static void test_many(void)
{
	static char text[64 * 1024] = "finrig-job 1\n";
	static struct job job;
	char why[JOB_WHY_BYTES];

	for (int i = 0; i < JOB_LIST_MAX; i++)
		strcat(text, "option: a=b\n");
	strcat(text, "\n");
	tap_ok(parse(&job, text, strlen(text), why) && job.option_count == JOB_LIST_MAX, "as many options as there is room for");
	strcpy(text + strlen(text) - 1, "option: a=b\n\n");
	tap_ok(!parse(&job, text, strlen(text), why) && strstr(why, "more than 128"), "one more is refused: %s", why);
}

static void test_files(void)
{
	static const char text[] = "finrig-job 1\nfolder: /case/x\nscript_bytes: 6\n\nscript755 3 /case/a\nabc644 0 /case/x/b c\n";
	static const char *const wrong[] = { "644 9 /case/a\nabc", "644 3 case/a\nabc", "644 0 /a/../b\n", "7777 0 /a\n", "/a\n", "644 1 /a" };
	static struct job job;
	struct job_file file;
	char why[JOB_WHY_BYTES], text_of[128];

	tap_ok(parse(&job, text, strlen(text), why) && job.script_bytes == 6 && memcmp(job.script, "script", 6) == 0 &&
	       strcmp(job.folder, "/case/x") == 0, "a script with files behind it");
	tap_ok(job_next_file(&job, &file, why) == 1 && strcmp(file.path, "/case/a") == 0 && file.mode == 0755 && file.data_bytes == 3 &&
	       memcmp(file.data, "abc", 3) == 0, "its first file");
	tap_ok(job_next_file(&job, &file, why) == 1 && strcmp(file.path, "/case/x/b c") == 0 && file.data_bytes == 0, "its second, with a blank");
	tap_ok(job_next_file(&job, &file, why) == 0, "and no more");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text_of, sizeof(text_of), "finrig-job 1\nscript_bytes: 0\n\n%s", wrong[i]);
		tap_ok(parse(&job, text_of, strlen(text_of), why) && job_next_file(&job, &file, why) == -1 && strstr(why, "files"), "no file %zu: %s", i, why);
	}
}

/* Every beginning of a good job is refused or read, and nothing worse. */
static void test_cut(void)
{
	static const char text[] = "finrig-job 1\ncase: a\nsysctl: a.b=c\ndrain: after 3s\n\nscript";
	static struct job job;
	char why[JOB_WHY_BYTES];
	bool right = true;

	for (size_t length = 0; length < sizeof(text); length++)
		right = right && parse(&job, text, length, why) == (length >= sizeof(text) - 1 - strlen("script"));
	tap_ok(right, "cut at every byte");
}

int main(void)
{
	test_whole();
	test_least();
	test_bad();
	test_many();
	test_files();
	test_cut();
	return tap_done();
}
