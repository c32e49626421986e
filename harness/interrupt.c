/* SPDX-License-Identifier: GPL-2.0-or-later
 * interrupt - Ctrl-C and its kin cancel what a command is doing
 */
#include "interrupt.h"

#include <glib-unix.h>
#include <unistd.h>

#include "command.h"

/* GLib hands signals to a main context; the work itself blocks, so the context turns in a thread beside it. A flag and not a
 * loop's quit: that would be lost when the work fails before the thread has begun. */
struct interrupt {
	GMainContext *context;
	GThread *thread;
	gint stop; /* atomic */
};

/* QEMU dies with its parent. */
static gboolean caught(gpointer cancellable)
{
	if (g_cancellable_is_cancelled(cancellable))
		_exit(EXIT_INTERRUPTED);
	g_cancellable_cancel(cancellable);
	return G_SOURCE_CONTINUE;
}

static gpointer turn(gpointer data)
{
	struct interrupt *interrupt = data;

	while (!g_atomic_int_get(&interrupt->stop))
		g_main_context_iteration(interrupt->context, TRUE);
	return NULL;
}

struct interrupt *interrupt_start(GCancellable *cancellable)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct interrupt *interrupt = g_new0(struct interrupt, 1);

	interrupt->context = g_main_context_new();
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		GSource *source = g_unix_signal_source_new(numbers[i]);

		g_source_set_callback(source, caught, cancellable, NULL);
		g_source_attach(source, interrupt->context);
		g_source_unref(source);
	}
	interrupt->thread = g_thread_new("signals", turn, interrupt);
	return interrupt;
}

void interrupt_stop(struct interrupt *interrupt)
{
	g_atomic_int_set(&interrupt->stop, TRUE);
	g_main_context_wakeup(interrupt->context);
	g_thread_join(interrupt->thread);
	g_main_context_unref(interrupt->context);
	g_free(interrupt);
}
