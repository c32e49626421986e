/* SPDX-License-Identifier: GPL-2.0-or-later
 * as_2_6_32 - run a program under a kernel that answers as Linux 2.6.32 would: as_2_6_32 COMMAND [ARGUMENT...]
 * in: a command, for static x86-64 programs; out: its exit status, or 125 when the filter cannot be set or does not hold.
 * Why: what the guests run must work there, and a seccomp filter shows it on any host in milliseconds, without QEMU.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __x86_64__
#error the filter knows the system call numbers of x86-64 alone
#endif

enum {
	EXIT_FILTER = 125,
	FIRST_UNKNOWN_CALL = 299, /* recvmmsg; x32 numbers (2^30 and up) are above it, too */
	EMPTY_PATH = 0x1000,      /* AT_EMPTY_PATH, since 2.6.39 */
};

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define FAIL_WITH(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* A jump's last two numbers are how many instructions to skip if the comparison holds, and if it does not. */
static struct sock_filter program[] = {
	LOAD(arch),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
	FAIL_WITH(ENOSYS),
	LOAD(nr),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_UNKNOWN_CALL, 0, 1),
	FAIL_WITH(ENOSYS),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 1, 0),
	ALLOW,
	LOAD(args[3]), /* flags; the lower half, this machine being little endian */
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, EMPTY_PATH, 0, 1),
	FAIL_WITH(EINVAL),
	ALLOW,
};

static int set_filter(void)
{
	struct sock_fprog filter = { .len = sizeof(program) / sizeof(*program), .filter = program };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0);
}

/* The three kinds of answer, each asked for once: otherwise a filter that lets all through would pass every program. */
static int filter_holds(void)
{
	struct stat status;

	if (syscall(SYS_recvmmsg, -1, NULL, 0, 0, NULL) != -1 || errno != ENOSYS)
		return 0;
	if (syscall(SYS_newfstatat, 0, "", &status, EMPTY_PATH) != -1 || errno != EINVAL)
		return 0;
	return syscall(SYS_newfstatat, AT_FDCWD, "/", &status, 0) == 0;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: as_2_6_32 COMMAND [ARGUMENT...]\n");
		return EXIT_FILTER;
	}
	if (set_filter()) {
		fprintf(stderr, "as_2_6_32: the seccomp filter cannot be set: %s\n", strerror(errno));
		return EXIT_FILTER;
	}
	if (!filter_holds()) {
		fprintf(stderr, "as_2_6_32: the seccomp filter is set, but does not answer as 2.6.32\n");
		return EXIT_FILTER;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "as_2_6_32: %s: %s\n", argv[1], strerror(errno));
	return EXIT_FILTER;
}
