/* SPDX-License-Identifier: GPL-2.0-or-later
 * fuzz_replay - gives files to fuzz_script.c without libFuzzer; the name of each goes to stderr before it is read
 * usage: fuzz_replay FILE...
 */
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

int main(int argc, char **argv)
{
	static uint8_t data[1 << 21];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t count = file ? fread(data, 1, sizeof(data), file) : 0;

		if (!file) {
			perror(argv[i]);
			return 1;
		}
		fclose(file);
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(data, count);
	}
	return 0;
}
