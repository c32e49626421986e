/* SPDX-License-Identifier: GPL-2.0-or-later
 * debug_info - what a kernel's DWARF says of its functions and structs
 * in: vmlinux of a kernel that was configured with DEBUG_INFO; out: where a call's arguments are when it begins, where a struct's members
 * lie, and what a function was inlined into. libdw reads; nothing here runs.
 */
#ifndef FINRIG_DEBUG_INFO_H
#define FINRIG_DEBUG_INFO_H

#include "gdb_remote.h"

struct debug_info;

enum debug_kind { DEBUG_SIGNED, DEBUG_UNSIGNED, DEBUG_POINTER, DEBUG_OTHER, DEBUG_KIND_COUNT };
enum debug_place { DEBUG_IN_REGISTER, DEBUG_ON_STACK, DEBUG_NOWHERE, DEBUG_PLACE_COUNT };

/* A function's parameter, at its first instruction. */
struct debug_argument {
	char *name;
	char *points_to;        /* "sock" for struct sock *; else NULL */
	enum debug_kind kind;   /* DEBUG_OTHER: a struct or a union, whose value is not looked at */
	guint bytes;            /* 0: unknown */
	enum debug_place place; /* DEBUG_NOWHERE: it is not known, or the compiler left it out */
	enum gdb_register where;
	guint stack_bytes;      /* above the stack pointer, which points to the return address */
};

/* FINRIG_ERROR_UNAVAILABLE: the file has no DWARF, or cannot be read. */
struct debug_info *debug_info_open(const char *vmlinux, GError **error);
void debug_info_close(struct debug_info *info);
/* Of the function that begins at address: struct debug_argument *, caller unrefs. own: it is called as its source says, so by the ABI
 * (System V, AMD64: six registers, then the stack). A copy that the compiler made has other parameters, of which only their locations
 * tell, and those only where the compiler tracked variables (reduced debug info: it did not). NULL: nothing is known of such a function. */
GPtrArray *debug_info_arguments(const struct debug_info *info, guint64 address, gboolean own);
/* What the same function returns, if it is no copy: of these some leave it out. bytes 0: nothing. FALSE: nothing is known of it. */
gboolean debug_info_result(const struct debug_info *info, guint64 address, enum debug_kind *kind, guint *bytes);
/* Where a member of struct NAME lies, those of structs and unions in it included. bytes is 0 if its size is not told. FALSE: not known. */
gboolean debug_info_member(const struct debug_info *info, const char *name, const char *member, guint *offset_bytes, guint *bytes);
/* Names (char *, sorted) of the functions that it was inlined into, over others that were inlined too. Caller unrefs. */
GPtrArray *debug_info_inlined(const struct debug_info *info, const char *function);

typedef struct debug_info debug_info_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(debug_info_t, debug_info_close)

#endif
