/* SPDX-License-Identifier: GPL-2.0-or-later
 * code_process - one python3 that runs the program of code_program.c, with a deadline and bounds
 */
#include "code_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"

/* A cold disk and a busy machine are not the script's fault. */
static const gint64 start_limit_us = 60 * G_USEC_PER_SEC;
enum { MEMORY_LIMIT_BYTES = 512 << 20, FILE_LIMIT_BYTES = 1 << 20, COMPLAINT_BYTES = 4096 };

struct python {
	GPid pid;
	int input, answer, complaint; /* complaint: what it writes to standard error */
};

static gboolean broken(GError **error, const char *what, const char *why)
{
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", what, why);
	return FALSE;
}

/* Runs between fork and exec. The limit on files bounds what lands in the complaint too. */
static void child_setup(gpointer user)
{
	const struct rlimit memory = { MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES }, file = { FILE_LIMIT_BYTES, FILE_LIMIT_BYTES };

	(void)user;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_FSIZE, &file);
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

/* A file in memory instead of a pipe: nobody has to feed it, and a reader that died cannot hurt. */
static int input_file(const GString *input, GError **error)
{
	int file = memfd_create("finrig-code", MFD_CLOEXEC);

	for (gsize done = 0; file >= 0 && done < input->len;) {
		ssize_t written = write(file, input->str + done, input->len - done);

		if (written > 0)
			done += (gsize)written;
		else if (errno != EINTR) {
			close(file);
			file = -1;
		}
	}
	if (file < 0 || lseek(file, 0, SEEK_SET) < 0)
		broken(error, "python3's input", g_strerror(errno));
	return file;
}

/* Nothing of the user's environment but what a wrapper called python3 needs to find the real one. Option -I would do the same and
 * more, but it also ignores the hash seed, without which sets print in another order each time. */
static char **environment(void)
{
	static const char *const kept[] = { "PATH", "HOME" };
	char **variables = g_new0(char *, 1);

	for (gsize i = 0; i < G_N_ELEMENTS(kept); i++)
		if (g_getenv(kept[i]))
			variables = g_environ_setenv(variables, kept[i], g_getenv(kept[i]), TRUE);
	variables = g_environ_setenv(variables, "PYTHONHASHSEED", "0", TRUE);
	return g_environ_setenv(variables, "LC_ALL", "C", TRUE);
}

static gboolean spawn(struct python *python, GError **error)
{
	g_autofree char *found = g_find_program_in_path("python3");
	g_autofree char *path = found ? g_canonicalize_filename(found, NULL) : NULL;
	const char *const argv[] = { path, "-S", "-B", "-X", "utf8", "-c", code_program, NULL };
	g_auto(GStrv) variables = environment();
	g_autoptr(GError) why = NULL;
	int pipe_ends[2];
	gboolean done;

	if (!path)
		return broken(error, "python3 is not installed",
			      "the script has code in %{ }%, which needs it (Debian package python3: apt-get install python3)");
	python->complaint = memfd_create("finrig-code-errors", MFD_CLOEXEC);
	if (python->complaint < 0 || !g_unix_open_pipe(pipe_ends, FD_CLOEXEC, NULL))
		return broken(error, "python3", g_strerror(errno));
	python->answer = pipe_ends[0];
	done = g_spawn_async_with_fds("/", (char **)argv, variables, G_SPAWN_DO_NOT_REAP_CHILD, child_setup, NULL, &python->pid,
				      python->input, pipe_ends[1], python->complaint, &why);
	close(pipe_ends[1]);
	return done || broken(error, "python3 cannot be run", why->message);
}

/* FALSE when there is no more to read, or no more time. */
static gboolean read_some(const struct python *python, GString *text, gint64 deadline_us, gboolean *late)
{
	struct pollfd poll_fd = { python->answer, POLLIN, 0 };
	char bytes[4096];
	gint64 left_us = deadline_us - g_get_monotonic_time();
	ssize_t count = -1;
	int ready;

	ready = left_us > 0 ? poll(&poll_fd, 1, (int)(left_us / 1000) + 1) : 0;
	*late = ready == 0;
	if (ready < 0)
		return errno == EINTR;
	if (ready > 0)
		while ((count = read(python->answer, bytes, sizeof(bytes))) < 0 && errno == EINTR)
			;
	if (count > 0)
		g_string_append_len(text, bytes, count);
	return count > 0;
}

static void listen_to(const struct python *python, gint64 limit_us, gsize answer_limit_bytes, struct code_process *process)
{
	gint64 deadline_us = g_get_monotonic_time() + start_limit_us;
	gboolean is_ready = FALSE;

	while (!process->excessive && read_some(python, process->answer, deadline_us, &process->late)) {
		if (!is_ready && strchr(process->answer->str, '\n')) {
			is_ready = TRUE;
			deadline_us = g_get_monotonic_time() + limit_us;
		}
		process->excessive = process->answer->len > answer_limit_bytes;
	}
}

/* Its end has closed the pipe, or it is to end now: a kill changes nothing about a process that has ended by itself. */
static int finish(const struct python *python)
{
	int status = 0;

	kill(-python->pid, SIGKILL);
	kill(python->pid, SIGKILL);
	while (waitpid(python->pid, &status, 0) < 0 && errno == EINTR)
		;
	g_spawn_close_pid(python->pid);
	return status;
}

/* The last line it wrote to standard error. */
static char *complaint_text(const struct python *python)
{
	char bytes[COMPLAINT_BYTES + 1];
	off_t end = lseek(python->complaint, 0, SEEK_END);
	ssize_t count = pread(python->complaint, bytes, COMPLAINT_BYTES, MAX(0, end - COMPLAINT_BYTES));
	const char *newline;

	bytes[MAX(0, count)] = '\0';
	g_strchomp(bytes);
	newline = strrchr(bytes, '\n');
	return g_utf8_make_valid(newline ? newline + 1 : bytes, -1);
}

/* Takes the first line off the answer; without one python never began. */
static gboolean check_ready(const struct python *python, struct code_process *process, GError **error)
{
	static const char ready[] = "{\"ready\": ";
	const char *end = strchr(process->answer->str, '\n'), *last;
	g_autofree char *complaint = complaint_text(python);

	if (!end || !g_str_has_prefix(process->answer->str, ready))
		return broken(error, "python3 did not start", process->late ? "no word from it in 60 s" : *complaint ? complaint : "it said nothing");
	g_string_erase(process->answer, 0, end - process->answer->str + 1);
	last = strrchr(process->answer->str, '\n');
	g_string_truncate(process->answer, last ? (gsize)(last - process->answer->str) + 1 : 0);
	return TRUE;
}

static void close_if_open(int file)
{
	if (file >= 0)
		close(file);
}

gboolean code_process_run(const GString *input, gint64 limit_us, gsize answer_limit_bytes, struct code_process *process, GError **error)
{
	struct python python = { 0, -1, -1, -1 };
	gboolean done;

	*process = (struct code_process){ .answer = g_string_new(NULL) };
	python.input = input_file(input, error);
	done = python.input >= 0 && spawn(&python, error);
	if (done) {
		listen_to(&python, limit_us, answer_limit_bytes, process);
		process->status = finish(&python);
		done = check_ready(&python, process, error);
	}
	close_if_open(python.input);
	close_if_open(python.answer);
	close_if_open(python.complaint);
	return done;
}

void code_process_clear(struct code_process *process)
{
	if (process->answer)
		g_string_free(process->answer, TRUE);
	process->answer = NULL;
}
