/* SPDX-License-Identifier: GPL-2.0-or-later
 * options - how a script is to be run; options.h is the manual
 */
#include "options.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "script.h"

struct options options_default(void)
{
	return (struct options){
		.net = tun_default_config(), .tolerance_ns = SCRIPT_TOLERANCE_US * NS_PER_US,
		.bind_port = OPTIONS_PORT, .connect_port = OPTIONS_PORT, .remote_port = OPTIONS_REMOTE_PORT,
	};
}

static bool parse_number(const char *text, int64_t least, int64_t most, int64_t *number)
{
	*number = 0;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*number = *number * 10 + (*text - '0');
		if (*number > most)
			return false;
	}
	return *number >= least;
}

static bool set_address(uint32_t *address, const char *value, const char **why)
{
	struct in_addr parsed;

	*why = "expected an IPv4 address";
	if (inet_pton(AF_INET, value, &parsed) != 1)
		return false;
	*address = parsed.s_addr;
	return true;
}

static bool set_local_ip(struct options *options, const char *value, const char **why)
{
	return set_address(&options->net.local, value, why);
}

static bool set_remote_ip(struct options *options, const char *value, const char **why)
{
	return set_address(&options->net.remote, value, why);
}

static bool set_gateway_ip(struct options *options, const char *value, const char **why)
{
	return set_address(&options->net.gateway, value, why);
}

static bool set_netmask_ip(struct options *options, const char *value, const char **why)
{
	return set_address(&options->net.netmask, value, why);
}

static bool set_mtu(struct options *options, const char *value, const char **why)
{
	int64_t number;

	*why = "expected 68 to 65535 bytes";
	if (!parse_number(value, 68, 65535, &number))
		return false;
	options->net.mtu = (unsigned)number;
	return true;
}

static bool set_port(uint16_t *port, const char *value, const char **why)
{
	int64_t number;

	*why = "expected a port, 1 to 65535";
	if (!parse_number(value, 1, 65535, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool set_bind_port(struct options *options, const char *value, const char **why)
{
	return set_port(&options->bind_port, value, why);
}

static bool set_connect_port(struct options *options, const char *value, const char **why)
{
	return set_port(&options->connect_port, value, why);
}

static bool set_tolerance_usecs(struct options *options, const char *value, const char **why)
{
	int64_t number;

	*why = "expected microseconds, at most 1000000000";
	if (!parse_number(value, 0, 1000000000, &number))
		return false;
	options->tolerance_ns = number * NS_PER_US;
	return true;
}

static bool set_tcp_ts_tick_usecs(struct options *options, const char *value, const char **why)
{
	int64_t number;

	*why = "expected microseconds, at most 1000000";
	if (!parse_number(value, 0, 1000000, &number))
		return false;
	options->timestamp_tick_us = (uint32_t)number;
	return true;
}

static bool set_non_fatal(struct options *options, const char *value, const char **why)
{
	*why = "expected packet, syscall or both with a comma between";
	while (*value) {
		size_t length = strcspn(value, ",");

		if (length == 6 && strncmp(value, "packet", length) == 0)
			options->packets_not_fatal = true;
		else if (length == 7 && strncmp(value, "syscall", length) == 0)
			options->calls_not_fatal = true;
		else
			return false;
		value += length + (value[length] == ',');
	}
	return true;
}

static bool set_ip_version(struct options *options, const char *value, const char **why)
{
	(void)options;
	*why = "only ipv4 is supported yet";
	return strcmp(value, "ipv4") == 0;
}

static const struct {
	const char *name;
	bool (*set)(struct options *options, const char *value, const char **why);
} table[] = {
	{ "bind_port", set_bind_port }, { "connect_port", set_connect_port }, { "gateway_ip", set_gateway_ip },
	{ "ip_version", set_ip_version }, { "local_ip", set_local_ip }, { "mtu", set_mtu }, { "netmask_ip", set_netmask_ip },
	{ "non_fatal", set_non_fatal }, { "remote_ip", set_remote_ip }, { "tcp_ts_tick_usecs", set_tcp_ts_tick_usecs },
	{ "tolerance_usecs", set_tolerance_usecs },
};

bool options_apply(struct options *options, const char *name, const char *value, const char **why)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].set(options, value ? value : "", why);
	*why = "this option is not supported yet";
	return false;
}
