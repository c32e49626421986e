/* SPDX-License-Identifier: GPL-2.0-or-later
 * init - what PID 1 of a guest has to do before and after a job; init.h is the manual
 */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "guestio.h"
#include "outlet.h"
#include "session.h"
#include "symbols.h"
#include "tun.h"

enum { FILE_MAX_BYTES = 64 * 1024 * 1024, QUIET_SLEEPS = 50, QUIET_SLEEPS_MAX = 300, RECEIVE_BUFFER_BYTES = 6291456 };
#define DEBUGFS "/sys/kernel/debug"
#define QUIET_SLEEP_NS (20 * NS_PER_MS)
#define QUIET_LATE_NS (200 * NS_PER_US)

/* What the initramfs may lack once devtmpfs lies over it, or where the kernel has no devtmpfs (before 2.6.32). */
static const struct node { const char *path; mode_t mode; unsigned major, minor; } nodes[] = {
	{ "/dev/console", S_IFCHR | 0600, 5, 1 }, { "/dev/null", S_IFCHR | 0666, 1, 3 }, { "/dev/zero", S_IFCHR | 0666, 1, 5 },
	{ "/dev/kmsg", S_IFCHR | 0600, 1, 11 }, { "/dev/urandom", S_IFCHR | 0666, 1, 9 }, { "/dev/tty", S_IFCHR | 0666, 5, 0 },
	{ "/dev/ttyS0", S_IFCHR | 0600, 4, 64 }, { "/dev/net/tun", S_IFCHR | 0600, 10, 200 },
};

static bool failed(const char *what, const char *on)
{
	int error = errno;

	outlet_error(NULL, 0, 0, "%s %s: %s (%s)", what, on, errno_name(error) ? errno_name(error) : "unknown error", strerror(error));
	return false;
}

static void make_node(const struct node *node)
{
	if (access(node->path, F_OK) && mknod(node->path, node->mode, makedev(node->major, node->minor)))
		failed("mknod", node->path);
}

/* Descriptors 0 to 2 must be taken, or a script's first socket would be 0. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd < 3);
	if (fd > 2)
		close(fd);
}

static bool mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) && errno != EBUSY)
		return failed("mount", "/proc");
	if (mount("sysfs", "/sys", "sysfs", 0, NULL) && errno != EBUSY)
		return failed("mount", "/sys");
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) && errno != EBUSY && errno != ENODEV)
		return failed("mount", "/dev");
	return true;
}

static void make_nodes(void)
{
	mkdir("/dev/net", 0755);
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		make_node(&nodes[i]);
}

/* The whole file in new memory with a NUL behind; NULL with errno. */
static char *read_file(const char *path, size_t *length_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *data = NULL;
	size_t used = 0;
	ssize_t got = 0;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && status.st_size <= FILE_MAX_BYTES)
		data = malloc((size_t)status.st_size + 1);
	while (data && used < (size_t)status.st_size) {
		got = read(fd, data + used, (size_t)status.st_size - used);
		if (got <= 0)
			break;
		used += (size_t)got;
	}
	close(fd);
	if (data)
		data[used] = '\0';
	*length_bytes = used;
	return data;
}

static bool load_module(const char *name)
{
	char path[256];
	size_t length;
	char *data;
	long result;

	snprintf(path, sizeof(path), INIT_MODULES "/%s", name);
	data = read_file(path, &length);
	if (!data)
		return failed("read module", path);
	result = syscall(SYS_init_module, data, length, "");
	if (result && errno == EEXIST)
		result = 0;
	if (result)
		failed("init_module", path);
	free(data);
	return !result;
}

/* Modules a packaged kernel needs, in the order of their dependencies. No list: all is built in. */
static bool load_modules(void)
{
	size_t length;
	char *order = read_file(INIT_MODULES "/order", &length), *rest = order, *name;
	bool loaded = true;

	if (!order)
		return errno == ENOENT || failed("read", INIT_MODULES "/order");
	while (loaded && (name = strsep(&rest, "\n")))
		if (*name)
			loaded = load_module(name);
	free(order);
	return loaded;
}

/* A kernel's first connect() fills a table with random numbers, which is 48 ms of guest time on 6.1: none of a script's.
 * Nobody listens; what comes of it does not matter. */
static void connect_once(void)
{
	struct sockaddr_in nowhere = { .sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	connect(fd, (struct sockaddr *)&nowhere, sizeof(nowhere));
	close(fd);
}

/* A guest is small, so its kernel would offer a small window scale; scripts written on ordinary machines expect their 7, which
 * follows from 6 MiB here. The first window, from the middle number, stays the kernel's own. */
static bool widen_receive_buffer(void)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_rmem";
	unsigned long least, first, most;
	char text[96] = "";
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool done = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && sscanf(text, "%lu %lu %lu", &least, &first, &most) == 3;

	if (done && most < RECEIVE_BUFFER_BYTES) {
		int length = snprintf(text, sizeof(text), "%lu %lu %d", least, first, RECEIVE_BUFFER_BYTES);

		done = pwrite(fd, text, (size_t)length, 0) == length;
	}
	if (!done)
		failed("widen", path);
	if (fd >= 0)
		close(fd);
	return done;
}

/* A packaged kernel's housekeeping wakes it several times a second, and hours of guest time then cost more than anything a case does:
 * 12 h on Debian's 6.1 16 s, with this 2. What a kernel does not have has nothing to be quieted; TCP takes no notice.
 * The watchdog looks for lockups every 2/5 of its threshold, 4 s by itself, and whatever waits for some wake-up comes along with it. With
 * this it tells of one after 60 s of guest time, 10 s of a processor's.
 * 6.12 keeps a part of each second for ordinary tasks, lest real-time ones starve them (there are none here), and counts it by a timer: half
 * of its wake-ups. 7.2 sets a timer at each wake-up for the end of a task's slice, and samples accesses to memory. */
static void quiet_housekeeping(void)
{
	static const struct { const char *path, *value; } quieter[] = {
		{ "/proc/sys/vm/compaction_proactiveness", "0" }, { "/proc/sys/vm/stat_interval", "600" },
		{ "/proc/sys/kernel/watchdog_thresh", "30" }, { DEBUGFS "/sched/fair_server/cpu0/runtime", "0" },
		{ DEBUGFS "/sched/features", "NO_HRTICK" }, { "/sys/module/damon_stat/parameters/enabled", "N" },
	};
	bool debugfs = mount("debugfs", DEBUGFS, "debugfs", 0, NULL) == 0;

	for (size_t i = 0; i < sizeof(quieter) / sizeof(quieter[0]); i++) {
		int fd = open(quieter[i].path, O_WRONLY | O_CLOEXEC);

		if (fd >= 0 && write(fd, quieter[i].value, strlen(quieter[i].value)) < 0)
			failed("write", quieter[i].path);
		if (fd >= 0)
			close(fd);
	}
	if (debugfs)
		umount(DEBUGFS);
}

/* Scripts may call a program by its path, /bin/dd. What is there already stays, and is complained of. */
static void link_programs(void)
{
	static char *const arguments[] = { "busybox", "--install", "-s", "/bin", NULL };
	pid_t child = fork();

	if (child == 0) {
		int null = open("/dev/null", O_WRONLY);

		dup2(null, 1);
		dup2(null, 2);
		execve("/bin/busybox", arguments, (char *[]){ NULL });
		_exit(127);
	}
	if (child < 0 || waitpid(child, NULL, 0) < 0)
		failed("start", "/bin/busybox");
}

static bool set_up(void)
{
	if (!load_modules())
		return false;
	make_nodes();
	link_programs();
	if (tun_loopback_up())
		return failed("SIOCSIFFLAGS", "lo up");
	if (!widen_receive_buffer())
		return false;
	connect_once();
	quiet_housekeeping();
	return session_open();
}

/* After boot a kernel is busy with itself for a while (self tests, deferred work), and a script's first steps would come late:
 * 5 ms were seen on 6.12. It is quiet when many short sleeps in a row end on time. Warped, the waiting costs next to nothing. */
static void wait_until_quiet(void)
{
	int64_t wake_ns = clock_ns();

	for (int slept = 0, on_time = 0; slept < QUIET_SLEEPS_MAX && on_time < QUIET_SLEEPS; slept++) {
		struct timespec wake;

		wake_ns += QUIET_SLEEP_NS;
		wake = (struct timespec){ wake_ns / NS_PER_S, wake_ns % NS_PER_S };
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL);
		on_time = clock_ns() - wake_ns < QUIET_LATE_NS ? on_time + 1 : 0;
	}
}

/* The first read after boot fills a pool, which takes up to a second of guest time; a kernel that has no urandom pays nothing. */
static void read_random(void)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	unsigned char bytes[4];

	if (fd >= 0 && read(fd, bytes, sizeof(bytes)) < 0)
		failed("read", "/dev/urandom");
	if (fd >= 0)
		close(fd);
}

static void run(void)
{
	int64_t paused;
	const char *why;
	size_t length;
	char *job;

	read_random();
	wait_until_quiet();
	paused = (int64_t)guestio_pause();
	session_ready(paused);
	job = guestio_read_job(&length, &why);
	if (job) {
		session_run(job, length);
		return;
	}
	outlet_error(NULL, 0, 0, "%s", why);
	session_end(RECORD_END_FAILED);
}

/* END was the last that the host waits for. Only a shell's guest has to end by itself. */
_Noreturn static void leave(void)
{
	guestio_pause();
	sync();
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

_Noreturn void init_main(void)
{
	bool mounted;
	int error;

	open_standard();
	error = guestio_open();
	/* Without ports there is no record stream; the console is all that is left to say so. */
	if (error)
		fprintf(stderr, "finrig agent: ioperm: %s (kernel without CONFIG_X86_IOPL_IOPERM?)\n", strerror(error));
	else
		outlet_open_port();
	mounted = mount_all();
	session_hello();
	if (mounted && set_up())
		run();
	else
		session_end(RECORD_END_FAILED);
	leave();
}
