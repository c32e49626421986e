/* SPDX-License-Identifier: GPL-2.0-or-later
 * restore - puts a QEMU's guest back to where its snapshot was saved; restore.h is the manual
 */
#include "restore.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ports.h"

enum { PAGE_BYTES = 4096, JOB_MAX_BYTES = 1 << 30 };
/* QEMU's: enum RunState (as QAPI numbers it) and enum ShutdownCause. */
enum { RUN_STATE_RESTORE_VM = 8, SHUTDOWN_CAUSE_NONE = 0 };
/* A page's entry in /proc/self/pagemap: it is there, or swapped out; it is the file's (no copy yet). */
static const uint64_t page_there = 3ULL << 62, page_of_file = 1ULL << 61;

/* QEMU's struct TBContext. do_tb_flush() does nothing where another flush came before it, by this count. */
struct blocks {
	char table[72];
	unsigned flush_count, invalidate_count;
};

int restore_control = -1;
static int state_file, pagemap = -1;
static bool loading;
static struct {
	uint8_t *host;          /* where QEMU has it */
	const uint8_t *saved;   /* the snapshot's file */
	uint64_t *pages;        /* entries of the pagemap */
	size_t length_bytes;
	uint64_t address;       /* QEMU's ram_addr_t of its first byte */
} ram;

/* QEMU's, as QAPI makes them. */
struct capability {
	int which;
	bool on;
};
struct capabilities {
	struct capabilities *next;
	struct capability *value;
};

static struct {
	void (*lock)(const char *file, int line);
	void (*unlock)(void);
	int (*stop)(int state);
	void (*start)(void);
	void (*reset)(int cause);
	int (*each_block)(int (*function)(void *block, void *user), void *user);
	int (*block_descriptor)(void *block);
	void *(*block_host)(void *block);
	uint64_t (*block_length)(void *block);
	uint64_t (*block_address)(void *block);
	void (*drop_blocks)(uint64_t first, uint64_t past_last);
	struct blocks *blocks;
	int (*number_of)(const void *names, const char *name, int otherwise, void **error);
	const void *capability_names;
	void (*set_capabilities)(struct capabilities *list, void **error);
	void *(*open_descriptor)(int descriptor);
	void (*unref)(void *object);
	void *(*open_file)(void *channel);
	int (*load_state)(void *file);
	int (*close_file)(void *file);
	void *(*fw_cfg)(void);
	void *(*set_file)(void *fw_cfg, const char *name, void *data, size_t length);
} qemu;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "finrig: this QEMU cannot restore its guest: %s\n", what);
	_exit(EXIT_FAILURE);
}

static void *find(const char *name)
{
	void *function = dlsym(RTLD_DEFAULT, name);

	if (!function)
		fail(name);
	return function;
}

static void find_all(void)
{
	qemu.lock = find("qemu_mutex_lock_iothread_impl");
	qemu.unlock = find("qemu_mutex_unlock_iothread");
	qemu.stop = find("vm_stop");
	qemu.start = find("vm_start");
	qemu.reset = find("qemu_system_reset");
	qemu.each_block = find("qemu_ram_foreach_block");
	qemu.block_descriptor = find("qemu_ram_get_fd");
	qemu.block_host = find("qemu_ram_get_host_addr");
	qemu.block_length = find("qemu_ram_get_used_length");
	qemu.block_address = find("qemu_ram_get_offset");
	qemu.drop_blocks = find("tb_invalidate_phys_range");
	qemu.blocks = find("tb_ctx");
	qemu.number_of = find("qapi_enum_parse");
	qemu.capability_names = find("MigrationCapability_lookup");
	qemu.set_capabilities = find("qmp_migrate_set_capabilities");
	qemu.open_descriptor = find("qio_channel_file_new_fd");
	qemu.unref = find("object_unref");
	qemu.open_file = find("qemu_file_new_input");
	qemu.load_state = find("qemu_loadvm_state");
	qemu.close_file = find("qemu_fclose");
	qemu.fw_cfg = find("fw_cfg_find");
	qemu.set_file = find("fw_cfg_modify_file");
}

void restore_open(void)
{
	const char *text = getenv("FINRIG_RESTORE");
	int ram_file;
	struct stat about;

	if (!text || sscanf(text, "%d %d %d", &restore_control, &ram_file, &state_file) != 3)
		return;
	find_all();
	if (fstat(ram_file, &about))
		fail("no snapshot");
	ram.length_bytes = (size_t)about.st_size;
	ram.saved = mmap(NULL, ram.length_bytes, PROT_READ, MAP_PRIVATE, ram_file, 0);
	ram.pages = malloc(ram.length_bytes / PAGE_BYTES * sizeof(*ram.pages));
	if (ram.saved == MAP_FAILED || !ram.pages)
		fail("no memory");
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, 0);
}

/* The stream was saved without the guest's memory, and says so. */
static void expect_no_ram(void)
{
	struct capability shared = { qemu.number_of(qemu.capability_names, "x-ignore-shared", -1, NULL), true };
	struct capabilities list = { NULL, &shared };

	if (shared.which < 0)
		fail("x-ignore-shared");
	qemu.set_capabilities(&list, NULL);
}

/* The guest's memory is the one block with a file. */
static int note_ram(void *block, void *user)
{
	(void)user;
	if (qemu.block_descriptor(block) < 0 || qemu.block_length(block) != ram.length_bytes)
		return 0;
	ram.host = qemu.block_host(block);
	ram.address = qemu.block_address(block);
	return 1;
}

/* Once QEMU has its machine. */
static void find_guest(void)
{
	if (qemu.each_block(note_ram, NULL) == 0)
		fail("no guest memory");
	expect_no_ram();
}

static void restore_page(size_t offset)
{
	uint8_t *now = ram.host + offset;
	const uint8_t *then = ram.saved + offset;
	size_t first = 0, past_last = PAGE_BYTES;

	if (memcmp(now, then, PAGE_BYTES) == 0)
		return;
	while (now[first] == then[first])
		first++;
	while (now[past_last - 1] == then[past_last - 1])
		past_last--;
	qemu.drop_blocks(ram.address + offset + first, ram.address + offset + past_last);
	memcpy(now + first, then + first, past_last - first);
}

/* Where the kernel does not say which pages were written to, each is looked at. */
static void restore_ram(void)
{
	size_t count = ram.length_bytes / PAGE_BYTES, bytes = count * sizeof(*ram.pages);

	if (pread(pagemap, ram.pages, bytes, (off_t)((uintptr_t)ram.host / PAGE_BYTES * sizeof(*ram.pages))) != (ssize_t)bytes)
		memset(ram.pages, 0xff & ~(int)(page_of_file >> 56), bytes);
	for (size_t i = 0; i < count; i++)
		if ((ram.pages[i] & page_there) && !(ram.pages[i] & page_of_file))
			restore_page(i * PAGE_BYTES);
}

void restore_keep_blocks(void)
{
	if (loading)
		qemu.blocks->flush_count++;
}

/* All but the guest's memory, which the stream does not have. */
static void restore_devices(void)
{
	char path[32];
	void *channel, *file;
	int own;

	/* A copy of the descriptor would share its offset with all other QEMUs of the snapshot. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", state_file);
	own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		fail("no state");
	channel = qemu.open_descriptor(own);
	file = qemu.open_file(channel);
	qemu.unref(channel);
	loading = true;
	if (qemu.load_state(file) < 0)
		fail("its state");
	restore_keep_blocks();
	loading = false;
	qemu.close_file(file);
}

static void read_all(void *data, size_t length_bytes)
{
	for (size_t done = 0; done < length_bytes;) {
		ssize_t got = read(restore_control, (char *)data + done, length_bytes - done);

		if (got <= 0)
			_exit(EXIT_SUCCESS); /* the host is gone, or wants this QEMU no more */
		done += (size_t)got;
	}
}

void restore_now(void)
{
	uint64_t length_bytes;
	void *job;

	read_all(&length_bytes, sizeof(length_bytes));
	job = length_bytes <= JOB_MAX_BYTES ? malloc(length_bytes) : NULL;
	if (!job)
		fail("no memory for the job");
	read_all(job, length_bytes);
	qemu.lock(__FILE__, __LINE__);
	if (!ram.host)
		find_guest();
	qemu.stop(RUN_STATE_RESTORE_VM);
	qemu.reset(SHUTDOWN_CAUSE_NONE);
	restore_ram();
	restore_devices();
	free(qemu.set_file(qemu.fw_cfg(), FW_CFG_JOB_NAME, job, length_bytes));
	qemu.start();
	qemu.unlock();
	if (write(restore_control, "", 1) != 1)
		_exit(EXIT_SUCCESS);
}
