/* SPDX-License-Identifier: GPL-2.0-or-later
 * perl - stands between an old kernel's kbuild and today's perl
 * in: a perl command line; out: the same one run by perl. A script that asks `defined(@array)` or `defined(%hash)`, which perl
 * 5.22 made an error (kernel/timeconst.pl of 2.6.32), is run from a corrected copy in memory; $0 and messages keep its name.
 * Environment: FINRIG_PERL (perl). */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Options that take the next word; the first other word without `-` is the script. */
static const char options_with_word[] = "IMm";

static int script_index(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--"))
			return i + 1 < argc ? i + 1 : 0;
		if (argv[i][0] != '-')
			return i;
		if (!argv[i][1] || strpbrk(argv[i] + 1, "eE"))
			return 0; /* the program is on standard input, or these words */
		if (argv[i][1] && !argv[i][2] && strchr(options_with_word, argv[i][1]))
			i++;
	}
	return 0;
}

static char *read_whole(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	long length;

	if (!file)
		return NULL;
	if (!fseek(file, 0, SEEK_END) && (length = ftell(file)) >= 0 && (text = calloc(1, (size_t)length + 1))) {
		rewind(file);
		if (fread(text, 1, (size_t)length, file) != (size_t)length) {
			free(text);
			text = NULL;
		}
	}
	fclose(file);
	return text;
}

/* Length of the word `defined` at text if it asks for a whole array or hash, else 0. */
static size_t asks_aggregate(const char *start, const char *text)
{
	static const char word[] = "defined";
	const char *next = text + sizeof(word) - 1;

	if (strncmp(text, word, sizeof(word) - 1) || (text > start && (isalnum((unsigned char)text[-1]) || strchr("_$@%&", text[-1]))))
		return 0;
	while (*next == ' ' || *next == '\t' || *next == '(')
		next++;
	return (*next == '@' || *next == '%') && (isalpha((unsigned char)next[1]) || strchr("_{$:", next[1])) && next[1] ?
		sizeof(word) - 1 : 0;
}

/* Takes the word out in place. Returns how often. */
static int correct(char *text)
{
	char *to = text;
	int count = 0;

	for (const char *from = text; *from;) {
		size_t skip = asks_aggregate(text, from);

		from += skip;
		count += skip > 0;
		*to++ = *from++; /* what asks_aggregate() skips is never the text's end, and never overtaken by `to` */
	}
	*to = 0;
	return count;
}

/* A descriptor of the corrected copy, or -1. The #! line stays first because its flags count. */
static int corrected_copy(const char *path, const char *text)
{
	const char *body = text;
	int copy = memfd_create("script", 0), line = 1;

	if (copy < 0)
		return -1;
	if (!strncmp(text, "#!", 2) && strchr(text, '\n')) {
		body = strchr(text, '\n') + 1;
		line = 2;
	}
	dprintf(copy, "%.*sBEGIN { $0 = \"%s\"; }\n# line %d \"%s\"\n%s", (int)(body - text), text, path, line, path, body);
	lseek(copy, 0, SEEK_SET);
	return copy;
}

int main(int argc, char **argv)
{
	const char *perl = getenv("FINRIG_PERL");
	int script = script_index(argc, argv), copy = -1;
	char *text = script ? read_whole(argv[script]) : NULL;
	char place[64];

	/* A name that would need quoting inside perl is not one of a kernel's scripts. */
	if (text && !strpbrk(argv[script], "\"\\$@\n") && correct(text) > 0)
		copy = corrected_copy(argv[script], text);
	if (copy >= 0) {
		snprintf(place, sizeof(place), "/proc/self/fd/%d", copy);
		argv[script] = place;
	}
	argv[0] = (char *)(perl && *perl ? perl : "perl");
	execvp(argv[0], argv);
	perror(argv[0]);
	return 127;
}
