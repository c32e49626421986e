/* SPDX-License-Identifier: GPL-2.0-or-later
 * kernel_text - the instructions of a kernel, and which of them call a given address
 * in: an image's vmlinux, else what is packed in its bzImage (offsets: Documentation/x86/boot.rst); out: addresses.
 * A compiler that inlines a function leaves no symbol of that; calls of the rest, which it left as name.part.0, tell where.
 */
#ifndef FINRIG_KERNEL_TEXT_H
#define FINRIG_KERNEL_TEXT_H

#include "image.h"

struct kernel_text;

/* FINRIG_ERROR_UNAVAILABLE: neither file is there, or what it holds is packed in a way that libarchive does not know, or is no ELF file. */
struct kernel_text *kernel_text_read(const struct image *image, GError **error);
/* Of an ELF file or a bzImage in memory; name is for messages. */
struct kernel_text *kernel_text_new(GBytes *file, const char *name, GError **error);
void kernel_text_free(struct kernel_text *text);
/* Addresses (guint64) of all instructions that call target or jump to it by a distance of 32 bits, in order. Caller unrefs. Bytes
 * in the midst of others that only look like one count as well: chance makes one in some hundred kernels. */
GArray *kernel_text_calls(const struct kernel_text *text, guint64 target);

typedef struct kernel_text kernel_text_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(kernel_text_t, kernel_text_free)

#endif
