/* SPDX-License-Identifier: GPL-2.0-or-later
 * past_schema - the tables of the history, by the steps in which they grew; docs/nightly.md tells what each column means
 */
#ifndef FINRIG_PAST_SCHEMA_H
#define FINRIG_PAST_SCHEMA_H

/* For sql_migrate(). A step that was released is never changed, only followed: files of every age are about. */
extern const char *const past_steps[];
extern const int past_step_count;

#endif
