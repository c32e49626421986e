/* SPDX-License-Identifier: GPL-2.0-or-later
 * source_process - programs that the source and image stages run, and the locks they hold meanwhile
 */
#include "source_process.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "error.h"

/* What a user's shell, or the make that runs finrig, may hold and kbuild would heed. */
static const char *const unwanted[] = {
	"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MAKEFILES", "ARCH", "CROSS_COMPILE", "CFLAGS", "CPPFLAGS", "LDFLAGS",
	"KCFLAGS", "KAFLAGS", "KCPPFLAGS", "KBUILD_OUTPUT", "KBUILD_EXTMOD", "KBUILD_VERBOSE", "KCONFIG_CONFIG", "KCONFIG_ALLCONFIG",
	"INSTALL_MOD_PATH", "LOCALVERSION", "O", "V", "M", "C", "W", "LANG", "LANGUAGE", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE",
};

char **process_environment(void)
{
	char **environment = g_get_environ();

	for (guint i = 0; i < G_N_ELEMENTS(unwanted); i++)
		environment = g_environ_unsetenv(environment, unwanted[i]);
	return g_environ_setenv(environment, "LC_ALL", "C", TRUE);
}

static void child_setup(gpointer user)
{
	(void)user;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocess *process_start(const struct process *process, GError **error)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
	g_auto(GStrv) environment = process->environment ? g_strdupv(process->environment) : process_environment();
	g_autoptr(GError) why = NULL;
	GSubprocess *child;

	g_subprocess_launcher_set_environ(launcher, environment);
	if (process->directory)
		g_subprocess_launcher_set_cwd(launcher, process->directory);
	g_subprocess_launcher_set_child_setup(launcher, child_setup, NULL, NULL);
	child = g_subprocess_launcher_spawnv(launcher, process->argv, &why);
	if (!child)
		g_set_error(error, FINRIG_ERROR,
			    g_error_matches(why, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT) ? FINRIG_ERROR_UNAVAILABLE : FINRIG_ERROR_BROKEN,
			    "%s cannot be run: %s", process->argv[0], why->message);
	return child;
}

static void kill_group(GCancellable *cancellable, gpointer user)
{
	(void)cancellable;
	kill(-(pid_t)GPOINTER_TO_INT(user), SIGTERM);
}

/* Reads until all that hold the pipe have gone. */
static char *read_lines(const struct process *process, GSubprocess *child)
{
	g_autoptr(GDataInputStream) lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(child));
	FILE *log = process->log ? fopen(process->log, "ae") : NULL;
	GString *output = g_string_new(NULL);
	char *line;

	while ((line = g_data_input_stream_read_line(lines, NULL, NULL, NULL))) {
		g_string_append(output, line);
		g_string_append_c(output, '\n');
		if (log)
			fprintf(log, "%s\n", line);
		if (process->line)
			process->line(process->line_user, line);
		g_free(line);
	}
	if (log)
		fclose(log);
	return g_string_free(output, FALSE);
}

/* The last line that is not empty. */
static char *last_line(const char *output)
{
	g_autofree char *text = g_strchomp(g_strdup(output));
	const char *newline = strrchr(text, '\n');

	return g_strdup(newline ? newline + 1 : text);
}

static gboolean process_ended(const struct process *process, GSubprocess *child, const char *output, int *exit_code, GError **error)
{
	g_autofree char *last = last_line(output);

	if (!g_subprocess_get_if_exited(child)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: ended by signal %d: %s", process->argv[0],
			    g_subprocess_get_term_sig(child), last);
		return FALSE;
	}
	if (exit_code)
		*exit_code = g_subprocess_get_exit_status(child);
	else if (g_subprocess_get_exit_status(child)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s (exit code %d)", process->argv[0], last,
			    g_subprocess_get_exit_status(child));
		return FALSE;
	}
	return TRUE;
}

gboolean process_run(const struct process *process, GCancellable *cancellable, char **output, int *exit_code, GError **error)
{
	g_autoptr(GSubprocess) child = NULL;
	g_autofree char *text = NULL;
	const char *identifier;
	gulong handler = 0;

	if (g_cancellable_is_cancelled(cancellable) || !(child = process_start(process, error))) {
		if (!child && g_cancellable_is_cancelled(cancellable))
			g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
		return FALSE;
	}
	identifier = g_subprocess_get_identifier(child); /* NULL once it has ended */
	if (cancellable && identifier)
		handler = g_cancellable_connect(cancellable, G_CALLBACK(kill_group), GINT_TO_POINTER(atoi(identifier)), NULL);
	text = read_lines(process, child);
	g_subprocess_wait(child, NULL, NULL);
	if (handler)
		g_cancellable_disconnect(cancellable, handler);
	if (g_cancellable_is_cancelled(cancellable)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "%s interrupted", process->argv[0]);
		return FALSE;
	}
	if (!process_ended(process, child, text, exit_code, error))
		return FALSE;
	if (output)
		*output = g_steal_pointer(&text);
	return TRUE;
}

/* flock() itself cannot be cancelled, so it is asked again until the cancellable's descriptor says stop. */
static gboolean lock_wait(int lock, GCancellable *cancellable)
{
	GPollFD stop;
	gboolean watched = g_cancellable_make_pollfd(cancellable, &stop), locked;

	while (!(locked = flock(lock, LOCK_EX | (watched ? LOCK_NB : 0)) == 0) && (errno == EWOULDBLOCK || errno == EINTR))
		if (watched && g_poll(&stop, 1, 100) > 0)
			break;
	if (watched)
		g_cancellable_release_fd(cancellable);
	return locked;
}

int process_lock(const char *path, GCancellable *cancellable, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int lock;

	g_mkdir_with_parents(folder, 0777);
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (lock < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: %s", path, g_strerror(errno));
		return -1;
	}
	if (lock_wait(lock, cancellable))
		return lock;
	if (g_cancellable_is_cancelled(cancellable))
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED, "interrupted");
	else
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s: cannot be locked: %s", path, g_strerror(errno));
	close(lock);
	return -1;
}
