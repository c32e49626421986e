/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_option - the values of socket options as arguments; call_option.h is the manual
 */
#include "call_option.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_shape.h"

enum { VALUE_ROOM_BYTES = 1024, RESULT_ROOM_BYTES = 16 * 1024, TCP = IPPROTO_TCP, IPV6 = IPPROTO_IPV6, UDP = IPPROTO_UDP };

/* Options by the release that brought them: those newer than 2.6.32, and those that a kernel may be built without. */
static const struct option_row {
	int level, option;
	const char *name, *since;
} rows[] = {
	{ SOL_SOCKET, 40, "SO_RXQ_OVFL", "2.6.33" }, { SOL_SOCKET, 41, "SO_WIFI_STATUS", "3.3" }, { SOL_SOCKET, 42, "SO_PEEK_OFF", "3.4" },
	{ SOL_SOCKET, 43, "SO_NOFCS", "3.4" }, { SOL_SOCKET, 44, "SO_LOCK_FILTER", "3.9" }, { SOL_SOCKET, 15, "SO_REUSEPORT", "3.9" },
	{ SOL_SOCKET, 45, "SO_SELECT_ERR_QUEUE", "3.10" }, { SOL_SOCKET, 46, "SO_BUSY_POLL", "3.11" },
	{ SOL_SOCKET, 47, "SO_MAX_PACING_RATE", "3.13" }, { SOL_SOCKET, 48, "SO_BPF_EXTENSIONS", "3.14" },
	{ SOL_SOCKET, 49, "SO_INCOMING_CPU", "3.19" }, { SOL_SOCKET, 50, "SO_ATTACH_BPF", "3.19" },
	{ SOL_SOCKET, 51, "SO_ATTACH_REUSEPORT_CBPF", "4.5" }, { SOL_SOCKET, 52, "SO_ATTACH_REUSEPORT_EBPF", "4.5" },
	{ SOL_SOCKET, 53, "SO_CNX_ADVICE", "4.6" }, { SOL_SOCKET, 55, "SO_MEMINFO", "4.12" },
	{ SOL_SOCKET, 56, "SO_INCOMING_NAPI_ID", "4.12" }, { SOL_SOCKET, 57, "SO_COOKIE", "4.12" },
	{ SOL_SOCKET, 59, "SO_PEERGROUPS", "4.13" }, { SOL_SOCKET, 60, "SO_ZEROCOPY", "4.14" }, { SOL_SOCKET, 61, "SO_TXTIME", "4.19" },
	{ SOL_SOCKET, 62, "SO_BINDTOIFINDEX", "5.1" }, { SOL_SOCKET, 63, "SO_TIMESTAMP_NEW", "5.1" },
	{ SOL_SOCKET, 64, "SO_TIMESTAMPNS_NEW", "5.1" }, { SOL_SOCKET, 65, "SO_TIMESTAMPING_NEW", "5.1" },
	{ SOL_SOCKET, 66, "SO_RCVTIMEO_NEW", "5.1" }, { SOL_SOCKET, 67, "SO_SNDTIMEO_NEW", "5.1" },
	{ SOL_SOCKET, 68, "SO_DETACH_REUSEPORT_BPF", "5.3" }, { SOL_SOCKET, 69, "SO_PREFER_BUSY_POLL", "5.11" },
	{ SOL_SOCKET, 70, "SO_BUSY_POLL_BUDGET", "5.11" }, { SOL_SOCKET, 71, "SO_NETNS_COOKIE", "5.14" },
	{ SOL_SOCKET, 72, "SO_BUF_LOCK", "5.14" }, { SOL_SOCKET, 73, "SO_RESERVE_MEM", "5.16" }, { SOL_SOCKET, 74, "SO_TXREHASH", "5.18" },
	{ SOL_SOCKET, 75, "SO_RCVMARK", "5.19" }, { SOL_SOCKET, 76, "SO_PASSPIDFD", "6.5" }, { SOL_SOCKET, 77, "SO_PEERPIDFD", "6.5" },
	{ SOL_SOCKET, 80, "SO_DEVMEM_DONTNEED", "6.12" },
	{ TCP, 14, "TCP_MD5SIG", "2.6.20" }, { TCP, 15, "TCP_COOKIE_TRANSACTIONS", "2.6.33" }, { TCP, 16, "TCP_THIN_LINEAR_TIMEOUTS", "2.6.34" },
	{ TCP, 17, "TCP_THIN_DUPACK", "2.6.34" }, { TCP, 18, "TCP_USER_TIMEOUT", "2.6.37" }, { TCP, 19, "TCP_REPAIR", "3.5" },
	{ TCP, 20, "TCP_REPAIR_QUEUE", "3.5" }, { TCP, 21, "TCP_QUEUE_SEQ", "3.5" }, { TCP, 22, "TCP_REPAIR_OPTIONS", "3.5" },
	{ TCP, 23, "TCP_FASTOPEN", "3.7" }, { TCP, 24, "TCP_TIMESTAMP", "3.9" }, { TCP, 25, "TCP_NOTSENT_LOWAT", "3.12" },
	{ TCP, 26, "TCP_CC_INFO", "4.1" }, { TCP, 27, "TCP_SAVE_SYN", "4.2" }, { TCP, 28, "TCP_SAVED_SYN", "4.2" },
	{ TCP, 29, "TCP_REPAIR_WINDOW", "4.8" }, { TCP, 30, "TCP_FASTOPEN_CONNECT", "4.11" }, { TCP, 31, "TCP_ULP", "4.13" },
	{ TCP, 32, "TCP_MD5SIG_EXT", "4.14" }, { TCP, 33, "TCP_FASTOPEN_KEY", "4.15" }, { TCP, 34, "TCP_FASTOPEN_NO_COOKIE", "4.15" },
	{ TCP, 35, "TCP_ZEROCOPY_RECEIVE", "4.18" }, { TCP, 36, "TCP_INQ", "4.18" }, { TCP, 37, "TCP_TX_DELAY", "5.3" },
	{ TCP, 38, "TCP_AO_ADD_KEY", "6.7" }, { TCP, 39, "TCP_AO_DEL_KEY", "6.7" }, { TCP, 40, "TCP_AO_INFO", "6.7" },
	{ TCP, 41, "TCP_AO_GET_KEYS", "6.7" }, { TCP, 42, "TCP_AO_REPAIR", "6.7" }, { TCP, 43, "TCP_IS_MPTCP", "6.10" },
	{ TCP, 44, "TCP_RTO_MAX_MS", "6.15" },
	{ IPPROTO_IP, 21, "IP_MINTTL", "2.6.34" }, { IPPROTO_IP, 22, "IP_NODEFRAG", "2.6.36" }, { IPPROTO_IP, 23, "IP_CHECKSUM", "4.0" },
	{ IPPROTO_IP, 24, "IP_BIND_ADDRESS_NO_PORT", "4.2" }, { IPPROTO_IP, 25, "IP_RECVFRAGSIZE", "4.10" },
	{ IPPROTO_IP, 26, "IP_RECVERR_RFC4884", "5.9" }, { IPPROTO_IP, 49, "IP_MULTICAST_ALL", "2.6.31" },
	{ IPPROTO_IP, 50, "IP_UNICAST_IF", "3.4" }, { IPPROTO_IP, 51, "IP_LOCAL_PORT_RANGE", "6.3" }, { IPPROTO_IP, 52, "IP_PROTOCOL", "6.4" },
	{ IPV6, 29, "IPV6_MULTICAST_ALL", "4.20" }, { IPV6, 30, "IPV6_ROUTER_ALERT_ISOLATE", "5.1" }, { IPV6, 31, "IPV6_RECVERR_RFC4884", "5.9" },
	{ IPV6, 60, "IPV6_RECVPATHMTU", "2.6.35" }, { IPV6, 61, "IPV6_PATHMTU", "2.6.35" }, { IPV6, 62, "IPV6_DONTFRAG", "2.6.35" },
	{ IPV6, 70, "IPV6_AUTOFLOWLABEL", "3.17" }, { IPV6, 73, "IPV6_MINHOPCOUNT", "2.6.35" }, { IPV6, 74, "IPV6_ORIGDSTADDR", "2.6.37" },
	{ IPV6, 75, "IPV6_TRANSPARENT", "2.6.37" }, { IPV6, 76, "IPV6_UNICAST_IF", "3.4" }, { IPV6, 77, "IPV6_RECVFRAGSIZE", "4.10" },
	{ IPV6, 78, "IPV6_FREEBIND", "4.15" },
	{ UDP, 101, "UDP_NO_CHECK6_TX", "3.16" }, { UDP, 102, "UDP_NO_CHECK6_RX", "3.16" }, { UDP, 103, "UDP_SEGMENT", "4.18" },
	{ UDP, 104, "UDP_GRO", "5.0" },
};

const char *call_option_since(long level, long option, const char **name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].level == level && rows[i].option == option) {
			*name = rows[i].name;
			return rows[i].since;
		}
	}
	return NULL;
}

int call_compare_releases(const char *a, const char *b)
{
	for (;;) {
		char *a_end, *b_end;
		unsigned long a_part = strtoul(a, &a_end, 10), b_part = strtoul(b, &b_end, 10);

		if (a_part != b_part)
			return a_part < b_part ? -1 : 1;
		if (*a_end != '.' && *b_end != '.')
			return 0;
		/* 4.1 is 4.1.0 */
		a = *a_end == '.' ? a_end + 1 : "0";
		b = *b_end == '.' ? b_end + 1 : "0";
	}
}

void call_note_absence(struct call_run *run, const char *what, const char *since)
{
	const char *release = run->calls->release;
	char *note = run->outcome.difference.note;

	if (call_compare_releases(release, since) < 0)
		snprintf(note, CALLS_TEXT_BYTES, "kernel %.64s has no %s: it exists since Linux %s", release, what, since);
	else
		snprintf(note, CALLS_TEXT_BYTES, "kernel %.64s was built without %s, which exists since Linux %s", release, what, since);
}

static bool write_numbers(const struct script_expr *list, unsigned char *place, size_t *bytes)
{
	*bytes = 0;
	for (const struct script_expr *one = list->first; one; one = one->next, *bytes += sizeof(int)) {
		int64_t value;

		if (*bytes + sizeof(value) > VALUE_ROOM_BYTES || !script_integer(one, &value))
			return false;
		/* All of it: a script may give the length of a longer number. */
		memcpy(place + *bytes, &value, sizeof(value));
	}
	return true;
}

static bool write_structs(struct call_run *run, unsigned n, const struct script_expr *list, unsigned char *place, size_t *bytes)
{
	*bytes = 0;
	for (const struct script_expr *one = list->first; one; one = one->next) {
		size_t used = call_shape_write(run, n, one, place + *bytes, VALUE_ROOM_BYTES - *bytes);

		if (!used)
			return false;
		*bytes += used;
	}
	return true;
}

static bool write_value(struct call_run *run, unsigned n, const struct script_expr *expr, unsigned char *place, size_t *bytes)
{
	int64_t value;

	switch (expr->kind) {
	case SCRIPT_EXPR_INTEGER:
	case SCRIPT_EXPR_SYMBOL:
	case SCRIPT_EXPR_OR:
		script_integer(expr, &value);
		memcpy(place, &value, sizeof(value));
		*bytes = sizeof(int);
		return true;
	case SCRIPT_EXPR_STRING:
		*bytes = expr->text_bytes;
		if (*bytes > VALUE_ROOM_BYTES)
			return false;
		memcpy(place, expr->text, *bytes);
		return true;
	case SCRIPT_EXPR_LIST:
		return expr->first && expr->first->kind == SCRIPT_EXPR_STRUCT ? write_structs(run, n, expr, place, bytes)
									      : write_numbers(expr, place, bytes);
	case SCRIPT_EXPR_STRUCT:
		*bytes = call_shape_write(run, n, expr, place, VALUE_ROOM_BYTES);
		return *bytes > 0;
	case SCRIPT_EXPR_ELLIPSIS:
	case SCRIPT_EXPR_FIELD:
	case SCRIPT_EXPR_CALL:
	case SCRIPT_EXPR_KIND_COUNT:
		break;
	}
	return false;
}

static const char form[] = "expected N, [N], \"TEXT\" or {NAME=VALUE, ...} such as {onoff=1, linger=0}";

static void take_value(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	unsigned char *place = call_store(run, n, VALUE_ROOM_BYTES);

	run->value_bytes = 0;
	if (!expr || call_is_null_pointer(expr))
		return;
	if (place && !write_value(run, n, expr, place, &run->value_bytes))
		call_fault(run, n, NULL, form);
	run->arguments[n] = (long)place;
}

/* A script may well claim another length than the value has; what is there to read is the room's size. */
static void take_value_bytes(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	int64_t bytes = (int64_t)run->value_bytes;

	if (!call_is_open(expr) && !script_integer(expr, &bytes))
		call_fault(run, n, NULL, "expected a number of bytes, or ...");
	if (bytes > VALUE_ROOM_BYTES)
		call_fault(run, n, NULL, "the option's value is too long");
	run->arguments[n] = bytes;
}

/* What is asked for when the script leaves the length open. */
static size_t natural_bytes(const struct script_expr *expr)
{
	const struct call_shape *shape = call_shape_of(expr);

	if (shape)
		return shape->bytes;
	if (expr && expr->kind == SCRIPT_EXPR_STRING)
		return expr->text_bytes > 16 ? expr->text_bytes : 16;
	if (expr && expr->kind == SCRIPT_EXPR_LIST && expr->count > 1)
		return expr->count * sizeof(int);
	return sizeof(int);
}

static bool is_known_form(const struct script_expr *expr)
{
	if (expr->kind == SCRIPT_EXPR_LIST) {
		for (const struct script_expr *one = expr->first; one; one = one->next)
			if (!is_known_form(one))
				return false;
		return true;
	}
	return expr->kind != SCRIPT_EXPR_CALL && (expr->kind != SCRIPT_EXPR_STRUCT || call_shape_of(expr));
}

static void take_result(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);

	if (!expr || !is_known_form(expr))
		call_fault(run, n, expr, "expected ..., N, [N], \"TEXT\" or {NAME=VALUE, ...} of a struct that is known");
	run->value_bytes = natural_bytes(expr);
	run->arguments[n] = (long)call_store(run, n, RESULT_ROOM_BYTES);
}

static void take_result_bytes(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	socklen_t *place = call_store(run, n, sizeof(*place));
	int64_t bytes = (int64_t)run->value_bytes;

	if (!call_is_open(expr) && !(expr->kind == SCRIPT_EXPR_LIST && call_is_open(expr->first)) && !script_integer(expr, &bytes))
		call_fault(run, n, NULL, "expected [BYTES], or ...");
	if (bytes > RESULT_ROOM_BYTES)
		call_fault(run, n, NULL, "the option's value is too long");
	if (place)
		*place = (socklen_t)bytes;
	run->arguments[n] = (long)place;
}

static void hold_numbers(struct call_run *run, unsigned n, const struct script_expr *list, const unsigned char *actual, size_t bytes)
{
	size_t width = list->count ? bytes / list->count : 0;
	unsigned i = 0;

	/* By count: a number alone is chained to the arguments behind it. */
	for (const struct script_expr *one = list->first; i < list->count; one = one->next, i++) {
		char where[24] = "";
		int64_t value = 0;

		if (width > sizeof(value))
			width = sizeof(value);
		memcpy(&value, actual + i * width, width);
		if (width == sizeof(int))
			value = (int32_t)value;
		if (list->count > 1)
			snprintf(where, sizeof(where), "[%u]", i);
		call_hold_number(run, n, where, one, value);
	}
}

/* The kernel pads names with zeros. */
static void hold_string(struct call_run *run, unsigned n, const struct script_expr *expr, const unsigned char *actual, size_t bytes)
{
	while (bytes > expr->text_bytes && !actual[bytes - 1])
		bytes--;
	call_hold_text(run, n, "", expr, actual, bytes);
}

static void hold_result(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	const unsigned char *actual = (const unsigned char *)run->arguments[n];
	size_t bytes = *(const socklen_t *)run->arguments[n + 1];
	struct script_expr alone = { .kind = SCRIPT_EXPR_LIST, .count = 1, .first = (struct script_expr *)expr };

	if (call_is_open(expr) || bytes > RESULT_ROOM_BYTES)
		return;
	if (expr->kind == SCRIPT_EXPR_STRUCT) {
		call_shape_hold(run, n, "", expr, actual, bytes);
	} else if (expr->kind == SCRIPT_EXPR_STRING) {
		hold_string(run, n, expr, actual, bytes);
	} else if (expr->kind == SCRIPT_EXPR_LIST) {
		hold_numbers(run, n, expr, actual, bytes);
	} else {
		hold_numbers(run, n, &alone, actual, bytes);
	}
}

/* Only a length in brackets is one that comes back. */
static void hold_result_bytes(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);

	if (expr && expr->kind == SCRIPT_EXPR_LIST)
		call_hold_number(run, n, "", expr->first, *(const socklen_t *)run->arguments[n]);
}

const struct call_kind
	call_option_value = { take_value, NULL }, call_option_bytes = { take_value_bytes, NULL },
	call_option_result = { take_result, hold_result }, call_option_result_bytes = { take_result_bytes, hold_result_bytes };
