/* SPDX-License-Identifier: GPL-2.0-or-later
 * probe - calls of chosen functions seen from outside the guest, by QEMU's gdb stub
 */
#include "probe.h"

#include <string.h>
#include <unistd.h>

#include "error.h"
#include "probe_arguments.h"
#include "record.h"

enum { ERRNO_MAX = 4095 }; /* the kernel's own: what lies below is no errno */

/* A call that has not returned yet. */
struct call {
	const struct probe_target *target;
	const struct probe_entry *entry;
	guint64 entry_ns;   /* by the processor's counter */
	guint64 stack;      /* rsp at entry: the return address lies there */
	guint64 returns_to;
	guint depth;
	struct probe_arguments arguments;
};

static void call_clear(gpointer data)
{
	probe_arguments_clear(&((struct call *)data)->arguments);
}

struct probe {
	const struct probe_plan *plan;
	struct gdb_remote *gdb;
	int stop_clock;
	gboolean armed;
	GArray *calls;      /* struct call, oldest first */
	GByteArray *records;
	guint32 sequence;
	struct record record;
};

static void add_record(struct probe *probe)
{
	g_byte_array_append(probe->records, probe->record.bytes, (guint)record_end(&probe->record, probe->sequence++));
}

static void record_target(struct probe *probe, const struct probe_target *target)
{
	g_autofree char *address = target->absent ? NULL : g_strdup_printf("%" G_GINT64_MODIFIER "x", target->address);

	record_begin(&probe->record, RECORD_PROBE, 0);
	record_text(&probe->record, FIELD_FUNCTION, target->function);
	record_text(&probe->record, FIELD_ADDRESS, address);
	record_text(&probe->record, FIELD_TEXT, target->absent ? target->absent : target->note);
	add_record(probe);
}

struct probe *probe_new(const struct probe_plan *plan, struct gdb_remote *gdb, int stop_clock)
{
	struct probe *probe = g_new0(struct probe, 1);

	probe->plan = plan;
	probe->gdb = gdb;
	probe->stop_clock = stop_clock;
	probe->calls = g_array_new(FALSE, FALSE, sizeof(struct call));
	g_array_set_clear_func(probe->calls, call_clear);
	probe->records = g_byte_array_new();
	for (guint i = 0; i < plan->targets->len; i++)
		record_target(probe, plan->targets->pdata[i]);
	return probe;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	g_array_unref(probe->calls);
	g_byte_array_unref(probe->records);
	g_free(probe);
}

static gboolean arm(struct probe *probe, GError **error)
{
	for (guint i = 0; i < probe->plan->targets->len; i++) {
		const struct probe_target *target = probe->plan->targets->pdata[i];

		for (guint j = 0; j < target->entries->len; j++)
			if (!gdb_remote_break(probe->gdb, g_array_index(target->entries, struct probe_entry, j).address, TRUE, error))
				return FALSE;
	}
	probe->armed = TRUE;
	return TRUE;
}

gboolean probe_begin(struct probe *probe, gboolean ready, GError **error)
{
	return gdb_remote_open(probe->gdb, error) && (!ready || arm(probe, error)) && gdb_remote_go_on(probe->gdb, error);
}

/* What debug_stop wrote before the stop was told: it is there already. */
static gboolean read_clock(const struct probe *probe, guint64 *now_ns, GError **error)
{
	if (read(probe->stop_clock, now_ns, sizeof(*now_ns)) == sizeof(*now_ns))
		return TRUE;
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_BROKEN, "probe: QEMU stopped the guest and did not say when");
	return FALSE;
}

/* Where no debug info tells what it is: an int is half a register, and its function may leave anything in the other half; most leave it 0. */
static gint64 result_of(const struct probe_entry *entry, guint64 rax)
{
	if (entry->typed && entry->result_bytes)
		return probe_value(rax, MIN(entry->result_bytes, sizeof(rax)), entry->result == DEBUG_SIGNED);
	return rax >> 32 == 0 || rax >> 32 == G_MAXUINT32 ? (gint32)(guint32)rax : (gint64)rax;
}

static void record_result(struct record *record, gint64 result)
{
	record_int(record, FIELD_RESULT, result);
	record_text(record, FIELD_ERRNO, result < 0 && result >= -ERRNO_MAX ? strerrorname_np((int)-result) : NULL);
}

static void record_call(struct probe *probe, const struct call *call, const guint64 *now_ns, guint64 rax)
{
	struct record *record = &probe->record;
	g_autofree char *caller = symbol_map_name(probe->plan->map, call->returns_to);

	record_begin(record, RECORD_CALL, call->entry_ns);
	record_text(record, FIELD_FUNCTION, call->target->function);
	record_text(record, FIELD_ENTRY, strcmp(call->entry->name, call->target->function) == 0 ? NULL : call->entry->name);
	record_text(record, FIELD_CALLER, caller);
	record_uint(record, FIELD_DEPTH, call->depth);
	probe_arguments_record(&call->arguments, record);
	if (now_ns)
		record_uint(record, FIELD_DURATION_NS, *now_ns - call->entry_ns);
	if (now_ns && (!call->entry->typed || call->entry->result_bytes))
		record_result(record, result_of(call->entry, rax));
	add_record(probe);
}

GByteArray *probe_take_records(struct probe *probe)
{
	for (guint i = 0; i < probe->calls->len; i++)
		record_call(probe, &g_array_index(probe->calls, struct call, i), NULL, 0);
	g_array_set_size(probe->calls, 0);
	return g_byte_array_ref(probe->records);
}

/* NULL: it has none there. */
static const struct probe_entry *entry_at(const struct probe_target *target, guint64 address)
{
	for (guint i = 0; i < target->entries->len; i++)
		if (g_array_index(target->entries, struct probe_entry, i).address == address)
			return &g_array_index(target->entries, struct probe_entry, i);
	return NULL;
}

static gboolean is_awaited(const struct probe *probe, guint64 address)
{
	for (guint i = 0; i < probe->calls->len; i++)
		if (g_array_index(probe->calls, struct call, i).returns_to == address)
			return TRUE;
	return FALSE;
}

/* The same call, seen twice: an interrupt that came at a function's first instruction returns to it, and a function may end in a jump to
 * its own rest (name.part.0). */
static gboolean is_known(const struct probe *probe, const struct call *call)
{
	for (guint i = 0; i < probe->calls->len; i++) {
		const struct call *other = &g_array_index(probe->calls, struct call, i);

		if (other->target == call->target && other->stack == call->stack && other->returns_to == call->returns_to)
			return TRUE;
	}
	return FALSE;
}

/* A function that calls its own rest and goes on after that. A rest that calls itself is called anew. */
static gboolean is_of_itself(const struct probe *probe, const struct call *call)
{
	const char *caller = symbol_map_function(probe->plan->map, call->returns_to);

	return strstr(call->entry->name, ".part.") && caller && strcmp(caller, call->entry->name) != 0 &&
	       symbol_is_of(caller, call->target->function);
}

/* Calls still under way on the same stack, which grows down: no kernel's is larger than this. */
static guint depth_of(const struct probe *probe, guint64 stack)
{
	enum { STACK_BYTES = 16 * 1024 };
	guint depth = 0;

	/* What stands lower wraps around and is far away. */
	for (guint i = 0; i < probe->calls->len; i++)
		depth += g_array_index(probe->calls, struct call, i).stack - stack < STACK_BYTES;
	return depth;
}

static gboolean enter(struct probe *probe, struct call call, const guint64 *registers, GError **error)
{
	gboolean awaited;

	if (!gdb_remote_read(probe->gdb, call.stack, &call.returns_to, sizeof(call.returns_to), error))
		return FALSE;
	call.returns_to = GUINT64_FROM_LE(call.returns_to);
	if (is_known(probe, &call) || is_of_itself(probe, &call))
		return TRUE;
	if (!probe_arguments_read(&call.arguments, probe->plan, call.entry, probe->gdb, registers, error))
		return FALSE;
	call.depth = depth_of(probe, call.stack);
	awaited = is_awaited(probe, call.returns_to);
	g_array_append_val(probe->calls, call);
	return awaited || gdb_remote_break(probe->gdb, call.returns_to, TRUE, error);
}

/* An address may be an entry of two that were asked for: name and name.part.0. */
static gboolean enter_all(struct probe *probe, const guint64 *registers, guint64 now_ns, GError **error)
{
	for (guint i = 0; i < probe->plan->targets->len; i++) {
		const struct probe_target *target = probe->plan->targets->pdata[i];
		const struct probe_entry *entry = entry_at(target, registers[GDB_RIP]);

		struct call call = { .target = target, .entry = entry, .entry_ns = now_ns, .stack = registers[GDB_RSP] };

		if (entry && !enter(probe, call, registers, error))
			return FALSE;
	}
	return TRUE;
}

/* A return pops the address that lay at the entry's stack pointer. Calls that end in a jump to another function return with it. */
static gboolean leave(struct probe *probe, guint64 address, guint64 stack, guint64 now_ns, guint64 rax, GError **error)
{
	for (guint i = probe->calls->len; i-- > 0;) {
		const struct call *call = &g_array_index(probe->calls, struct call, i);

		if (call->returns_to != address || call->stack + sizeof(guint64) != stack)
			continue;
		record_call(probe, call, &now_ns, rax);
		g_array_remove_index(probe->calls, i);
	}
	return is_awaited(probe, address) || gdb_remote_break(probe->gdb, address, FALSE, error);
}

/* Past the instruction that the guest stands at, which has a breakpoint, and on. */
static gboolean step_on(struct probe *probe, GError **error)
{
	guint64 now_ns;

	return gdb_remote_step(probe->gdb, error) && read_clock(probe, &now_ns, error) && gdb_remote_go_on(probe->gdb, error);
}

gboolean probe_stopped(struct probe *probe, gboolean *left, GError **error)
{
	guint64 registers[GDB_REGISTER_COUNT], now_ns;

	if (!gdb_remote_wait_stop(probe->gdb, left, error))
		return FALSE;
	if (*left)
		return TRUE;
	if (!probe->armed)
		return arm(probe, error) && gdb_remote_go_on(probe->gdb, error);
	if (!read_clock(probe, &now_ns, error) || !gdb_remote_registers(probe->gdb, registers, error))
		return FALSE;
	if (is_awaited(probe, registers[GDB_RIP]) &&
	    !leave(probe, registers[GDB_RIP], registers[GDB_RSP], now_ns, registers[GDB_RAX], error))
		return FALSE;
	return enter_all(probe, registers, now_ns, error) && step_on(probe, error);
}
