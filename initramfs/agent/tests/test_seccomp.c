/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_seccomp - the filter answers as 2.6.32 would, for children too; without it this kernel answers otherwise
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "seccomp.h"
#include "tap.h"

enum { SYSTEM_CALL_GETRANDOM = 318, EMPTY_PATH = 0x1000, X32_BIT = 0x40000000 };

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int stat_empty_path(void)
{
	struct stat status;

	return error_of(syscall(SYS_newfstatat, 1, "", &status, EMPTY_PATH));
}

static int stat_path(void)
{
	struct stat status;

	return error_of(syscall(SYS_newfstatat, AT_FDCWD, "/", &status, AT_SYMLINK_NOFOLLOW));
}

static int getrandom_call(void)
{
	char byte;

	return error_of(syscall(SYSTEM_CALL_GETRANDOM, &byte, 1, 0));
}

/* In a child, so that the filter is gone with it. The exit status is the number of the first thing wrong. */
static int filtered(void)
{
	int status = 0;
	pid_t child;

	if (seccomp_install_2632())
		return 1;
	if (getrandom_call() != ENOSYS || error_of(syscall(SECCOMP_FIRST_MISSING_CALL, -1, 0, 0, 0, 0)) != ENOSYS)
		return 2;
	if (stat_empty_path() != EINVAL || stat_path() != 0)
		return 3;
	if (error_of(syscall(X32_BIT | SYS_getpid)) != ENOSYS)
		return 4;
	/* 298 is the last there was: it must reach the kernel, which does not like the null pointer. */
	if (error_of(syscall(SECCOMP_FIRST_MISSING_CALL - 1, NULL, 0, -1, -1, 0)) == ENOSYS)
		return 5;
	child = fork();
	if (child == 0)
		_exit(getrandom_call() == ENOSYS ? 0 : 1);
	waitpid(child, &status, 0);
	return status ? 6 : 0;
}

static int in_child(int (*run)(void))
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(run());
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	int result = in_child(filtered);

	tap_ok(getrandom_call() == 0 && stat_empty_path() == 0, "this kernel has the newer calls");
	tap_ok(result == 0, "under the filter it has not, and its children neither (step %d)", result);
	tap_ok(getrandom_call() == 0, "the filter went with the child");
	return tap_done();
}
