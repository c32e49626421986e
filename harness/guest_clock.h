/* SPDX-License-Identifier: GPL-2.0-or-later
 * guest_clock - what the guest's CLOCK_MONOTONIC was when its processor's counter stood at a value
 * in: a record stream, some of whose records carry both (FIELD_TSC); out: the line through them, bent at each.
 *
 * The counter of a warped guest is QEMU's virtual clock. The kernel measured how fast it runs when it booted, a few millionths wrong, and
 * steers its own clock to what it measured: between two pairs the two run evenly, to some ten nanoseconds.
 */
#ifndef FINRIG_GUEST_CLOCK_H
#define FINRIG_GUEST_CLOCK_H

#include <glib.h>

struct guest_clock;

/* NULL where no record tells. A damaged stream is read as far as it is whole. */
struct guest_clock *guest_clock_new(const unsigned char *stream, gsize length_bytes);
gint64 guest_clock_ns(const struct guest_clock *clock, guint64 tsc);
void guest_clock_free(struct guest_clock *clock);

typedef struct guest_clock guest_clock_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(guest_clock_t, guest_clock_free)

#endif
