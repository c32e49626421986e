/* SPDX-License-Identifier: GPL-2.0-or-later
 * cc - stands between an old kernel's kbuild and today's gcc
 * in: a compiler command line; out: the same one run by `gcc` (or `ccache gcc`) with what docs/old-kernels.md lists
 * added in front, so that an untouched tree of 2.6.32 to 6.12 builds. Flags stand before the tree's: a tree that knows better wins.
 * Environment: FINRIG_CC (gcc), FINRIG_CCACHE (path of ccache, unset: none), FINRIG_SHIM_INCLUDE (else include/ beside this program). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* flag, and the symptom that it cures */
static const char *const flags[] = {
	"-fno-pie",      /* Debian's gcc makes PIE: every cc-option probe fails, -mno-sse and others vanish */
	"-mno-sse",      /* -O2 vectorizes since gcc 12, and boot/compressed forgets to forbid it: triple fault */
	"-mno-mmx",
	"-std=gnu89",    /* `extern inline` of old headers means the opposite since gnu99: defined twice at link */
	"-Wa,-mshared",  /* early_idt_handlers counts on jumps of 5 bytes; new gas shortens them: silence after the loader */
};

/* The tree hands gcc what only the linker knows (arch/x86/vdso of 2.6.32). */
static const struct emulation {
	const char *linker, *gcc;
} emulations[] = {
	{"elf_x86_64", "-m64"},
	{"elf_i386", "-m32"},
};

static const char *emulation_flag(const char *linker)
{
	for (size_t i = 0; linker && i < sizeof(emulations) / sizeof(*emulations); i++)
		if (!strcmp(linker, emulations[i].linker))
			return emulations[i].gcc;
	return NULL;
}

/* FINRIG_SHIM_INCLUDE, or include/ in the folder of this program. */
static const char *include_folder(void)
{
	static char path[4096 + sizeof("/include")];
	const char *given = getenv("FINRIG_SHIM_INCLUDE");
	ssize_t length;
	char *slash;

	if (given && *given)
		return given;
	length = readlink("/proc/self/exe", path, 4096);
	if (length <= 0 || length >= 4096)
		return NULL;
	path[length] = 0;
	slash = strrchr(path, '/');
	strcpy(slash ? slash : path, "/include");
	return path;
}

int main(int argc, char **argv)
{
	const char *ccache = getenv("FINRIG_CCACHE"), *gcc = getenv("FINRIG_CC"), *include = include_folder();
	size_t flag_count = sizeof(flags) / sizeof(*flags), used = 0;
	/* ccache, gcc, flags, -idirafter and its folder, the tree's own words, the end */
	const char **words = calloc(2 + flag_count + 2 + (size_t)argc + 1, sizeof(*words));

	if (!words)
		return 1;
	if (ccache && *ccache)
		words[used++] = ccache;
	words[used++] = gcc && *gcc ? gcc : "gcc";
	for (size_t i = 0; i < flag_count; i++)
		words[used++] = flags[i];
	if (include) {
		words[used++] = "-idirafter"; /* last: a tree that has linux/compiler-gccN.h is asked first */
		words[used++] = include;
	}
	for (int i = 1; i < argc; i++) {
		const char *flag = strcmp(argv[i], "-m") ? NULL : emulation_flag(argv[i + 1]);

		words[used++] = flag ? flag : argv[i];
		i += flag != NULL;
	}
	execvp(words[0], (char **)words);
	perror(words[0]);
	return 127;
}
