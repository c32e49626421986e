/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_address - socket addresses as arguments; call_arguments.h is the manual
 * {sa_family = AF_INET, sin_port = htons(8080), sin_addr = inet_addr("192.0.2.1")}; for AF_INET6 the fields may be called
 * sin6_ too, and the address be written inet_pton(AF_INET6, "...") or inet6_addr("..."). AF_UNSPEC by itself, or another family,
 * is an address that has nothing else.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "call_arguments.h"

static const char form[] = "expected ..., {sa_family=AF_INET, sin_port=htons(PORT), sin_addr=inet_addr(\"ADDRESS\")} or AF_UNSPEC";

static const struct script_expr *field(const struct script_expr *expr, const char *name, const char *other)
{
	const struct script_expr *value = script_field(expr, name);

	return value ? value : script_field(expr, other);
}

/* htons(N) or N. */
static bool read_port(const struct script_expr *expr, in_port_t *port)
{
	int64_t value;
	bool swapped = expr->kind == SCRIPT_EXPR_CALL && strcmp(expr->text, "htons") == 0;

	if (!script_integer(swapped && expr->first ? expr->first : expr, &value))
		return false;
	*port = swapped ? htons((uint16_t)value) : (in_port_t)value;
	return true;
}

/* The text in inet_addr("a.b.c.d") and its like, or a plain string. */
static const char *address_text(const struct script_expr *expr)
{
	if (expr->kind == SCRIPT_EXPR_CALL)
		for (expr = expr->first; expr && expr->kind != SCRIPT_EXPR_STRING; expr = expr->next)
			;
	return expr && expr->kind == SCRIPT_EXPR_STRING ? expr->text : NULL;
}

static bool read_ip(const struct script_expr *expr, int family, void *address)
{
	const char *text = address_text(expr);
	int64_t value;
	uint32_t word;
	bool swapped = expr->kind == SCRIPT_EXPR_CALL && strcmp(expr->text, "htonl") == 0;

	if (text)
		return inet_pton(family, text, address) == 1;
	if (family != AF_INET || !script_integer(swapped && expr->first ? expr->first : expr, &value))
		return false;
	word = htonl((uint32_t)value);
	memcpy(address, &word, sizeof(word));
	return true;
}

static size_t bytes_of(sa_family_t family)
{
	return family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* A family alone. */
static size_t read_family(const struct script_expr *expr, struct sockaddr_storage *address)
{
	int64_t value;

	if (expr->kind != SCRIPT_EXPR_SYMBOL || call_is_null_pointer(expr) || !script_integer(expr, &value))
		return 0;
	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)value;
	return bytes_of(address->ss_family);
}

size_t call_read_address(const struct script_expr *expr, struct sockaddr_storage *address)
{
	const struct script_expr *family, *port, *ip, *label;
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)address;
	int64_t value;

	if (!expr || expr->kind != SCRIPT_EXPR_STRUCT)
		return expr ? read_family(expr, address) : 0;
	family = script_field(expr, "sa_family") ? script_field(expr, "sa_family") : field(expr, "sin_family", "sin6_family");
	port = field(expr, "sin_port", "sin6_port");
	ip = field(expr, "sin_addr", "sin6_addr");
	label = script_field(expr, "sin6_flowinfo");
	if (!family || !script_integer(family, &value))
		return 0;
	memset(address, 0, sizeof(*address));
	address->ss_family = (sa_family_t)value;
	if (!call_is_open(port) && !read_port(port, &in->sin_port)) /* at the same place in both families */
		return 0;
	if (!call_is_open(ip) && !read_ip(ip, value == AF_INET6 ? AF_INET6 : AF_INET,
					  value == AF_INET6 ? (void *)&in6->sin6_addr : (void *)&in->sin_addr))
		return 0;
	if (!call_is_open(label) && script_integer(label, &value))
		in6->sin6_flowinfo = htonl((uint32_t)value);
	return bytes_of(address->ss_family);
}

static void print(const struct sockaddr_storage *address, char *text, size_t size)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
	char ip[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET)
		snprintf(text, size, "%s:%u", inet_ntop(AF_INET, &in->sin_addr, ip, sizeof(ip)), ntohs(in->sin_port));
	else if (address->ss_family == AF_INET6)
		snprintf(text, size, "[%s]:%u", inet_ntop(AF_INET6, &in6->sin6_addr, ip, sizeof(ip)), ntohs(in6->sin6_port));
	else
		snprintf(text, size, address->ss_family ? "family %u" : "no address", address->ss_family);
}

static bool same(const struct sockaddr_storage *wanted, const struct sockaddr_storage *actual)
{
	const struct sockaddr_in *a = (const struct sockaddr_in *)wanted, *b = (const struct sockaddr_in *)actual;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)wanted, *b6 = (const struct sockaddr_in6 *)actual;

	if (wanted->ss_family != actual->ss_family)
		return false;
	if (wanted->ss_family == AF_INET)
		return a->sin_port == b->sin_port && a->sin_addr.s_addr == b->sin_addr.s_addr;
	if (wanted->ss_family == AF_INET6)
		return a6->sin6_port == b6->sin6_port && memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
	return true;
}

/* Parts the script leaves open are taken from what came. */
static void fill_open(const struct script_expr *expr, const struct sockaddr_storage *actual, struct sockaddr_storage *wanted)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)wanted;
	struct sockaddr_in *in = (struct sockaddr_in *)wanted;

	if (call_is_open(field(expr, "sin_port", "sin6_port")))
		in->sin_port = ((const struct sockaddr_in *)actual)->sin_port;
	if (!call_is_open(field(expr, "sin_addr", "sin6_addr")))
		return;
	if (wanted->ss_family == AF_INET6)
		in6->sin6_addr = ((const struct sockaddr_in6 *)actual)->sin6_addr;
	else
		in->sin_addr = ((const struct sockaddr_in *)actual)->sin_addr;
}

void call_hold_address(struct call_run *run, unsigned n, const char *where, const struct script_expr *expr,
		       const struct sockaddr_storage *actual)
{
	struct sockaddr_storage wanted;
	char expected[64], got[64];

	if (!call_read_address(expr, &wanted))
		return;
	fill_open(expr, actual, &wanted);
	if (same(&wanted, actual))
		return;
	print(&wanted, expected, sizeof(expected));
	print(actual, got, sizeof(got));
	call_differ(run, n, where, expected, got);
}

/* remote: what `...` stands for. The length goes to the argument behind, which may say otherwise. */
static void take_address(struct call_run *run, unsigned n, bool remote)
{
	const struct script_expr *expr = script_argument(run->call, n);
	struct sockaddr_storage *address = call_store(run, n, sizeof(*address));
	const struct options *options = run->calls->options;
	size_t bytes;

	if (!address)
		return;
	if (!call_is_open(expr))
		bytes = call_read_address(expr, address);
	else
		bytes = remote ? options_remote(options, options->connect_port, address)
			       : options_local(options, options->bind_port, address);
	if (!bytes)
		call_fault(run, n, NULL, form);
	run->value_bytes = bytes;
	run->arguments[n] = (long)address;
}

static void take_local(struct call_run *run, unsigned n)
{
	take_address(run, n, false);
}

static void take_remote(struct call_run *run, unsigned n)
{
	take_address(run, n, true);
}

static void take_any(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);

	run->value_bytes = 0;
	if (!call_is_null_pointer(expr))
		take_address(run, n, true);
}

static void take_bytes(struct call_run *run, unsigned n)
{
	run->arguments[n] = call_is_open(script_argument(run->call, n)) ? (long)run->value_bytes : call_integer(run, n);
	if (run->arguments[n] > (long)sizeof(struct sockaddr_storage))
		call_fault(run, n, NULL, "no address is that long");
}

static void take_out(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	struct sockaddr_storage ignored;

	if (call_is_null(expr))
		return;
	if (!call_is_open(expr) && !call_read_address(expr, &ignored))
		call_fault(run, n, NULL, form);
	run->arguments[n] = (long)call_store(run, n, sizeof(struct sockaddr_storage));
}

static void hold_out(struct call_run *run, unsigned n)
{
	if (run->arguments[n])
		call_hold_address(run, n, "", script_argument(run->call, n),
				  (const struct sockaddr_storage *)run->arguments[n]);
}

static void take_bytes_out(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	socklen_t *length;
	const int64_t most = sizeof(struct sockaddr_storage);
	int64_t value = most;

	if (!run->arguments[n - 1])
		return;
	length = call_store(run, n, sizeof(*length));
	if (!call_is_open(expr) && !script_integer(expr, &value))
		call_fault(run, n, NULL, "expected ... or [BYTES]");
	if (length)
		*length = value >= 0 && value <= most ? (socklen_t)value : (socklen_t)most;
	run->arguments[n] = (long)length;
}

static void hold_bytes_out(struct call_run *run, unsigned n)
{
	if (run->arguments[n])
		call_hold_number(run, n, "", script_argument(run->call, n), *(const socklen_t *)run->arguments[n]);
}

const struct call_kind
	call_address_local = { take_local, NULL }, call_address_remote = { take_remote, NULL }, call_address_any = { take_any, NULL },
	call_address_bytes = { take_bytes, NULL }, call_address_out = { take_out, hold_out },
	call_address_bytes_out = { take_bytes_out, hold_bytes_out };
