/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_arguments - a script's arguments as a system call takes them; call_arguments.h is the manual
 */
#include "call_arguments.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

enum { PAGE_BYTES = 4096 };

static unsigned char buffer[CALL_BUFFER_MAX_BYTES];

unsigned char *call_buffer(void)
{
	return buffer;
}

bool call_buffer_reserve(int64_t bytes)
{
	if (bytes < 0 || bytes > CALL_BUFFER_MAX_BYTES)
		return false;
	for (int64_t at = 0; at < bytes; at += PAGE_BYTES)
		*(volatile unsigned char *)&buffer[at] = 0;
	return true;
}

bool call_ready(const struct call_run *run)
{
	return !run->outcome->fault[0];
}

int64_t call_fault(struct call_run *run, unsigned n, const char *text)
{
	const struct script_expr *expr = script_argument(run->call, n);

	if (run->outcome->fault[0])
		return -1;
	snprintf(run->outcome->fault, sizeof(run->outcome->fault), "%s, argument %u: %s", run->call->name, n + 1, text);
	if (expr) {
		run->outcome->line = expr->line;
		run->outcome->column = expr->column;
	}
	return -1;
}

static bool is_absent(const struct script_expr *expr)
{
	return !expr || expr->kind == SCRIPT_EXPR_ELLIPSIS;
}

int64_t argument_integer(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	int64_t value;

	return expr && script_integer(expr, &value) ? value : call_fault(run, n, "expected a number");
}

int64_t argument_integer_or(struct call_run *run, unsigned n, int64_t otherwise)
{
	return is_absent(script_argument(run->call, n)) ? otherwise : argument_integer(run, n);
}

size_t argument_size(struct call_run *run, unsigned n)
{
	int64_t value = argument_integer(run, n);

	if (value < 0 || value > CALL_BUFFER_MAX_BYTES) {
		call_fault(run, n, "expected a number of bytes, at most 64 MiB");
		return 0;
	}
	return (size_t)value;
}

int argument_fd(struct call_run *run, unsigned n)
{
	int64_t number = argument_integer(run, n);

	return number >= 0 && number < CALLS_DESCRIPTORS ? run->calls->live[number] : -1;
}

/* htons(N) or N. */
static bool read_port(const struct script_expr *expr, in_port_t *port)
{
	int64_t value;

	if (expr->kind == SCRIPT_EXPR_CALL && strcmp(expr->text, "htons") == 0 && expr->first && script_integer(expr->first, &value))
		*port = htons((uint16_t)value);
	else if (script_integer(expr, &value))
		*port = (in_port_t)value;
	else
		return false;
	return true;
}

/* inet_addr("a.b.c.d") or a number such as INADDR_ANY. */
static bool read_ip(const struct script_expr *expr, uint32_t *ip)
{
	int64_t value;
	struct in_addr address;

	if (script_integer(expr, &value)) {
		*ip = htonl((uint32_t)value);
		return true;
	}
	if (expr->kind != SCRIPT_EXPR_CALL || strcmp(expr->text, "inet_addr") != 0 || !expr->first
	    || expr->first->kind != SCRIPT_EXPR_STRING || inet_pton(AF_INET, expr->first->text, &address) != 1)
		return false;
	*ip = address.s_addr;
	return true;
}

static bool read_address(const struct script_expr *expr, struct sockaddr_in *address)
{
	const struct script_expr *family = script_field(expr, "sa_family"), *port = script_field(expr, "sin_port");
	const struct script_expr *ip = script_field(expr, "sin_addr");
	int64_t value;

	if (!family)
		family = script_field(expr, "sin_family");
	if (!family || !script_integer(family, &value))
		return false;
	address->sin_family = (sa_family_t)value;
	return (!port || is_absent(port) || read_port(port, &address->sin_port))
	       && (!ip || is_absent(ip) || read_ip(ip, &address->sin_addr.s_addr));
}

struct call_address argument_address(struct call_run *run, unsigned n, uint32_t ip, uint16_t port)
{
	const struct script_expr *expr = script_argument(run->call, n);
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = ip };
	struct call_address address = { .length = sizeof(internet) };

	if (!is_absent(expr) && (expr->kind != SCRIPT_EXPR_STRUCT || !read_address(expr, &internet)))
		call_fault(run, n, "expected ... or {sa_family=AF_INET, sin_port=htons(PORT), sin_addr=inet_addr(\"ADDRESS\")}");
	memcpy(&address.storage, &internet, sizeof(internet));
	return address;
}

/* Two numbers by their names, as ints or as longs. */
static bool read_two(const struct script_expr *expr, const char *first, const char *second, int64_t values[2])
{
	const struct script_expr *one = script_field(expr, first), *two = script_field(expr, second);

	return one && two && script_integer(one, &values[0]) && script_integer(two, &values[1]);
}

static bool read_struct(const struct script_expr *expr, struct call_value *value)
{
	int64_t numbers[2];

	if (read_two(expr, "onoff", "linger", numbers) || read_two(expr, "l_onoff", "l_linger", numbers)) {
		struct linger linger = { .l_onoff = (int)numbers[0], .l_linger = (int)numbers[1] };

		memcpy(value->bytes, &linger, value->length = sizeof(linger));
		return true;
	}
	if (read_two(expr, "tv_sec", "tv_usec", numbers)) {
		struct timeval interval = { .tv_sec = numbers[0], .tv_usec = numbers[1] };

		memcpy(value->bytes, &interval, value->length = sizeof(interval));
		return true;
	}
	return false;
}

struct call_value argument_value(struct call_run *run, unsigned n)
{
	const struct script_expr *expr = script_argument(run->call, n);
	struct call_value value = { .length = sizeof(int) };
	int64_t number;
	int word;

	if (expr && script_integer(expr, &number)) {
		word = (int)number;
		memcpy(value.bytes, &word, sizeof(word));
	} else if (expr && expr->kind == SCRIPT_EXPR_STRING && expr->text_bytes < sizeof(value.bytes)) {
		memcpy(value.bytes, expr->text, value.length = expr->text_bytes);
	} else if (!expr || expr->kind != SCRIPT_EXPR_STRUCT || !read_struct(expr, &value)) {
		call_fault(run, n, "expected [NUMBER], \"TEXT\", {onoff=N, linger=N} or {tv_sec=N, tv_usec=N}");
	}
	return value;
}

const void *argument_data(struct call_run *run, unsigned n, size_t count)
{
	const struct script_expr *expr = script_argument(run->call, n);
	size_t text_bytes;

	if (is_absent(expr))
		return buffer;
	if (expr->kind != SCRIPT_EXPR_STRING) {
		call_fault(run, n, "expected ... or a string");
		return buffer;
	}
	text_bytes = expr->text_bytes < count ? expr->text_bytes : count;
	memset(buffer, 0, count);
	for (size_t at = 0; at < count && text_bytes; at += expr->repeated ? text_bytes : count) {
		size_t room = count - at;

		memcpy(buffer + at, expr->text, text_bytes < room ? text_bytes : room);
	}
	return buffer;
}

void call_returned(struct call_run *run, unsigned n, int64_t value)
{
	const struct script_expr *expr = script_argument(run->call, n);
	int64_t wanted;

	if (expr && script_integer(expr, &wanted) && wanted != value) {
		run->outcome->returned_wrong = true;
		run->outcome->returned_wanted = wanted;
		run->outcome->returned = value;
	}
}

void call_part(struct call_run *run, unsigned n)
{
	int64_t number = argument_integer(run, n);

	if (number >= 0 && number < CALLS_DESCRIPTORS)
		run->calls->live[number] = -1;
}
