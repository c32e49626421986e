/* SPDX-License-Identifier: GPL-2.0-or-later
 * agent - what runs inside a guest: as /init it does all, as ethtool it is that; on a host it checks scripts, or runs a job on the
 * host's own kernel
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "descriptor.h"
#include "ethtool.h"
#include "init.h"
#include "job.h"
#include "mismatch.h"
#include "outlet.h"
#include "script.h"
#include "seccomp.h"
#include "session.h"

enum { EXIT_OK = 0, EXIT_MISMATCH = 1, EXIT_BROKEN = 2, FILE_MAX_BYTES = 16 * 1024 * 1024 };

static const char usage[] =
	"usage: agent --check FILE...                    parse scripts; exit 2 and FILE:LINE:COLUMN: MESSAGE [CONSTRUCT] for each error,\n"
	"                                                on standard output LINE:COLUMN: COMPARISON of each assert statement\n"
	"       agent --job FILE --records FD_OR_PATH    run a job on this host's own kernel (needs root); exit 1: mismatch\n"
	"       --seccomp-2.6.32                         with --job: answer newer system calls as Linux 2.6.32 would\n"
	"As PID 1 of a guest it is called without arguments.\n";

/* The whole file with a NUL behind; NULL with a message on stderr. */
static char *read_file(const char *path, size_t *length_bytes)
{
	FILE *file = fopen(path, "rb");
	char *data = file ? malloc(FILE_MAX_BYTES + 1) : NULL;

	*length_bytes = data ? fread(data, 1, FILE_MAX_BYTES + 1, file) : 0;
	if (!data || ferror(file)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	} else if (*length_bytes > FILE_MAX_BYTES) {
		fprintf(stderr, "%s: longer than 16 MiB\n", path);
	} else {
		data[*length_bytes] = '\0';
		fclose(file);
		return data;
	}
	if (file)
		fclose(file);
	free(data);
	return NULL;
}

static void print_error(const char *path, const struct script_error *error)
{
	fprintf(stderr, "%s:%u:%u: %s [%s]\n", path, error->line, error->column, error->message, error->construct);
}

/* What the parser lets pass and no call takes: unknown calls, arguments of another form. */
static bool check_calls(const char *path, const struct script *script)
{
	static struct calls calls;
	static struct peer peer;
	struct options options = options_default();
	struct call_outcome outcome;
	bool good = true;
	const char *why;

	for (unsigned i = 0; i < script->option_count; i++)
		options_apply(&options, script->options[i].name, script->options[i].value, &why);
	calls_init(&calls, &options, &peer);
	for (unsigned i = 0; i < script->statement_count; i++) {
		const struct script_statement *statement = &script->statements[i];

		if (statement->kind != SCRIPT_CALL || calls_check(&calls, statement->call, &outcome))
			continue;
		fprintf(stderr, "%s:%u:%u: %s [call %s]\n", path, outcome.line ? outcome.line : statement->line,
			outcome.line ? outcome.column : statement->column, outcome.fault, statement->call->name);
		good = false;
	}
	return good;
}

/* For who knows the facts they are about: `LINE:COLUMN: COMPARISON` of each assert statement. */
static void print_assertions(const struct script *script)
{
	for (unsigned i = 0; i < script->statement_count; i++) {
		const struct script_statement *statement = &script->statements[i];

		if (statement->kind == SCRIPT_OWN && strcmp(statement->name, "assert") == 0)
			printf("%u:%u: %s\n", statement->line, statement->column, statement->text);
	}
}

static bool check_file(const char *path)
{
	struct script_error error;
	struct script *script;
	size_t length;
	char *text = read_file(path, &length);
	bool good = text && script_check(path, text, length, print_error) == 0;

	script = good ? script_parse(path, text, length, &error) : NULL;
	good = script && check_calls(path, script);
	if (good)
		print_assertions(script);
	script_free(script);
	free(text);
	return good;
}

static int check(char **files)
{
	int result = EXIT_OK;

	if (!*files) {
		fprintf(stderr, "agent: --check needs a file\n");
		return EXIT_BROKEN;
	}
	for (; *files; files++)
		if (!check_file(*files))
			result = EXIT_BROKEN;
	return result;
}

/* A number is a descriptor, anything else a path. */
static int open_records(const char *where)
{
	char *end;
	long number = strtol(where, &end, 10);
	bool is_number = *where && !*end;
	int fd = descriptor_raise(is_number ? dup((int)number) : open(where, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));

	if (fd < 0)
		fprintf(stderr, "agent: records to %s: %s\n", where, strerror(errno));
	return fd;
}

static int run_job(const char *path, const char *records)
{
	static const int exits[RECORD_END_STATUS_COUNT] = {
		[RECORD_END_PASSED] = EXIT_OK, [RECORD_END_MISMATCHED] = EXIT_MISMATCH, [RECORD_END_FAILED] = EXIT_BROKEN,
	};
	enum record_end_status status = RECORD_END_FAILED;
	size_t length;
	char *text = read_file(path, &length);
	int fd = text ? open_records(records) : -1;

	if (fd < 0)
		return EXIT_BROKEN;
	outlet_open_fd(fd);
	outlet_set_verbose(true);
	mismatch_set_verbose(true);
	session_hello();
	if (session_open()) {
		outlet_begin(RECORD_READY, clock_ns());
		outlet_send();
		status = session_run(text, length);
	} else {
		if (geteuid() != 0)
			fprintf(stderr, "agent: --job makes a network device: run it as root, or in a network namespace of your own\n");
		session_end(status);
	}
	if (!outlet_is_sound()) {
		fprintf(stderr, "agent: the records could not all be written to %s\n", records);
		status = RECORD_END_FAILED;
	}
	return exits[status];
}

enum option_value { OPTION_CHECK = 1, OPTION_JOB, OPTION_RECORDS, OPTION_SECCOMP, OPTION_HELP };

static const struct option options[] = {
	{ "check", no_argument, NULL, OPTION_CHECK }, { "job", required_argument, NULL, OPTION_JOB },
	{ "records", required_argument, NULL, OPTION_RECORDS }, { "seccomp-2.6.32", no_argument, NULL, OPTION_SECCOMP },
	{ "help", no_argument, NULL, OPTION_HELP }, { 0 },
};

struct request {
	bool check, seccomp, help;
	const char *job, *records;
};

static bool read_arguments(int argc, char **argv, struct request *request)
{
	int value;

	while ((value = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (value) {
		case OPTION_CHECK: request->check = true; break;
		case OPTION_JOB: request->job = optarg; break;
		case OPTION_RECORDS: request->records = optarg; break;
		case OPTION_SECCOMP: request->seccomp = true; break;
		case OPTION_HELP: request->help = true; break;
		default: return false;
		}
	}
	return request->check || request->help || (request->job && request->records && optind == argc);
}

static bool is_called(const char *path, const char *name)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return path && strcmp(slash ? slash + 1 : path, name) == 0;
}

int main(int argc, char **argv)
{
	struct request request = { 0 };
	int error;

	if (argc > 0 && is_called(argv[0], "ethtool"))
		return ethtool_main(argv + 1);
	/* The kernel hands init the words of its command line it does not know, so only an option of ours makes it a program. */
	if (getpid() == 1 && (argc < 2 || strncmp(argv[1], "--", 2) != 0))
		init_main();
	if (!read_arguments(argc, argv, &request)) {
		fputs(usage, stderr);
		return EXIT_BROKEN;
	}
	if (request.help) {
		fputs(usage, stdout);
		return EXIT_OK;
	}
	error = request.seccomp ? seccomp_install_2632() : 0;
	if (error) {
		fprintf(stderr, "agent: seccomp filter: %s\n", strerror(error));
		return EXIT_BROKEN;
	}
	return request.check ? check(argv + optind) : run_job(request.job, request.records);
}
