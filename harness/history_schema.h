/* SPDX-License-Identifier: GPL-2.0-or-later
 * history_schema - the tables of the history, by the steps in which they grew; docs/nightly.md tells what each column means
 */
#ifndef FINRIG_HISTORY_SCHEMA_H
#define FINRIG_HISTORY_SCHEMA_H

/* For sql_migrate(). A step that was released is never changed, only followed: files of every age are about. */
extern const char *const history_steps[];
extern const int history_step_count;

#endif
