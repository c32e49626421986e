/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbols - the names scripts use for numbers: SO_REUSEADDR, O_NONBLOCK, EAGAIN ...
 * Values of x86-64 Linux up to 6.12, written down so that no header's age decides what a script may say.
 */
#ifndef FINRIG_SYMBOLS_H
#define FINRIG_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* False when the name is unknown. errno names are symbols too. */
bool symbol_value(const char *name, size_t name_bytes, int64_t *value);
/* 0 when the name is no errno's. */
int errno_value(const char *name, size_t name_bytes);
/* NULL for a number without a name. EAGAIN (not EWOULDBLOCK), EOPNOTSUPP (not ENOTSUP). */
const char *errno_name(int value);

/* For tests: n-th entry of the tables in their order; false past the end. */
bool symbol_at(unsigned n, const char **name, int64_t *value);

#endif
