/* SPDX-License-Identifier: GPL-2.0-or-later
 * progress - what a run is doing now, on stderr
 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct line {
	char *subject, *stage, *text;
};

static GMutex mutex;
static GPtrArray *lines; /* struct line *, in order of appearance */
static guint drawn;      /* lines on the terminal now */
static gint64 drawn_us;

static void line_free(gpointer data)
{
	struct line *line = data;

	g_free(line->subject);
	g_free(line->stage);
	g_free(line->text);
	g_free(line);
}

static struct line *find_line(const char *subject)
{
	if (!lines)
		lines = g_ptr_array_new_with_free_func(line_free);
	for (guint i = 0; i < lines->len; i++) {
		struct line *line = lines->pdata[i];

		if (strcmp(line->subject, subject) == 0)
			return line;
	}
	return NULL;
}

static int columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void erase(void)
{
	for (; drawn; drawn--)
		fputs("\033[A\033[2K", stderr);
}

static void draw(void)
{
	int width = columns();

	erase();
	for (guint i = 0; i < lines->len; i++) {
		const struct line *line = lines->pdata[i];

		fprintf(stderr, "%-9.9s %-*.*s %.*s\n", line->stage, width / 2 - 10, width / 2 - 10, line->subject,
			width / 2 - 2, line->text);
	}
	drawn = lines->len;
	drawn_us = g_get_monotonic_time();
	fflush(stderr);
}

/* Texts that begin with the same word are one step going on, such as a download. */
static gboolean same_step(const char *a, const char *b)
{
	gsize length = strcspn(a, " ");

	return length == strcspn(b, " ") && strncmp(a, b, length) == 0;
}

/* Returns TRUE if the subject entered another stage or another step of it. */
static gboolean update(const char *stage, const char *subject, const char *text)
{
	struct line *line = find_line(subject);
	gboolean entered;

	if (!stage) {
		if (line)
			g_ptr_array_remove(lines, line);
		return FALSE;
	}
	if (!line) {
		line = g_new0(struct line, 1);
		line->subject = g_strdup(subject);
		g_ptr_array_add(lines, line);
	}
	entered = g_strcmp0(line->stage, stage) != 0 || !same_step(line->text, text);
	g_free(line->stage);
	g_free(line->text);
	line->stage = g_strdup(stage);
	line->text = g_strdup(text);
	return entered;
}

void progress_show(gpointer user G_GNUC_UNUSED, const char *stage, const char *subject, const char *text)
{
	static const gint64 redraw_us = 50000; /* often enough for an eye */
	gboolean terminal = isatty(STDERR_FILENO), note = g_strcmp0(stage, "note") == 0, entered;

	g_mutex_lock(&mutex);
	if (note) {
		erase();
		fprintf(stderr, "%s: %s\n", subject, text);
	}
	entered = !note && update(stage, subject, text);
	if (terminal && lines && (entered || note || !stage || g_get_monotonic_time() - drawn_us > redraw_us))
		draw();
	else if (!terminal && entered)
		fprintf(stderr, "%s: %s%s%s\n", subject, stage, *text ? ": " : "", text);
	g_mutex_unlock(&mutex);
}

void progress_clear(void)
{
	g_mutex_lock(&mutex);
	erase();
	fflush(stderr);
	g_mutex_unlock(&mutex);
}
