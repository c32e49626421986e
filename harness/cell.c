/* SPDX-License-Identifier: GPL-2.0-or-later
 * cell - one kernel x one case, through the stages vm to verdict
 */
#include "cell.h"

#include <unistd.h>

#include "analyze.h"
#include "artefact.h"
#include "capture.h"
#include "console.h"
#include "error.h"
#include "event.h"
#include "initramfs.h"
#include "needs.h"
#include "verdict.h"

/* Beyond what the header says: scripts have times of their own, which only the agent reads. Idle guest days are cheap. */
static const gint64 script_allowance_us = G_GINT64_CONSTANT(14) * 24 * 3600 * G_USEC_PER_SEC;
/* A guest that runs beats every 60 s of its own time: moments when warped. KVM is probed: some hosts offer one that does not run. */
static const gint64 boot_limit_us = 120 * G_USEC_PER_SEC, boot_limit_kvm_us = 15 * G_USEC_PER_SEC;
static const gint64 silence_limit_us = 60 * G_USEC_PER_SEC, silence_limit_realtime_us = 150 * G_USEC_PER_SEC;

struct vm_machine cell_machine(const struct cell_options *options, const struct kernel *kernel)
{
	struct vm_machine machine = options->machine;
	const char *shift = kernel_key(kernel, "shift");

	if (shift && !options->shift_given)
		machine.shift = (int)g_ascii_strtoll(shift, NULL, 10);
	return machine;
}

struct cell *cell_new(const char *run_directory, const struct kernel *kernel, const struct test_case *test_case)
{
	struct cell *cell = g_new0(struct cell, 1);

	cell->kernel = kernel;
	cell->test_case = test_case;
	cell->directory = g_build_filename(run_directory, kernel->name, test_case->name, NULL);
	cell->label = g_strconcat(kernel->name, "/", test_case->name, NULL);
	return cell;
}

/* Artefacts begin with their stage's number; another cell may lie in a folder here. */
void cell_clear(const struct cell *cell)
{
	g_autoptr(GDir) dir = g_dir_open(cell->directory, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_ascii_isdigit(name[0]) && name[1] == '-' ? g_build_filename(cell->directory, name, NULL) : NULL;

		if (path)
			unlink(path);
	}
}

void cell_free(struct cell *cell)
{
	if (!cell)
		return;
	g_free(cell->directory);
	g_free(cell->label);
	g_free(cell);
}

static JsonArray *string_array(char **strings)
{
	JsonArray *array = json_array_new();

	for (guint i = 0; strings[i]; i++)
		json_array_add_string_element(array, strings[i]);
	return array;
}

static JsonObject *describe(const struct cell *cell)
{
	JsonObject *object = json_object_new();
	const char *expect = kernel_expectation(cell->kernel, cell->test_case->base);

	json_object_set_string_member(object, "kernel", cell->kernel->name);
	if (cell->kernel->said)
		json_object_set_string_member(object, "said", cell->kernel->said);
	json_object_set_string_member(object, "case", cell->test_case->name);
	json_object_set_string_member(object, "file", cell->test_case->file);
	if (expect)
		json_object_set_string_member(object, "expect", expect);
	if (kernel_expectation_is_predicted(cell->kernel, cell->test_case->base))
		json_object_set_boolean_member(object, "predicted", TRUE);
	if (cell->checkout)
		json_object_set_object_member(object, "checkout", source_checkout_json(cell->checkout));
	return object;
}

static gboolean write_description(const struct cell *cell, JsonObject *object, GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);

	json_node_take_object(root, object);
	return artefact_write(cell->directory, "0-case.pkt", cell->test_case->text, cell->test_case->text_bytes, error) &&
	       artefact_write_json(cell->directory, "0-cell.json", root, error);
}

static void add_image(JsonObject *object, const struct image *image)
{
	if (image->release)
		json_object_set_string_member(object, "release", image->release);
	json_object_set_string_member(object, "image", image->key);
}

static gboolean write_inputs(const struct cell *cell, const struct image *image, const struct initramfs *initramfs,
			     const struct cell_options *options, const GString *job, GError **error)
{
	const char *qemu = vm_qemu_version(error);
	g_auto(GStrv) arguments = vm_machine_arguments(&options->machine);
	g_autofree char *job_digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)job->str, job->len);
	JsonObject *object;

	if (!qemu)
		return FALSE;
	object = describe(cell);
	add_image(object, image);
	json_object_set_string_member(object, "initramfs", initramfs->key);
	json_object_set_string_member(object, "qemu", qemu);
	json_object_set_array_member(object, "arguments", string_array(arguments));
	json_object_set_string_member(object, "job", job_digest);
	if (options->probes)
		json_object_set_array_member(object, "probes", string_array(options->probes));
	return write_description(cell, object, error);
}

struct clock_reader {
	const struct cell *cell;
	const struct workspace *workspace;
};

static void show_clock(gpointer user, guint64 clock_ns)
{
	const struct clock_reader *reader = user;

	workspace_progress(reader->workspace, "vm", reader->cell->label, "guest %.1f s", (double)clock_ns / 1e9);
}

static gboolean run_guest(const struct cell *cell, const struct image *image, const struct initramfs *initramfs, const GString *job,
		     const struct workspace *workspace, const struct cell_options *options, GCancellable *cancellable, GError **error)
{
	gboolean kvm = options->machine.accel == VM_ACCEL_KVM;
	struct clock_reader reader = { cell, workspace };
	struct vm_request request = {
		.image = image, .initramfs = initramfs, .machine = options->machine,
		.directory = cell->directory, .job = job, .probes = cell->probes,
		.guest_limit_us = cell->test_case->observe_us + script_allowance_us,
		.boot_limit_us = kvm ? boot_limit_kvm_us : boot_limit_us,
		.silence_limit_us = kvm || options->machine.realtime ? silence_limit_realtime_us : silence_limit_us,
		.wall_limit_us = options->wall_limit_us,
		.cancellable = cancellable, .clock = show_clock, .clock_user = &reader,
	};

	if (options->snapshots && !snapshots_get(options->snapshots, cell->kernel->name, image, initramfs, &options->machine, cancellable,
						 &request.snapshot, error))
		return FALSE;
	workspace_progress(workspace, "vm", cell->label, request.snapshot ? "starts" : "boots");
	return vm_run(&request, error);
}

/* The guest's bytes: kept ones, or new ones. inputs is NULL without a cache. */
static gboolean get_guest(const struct cell *cell, const struct image *image, const struct initramfs *initramfs, const GString *job,
			  const char *inputs, const struct workspace *workspace, const struct cell_options *options, GCancellable *cancellable,
			  gboolean *taken, GError **error)
{
	*taken = inputs && cell_cache_take(options->cache, cell->label, inputs, cell->directory);
	if (*taken)
		return artefact_write(cell->directory, "0-job.txt", job->str, job->len, error);
	return run_guest(cell, image, initramfs, job, workspace, options, cancellable, error);
}

static gboolean run_stages(const struct cell *cell, const struct workspace *workspace, GError **error)
{
	static const struct { const char *name; gboolean (*run)(const char *folder, GError **error); } stages[] = {
		{ "event", event_stage }, { "capture", capture_stage }, { "analyze", analyze_stage }, { "verdict", verdict_stage },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(stages); i++) {
		workspace_progress(workspace, stages[i].name, cell->label, "%s", "");
		if (!stages[i].run(cell->directory, error)) {
			g_prefix_error(error, "%s: ", stages[i].name);
			return FALSE;
		}
	}
	return TRUE;
}

gboolean cell_run(const struct cell *cell, const struct image *image, const struct initramfs *initramfs, const struct workspace *workspace,
		  const struct cell_options *options, GCancellable *cancellable, GError **error)
{
	g_autofree char *missing = needs_missing(cell->test_case, image), *inputs = NULL;
	struct cell_options own = *options;
	g_autoptr(GString) job = NULL;
	gboolean taken;

	if (missing) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s", missing);
		return FALSE;
	}
	own.machine = cell_machine(options, cell->kernel);
	if (!(job = job_run(cell->test_case, &own.job, FALSE, error)) || !write_inputs(cell, image, initramfs, &own, job, error) ||
	    (own.cache && !cell->probes && !(inputs = cell_cache_inputs(image, initramfs, &own.machine, job, error))) ||
	    !get_guest(cell, image, initramfs, job, inputs, workspace, &own, cancellable, &taken, error) ||
	    !console_write_symbols(cell->directory, image->system_map, error) || !run_stages(cell, workspace, error))
		return FALSE;
	if (inputs && !taken)
		cell_cache_put(options->cache, cell->label, inputs, cell->directory);
	return TRUE;
}

/* Why there is no kernel to run, for those who read reports; 5-verdict.json has the sentence. */
static JsonObject *describe_unready(const GError *why)
{
	static const char *const faults[] = {
		[FINRIG_ERROR_UNAVAILABLE] = "unavailable", [FINRIG_ERROR_UNFIT] = "unfit", [FINRIG_ERROR_UNBUILT] = "unbuilt",
	};
	const struct error_about *about = error_about(why);
	const char *fault = why->code < (gint)G_N_ELEMENTS(faults) ? faults[why->code] : NULL;
	g_autofree char *text = about->lines ? g_utf8_make_valid(about->lines, -1) : NULL;
	g_auto(GStrv) lines = text ? g_strsplit(text, "\n", -1) : NULL;
	JsonObject *object = json_object_new();

	json_object_set_string_member(object, "fault", fault ? fault : "broken");
	if (about->image)
		json_object_set_string_member(object, "image", about->image);
	if (lines)
		json_object_set_array_member(object, "log", string_array(lines));
	return object;
}

gboolean cell_close(const struct cell *cell, const struct image *image, const GError *why, GError **error)
{
	gboolean skip = g_error_matches(why, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE);
	JsonObject *object = describe(cell);

	if (image)
		add_image(object, image);
	if (why->domain == FINRIG_ERROR && error_about(why)->unready)
		json_object_set_object_member(object, "unready", describe_unready(why));
	return write_description(cell, object, error) &&
	       verdict_write_simple(cell->directory, skip ? "SKIP" : "BROKEN", why->message, error);
}
