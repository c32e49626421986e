/* SPDX-License-Identifier: GPL-2.0-or-later
 * vm_machine - the machine a guest gets: part of what a result depends on, so part of every key
 */
#include "vm_machine.h"

#include "error.h"
#include "ports.h"

const char *vm_qemu_version(GError **error)
{
	static GMutex mutex;
	static char *version;
	g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&mutex);
	g_autofree char *output = NULL;
	g_autoptr(GError) why = NULL;
	g_auto(GStrv) words = NULL;

	if (version)
		return version;
	if (!g_spawn_sync(NULL, (char *[]){ QEMU_PROGRAM, "--version", NULL }, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, NULL,
			  &why)) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "vm: %s (install qemu-system-x86)", why->message);
		return NULL;
	}
	words = g_strsplit_set(output, " \n", 5); /* "QEMU emulator version 7.2.22 (Debian ...)" */
	version = g_strdup(g_strv_length(words) > 3 ? words[3] : "unknown");
	return version;
}

gboolean vm_machine_is_warped(const struct vm_machine *machine)
{
	return machine->accel == VM_ACCEL_TCG && !machine->realtime;
}

char **vm_machine_arguments(const struct vm_machine *machine)
{
	g_autoptr(GString) words = g_string_new("-M pc -nodefaults -display none -no-reboot");

	if (machine->accel == VM_ACCEL_KVM)
		g_string_append(words, " -accel kvm -cpu host");
	else
		g_string_append(words, " -accel " VM_MACHINE_TCG);
	if (vm_machine_is_warped(machine))
		g_string_append_printf(words, " -name finrig,debug-threads=on -icount shift=%d,sleep=off -rtc base=2020-01-01,clock=vm", machine->shift);
	g_string_append_printf(words, " -m %d -device pvpanic,ioport=0x%x", machine->memory_mib, PORT_PAUSE);
	return g_strsplit(words->str, " ", -1);
}

/* tsc=reliable: without ACPI no clock is good enough for hrtimers and NO_HZ before 4.5; nokaslr: addresses go into hashes;
 * panic=1: a negative number means nothing before 3.1; cryptomgr.notests: more than half of a packaged kernel's boot is ciphers testing themselves. */
const char *vm_machine_command_line(void)
{
	return "console=ttyS0 quiet panic=1 tsc=reliable nokaslr cryptomgr.notests";
}
