/* SPDX-License-Identifier: GPL-2.0-or-later
 * outlet - where the agent's records go: the I/O port of a guest, or a file descriptor on a host
 * One outlet per process; until it is opened, records are dropped. Nothing is allocated, every record is sent at once,
 * so that a guest that crashes has told all it knew.
 *
 *   struct record *r = outlet_begin(RECORD_LOG, clock_ns()); record_text(r, FIELD_TEXT, "..."); outlet_send();
 */
#ifndef FINRIG_AGENT_OUTLET_H
#define FINRIG_AGENT_OUTLET_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "record.h"

/* Needs guestio_open() before. */
void outlet_open_port(void);
/* The descriptor stays the caller's; must stay open. */
void outlet_open_fd(int fd);
/* TRUE: errors, mismatches and logs are also written to stderr, for a person. */
void outlet_set_verbose(bool verbose);
/* false once a record could not be written to the descriptor (disk full, reader gone). */
bool outlet_is_sound(void);

struct record *outlet_begin(enum record_type type, int64_t clock_ns);
/* With the moment on the processor's own counter too (FIELD_TSC): the host dates by such pairs what it sees of the guest from
 * outside. */
struct record *outlet_begin_paired(enum record_type type, struct clock_pair now);
/* Sends the record begun last. */
void outlet_send(void);

/* RECORD_ERROR; file may be NULL; line and column are left out when 0. */
void outlet_error(const char *file, unsigned line, unsigned column, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void outlet_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
