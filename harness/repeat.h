/* SPDX-License-Identifier: GPL-2.0-or-later
 * repeat - bit-identity as a test: the same cell many times, compared byte by byte
 * in: cells, and their repetitions in <run>/repeat/<number>/; out: repeat.txt in the run's folder. A repetition with the same
 * bytes is removed, one that differs is kept to be looked at.
 */
#ifndef FINRIG_REPEAT_H
#define FINRIG_REPEAT_H

#include <glib.h>

/* The folder in which repetition number (from 2; 1 is the run itself) has its cells. Caller frees. */
char *repeat_directory(const char *run_directory, guint number);
/* Compares events and pcap of every cell with those of its repetitions 2 to count. kernels: struct kernel *, cases:
 * struct test_case *. *same: no byte differed. *text: a line for each cell, and for each that differs the first record that
 * does; the caller frees. Cells that could not run are told apart and count as the same. FINRIG_ERROR_BROKEN. */
gboolean repeat_compare(const char *run_directory, GPtrArray *kernels, GPtrArray *cases, guint count, gboolean *same, char **text,
			GError **error);

/* Takes all repetitions of these cells away, and repeat.txt: they are of an earlier run in the same folder. */
void repeat_forget(const char *run_directory, GPtrArray *kernels, GPtrArray *cases);

#endif
