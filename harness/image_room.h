/* SPDX-License-Identifier: GPL-2.0-or-later
 * image_room - the folder that kernels of one family are built in, one after the other
 * cache/image/room-<id>/: src, a private mirror of the source with the patched files in place; obj, kbuild's output.
 * A file of src is only ever replaced when its content differs, so make compiles no more than what a patch touches.
 * The source itself is never written to: files of src are links or copies, and are replaced by rename.
 */
#ifndef FINRIG_IMAGE_ROOM_H
#define FINRIG_IMAGE_ROOM_H

#include <gio/gio.h>

#include "image_patch.h"
#include "source.h"

struct room {
	char *directory, *src, *obj;
	int lock;
};

/* Waits until no one else works in it. */
struct room *room_enter(const struct workspace *workspace, const char *id, GCancellable *cancellable, GError **error);
/* Makes src what source with its patches is. */
gboolean room_furnish(struct room *room, const struct source *source, const struct patched *patched, GCancellable *cancellable, GError **error);
void room_leave(struct room *room);

typedef struct room room_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(room_t, room_leave)

#endif
