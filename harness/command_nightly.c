/* SPDX-License-Identifier: GPL-2.0-or-later
 * finrig nightly - runs a matrix of kernels, cases and variants, and tells what is not as it was
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "error.h"
#include "interrupt.h"
#include "json_text.h"
#include "kernel.h"
#include "nightly.h"
#include "nightly_json.h"
#include "progress.h"

static void list_left_out(const struct nightly_part *part)
{
	for (guint i = 0; i < part->left_out->len; i++) {
		const struct case_left_out *left_out = part->left_out->pdata[i];

		printf("%s: left out %s, which names %s itself\n", part->variant->name, left_out->name, left_out->ip_version);
	}
}

static void list_cells(const struct nightly_plan *plan)
{
	for (guint i = 0; i < plan->parts->len; i++) {
		const struct nightly_part *part = plan->parts->pdata[i];

		for (guint j = 0; j < part->cases->len; j++)
			for (guint k = 0; k < part->kernels->len; k++) {
				const struct kernel *kernel = part->kernels->pdata[k];
				const struct test_case *test_case = part->cases->pdata[j];
				const char *expect = kernel_expectation(kernel, test_case->base);

				printf("%s %s %s%s%s%s\n", part->variant->name, kernel->name, test_case->base, expect ? ", expected " : "",
				       expect ? expect : "", nightly_plan_kernel(plan, kernel->name)->canary && g_strcmp0(expect, "buggy") == 0 ?
				       ", canary" : "");
			}
	}
	for (guint i = 0; i < plan->parts->len; i++)
		list_left_out(plan->parts->pdata[i]);
	printf("%u cells\n", plan->cells);
}

/* How the night is told. */
struct telling {
	const char *mail; /* NULL: no mail */
	gboolean json;
};

static void print_night(const struct nightly *nightly, const struct telling *telling)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *plain = NULL;
	g_autoptr(JsonNode) json = NULL;

	if (telling->json) {
		json = nightly_json(nightly);
		json_text_node(text, json, 0);
		puts(text->str);
		return;
	}
	plain = telling->mail ? nightly_mail(nightly, telling->mail) : nightly_text(nightly);
	fputs(plain, stdout);
}

static void print_failure(const char *path, const char *address, const GError *error)
{
	g_autofree char *mail = nightly_failure_mail(path, address, error->message);

	progress_clear();
	fputs(mail, stdout);
	fflush(stdout);
}

static int run_night(const struct nightly_config *config, const struct nightly_plan *plan, const struct workspace *workspace,
		     GCancellable *cancellable, const struct telling *telling, GError **error)
{
	g_autoptr(nightly_t) nightly = nightly_run(config, plan, workspace, cancellable, error);

	if (!nightly)
		return EXIT_BROKEN;
	progress_clear();
	print_night(nightly, telling);
	return nightly->night->exit_code;
}

static int run_config(struct workspace *workspace, const char *path, gboolean check_only, const struct telling *telling, GError **error)
{
	g_autoptr(nightly_config_t) config = nightly_config_read(path, error);
	g_autoptr(nightly_plan_t) plan = NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	struct interrupt *interrupt;
	int exit_code = EXIT_BROKEN;

	if (!config)
		return EXIT_BROKEN;
	for (char **folder = config->tarballs; *folder; folder++)
		g_ptr_array_add(workspace->tarball_dirs, g_strdup(*folder));
	if (config->jobs)
		workspace->jobs = config->jobs;
	interrupt = interrupt_start(cancellable);
	plan = nightly_plan_new(config, workspace, cancellable, error);
	if (plan && check_only) {
		list_cells(plan);
		if (nightly_plan_check_sources(plan, config, workspace, cancellable, error))
			exit_code = EXIT_AS_EXPECTED;
	} else if (plan) {
		exit_code = run_night(config, plan, workspace, cancellable, telling, error);
	}
	interrupt_stop(interrupt);
	return exit_code;
}

static int run_and_tell(struct workspace *workspace, const char *path, gboolean check_only, const struct telling *telling, GError **error)
{
	int exit_code = run_config(workspace, path, check_only, telling, error);

	if (*error && telling->mail && !check_only)
		print_failure(path, telling->mail, *error);
	return exit_code;
}

static int run(const struct command *self, struct workspace *workspace, int argc, char **argv)
{
	gboolean check_only = FALSE, json = FALSE;
	g_autofree char *mail = NULL;
	const GOptionEntry entries[] = {
		{ "check", 0, 0, G_OPTION_ARG_NONE, &check_only, "Read the configuration and all it names; list the cells and run none", NULL },
		{ "mail", 0, 0, G_OPTION_ARG_STRING, &mail, "Print a whole mail to ADDRESS, for sendmail -t", "ADDRESS" },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL },
		{ NULL, 0, 0, 0, NULL, NULL, NULL },
	};
	g_autoptr(GError) error = NULL;
	int exit_code = EXIT_BROKEN;

	if (!command_parse(self, entries, &argc, &argv, &error))
		return command_fail(error);
	if (argc != 2)
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected one configuration (see docs/nightly.md)");
	else if (mail && (!*mail || strpbrk(mail, "\r\n")))
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --mail ADDRESS in one line");
	else if (json && (mail || check_only))
		g_set_error(&error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "expected --json without --mail and --check");
	else
		exit_code = run_and_tell(workspace, argv[1], check_only, &(struct telling){ mail, json }, &error);
	return error ? command_fail(error) : exit_code;
}

const struct command command_nightly = {
	.name = "nightly", .arguments = "CONFIG", .run = run,
	.summary = "run a matrix of kernels, cases and variants, and tell what is not as it was",
	.description = "CONFIG is a key file (docs/nightly.md). Every cell is compared with its expectation and with its history. Exit codes:\n"
		       "0 all as expected, 1 not so, 2 the rig broke, a canary was not told, or the same inputs gave other bytes.",
};
