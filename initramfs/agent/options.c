/* SPDX-License-Identifier: GPL-2.0-or-later
 * options - how a script is to be run; options.h is the manual
 */
#include "options.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "clock.h"
#include "script.h"

enum { IPV6_LEAST_MTU = 1280, SPEED_MAX_MBPS = 1000000 };

struct options options_default(void)
{
	return (struct options){
		.net = tun_default_config(), .tolerance_ns = SCRIPT_TOLERANCE_US * NS_PER_US,
		.bind_port = OPTIONS_PORT, .connect_port = OPTIONS_PORT, .remote_port = OPTIONS_REMOTE_PORT,
	};
}

/* One row of the table is one option. */
struct option_row;
typedef bool option_setter(struct options *options, const struct option_row *row, const char *value, const char **why);

struct option_row {
	const char *name;
	option_setter *set;
	size_t offset;       /* of what it sets in struct options */
	int64_t least, most; /* numbers */
	int64_t unit;        /* what one of it is in the field's own unit */
	const char *wants;   /* the complaint; a refused option's reason */
};

static void *field(struct options *options, const struct option_row *row)
{
	return (char *)options + row->offset;
}

static bool parse_number(const char *text, size_t length, int64_t least, int64_t most, int64_t *number)
{
	*number = 0;
	if (!length)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*number = *number * 10 + (text[i] - '0');
		if (*number > most)
			return false;
	}
	return *number >= least;
}

static bool read_number(const struct option_row *row, const char *value, int64_t *number)
{
	return parse_number(value, strlen(value), row->least, row->most, number);
}

static bool set_ns(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	int64_t number;

	*why = row->wants;
	if (!read_number(row, value, &number))
		return false;
	*(int64_t *)field(options, row) = number * row->unit;
	return true;
}

static bool set_unsigned(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	int64_t number;

	*why = row->wants;
	if (!read_number(row, value, &number))
		return false;
	*(unsigned *)field(options, row) = (unsigned)number;
	return true;
}

static bool set_port(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	int64_t number;

	*why = row->wants;
	if (!read_number(row, value, &number))
		return false;
	*(uint16_t *)field(options, row) = (uint16_t)number;
	return true;
}

static bool set_flag(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	*why = row->wants;
	*(bool *)field(options, row) = true;
	return !*value;
}

static bool set_text(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	*why = row->wants;
	*(const char **)field(options, row) = value;
	return *value;
}

/* Understood, and of no meaning where each run has a device and a guest of its own. */
static bool ignore(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	(void)options;
	(void)row;
	(void)value;
	(void)why;
	return true;
}

static bool refuse(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	(void)options;
	(void)value;
	*why = row->wants;
	return false;
}

/* "ADDRESS" or "ADDRESS/BITS" of either family. prefix: where BITS go, 0: they are refused. */
static bool read_address(const char *value, int family, void *address, unsigned *prefix, const char **why)
{
	const char *slash = strchr(value, '/');
	size_t length = slash ? (size_t)(slash - value) : strlen(value);
	char text[INET6_ADDRSTRLEN] = "";
	int64_t bits;

	*why = family == AF_INET ? "expected an IPv4 address" : "expected an IPv6 address";
	if (length >= sizeof(text))
		return false;
	memcpy(text, value, length);
	if (inet_pton(family, text, address) != 1)
		return false;
	*why = family == AF_INET ? "expected at most 32 behind the '/'" : "expected at most 128 behind the '/'";
	if (!slash)
		return true;
	if (!parse_number(slash + 1, strlen(slash + 1), 0, family == AF_INET ? 32 : 128, &bits))
		return false;
	if (prefix)
		*prefix = (unsigned)bits;
	return true;
}

/* The two families' places of one option. */
static bool set_address(struct options *options, const char *name, const char *value, uint32_t *v4, unsigned *prefix4,
			struct in6_addr *v6, unsigned *prefix6, const char **why)
{
	bool is_v6 = strchr(value, ':');

	*(is_v6 ? &options->given_v6 : &options->given_v4) = name;
	return is_v6 ? read_address(value, AF_INET6, v6, prefix6, why) : read_address(value, AF_INET, v4, prefix4, why);
}

static bool set_local_ip(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	struct tun_config *net = &options->net;
	unsigned bits = 33;

	if (!set_address(options, row->name, value, &net->local, &bits, &net->local6, &net->local_prefix6, why))
		return false;
	if (bits <= 32)
		net->netmask = bits ? htonl(~0U << (32 - bits)) : 0;
	return true;
}

static bool set_remote_ip(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	struct tun_config *net = &options->net;

	return set_address(options, row->name, value, &net->remote, &net->remote_prefix, &net->remote6, &net->remote_prefix6, why);
}

static bool set_gateway_ip(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	struct tun_config *net = &options->net;

	return set_address(options, row->name, value, &net->gateway, NULL, &net->gateway6, NULL, why);
}

static bool set_netmask_ip(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	uint32_t mask, host;

	(void)row;
	if (!read_address(value, AF_INET, &mask, NULL, why))
		return false;
	*why = "expected a netmask: ones, then zeros";
	host = ~ntohl(mask);
	options->net.netmask = mask;
	return !(host & (host + 1));
}

static bool set_non_fatal(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	*why = row->wants;
	if (!*value)
		return false;
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

static const char *const ip_names[OPTIONS_IP_COUNT] = {
	[OPTIONS_IPV4] = "ipv4", [OPTIONS_IPV6] = "ipv6", [OPTIONS_IPV4_MAPPED_IPV6] = "ipv4-mapped-ipv6",
};

const char *options_ip_name(enum options_ip ip)
{
	return (unsigned)ip < OPTIONS_IP_COUNT ? ip_names[ip] : NULL;
}

static bool set_ip_version(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	*why = row->wants;
	for (unsigned ip = 0; ip < OPTIONS_IP_COUNT; ip++) {
		if (strcmp(value, ip_names[ip]) == 0) {
			options->ip = ip;
			return true;
		}
	}
	options->ip = OPTIONS_IPV4_MAPPED_IPV6;
	return strcmp(value, "ipv4_mapped_ipv6") == 0;
}

static bool add_init_script(struct options *options, const struct option_row *row, const char *value, const char **why)
{
	*why = row->wants;
	if (!*value || options->init_script_count == OPTIONS_INIT_SCRIPTS_MAX)
		return false;
	options->init_scripts[options->init_script_count++] = value;
	return true;
}

#define AT(member) offsetof(struct options, member)
#define PORT "expected a port, 1 to 65535"

static const struct option_row table[] = {
	{ "bind_port", set_port, AT(bind_port), 1, UINT16_MAX, 1, PORT },
	{ "code_command", ignore, 0, 0, 0, 0, NULL },
	{ "code_format", ignore, 0, 0, 0, 0, NULL },
	{ "code_sockopt", set_text, AT(code_socket_option), 0, 0, 0, "expected a socket option such as TCP_INFO" },
	{ "connect_port", set_port, AT(connect_port), 1, UINT16_MAX, 1, PORT },
	{ "debug", ignore, 0, 0, 0, 0, NULL },
	{ "define", ignore, 0, 0, 0, 0, NULL }, /* was the parser's business */
	{ "dry_run", refuse, 0, 0, 0, 0, "a dry run is `finrig cases --check`" },
	{ "fm_filename", refuse, 0, 0, 0, 0, "flaky memory is not finrig's" },
	{ "gateway_ip", set_gateway_ip, 0, 0, 0, 0, NULL },
	{ "init_scripts", add_init_script, 0, 0, 0, 0, "expected a path, at most 16 times" },
	{ "ip_version", set_ip_version, 0, 0, 0, 0, "expected ipv4, ipv6 or ipv4-mapped-ipv6" },
	{ "is_anyip", refuse, 0, 0, 0, 0, "a local prefix instead of an address is not supported" },
	{ "local_ip", set_local_ip, 0, 0, 0, 0, NULL },
	{ "mss", set_unsigned, AT(net.segment_bytes), 1, UINT16_MAX - 1, 1, "expected 1 to 65534 bytes" },
	{ "mtu", set_unsigned, AT(net.mtu), 68, UINT16_MAX, 1, "expected 68 to 65535 bytes" },
	{ "netmask_ip", set_netmask_ip, 0, 0, 0, 0, NULL },
	{ "non_fatal", set_non_fatal, 0, 0, 0, 0, "expected packet, syscall or both with a comma between" },
	{ "persistent_tun_dev", ignore, 0, 0, 0, 0, NULL },
	{ "remote_ip", set_remote_ip, 0, 0, 0, 0, NULL },
	{ "send_omit_free", set_flag, AT(send_omit_free), 0, 0, 0, "takes no value" },
	{ "speed", set_unsigned, AT(net.speed_mbps), 1, SPEED_MAX_MBPS, 1, "expected Mbit/s, 1 to 1000000" },
	{ "strict_segments", set_flag, AT(strict_segments), 0, 0, 0, "takes no value" },
	{ "tcp_ts_ecr_scaled", refuse, 0, 0, 0, 0, "scaled echoes of timestamps are not supported" },
	{ "tcp_ts_tick_usecs", set_unsigned, AT(timestamp_tick_us), 0, 1000000, 1, "expected microseconds, at most 1000000" },
	{ "tolerance_percent", set_unsigned, AT(tolerance_percent), 0, 1000, 1, "expected a whole number of percent, at most 1000" },
	{ "tolerance_usecs", set_ns, AT(tolerance_ns), 0, 1000000000, NS_PER_US, "expected microseconds, at most 1000000000" },
	{ "udp_encaps", refuse, 0, 0, 0, 0, "TCP within UDP is not supported" },
	{ "verbose", ignore, 0, 0, 0, 0, NULL },
};

static const char *const wire = "is for two machines with a wire between; here one guest is both ends, so there is no other "
				"side to start: leave the --wire_ options out";

bool options_apply(struct options *options, const char *name, const char *value, const char **why)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].set(options, &table[i], value ? value : "", why);
	*why = strncmp(name, "wire_", strlen("wire_")) == 0 ? wire : "there is no such option";
	return false;
}

bool options_finish(struct options *options, const char **name, const char **why)
{
	bool v6 = options->ip == OPTIONS_IPV6;

	*name = v6 ? options->given_v4 : options->given_v6;
	*why = v6 ? "an IPv4 address, but ip_version is ipv6" : "an IPv6 address, but ip_version is not ipv6";
	if (*name)
		return false;
	*name = "mtu";
	*why = "IPv6 needs an mtu of at least 1280";
	options->net.v6 = v6;
	return !v6 || options->net.mtu >= IPV6_LEAST_MTU;
}

unsigned options_wire_version(const struct options *options)
{
	return options->ip == OPTIONS_IPV6 ? 6 : 4;
}

int options_family(const struct options *options)
{
	return options->ip == OPTIONS_IPV4 ? AF_INET : AF_INET6;
}

static socklen_t fill(const struct options *options, uint32_t v4, const struct in6_addr *v6, uint16_t port,
		      struct sockaddr_storage *address)
{
	struct sockaddr_in internet = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = v4 };
	struct sockaddr_in6 internet6 = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = *v6 };

	memset(address, 0, sizeof(*address));
	if (options->ip == OPTIONS_IPV4) {
		memcpy(address, &internet, sizeof(internet));
		return sizeof(internet);
	}
	if (options->ip == OPTIONS_IPV4_MAPPED_IPV6) {
		memset(&internet6.sin6_addr, 0, 10);
		memset(&internet6.sin6_addr.s6_addr[10], 0xff, 2);
		memcpy(&internet6.sin6_addr.s6_addr[12], &v4, 4);
	}
	memcpy(address, &internet6, sizeof(internet6));
	return sizeof(internet6);
}

socklen_t options_local(const struct options *options, uint16_t port, struct sockaddr_storage *address)
{
	return fill(options, options->net.local, &options->net.local6, port, address);
}

socklen_t options_remote(const struct options *options, uint16_t port, struct sockaddr_storage *address)
{
	return fill(options, options->net.remote, &options->net.remote6, port, address);
}
