/* SPDX-License-Identifier: GPL-2.0-or-later
 * seccomp - makes a newer kernel answer system calls as Linux 2.6.32 would; seccomp.h is the manual
 */
#include "seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

int seccomp_install_2632(void)
{
	/* Other architectures' calls (int 0x80) pass: their numbers mean something else. Offsets count the skipped lines. */
	static struct sock_filter lines[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 6),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SECCOMP_FIRST_MISSING_CALL, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_newfstatat, 0, 3),
		LOAD(args[3]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, AT_EMPTY_PATH, 0, 1),
		ANSWER(EINVAL),
		ALLOW,
		ANSWER(ENOSYS),
	};
	static const struct sock_fprog program = { .len = sizeof(lines) / sizeof(lines[0]), .filter = lines };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0))
		return errno;
	return 0;
}
