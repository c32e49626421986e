/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig inject - the injector on this host's own kernel, in a network namespace of its own
 * in: a case; out: the same folder a guest's cell leaves, with kernel `host`. Time is real here.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "agent_check.h"
#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "command.h"
#include "error.h"
#include "event.h"
#include "job.h"
#include "verdict.h"

/* Only this thread enters the namespace; the agent, started by it, is in it too. Nothing of the host's network is touched. */
static gboolean enter_namespace(GError **error)
{
	if (unshare(CLONE_NEWNET) == 0)
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
		    "inject runs the injector on this host's own kernel and needs root for a network namespace and a tun device: %s",
		    g_strerror(errno));
	return FALSE;
}

/* In the child: it must not outlive finrig. Ctrl-C reaches both through the terminal. */
static void die_with_parent(gpointer data G_GNUC_UNUSED)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static gboolean run_agent(const struct workspace *workspace, const char *directory, GError **error)
{
	g_autofree char *agent = g_build_filename(workspace->libexec, "agent", NULL);
	g_autofree char *job = g_build_filename(directory, "0-job.txt", NULL);
	g_autofree char *records = g_build_filename(directory, "1-records.bin", NULL);
	g_autoptr(GError) why = NULL;

	if (!g_spawn_sync(NULL, (char *[]){ agent, "--job", job, "--records", records, NULL }, NULL, G_SPAWN_DEFAULT,
			  die_with_parent, NULL, NULL, NULL, NULL, &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "%s (make build makes it)", why->message);
		return FALSE;
	}
	/* How it ended is in the records: the stages that follow say it better than an exit status. */
	return TRUE;
}

static gboolean write_inputs(const char *directory, const struct test_case *test_case, GError **error)
{
	g_autoptr(GString) job = job_run(test_case, &(struct job_options){ NULL, NULL, NULL }, TRUE, error);
	g_autoptr(JsonNode) cell = json_node_new(JSON_NODE_OBJECT), vm = json_node_new(JSON_NODE_OBJECT);
	JsonObject *object = json_object_new();
	struct utsname name;

	if (!job)
		return FALSE;
	uname(&name);
	json_object_set_string_member(object, "kernel", "host");
	json_object_set_string_member(object, "case", test_case->name);
	json_object_set_string_member(object, "file", test_case->file);
	json_object_set_string_member(object, "release", name.release);
	json_node_take_object(cell, object);
	object = json_object_new();
	json_object_set_string_member(object, "status", "ended");
	json_object_set_string_member(object, "detail", "");
	json_node_take_object(vm, object);
	return artefact_write(directory, "0-case.pkt", test_case->text, test_case->text_bytes, error) &&
	       artefact_write_json(directory, "0-cell.json", cell, error) &&
	       artefact_write(directory, "0-job.txt", job->str, job->len, error) &&
	       artefact_write(directory, "1-console.log", "", 0, error) && artefact_write_json(directory, "1-vm.json", vm, error);
}

/* Returns an exit code, as finrig run would. */
static int print_verdict(const char *directory, GError **error)
{
	g_autoptr(JsonObject) verdict = artefact_read_json(directory, "5-verdict.json", error);
	enum verdict_outcome outcome;

	if (!verdict)
		return EXIT_BROKEN;
	printf("host %s: %s\n%s\n", artefact_string(verdict, "outcome"), artefact_string(verdict, "cause"), directory);
	outcome = verdict_of_name(artefact_string(verdict, "outcome"));
	if (outcome == VERDICT_BROKEN)
		return EXIT_BROKEN;
	return verdict_as_expected(outcome, NULL) ? EXIT_AS_EXPECTED : EXIT_DIFFERENT;
}

static int inject(const struct workspace *workspace, const char *name, const char *results, GError **error)
{
	g_autoptr(test_case_t) test_case = case_new(workspace, name, error);
	g_autofree char *directory = NULL;

	if (!test_case || !agent_check(workspace, test_case, error) || !enter_namespace(error))
		return EXIT_BROKEN;
	directory = g_build_filename(results ? results : "results/inject", "host", test_case->name, NULL);
	if (!write_inputs(directory, test_case, error) || !run_agent(workspace, directory, error) ||
	    !event_stage(directory, error) || !capture_stage(directory, error) || !analyze_stage(directory, error) ||
	    !verdict_stage(directory, error))
		return EXIT_BROKEN;
	return print_verdict(directory, error);
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	g_autofree char *results = NULL;
	const GOptionEntry entries[] = {
		{ "results", 0, 0, G_OPTION_ARG_FILENAME, &results, "Folder for the cell (default results/inject)", "DIR" },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 2) {
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected one case (see finrig cases)");
		return command_fail(error);
	}
	exit_code = inject(workspace, argv[1], results, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_inject = {
	.name = "inject", .arguments = "CASE|FILE.pkt", .run = run,
	.summary = "run a case on this host's own kernel (needs root)",
	.description = "In real time, in a network namespace of its own: the host's network is not touched.",
};
