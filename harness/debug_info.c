/* SPDX-License-Identifier: GPL-2.0-or-later
 * debug_info - what a kernel's DWARF says of its functions and structs
 * A function that is inlined somewhere has an abstract entry with its name and types; where it stands alone, and where it is inlined,
 * there are others that refer to that one. libdw's "integrate" calls follow the reference.
 */
#include "debug_info.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

enum { WORD_BYTES = 8, IN_REGISTERS_MAX_BYTES = 16, NESTED_MAX = 8 };

struct debug_info {
	int file;
	Dwarf *dwarf;
};

static const enum gdb_register abi_registers[] = { GDB_RDI, GDB_RSI, GDB_RDX, GDB_RCX, GDB_R8, GDB_R9 };
/* By DWARF's numbers (System V ABI, AMD64, figure 3.36). */
static const enum gdb_register dwarf_registers[] = {
	GDB_RAX, GDB_RDX, GDB_RCX, GDB_RBX, GDB_RSI, GDB_RDI, GDB_RBP, GDB_RSP, GDB_R8, GDB_R9, GDB_R10, GDB_R11, GDB_R12, GDB_R13, GDB_R14, GDB_R15,
};

static void argument_free(gpointer data)
{
	struct debug_argument *argument = data;

	g_free(argument->name);
	g_free(argument->points_to);
	g_free(argument);
}

struct debug_info *debug_info_open(const char *vmlinux, GError **error)
{
	g_autoptr(debug_info_t) info = g_new0(struct debug_info, 1);

	info->file = open(vmlinux, O_RDONLY | O_CLOEXEC);
	if (info->file < 0) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s: %s", vmlinux, g_strerror(errno));
		return NULL;
	}
	info->dwarf = dwarf_begin(info->file, DWARF_C_READ);
	if (info->dwarf)
		return g_steal_pointer(&info);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_UNAVAILABLE, "%s: %s", vmlinux, dwarf_errmsg(-1));
	return NULL;
}

void debug_info_close(struct debug_info *info)
{
	if (!info)
		return;
	dwarf_end(info->dwarf);
	if (info->file >= 0)
		close(info->file);
	g_free(info);
}

/* The next compilation unit; *unit NULL at first. FALSE: there is none. */
static gboolean next_unit(const struct debug_info *info, Dwarf_CU **unit, Dwarf_Die *die)
{
	return dwarf_get_units(info->dwarf, *unit, unit, NULL, NULL, die, NULL) == 0;
}

/* For each DIE right below parent: for (child_of(&parent, &die, &more); more; sibling_of(&die, &more)). */
static void child_of(Dwarf_Die *parent, Dwarf_Die *die, gboolean *more)
{
	*more = dwarf_child(parent, die) == 0;
}

static void sibling_of(Dwarf_Die *die, gboolean *more)
{
	*more = dwarf_siblingof(die, die) == 0;
}

static gboolean is_named(Dwarf_Die *die, const char *name)
{
	const char *own = dwarf_diename(die);

	return own && strcmp(own, name) == 0;
}

/* Without const, typedef and the like; FALSE: void. */
static gboolean type_of(Dwarf_Die *die, Dwarf_Die *type)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) && dwarf_formref_die(&attribute, type) && dwarf_peel_type(type, type) == 0;
}

static gboolean is_signed(Dwarf_Die *type)
{
	Dwarf_Attribute attribute;
	Dwarf_Word encoding = 0;

	return dwarf_attr_integrate(type, DW_AT_encoding, &attribute) && dwarf_formudata(&attribute, &encoding) == 0 &&
	       (encoding == DW_ATE_signed || encoding == DW_ATE_signed_char);
}

static guint size_of(Dwarf_Die *type)
{
	Dwarf_Word size_bytes;

	return dwarf_aggregate_size(type, &size_bytes) == 0 && size_bytes <= G_MAXUINT ? (guint)size_bytes : 0;
}

static void set_type(struct debug_argument *argument, Dwarf_Die *parameter)
{
	Dwarf_Die type, target;

	argument->kind = DEBUG_OTHER;
	if (!type_of(parameter, &type))
		return;
	argument->bytes = size_of(&type);
	switch (dwarf_tag(&type)) {
	case DW_TAG_pointer_type:
		argument->kind = DEBUG_POINTER;
		argument->bytes = WORD_BYTES;
		if (type_of(&type, &target) && dwarf_tag(&target) == DW_TAG_structure_type)
			argument->points_to = g_strdup(dwarf_diename(&target));
		return;
	case DW_TAG_base_type:
		argument->kind = is_signed(&type) ? DEBUG_SIGNED : DEBUG_UNSIGNED;
		break;
	case DW_TAG_enumeration_type:
		argument->kind = DEBUG_UNSIGNED;
		break;
	}
	if (!argument->bytes || argument->bytes > WORD_BYTES)
		argument->kind = DEBUG_OTHER;
}

/* What the ABI has given away so far. */
struct given {
	guint registers, stack_bytes;
	gboolean lost; /* after a parameter of unknown size nothing is sure */
};

static void place_by_abi(struct debug_argument *argument, struct given *given)
{
	guint words = (argument->bytes + WORD_BYTES - 1) / WORD_BYTES;

	given->lost = given->lost || !words;
	if (given->lost)
		return;
	if (argument->bytes <= IN_REGISTERS_MAX_BYTES && given->registers + words <= G_N_ELEMENTS(abi_registers)) {
		argument->place = DEBUG_IN_REGISTER;
		argument->where = abi_registers[given->registers];
		given->registers += words;
		return;
	}
	argument->place = DEBUG_ON_STACK;
	argument->stack_bytes = WORD_BYTES + given->stack_bytes;
	given->stack_bytes += words * WORD_BYTES;
}

/* Without it a location is where the function's body keeps something, after it was moved there. */
static gboolean tracks_variables(Dwarf_Die *function)
{
	Dwarf_Attribute attribute;
	Dwarf_Die unit;
	const char *producer = dwarf_diecu(function, &unit, NULL, NULL) && dwarf_attr(&unit, DW_AT_producer, &attribute)
		? dwarf_formstring(&attribute) : NULL;

	return producer && !strstr(producer, "-fno-var-tracking");
}

static void place_by_location(struct debug_argument *argument, Dwarf_Die *parameter, guint64 address)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *operations;
	size_t count;
	guint number;

	if (!dwarf_attr(parameter, DW_AT_location, &attribute) || dwarf_getlocation_addr(&attribute, address, &operations, &count, 1) != 1 ||
	    count != 1 || operations[0].atom < DW_OP_reg0)
		return;
	number = operations[0].atom - (guint)DW_OP_reg0;
	if (number >= G_N_ELEMENTS(dwarf_registers))
		return;
	argument->place = DEBUG_IN_REGISTER;
	argument->where = dwarf_registers[number];
}

static GPtrArray *arguments_of(Dwarf_Die *function, guint64 address, gboolean own)
{
	GPtrArray *arguments = g_ptr_array_new_with_free_func(argument_free);
	struct given given = { 0, 0, FALSE };
	gboolean located = !own && tracks_variables(function), more;
	Dwarf_Die die;

	for (child_of(function, &die, &more); more; sibling_of(&die, &more)) {
		struct debug_argument *argument;

		if (dwarf_tag(&die) != DW_TAG_formal_parameter)
			continue;
		argument = g_new0(struct debug_argument, 1);
		argument->name = g_strdup(dwarf_diename(&die) ? dwarf_diename(&die) : "?");
		argument->place = DEBUG_NOWHERE;
		set_type(argument, &die);
		if (own)
			place_by_abi(argument, &given);
		else if (located)
			place_by_location(argument, &die, address);
		g_ptr_array_add(arguments, argument);
	}
	return arguments;
}

static gboolean function_at(const struct debug_info *info, guint64 address, Dwarf_Die *die)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die top;
	gboolean more;

	while (next_unit(info, &unit, &top)) {
		if (dwarf_haspc(&top, address) <= 0)
			continue;
		for (child_of(&top, die, &more); more; sibling_of(die, &more)) {
			Dwarf_Addr entry;

			if (dwarf_tag(die) == DW_TAG_subprogram && dwarf_entrypc(die, &entry) == 0 && entry == address)
				return TRUE;
		}
	}
	return FALSE;
}

GPtrArray *debug_info_arguments(const struct debug_info *info, guint64 address, gboolean own)
{
	Dwarf_Die function;

	return function_at(info, address, &function) ? arguments_of(&function, address, own) : NULL;
}

gboolean debug_info_result(const struct debug_info *info, guint64 address, enum debug_kind *kind, guint *bytes)
{
	struct debug_argument result = { .kind = DEBUG_OTHER };
	Dwarf_Die function;

	if (!function_at(info, address, &function))
		return FALSE;
	set_type(&result, &function);
	g_free(result.points_to);
	*kind = result.kind;
	*bytes = result.bytes;
	return TRUE;
}

static guint offset_of(Dwarf_Die *member)
{
	Dwarf_Attribute attribute;
	Dwarf_Word offset_bytes = 0;

	/* Members of a union have none. */
	if (dwarf_attr_integrate(member, DW_AT_data_member_location, &attribute))
		dwarf_formudata(&attribute, &offset_bytes);
	return (guint)offset_bytes;
}

static gboolean find_member(Dwarf_Die *holder, const char *name, guint nested, guint *offset_bytes, guint *bytes)
{
	Dwarf_Die die, type;
	gboolean more;

	for (child_of(holder, &die, &more); more; sibling_of(&die, &more)) {
		guint own_bytes = offset_of(&die);

		if (dwarf_tag(&die) != DW_TAG_member || !type_of(&die, &type))
			continue;
		if (is_named(&die, name)) {
			*offset_bytes = own_bytes;
			*bytes = size_of(&type);
			return TRUE;
		}
		if (nested && (dwarf_tag(&type) == DW_TAG_structure_type || dwarf_tag(&type) == DW_TAG_union_type) &&
		    find_member(&type, name, nested - 1, offset_bytes, bytes)) {
			*offset_bytes += own_bytes;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean debug_info_member(const struct debug_info *info, const char *name, const char *member, guint *offset_bytes, guint *bytes)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die top, die;
	gboolean more;

	/* Many units only know that there is such a struct. */
	while (next_unit(info, &unit, &top))
		for (child_of(&top, &die, &more); more; sibling_of(&die, &more))
			if (dwarf_tag(&die) == DW_TAG_structure_type && is_named(&die, name) &&
			    find_member(&die, member, NESTED_MAX, offset_bytes, bytes))
				return TRUE;
	return FALSE;
}

static gboolean holds_inlined(Dwarf_Die *parent, const char *function)
{
	Dwarf_Die die;
	gboolean more;

	for (child_of(parent, &die, &more); more; sibling_of(&die, &more)) {
		int tag = dwarf_tag(&die);

		if (tag == DW_TAG_inlined_subroutine && is_named(&die, function))
			return TRUE;
		if ((tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block) && holds_inlined(&die, function))
			return TRUE;
	}
	return FALSE;
}

/* Of one unit, to names. */
static void add_inlined(Dwarf_Die *top, const char *function, GPtrArray *names)
{
	Dwarf_Die die;
	gboolean more;

	for (child_of(top, &die, &more); more; sibling_of(&die, &more)) {
		const char *name = dwarf_diename(&die);
		Dwarf_Addr entry;

		if (dwarf_tag(&die) == DW_TAG_subprogram && name && dwarf_entrypc(&die, &entry) == 0 && holds_inlined(&die, function) &&
		    !g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			g_ptr_array_add(names, g_strdup(name));
	}
}

/* A unit that inlines a function says so in the function's own entry. */
static gboolean is_inlined_in(Dwarf_Die *top, const char *function)
{
	Dwarf_Die die;
	gboolean more;

	for (child_of(top, &die, &more); more; sibling_of(&die, &more))
		if (dwarf_tag(&die) == DW_TAG_subprogram && is_named(&die, function) && dwarf_hasattr(&die, DW_AT_inline))
			return TRUE;
	return FALSE;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *debug_info_inlined(const struct debug_info *info, const char *function)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	Dwarf_CU *unit = NULL;
	Dwarf_Die top;

	while (next_unit(info, &unit, &top))
		if (is_inlined_in(&top, function))
			add_inlined(&top, function, names);
	g_ptr_array_sort(names, by_name);
	return names;
}
