/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_vm - how the vm stage tells the ends of a guest apart, with shell scripts in QEMU's place
 */
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "artefact.h"
#include "error.h"
#include "record.h"
#include "vm.h"
#include "worker.h"

static char *bin_folder, *cell_folder;

/* Puts a script in QEMU's place. It finds records to send in $bin/records; its file descriptor 3 is the record channel. On QMP (descriptor 4)
 * it greets and answers the two commands that open every boot, capabilities and `cont`. */
static void fake_qemu(const char *script)
{
	g_autofree char *path = g_build_filename(bin_folder, "qemu-system-x86_64", NULL);
	g_autofree char *text = g_strdup_printf("#!/bin/sh\nrecords=%s/records\n"
						   "[ \"$1\" != --version ] || { echo 'QEMU emulator version 7.2.0 (a script)'; exit; }\n"
						   "answer() { read command <&4 && printf '{\"return\": {}}\\n' >&4; }\n"
						   "greet() { printf '{\"QMP\": {}}\\n' >&4; answer; answer; }\n%s\n", bin_folder, script);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	g_assert_cmpint(g_chmod(path, 0755), ==, 0);
}

static void write_records(gboolean end, guint64 clock_ns)
{
	static struct record record;
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *path = g_build_filename(bin_folder, "records", NULL);

	record_begin(&record, RECORD_HELLO, 1000);
	g_byte_array_append(bytes, record.bytes, record_end(&record, 0));
	record_begin(&record, end ? RECORD_END : RECORD_HEARTBEAT, clock_ns);
	g_byte_array_append(bytes, record.bytes, record_end(&record, 1));
	g_assert_true(g_file_set_contents(path, (char *)bytes->data, bytes->len, NULL));
}

static const struct snapshot *begin_at;
static char *lockstep;

/* Runs the scripted guest; returns 1-vm.json's status, its detail in *detail. */
static char *run(gint64 silence_us, GCancellable *cancellable, char **detail, GError **error)
{
	struct image image = { .bzimage = (char *)"/nowhere/bzImage" };
	struct initramfs initramfs = { .path = (char *)"/nowhere/x.cpio" };
	g_autoptr(GString) job = g_string_new("job");
	struct vm_request request = {
		.image = &image, .initramfs = &initramfs, .machine = VM_MACHINE_DEFAULT, .directory = cell_folder, .job = job,
		.guest_limit_us = G_GINT64_CONSTANT(1000) * G_USEC_PER_SEC, .silence_limit_us = silence_us,
		.snapshot = begin_at, .boot_limit_us = silence_us, .wall_limit_us = 100 * G_USEC_PER_SEC, .cancellable = cancellable,
	};
	g_autoptr(JsonObject) object = NULL;

	request.machine.lockstep = lockstep;
	if (!vm_run(&request, error))
		return NULL;
	object = artefact_read_json(cell_folder, "1-vm.json", error);
	if (detail)
		*detail = g_strdup(artefact_string(object, "detail"));
	return g_strdup(artefact_string(object, "status"));
}

static void test_ended(void)
{
	g_autofree char *status = NULL, *records = NULL, *sent = NULL;
	g_autofree char *got_path = g_build_filename(cell_folder, "1-records.bin", NULL);
	g_autofree char *sent_path = g_build_filename(bin_folder, "records", NULL);
	gsize got_bytes, sent_bytes;

	write_records(TRUE, 5000);
	fake_qemu("greet; cat $records >&3");
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "ended");
	g_assert_true(g_file_get_contents(got_path, &records, &got_bytes, NULL));
	g_assert_true(g_file_get_contents(sent_path, &sent, &sent_bytes, NULL));
	g_assert_cmpmem(records, got_bytes, sent, sent_bytes);
}

static void test_ended_but_stays(void)
{
	g_autofree char *status = NULL;

	write_records(TRUE, 5000);
	fake_qemu("greet; cat $records >&3; exec sleep 1000");
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "ended");
}

static void test_crashed(void)
{
	g_autofree char *status = NULL, *detail = NULL;

	write_records(FALSE, G_GINT64_CONSTANT(2500000000));
	fake_qemu("greet; cat $records >&3");
	status = run(60 * G_USEC_PER_SEC, NULL, &detail, NULL);
	g_assert_cmpstr(status, ==, "crashed");
	g_assert_cmpstr(detail, ==, "the guest left at guest time 2.500 s without an END record");
}

static void test_refused(void)
{
	g_autoptr(GError) error = NULL;

	fake_qemu("echo 'qemu-system-x86_64: -M pc: no such machine' >&2; exit 1");
	g_assert_null(run(60 * G_USEC_PER_SEC, NULL, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN);
	g_assert_cmpstr(error->message, ==, "vm: QEMU did not start: qemu-system-x86_64: -M pc: no such machine");
}

static void test_stalled(void)
{
	g_autofree char *status = NULL, *detail = NULL;

	write_records(FALSE, 5000);
	fake_qemu("greet; cat $records >&3; exec sleep 1000");
	status = run(300000, NULL, &detail, NULL);
	g_assert_cmpstr(status, ==, "stalled");
	g_assert_nonnull(strstr(detail, "silent for"));
}

static void test_deadline(void)
{
	g_autofree char *status = NULL, *detail = NULL;

	write_records(FALSE, G_GINT64_CONSTANT(2000) * 1000000000);
	fake_qemu("greet; cat $records >&3; exec sleep 1000");
	status = run(60 * G_USEC_PER_SEC, NULL, &detail, NULL);
	g_assert_cmpstr(status, ==, "deadline");
	g_assert_cmpstr(detail, ==, "guest time 2000.000 s is past the case's limit of 1000.000 s");
}

/* No child may outlive the call: the script leaves its process id behind. */
static void test_cancelled(void)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(bin_folder, "pid", NULL), *pid = NULL;
	g_autofree char *script = g_strdup_printf("echo $$ >%s; greet; exec sleep 1000", path);

	fake_qemu(script);
	g_cancellable_cancel(cancellable);
	g_assert_null(run(60 * G_USEC_PER_SEC, cancellable, NULL, &error));
	g_assert_error(error, FINRIG_ERROR, FINRIG_ERROR_CANCELLED);
	/* It may have been ended before it wrote its number, or with the file made and empty. */
	if (g_file_get_contents(path, &pid, NULL, NULL) && *pid)
		g_assert_cmpint(kill((pid_t)g_ascii_strtoll(pid, NULL, 10), 0), ==, -1);
}

static void test_damaged(void)
{
	g_autofree char *status = NULL;
	g_autoptr(GError) error = NULL;

	fake_qemu("greet; printf 'this is no record, and long enough to look like one' >&3");
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(status, ==, "crashed");
}

/* A QEMU that cannot restore costs the cell a boot, and the stream has nothing of the snapshot. */
static void test_not_restored(void)
{
	g_autoptr(GBytes) before = g_bytes_new_static("before", 6);
	struct snapshot snapshot = {
		.ram = open("/dev/null", O_RDONLY), .state = open("/dev/null", O_RDONLY), .held = -1, .records = before, .console = before,
	};
	g_autofree char *status = NULL, *records = NULL, *sent = NULL, *console = NULL;
	g_autofree char *got_path = g_build_filename(cell_folder, "1-records.bin", NULL);
	g_autofree char *sent_path = g_build_filename(bin_folder, "records", NULL);
	g_autofree char *console_path = g_build_filename(cell_folder, "1-console.log", NULL);
	g_autoptr(JsonObject) object = NULL;
	gsize got_bytes, sent_bytes;

	write_records(TRUE, 5000);
	fake_qemu("case \"$*\" in *-incoming*) echo 'no such state' >&2; exit 1;; esac; greet; cat $records >&3");
	begin_at = &snapshot;
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	begin_at = NULL;
	g_assert_cmpstr(status, ==, "ended");
	object = artefact_read_json(cell_folder, "1-vm.json", NULL);
	g_assert_cmpstr(artefact_string(object, "start"), ==, "boot");
	g_assert_true(g_str_has_prefix(artefact_string(object, "note"), "booted, since the snapshot could not be restored: qmp: "));
	g_assert_true(g_file_get_contents(got_path, &records, &got_bytes, NULL));
	g_assert_true(g_file_get_contents(sent_path, &sent, &sent_bytes, NULL));
	g_assert_cmpmem(records, got_bytes, sent, sent_bytes);
	g_assert_true(g_file_get_contents(console_path, &console, NULL, NULL));
	g_assert_cmpstr(console, ==, "");
	close(snapshot.ram);
	close(snapshot.state);
}

/* A guest that boots is let go on once, where it stops; the script waits for the word. */
static void test_goes_on(void)
{
	g_autofree char *status = NULL;

	write_records(TRUE, 5000);
	fake_qemu("greet; printf '{\"event\": \"STOP\"}\\n{\"return\": {}}\\n' >&4\n"
		  "read c <&4; case $c in *'\"cont\"'*) cat $records >&3;; esac");
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "ended");
}

static char *note_of_cell(void)
{
	g_autoptr(JsonObject) object = artefact_read_json(cell_folder, "1-vm.json", NULL);

	return g_strdup(artefact_string(object, "note"));
}

/* More than the record pipe holds, and the answer to `cont` behind it, as of a guest that is busy from its first instruction on. */
static void test_busy_at_once(void)
{
	g_autoptr(GBytes) before = g_bytes_new_static("", 0);
	struct snapshot snapshot = {
		.ram = open("/dev/null", O_RDONLY), .state = open("/dev/null", O_RDONLY), .held = -1, .records = before, .console = before,
	};
	g_autofree char *status = NULL, *records = NULL, *note = NULL, *got_path = g_build_filename(cell_folder, "1-records.bin", NULL);
	gsize got_bytes;

	write_records(TRUE, 5000);
	fake_qemu("greet; answer; printf '{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\\n' >&4; answer\n"
		  "read cont <&4; cat $records >&3; head -c 300000 /dev/zero >&3; printf '{\"return\": {}}\\n' >&4");
	begin_at = &snapshot;
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	begin_at = NULL;
	note = note_of_cell();
	g_assert_null(note);
	g_assert_cmpstr(status, ==, "ended");
	g_assert_true(g_file_get_contents(got_path, &records, &got_bytes, NULL));
	g_assert_cmpuint(got_bytes, >, 300000);
	close(snapshot.ram);
	close(snapshot.state);
}

/* A QEMU that is killed is started once more; nothing the first one said stays. */
static void test_died_once(void)
{
	g_autofree char *status = NULL, *note = NULL, *records = NULL, *got_path = g_build_filename(cell_folder, "1-records.bin", NULL);
	g_autofree char *flag = g_build_filename(bin_folder, "died", NULL);
	g_autofree char *script = g_strdup_printf("greet; [ -e %s ] || { cat $records >&3; : >%s; kill -9 $$; }; cat $records >&3\n"
						  "printf 'no record' >&3", flag, flag);
	gsize bytes;

	write_records(TRUE, G_GINT64_CONSTANT(2500000000));
	fake_qemu(script);
	/* The first one dies after END: that is no death any more. */
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "ended");
	g_assert_null(note_of_cell());
	g_unlink(flag);
	g_free(g_steal_pointer(&status));
	write_records(FALSE, G_GINT64_CONSTANT(2500000000));
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "crashed");
	note = note_of_cell();
	g_assert_cmpstr(note, ==, "run twice: QEMU was ended by signal 9 (Killed) at guest time 2.500 s");
	g_assert_true(g_file_get_contents(got_path, &records, &bytes, NULL));
	g_assert_true(bytes > 9 && memcmp(records + bytes - 9, "no record", 9) == 0);
	g_assert_null(memmem(records, bytes - 9, "no record", 9));
}

static void test_died_twice(void)
{
	g_autofree char *status = NULL, *detail = NULL, *note = NULL;

	write_records(FALSE, G_GINT64_CONSTANT(2500000000));
	fake_qemu("greet; cat $records >&3; echo 'out of memory' >&2; kill -6 $$");
	status = run(60 * G_USEC_PER_SEC, NULL, &detail, NULL);
	g_assert_cmpstr(status, ==, "died");
	g_assert_cmpstr(detail, ==, "QEMU was ended by signal 6 (Aborted) at guest time 2.500 s: out of memory");
	note = note_of_cell();
	g_assert_cmpstr(note, ==, "run twice: QEMU was ended by signal 6 (Aborted) at guest time 2.500 s: out of memory");
}

/* One that dies before the guest runs is no other matter. */
static void test_died_at_start(void)
{
	g_autofree char *status = NULL, *note = NULL, *flag = g_build_filename(bin_folder, "died-at-start", NULL);
	g_autofree char *script = g_strdup_printf("[ -e %s ] || { : >%s; kill -9 $$; }; greet; cat $records >&3", flag, flag);

	write_records(TRUE, 5000);
	fake_qemu(script);
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	g_assert_cmpstr(status, ==, "ended");
	note = note_of_cell();
	g_assert_true(g_str_has_prefix(note, "run twice: qmp: "));
}

/* What a worker that can do it does: 8 bytes of length and the job come by descriptor 8, one byte goes back. */
#define BEGIN "head -c 11 <&8 | tail -c 3 | grep -q job && printf k >&8"

/* Scripts as workers of a snapshot; runs each cell and returns its 1-vm.json. */
static JsonObject *run_work(struct workers *workers)
{
	static GBytes *before;
	static struct snapshot snapshot;
	g_autofree char *status = NULL;

	if (!before) {
		before = g_bytes_new_static("before ", 7);
		snapshot = (struct snapshot){
			.ram = open("/dev/null", O_RDONLY), .state = open("/dev/null", O_RDONLY), .held = -1,
			.records = g_bytes_new_static("", 0), .console = before,
		};
	}
	snapshot.workers = workers;
	begin_at = &snapshot;
	lockstep = (char *)"libm.so.6"; /* something that can be preloaded into a shell */
	status = run(60 * G_USEC_PER_SEC, NULL, NULL, NULL);
	begin_at = NULL;
	lockstep = NULL;
	return artefact_read_json(cell_folder, "1-vm.json", NULL);
}

static void check_console(const char *expected)
{
	g_autofree char *path = g_build_filename(cell_folder, "1-console.log", NULL), *console = NULL;

	g_assert_true(g_file_get_contents(path, &console, NULL, NULL));
	g_assert_cmpstr(console, ==, expected);
}

/* One QEMU for three cells, each with its own console. */
static void test_worker(void)
{
	struct workers *workers = workers_new(1);
	static const char *const consoles[] = { "before cell 1", "before cell 2", "before cell 3" };

	write_records(TRUE, 5000);
	fake_qemu("n=0; while " BEGIN "; do n=$((n + 1)); printf 'cell %d' $n >>/dev/fd/10; cat $records >&3; done");
	for (gint64 i = 0; i < 3; i++) {
		g_autoptr(JsonObject) vm = run_work(workers);

		g_assert_cmpstr(artefact_string(vm, "status"), ==, "ended");
		g_assert_cmpstr(artefact_string(vm, "start"), ==, "snapshot");
		g_assert_cmpint(json_object_get_int_member(vm, "cells_before"), ==, i);
		check_console(consoles[i]);
	}
	workers_free(workers);
}

/* One that is gone when it is needed again costs nothing but a new one. */
static void test_worker_gone(void)
{
	struct workers *workers = workers_new(1);

	write_records(TRUE, 5000);
	fake_qemu(BEGIN "; cat $records >&3");
	for (int i = 0; i < 2; i++) {
		g_autoptr(JsonObject) vm = run_work(workers);

		g_assert_cmpstr(artefact_string(vm, "start"), ==, "snapshot");
		g_assert_cmpint(json_object_get_int_member(vm, "cells_before"), ==, 0);
		g_assert_null(artefact_string(vm, "note"));
	}
	workers_free(workers);
}

/* It takes the cell with it that it runs: that is run a second time, by another. */
static void test_worker_dies(void)
{
	struct workers *workers = workers_new(1);
	g_autoptr(JsonObject) first = NULL, second = NULL;

	write_records(TRUE, G_GINT64_CONSTANT(2500000000));
	fake_qemu(BEGIN "; cat $records >&3; " BEGIN "; head -c 10 $records >&3; kill -9 $$");
	first = run_work(workers);
	g_assert_null(artefact_string(first, "note"));
	second = run_work(workers);
	g_assert_cmpstr(artefact_string(second, "status"), ==, "ended");
	g_assert_true(g_str_has_prefix(artefact_string(second, "note"), "run twice: QEMU was ended by signal 9 (Killed)"));
	g_assert_cmpint(json_object_get_int_member(second, "cells_before"), ==, 0);
	workers_free(workers);
}

/* Bytes behind END would be the next cell's. */
static void test_worker_talks_on(void)
{
	struct workers *workers = workers_new(1);

	write_records(TRUE, 5000);
	fake_qemu("while " BEGIN "; do { cat $records; printf more; } >$records.more; cat $records.more >&3; done");
	for (int i = 0; i < 2; i++) {
		g_autoptr(JsonObject) vm = run_work(workers);

		g_assert_cmpint(json_object_get_int_member(vm, "cells_before"), ==, 0);
	}
	workers_free(workers);
}

/* Where none can be had, a QEMU is started for each cell, which is said once. */
static void test_worker_refused(void)
{
	struct workers *workers = workers_new(1);

	write_records(TRUE, 5000);
	fake_qemu("case \"$*\" in *-incoming*) ;; *) echo 'not this one' >&2; exit 1;; esac\n"
		  "greet; answer; answer; printf '{\"event\": \"MIGRATION\", \"data\": {\"status\": \"completed\"}}\n' >&4; answer; cat $records >&3");
	for (int i = 0; i < 2; i++) {
		g_autoptr(JsonObject) vm = run_work(workers);

		g_assert_cmpstr(artefact_string(vm, "start"), ==, "snapshot");
		g_assert_false(json_object_has_member(vm, "cells_before"));
		g_assert_cmpstr(artefact_string(vm, "note"), ==,
				i ? NULL : "each cell has a QEMU of its own, since one cannot be kept: not this one: worker: QEMU left");
	}
	workers_free(workers);
}

static void test_arguments(void)
{
	struct vm_machine machine = VM_MACHINE_DEFAULT, kvm = { VM_ACCEL_KVM, FALSE, 4, 256, NULL };
	g_auto(GStrv) warped = vm_machine_arguments(&machine), real = vm_machine_arguments(&kvm);

	g_assert_true(g_strv_contains((const char *const *)warped, "-icount"));
	g_assert_true(g_strv_contains((const char *const *)warped, "shift=3,sleep=off"));
	g_assert_true(g_strv_contains((const char *const *)warped, "base=2020-01-01,clock=vm"));
	g_assert_false(g_strv_contains((const char *const *)real, "-icount"));
}

int main(int argc, char **argv)
{
	g_autofree char *path = NULL;
	int status;

	g_test_init(&argc, &argv, NULL);
	bin_folder = g_dir_make_tmp("finrig-vm-bin-XXXXXX", NULL);
	cell_folder = g_dir_make_tmp("finrig-vm-cell,comma-XXXXXX", NULL);
	path = g_strconcat(bin_folder, ":", g_getenv("PATH"), NULL);
	g_setenv("PATH", path, TRUE);
	g_test_add_func("/vm/ended", test_ended);
	g_test_add_func("/vm/ended-but-stays", test_ended_but_stays);
	g_test_add_func("/vm/crashed", test_crashed);
	g_test_add_func("/vm/refused", test_refused);
	g_test_add_func("/vm/stalled", test_stalled);
	g_test_add_func("/vm/deadline", test_deadline);
	g_test_add_func("/vm/cancelled", test_cancelled);
	g_test_add_func("/vm/damaged", test_damaged);
	g_test_add_func("/vm/not-restored", test_not_restored);
	g_test_add_func("/vm/goes-on", test_goes_on);
	g_test_add_func("/vm/busy-at-once", test_busy_at_once);
	g_test_add_func("/vm/died-once", test_died_once);
	g_test_add_func("/vm/died-twice", test_died_twice);
	g_test_add_func("/vm/died-at-start", test_died_at_start);
	g_test_add_func("/vm/worker", test_worker);
	g_test_add_func("/vm/worker-gone", test_worker_gone);
	g_test_add_func("/vm/worker-dies", test_worker_dies);
	g_test_add_func("/vm/worker-talks-on", test_worker_talks_on);
	g_test_add_func("/vm/worker-refused", test_worker_refused);
	g_test_add_func("/vm/arguments", test_arguments);
	status = g_test_run();
	g_spawn_sync(NULL, (char *[]){ (char *)"rm", (char *)"-r", bin_folder, cell_folder, NULL }, NULL, G_SPAWN_SEARCH_PATH,
		     NULL, NULL, NULL, NULL, NULL, NULL);
	return status;
}
