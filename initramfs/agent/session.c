/* SPDX-License-Identifier: GPL-2.0-or-later
 * session - one job from open device to RECORD_END; session.h is the manual
 */
#include "session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "capture.h"
#include "clock.h"
#include "counters.h"
#include "descriptor.h"
#include "engine.h"
#include "job.h"
#include "kallsyms.h"
#include "link.h"
#include "outlet.h"
#include "seccomp.h"
#include "shell.h"
#include "symbols.h"
#include "suite.h"

/* Between the decision to start and time zero: START's record must be out before. */
#define START_AHEAD_NS (200 * NS_PER_US)
/* Time zero is a multiple of this behind READY, which comes before the job is looked at: the length of a comment moves nothing. */
#define START_GRID_NS (500 * NS_PER_MS)
/* What is left of that for the steps before time zero that a comment's length could reach: see in_step(). */
#define IN_STEP_AHEAD_NS (100 * NS_PER_US)

static struct session {
	struct job job;
	int64_t ready_ns;
	struct options options;
	struct script *script;
	struct loop loop;
	struct sampler sampler;
	struct peer peer;
	struct link_injector injector;
	struct calls calls;
	struct blocking blocking;
	struct engine engine;
} session;

static const char *error_text(int error)
{
	const char *name = errno_name(error);

	return name ? name : "unknown error";
}

static bool failed(const char *what)
{
	int error = errno;

	outlet_error(NULL, 0, 0, "%s: %s (%s)", what, error_text(error), strerror(error));
	return false;
}

/* what: a place, because fd comes from a call that says there what it did. */
static bool take_descriptor(int *place, int fd, const char *const *what)
{
	*place = descriptor_raise(fd);
	return *place >= 0 || failed(*what);
}

void session_hello(void)
{
	struct utsname name = { 0 };
	struct record *record;

	uname(&name);
	session.loop.realtime_offset_ns = clock_realtime_offset_ns();
	record = outlet_begin_paired(RECORD_HELLO, clock_pair());
	record_text(record, FIELD_RELEASE, name.release);
	record_text(record, FIELD_VERSION, name.version);
	record_int(record, FIELD_REALTIME_OFFSET_NS, session.loop.realtime_offset_ns);
	outlet_send();
}

void session_ready(int64_t stopped_ns)
{
	struct clock_pair now = clock_pair();

	session.ready_ns = now.ns;
	record_int(outlet_begin_paired(RECORD_READY, now), FIELD_VALUE, stopped_ns);
	outlet_send();
}

bool session_open(void)
{
	struct loop *loop = &session.loop;
	const char *what = "";

	session.options = options_default();
	loop->extra_fd = -1;
	loop->sampler = &session.sampler;
	loop->peer = &session.peer;
	loop->injector = &session.injector;
	if (!take_descriptor(&loop->tun_fd, tun_open(&what), &what))
		return false;
	session.injector.fd = loop->tun_fd;
	if (tun_configure(&session.options.net, &what))
		return failed(what);
	if (!take_descriptor(&loop->capture_fd, capture_open(NULL, &what), &what))
		return false;
	what = "timerfd_create";
	if (!take_descriptor(&loop->timer_fd, loop_make_timer(), &what))
		return false;
	what = "socket NETLINK_INET_DIAG (are inet_diag and tcp_diag built in or loaded?)";
	return take_descriptor(&session.sampler.diag_fd, diag_open(), &what);
}

/* Dots become slashes, unless the name has slashes already: then its dots are part of a device's name. */
static bool set_sysctl(const struct job_setting *setting)
{
	char path[256], what[384];
	size_t length = strlen(setting->value);
	bool written;
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/%s", setting->name);
	for (char *at = path; *at && !strchr(setting->name, '/'); at++)
		if (*at == '.')
			*at = '/';
	snprintf(what, sizeof(what), "sysctl %s = %.64s", setting->name, setting->value);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return failed(what);
	written = write(fd, setting->value, length) == (ssize_t)length;
	if (!written)
		failed(what);
	close(fd);
	return written;
}

static bool apply_option(const char *name, const char *value, unsigned line, unsigned column)
{
	const char *why = "";

	if (options_apply(&session.options, name, value, &why))
		return true;
	outlet_error(session.job.file, line, column, "option %s: %s", name, why);
	return false;
}

/* Where the script gives an option last; NULL: nowhere. */
static const struct script_option *option_place(const char *name)
{
	for (unsigned i = session.script->option_count; i-- > 0;)
		if (strcmp(session.script->options[i].name, name) == 0)
			return &session.script->options[i];
	return NULL;
}

/* What the options only have together. */
static bool finish_options(void)
{
	const struct script_option *place;
	const char *name, *why;

	if (options_finish(&session.options, &name, &why))
		return true;
	place = option_place(name);
	outlet_error(session.job.file, place ? place->line : 0, place ? place->column : 0, "option %s: %s", name, why);
	return false;
}

/* A kernel without IPv6 has no AF_INET6 sockets, mapped or not. */
static bool has_family(void)
{
	int family = options_family(&session.options), fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const struct script_option *place = option_place("ip_version");

	if (fd >= 0)
		close(fd);
	else
		outlet_error(session.job.file, place ? place->line : 0, place ? place->column : 0,
			     "ip_version %s: this kernel has no %s (socket: %s)", options_ip_name(session.options.ip),
			     family == AF_INET6 ? "IPv6" : "IPv4", error_text(errno));
	return fd >= 0;
}

/* Is the script one for several versions of IP, told from outside that it is to be run over IPv6? */
static bool is_for_any_version(void)
{
	for (size_t i = 0; i < session.job.option_count; i++)
		if (strcmp(session.job.option[i].name, "ip_version") == 0 && strcmp(session.job.option[i].value, "ipv6") == 0)
			return true;
	return false;
}

/* Only now is it known that the device is to hand over several segments at once. */
static bool exchange_device(void)
{
	struct loop *loop = &session.loop;
	const char *what = "";

	session.injector.segment_bytes = session.options.net.segment_bytes;
	if (!session.injector.segment_bytes)
		return true;
	if (!take_descriptor(&loop->tun_fd, tun_reopen(loop->tun_fd, &what), &what))
		return false;
	session.injector.fd = loop->tun_fd;
	return true;
}

/* The job's options come from a command line and win over the script's. */
static bool apply_options(void)
{
	const char *what = "";

	session.options = options_default();
	if (is_for_any_version())
		session.options.net.mtu = OPTIONS_MTU_ANY_VERSION;
	for (unsigned i = 0; i < session.script->option_count; i++) {
		const struct script_option *option = &session.script->options[i];

		if (!apply_option(option->name, option->value, option->line, option->column))
			return false;
	}
	for (size_t i = 0; i < session.job.option_count; i++)
		if (!apply_option(session.job.option[i].name, session.job.option[i].value, 0, 0))
			return false;
	return finish_options() && has_family() && exchange_device() && (!tun_configure(&session.options.net, &what) || failed(what));
}

static bool read_script(void)
{
	static struct script_setting settings[JOB_LIST_MAX];
	struct script_error error;
	unsigned count = 0;

	for (; count < session.job.option_count; count++)
		settings[count] = (struct script_setting){ session.job.option[count].name, session.job.option[count].value };
	session.script = script_parse_with(session.job.file, session.job.script, session.job.script_bytes, settings, count, &error);
	if (session.script)
		return true;
	outlet_error(session.job.file, error.line, error.column, "%s", error.message);
	return false;
}

static bool prepare(void)
{
	const struct job *job = &session.job;
	char why[JOB_WHY_BYTES];
	int error;

	if (!suite_lay_out(&session.job, why)) {
		outlet_error(NULL, 0, 0, "%s", why);
		return false;
	}
	if (job->seccomp_2632) {
		errno = seccomp_install_2632();
		if (errno)
			return failed("seccomp filter of 2.6.32's system calls");
	}
	for (size_t i = 0; i < job->sysctl_count; i++)
		if (!set_sysctl(&job->sysctl[i]))
			return false;
	if (!read_script() || !apply_options())
		return false;
	errno = error = counters_open();
	if (error)
		return failed("baseline of /proc/net/snmp, netstat and dev");
	peer_init(&session.peer, &session.options, &session.sampler);
	calls_init(&session.calls, &session.options, &session.peer);
	session.engine = (struct engine){
		.file = job->file, .script = session.script, .options = &session.options, .loop = &session.loop,
		.peer = &session.peer, .calls = &session.calls, .blocking = &session.blocking,
	};
	return engine_check(&session.engine);
}

/* "192.168.0.1:8080" or "[fd3d:a0b:17d6::1]:8080": what is on the wire. */
static void record_end_point(struct record *record, enum record_field_id field, uint32_t v4, const struct in6_addr *v6,
			     uint16_t port)
{
	bool is_v6 = options_wire_version(&session.options) == 6;
	char address[INET6_ADDRSTRLEN] = "", text[INET6_ADDRSTRLEN + 16];

	inet_ntop(is_v6 ? AF_INET6 : AF_INET, is_v6 ? (const void *)v6 : &v4, address, sizeof(address));
	snprintf(text, sizeof(text), is_v6 ? "[%s]:%u" : "%s:%u", address, port);
	record_text(record, field, text);
}

static void send_start(int64_t zero_ns)
{
	const struct tun_config *net = &session.options.net;
	struct record *record = outlet_begin(RECORD_START, zero_ns);

	record_text(record, FIELD_CASE, session.job.case_name);
	record_text(record, FIELD_FILE, session.job.file);
	record_text(record, FIELD_INTERFACE, TUN_NAME);
	record_end_point(record, FIELD_LOCAL, net->local, &net->local6, session.options.bind_port);
	record_end_point(record, FIELD_REMOTE, net->remote, &net->remote6, session.options.remote_port);
	record_int(record, FIELD_REALTIME_OFFSET_NS, session.loop.realtime_offset_ns);
	outlet_send();
}

static void observe(int64_t until_ns)
{
	while (loop_wait(&session.loop, until_ns) != LOOP_DUE)
		;
}

/* The local APIC's timer counts in steps of 16 ns from the instruction that sets it, and under icount an instruction is 2^shift ns: one more
 * of them, as for the last letter of a comment, and every later wake-up comes 8 ns later. So the instructions are brought into step
 * with the timer. Three at a time, an odd number, meet every phase; where TSC is no count of instructions nothing is lost. */
static void in_step(void)
{
	unsigned long tries = 64;

	__asm__ volatile("1: rdtsc\n\ttestb $15, %%al\n\tloopnz 1b" : "+c"(tries) : : "eax", "edx", "cc");
}

static int64_t start(void)
{
	int64_t zero_ns;

	session.loop.realtime_offset_ns = clock_realtime_offset_ns();
	zero_ns = clock_ns() + START_AHEAD_NS;
	if (session.ready_ns)
		zero_ns = session.ready_ns + ((zero_ns - session.ready_ns) / START_GRID_NS + 1) * START_GRID_NS;
	send_start(zero_ns);
	loop_start(&session.loop, &session.job.drain, zero_ns);
	observe(zero_ns - IN_STEP_AHEAD_NS);
	in_step();
	return zero_ns;
}

/* The last look at everything. */
static void finish(void)
{
	unsigned lost;

	loop_capture(&session.loop);
	sampler_look(&session.sampler, "end");
	counters_take(clock_ns());
	lost = capture_lost(session.loop.capture_fd);
	if (lost)
		outlet_error(NULL, 0, 0, "the capture's buffer was full: %u packets were not recorded", lost);
}

void session_end(enum record_end_status status)
{
	struct record *record = outlet_begin_paired(RECORD_END, clock_pair());

	record_uint(record, FIELD_STATUS, status);
	outlet_send();
}

/* Only now is a device there that the script's commands made. */
static bool capture_device(void)
{
	const char *what = "";

	if (!session.job.device)
		return true;
	close(session.loop.capture_fd);
	if (take_descriptor(&session.loop.capture_fd, capture_open(session.job.device, &what), &what))
		return true;
	session.engine.status = RECORD_END_FAILED;
	return false;
}

static enum record_end_status carry_out(void)
{
	if (!engine_prepare(&session.engine) || !capture_device()) {
		engine_clean(&session.engine);
		return session.engine.status;
	}
	session.engine.zero_ns = start();
	loop_wait_until(&session.loop, session.engine.zero_ns);
	if (engine_run(&session.engine))
		observe(session.engine.done_ns + session.job.observe_us * NS_PER_US);
	finish();
	engine_clean(&session.engine);
	return session.engine.status;
}

static enum record_end_status run_shell(void)
{
	enum record_end_status status;

	start();
	status = shell_run(&session.loop);
	finish();
	return status;
}

enum record_end_status session_run(char *text, size_t text_bytes)
{
	enum record_end_status status = RECORD_END_FAILED;
	char why[JOB_WHY_BYTES];

	if (!job_parse(&session.job, text, text_bytes, why))
		outlet_error(NULL, 0, 0, "%s", why);
	else if (session.job.mode == JOB_SYMBOLS)
		status = kallsyms_send() ? RECORD_END_PASSED : RECORD_END_FAILED;
	else if (!prepare())
		; /* it said why */
	else
		status = session.job.mode == JOB_SHELL ? run_shell() : carry_out();
	session_end(status);
	return status;
}
