/* SPDX-License-Identifier: GPL-2.0-or-later
 * snapshot_file - a snapshot's folder: written once, believed only after a check
 */
#ifndef FINRIG_SNAPSHOT_FILE_H
#define FINRIG_SNAPSHOT_FILE_H

#include "snapshot.h"

#define SNAPSHOT_RAM "ram"
#define SNAPSHOT_STATE "state"
#define SNAPSHOT_RECORDS "records"
#define SNAPSHOT_CONSOLE "console"

/* What a snapshot was made of. */
struct snapshot_inputs {
	const struct image *image;
	const struct initramfs *initramfs;
	const struct vm_machine *machine;
	char *text; /* all of it in lines */
	char *key;  /* SHA-256 of text */
};

/* FINRIG_ERROR_BROKEN without QEMU. */
gboolean snapshot_inputs_fill(struct snapshot_inputs *inputs, GError **error);
void snapshot_inputs_clear(struct snapshot_inputs *inputs);

/* Opens and checks everything. NULL with *absent TRUE when there is no such folder; NULL with an error that says what is wrong. */
struct snapshot *snapshot_read(const char *directory, const struct snapshot_inputs *inputs, gboolean *absent, GError **error);
/* Makes a folder that holds the four files a snapshot, by its manifest. FINRIG_ERROR_BROKEN. */
gboolean snapshot_seal(const char *directory, const struct snapshot_inputs *inputs, GError **error);
/* Removes folders below root that nobody will ask for again: of the same image on the same machine but of another agent or
 * QEMU, or not used for two weeks; but none that is in use (struct snapshot). */
void snapshot_prune(const char *root, const struct snapshot_inputs *inputs);
void snapshot_remove(const char *directory);
void snapshot_free(struct snapshot *snapshot);

typedef struct snapshot snapshot_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(snapshot_t, snapshot_free)

#endif
