/* SPDX-License-Identifier: GPL-2.0-or-later
 * shell - an interactive busybox shell on the guest's console; shell.h is the manual
 */
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "descriptor.h"
#include "outlet.h"
#include "symbols.h"

enum { CANNOT_START = 127 };

/* A session of its own with the console as its terminal: only so do ^C and job control work. */
static void become_shell(void)
{
	static char *const arguments[] = { "sh", "-i", NULL };
	static char *const environment[] = { "PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/", "TERM=vt100", "PS1=guest# ", NULL };
	sigset_t none;
	int console;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	console = open(SHELL_CONSOLE, O_RDWR);
	if (console >= 0) {
		ioctl(console, TIOCSCTTY, 1);
		for (int fd = 0; fd < 3; fd++)
			dup2(console, fd);
		if (console > 2)
			close(console);
	}
	execve(SHELL_PATH, arguments, environment);
	_exit(CANNOT_START);
}

/* Reaps all that have ended; true if the shell is among them, with how it ended. */
static bool reap(pid_t shell, int *status)
{
	bool ended = false;
	pid_t pid;
	int how;

	while ((pid = waitpid(-1, &how, WNOHANG)) > 0) {
		if (pid != shell)
			continue;
		ended = true;
		*status = how;
	}
	return ended;
}

static void wait_for(struct loop *loop, pid_t shell, int *status)
{
	do {
		struct signalfd_siginfo signal;

		while (loop_wait(loop, CLOCK_NEVER) != LOOP_EXTRA)
			;
		while (read(loop->extra_fd, &signal, sizeof(signal)) > 0)
			;
	} while (!reap(shell, status));
}

enum record_end_status shell_run(struct loop *loop)
{
	sigset_t children;
	int status = 0;
	pid_t shell;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	loop->extra_fd = descriptor_raise(signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC));
	shell = loop->extra_fd < 0 ? -1 : fork();
	if (shell < 0) {
		outlet_error(NULL, 0, 0, "%s for the shell: %s", loop->extra_fd < 0 ? "signalfd" : "fork", errno_name(errno));
		return RECORD_END_FAILED;
	}
	if (shell == 0)
		become_shell();
	wait_for(loop, shell, &status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_START) {
		outlet_error(NULL, 0, 0, "cannot start " SHELL_PATH " on " SHELL_CONSOLE);
		return RECORD_END_FAILED;
	}
	return RECORD_END_PASSED;
}
