/* SPDX-License-Identifier: GPL-2.0-or-later
 * duration - times as people write them: 140s, 250ms, 1.5h, 12h
 */
#ifndef FINRIG_DURATION_H
#define FINRIG_DURATION_H

#include <glib.h>

/* A number with a unit out of us ms s min h d; FALSE if text is anything else, negative, or over 100 years. */
gboolean duration_parse(const char *text, gint64 *microseconds);

#endif
