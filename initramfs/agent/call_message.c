/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_message - iovec, msghdr and control messages as arguments; call_message.h is the manual
 */
#include "call_message.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include "call_arguments.h"
#include "call_control.h"

/* As the kernel has it: libc's has other types for two of the lengths. */
struct kernel_message {
	void *name;
	int name_bytes;
	struct iovec *iov;
	size_t iov_count;
	void *control;
	size_t control_bytes;
	unsigned flags;
};

enum { IOVEC_MAX = 1024 };

static const char iovec_form[] = "expected a list of {..., BYTES} or {\"TEXT\", BYTES}";

/* The n-th member by place, or by name. */
static const struct script_expr *part(const struct script_expr *expr, unsigned n, const char *name)
{
	const struct script_expr *child = script_child(expr, n);

	return child && child->kind != SCRIPT_EXPR_FIELD ? child : script_field(expr, name);
}

static bool read_iovec(struct call_run *run, unsigned n, const struct script_expr *expr, bool sends, struct iovec *place)
{
	const struct script_expr *base, *length;
	int64_t count;

	if (expr->kind != SCRIPT_EXPR_STRUCT)
		return false;
	base = part(expr, 0, "iov_base");
	length = part(expr, 1, "iov_len");
	if (!base || !length || !script_integer(length, &count))
		return false;
	place->iov_len = (size_t)count;
	if (!call_is_null_pointer(base))
		place->iov_base = sends ? call_fill(run, n, base, count) : call_room(run, n, count);
	return true;
}

static struct iovec *take_iovecs(struct call_run *run, unsigned n, const struct script_expr *list, bool sends)
{
	struct iovec *iovecs;
	unsigned i = 0;

	if (!list || list->kind != SCRIPT_EXPR_LIST || list->count > IOVEC_MAX) {
		call_fault(run, n, list, iovec_form);
		return NULL;
	}
	iovecs = call_store(run, n, (list->count + 1) * sizeof(*iovecs));
	for (const struct script_expr *child = list->first; iovecs && child; child = child->next)
		if (!read_iovec(run, n, child, sends, &iovecs[i++]))
			call_fault(run, n, child, iovec_form);
	return iovecs;
}

/* Each string stands for the bytes that must have come into its place. */
static void hold_iovecs(struct call_run *run, unsigned n, const struct script_expr *list, const struct iovec *iovecs,
			const char *where)
{
	size_t left = run->outcome.result > 0 ? (size_t)run->outcome.result : 0;
	unsigned i = 0;

	for (const struct script_expr *child = list->first; child && left; child = child->next, i++) {
		const struct script_expr *base = part(child, 0, "iov_base");
		size_t got = left < iovecs[i].iov_len ? left : iovecs[i].iov_len;
		char place[48];

		if (!iovecs[i].iov_base)
			continue;
		call_data_dirty(run, (unsigned char *)iovecs[i].iov_base + got);
		snprintf(place, sizeof(place), "%s[%u].iov_base", where, i);
		if (base->kind == SCRIPT_EXPR_STRING)
			call_hold_text(run, n, place, base, iovecs[i].iov_base, got);
		left -= got;
	}
}

static void take_iovec(struct call_run *run, unsigned n, bool sends)
{
	const struct script_expr *list = script_argument(run->call, n);

	run->arguments[n] = (long)take_iovecs(run, n, list, sends);
	/* The kernel would take what lies behind for more of them. */
	if (call_ready(run) && call_integer(run, n + 1) > list->count)
		call_fault(run, n + 1, NULL, "the list has fewer members");
}

static void take_iovec_send(struct call_run *run, unsigned n)
{
	take_iovec(run, n, true);
}

static void take_iovec_receive(struct call_run *run, unsigned n)
{
	take_iovec(run, n, false);
}

static void hold_iovec(struct call_run *run, unsigned n)
{
	hold_iovecs(run, n, script_argument(run->call, n), (const struct iovec *)run->arguments[n], "");
}

static void take_name(struct call_run *run, unsigned n, const struct script_expr *expr, bool sends, struct kernel_message *message)
{
	const struct options *options = run->calls->options;
	struct sockaddr_storage *address;
	size_t bytes;

	if (!expr || call_is_null(expr))
		return;
	address = message->name = call_store(run, n, sizeof(*address));
	if (!address)
		return;
	if (!call_is_open(expr))
		bytes = call_read_address(expr, address);
	else
		bytes = options_remote(options, options->connect_port, address);
	if (!bytes)
		call_fault(run, n, expr, "expected ... or an address");
	message->name_bytes = sends ? (int)bytes : (int)sizeof(*address);
}

static void take_control(struct call_run *run, unsigned n, const struct script_expr *expr, bool sends, struct kernel_message *message)
{
	unsigned char *place;

	if (!expr || call_is_null(expr))
		return;
	if (!call_is_open(expr) && expr->kind != SCRIPT_EXPR_LIST) {
		call_fault(run, n, expr, "expected ... or a list of {cmsg_level=, cmsg_type=, cmsg_data=}");
		return;
	}
	place = call_store(run, n, CALL_CONTROL_BYTES);
	if (!place || (sends && call_is_open(expr)))
		return;
	message->control = place;
	message->control_bytes = sends ? call_control_write(run, n, expr, place) : CALL_CONTROL_BYTES;
	if (!sends && expr->kind == SCRIPT_EXPR_LIST)
		call_control_check(run, n, expr);
}

static const char *const members[] = { "msg_name", "msg_iov", "msg_flags", "msg_control", "msg_controllen", "msg_namelen" };

static bool has_known_members(const struct script_expr *expr)
{
	for (const struct script_expr *child = expr->first; child; child = child->next) {
		bool known = false;

		for (size_t i = 0; child->kind == SCRIPT_EXPR_FIELD && i < sizeof(members) / sizeof(members[0]); i++)
			known |= strcmp(child->text, members[i]) == 0;
		if (!known)
			return false;
	}
	return true;
}

static void take_message(struct call_run *run, unsigned n, bool sends)
{
	const struct script_expr *expr = script_argument(run->call, n), *iov, *flags;
	struct kernel_message *message = call_store(run, n, sizeof(*message));
	int64_t value;

	if (!expr || expr->kind != SCRIPT_EXPR_STRUCT || !has_known_members(expr)) {
		call_fault(run, n, NULL, "expected {msg_name(...)=..., msg_iov(1)=[{..., BYTES}], msg_flags=0, msg_control=[...]}");
		return;
	}
	if (!message)
		return;
	iov = script_field(expr, "msg_iov");
	flags = script_field(expr, "msg_flags");
	if (iov) {
		message->iov = take_iovecs(run, n, iov, sends);
		message->iov_count = iov->count;
	}
	if (flags && !call_is_open(flags) && !script_integer(flags, &value))
		call_fault(run, n, flags, "expected a number");
	take_name(run, n, script_field(expr, "msg_name"), sends, message);
	take_control(run, n, script_field(expr, "msg_control"), sends, message);
	run->arguments[n] = (long)message;
}

static void take_message_send(struct call_run *run, unsigned n)
{
	take_message(run, n, true);
}

static void take_message_receive(struct call_run *run, unsigned n)
{
	take_message(run, n, false);
}

static void hold_message(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n), *iov, *control;
	const struct kernel_message *message = (const struct kernel_message *)run->arguments[n];

	iov = script_field(expr, "msg_iov");
	control = script_field(expr, "msg_control");
	if (iov)
		hold_iovecs(run, n, iov, message->iov, ".msg_iov");
	if (message->name)
		call_hold_address(run, n, ".msg_name", script_field(expr, "msg_name"), message->name);
	call_hold_number(run, n, ".msg_flags", script_field(expr, "msg_flags"), (int64_t)message->flags);
	if (control && control->kind == SCRIPT_EXPR_LIST)
		call_control_hold(run, n, control, message->control, message->control_bytes);
}

const struct call_kind
	call_iovec_send = { take_iovec_send, NULL }, call_iovec_receive = { take_iovec_receive, hold_iovec },
	call_message_send = { take_message_send, NULL }, call_message_receive = { take_message_receive, hold_message };
