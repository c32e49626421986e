/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe_arguments - what a call was given, read at its first instruction
 */
#include "probe_arguments.h"

#include <string.h>

enum { BITS = 8, WORD_BYTES = 8 };

gint64 probe_value(guint64 word, guint bytes, gboolean is_signed)
{
	guint unused = bytes < WORD_BYTES ? BITS * (WORD_BYTES - bytes) : 0;

	return is_signed ? (gint64)(word << unused) >> unused : (gint64)(word << unused >> unused);
}

/* FALSE in *known: its place is not known, or there is no memory. */
static gboolean read_word(const struct debug_argument *argument, struct gdb_remote *gdb, const guint64 *registers, guint64 *word,
			  gboolean *known, GError **error)
{
	*known = argument->place == DEBUG_IN_REGISTER;
	if (*known)
		*word = registers[argument->where];
	if (argument->place != DEBUG_ON_STACK)
		return TRUE;
	if (!gdb_remote_try_read(gdb, registers[GDB_RSP] + argument->stack_bytes, word, sizeof(*word), known, error))
		return FALSE;
	*word = GUINT64_FROM_LE(*word);
	return TRUE;
}

static void append_value(GString *text, const struct debug_argument *argument, guint64 word)
{
	switch (argument->kind) {
	case DEBUG_POINTER:
		g_string_append_printf(text, "0x%" G_GINT64_MODIFIER "x", word);
		return;
	case DEBUG_SIGNED:
		g_string_append_printf(text, "%" G_GINT64_FORMAT, probe_value(word, argument->bytes, TRUE));
		return;
	case DEBUG_UNSIGNED:
		g_string_append_printf(text, "%" G_GUINT64_FORMAT, (guint64)probe_value(word, argument->bytes, FALSE));
		return;
	case DEBUG_OTHER: case DEBUG_KIND_COUNT:
		break;
	}
	g_string_append_c(text, '?');
}

/* Pointers of the kernel's half only: others are user space's, or none. */
static gboolean read_sock(struct probe_arguments *arguments, const struct probe_plan *plan, struct gdb_remote *gdb, guint64 sock, GError **error)
{
	for (guint i = 0; sock >> 63 && i < PROBE_MEMBER_COUNT; i++) {
		const struct probe_place *place = &plan->sock[i];
		guint64 word = 0;
		gboolean there;

		if (!place->bytes)
			continue;
		if (!gdb_remote_try_read(gdb, sock + place->offset_bytes, &word, place->bytes, &there, error))
			return FALSE;
		if (!there)
			continue;
		arguments->values[i] = probe_value(GUINT64_FROM_LE(word), place->bytes, i != PROBE_STATE);
		arguments->seen |= 1u << i;
	}
	return TRUE;
}

gboolean probe_arguments_read(struct probe_arguments *arguments, const struct probe_plan *plan, const struct probe_entry *entry,
			      struct gdb_remote *gdb, const guint64 *registers, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	memset(arguments, 0, sizeof(*arguments));
	for (guint i = 0; entry->arguments && i < entry->arguments->len; i++) {
		const struct debug_argument *argument = entry->arguments->pdata[i];
		guint64 word = 0;
		gboolean known;

		if (!read_word(argument, gdb, registers, &word, &known, error))
			return FALSE;
		g_string_append_printf(text, "%s%s=", i ? ", " : "", argument->name);
		if (known)
			append_value(text, argument, word);
		else
			g_string_append_c(text, '?');
		if (known && !arguments->seen && g_strcmp0(argument->points_to, "sock") == 0 && !read_sock(arguments, plan, gdb, word, error))
			return FALSE;
	}
	if (entry->arguments)
		arguments->text = g_string_free(g_steal_pointer(&text), FALSE);
	return TRUE;
}

void probe_arguments_clear(struct probe_arguments *arguments)
{
	g_clear_pointer(&arguments->text, g_free);
}

void probe_arguments_record(const struct probe_arguments *arguments, struct record *record)
{
	record_text(record, FIELD_ARGUMENTS, arguments->text);
	if (arguments->seen & 1u << PROBE_STATE)
		record_uint(record, FIELD_STATE, (guint64)arguments->values[PROBE_STATE]);
	if (arguments->seen & 1u << PROBE_WMEM_ALLOC)
		record_uint(record, FIELD_TMEM, (guint64)MAX(arguments->values[PROBE_WMEM_ALLOC] - 1, 0));
	if (arguments->seen & 1u << PROBE_WMEM_QUEUED)
		record_uint(record, FIELD_WMEM, (guint64)MAX(arguments->values[PROBE_WMEM_QUEUED], 0));
}
