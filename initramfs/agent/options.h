/* SPDX-License-Identifier: GPL-2.0-or-later
 * options - how a script is to be run: packetdrill's options, from the top of the script or from its command line
 * in: name and value; out: struct options. Given twice, the later call wins: apply the script's first, then the job's.
 *
 *   options_default() -> options_apply() ... -> options_finish(): what only makes sense together is checked
 *
 * Texts are not copied: values must live as long as the options.
 */
#ifndef FINRIG_AGENT_OPTIONS_H
#define FINRIG_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tun.h"

enum {
	OPTIONS_PORT = 8080,
	/* The peer's port, when it is the peer that connects; one more for each further connection. As in the article's ss output. */
	OPTIONS_REMOTE_PORT = 54442,
	OPTIONS_INIT_SCRIPTS_MAX = 16,
	/* Over IPv6, where the caller chose that and not the script: an MTU that leaves TCP as much room as 1500 do over IPv4, so that one
	 * script's segments are right over both. Runners of public suites give it. */
	OPTIONS_MTU_ANY_VERSION = 1520,
};

/* What is on the wire, and of which family the program's sockets are. */
enum options_ip {
	OPTIONS_IPV4,
	OPTIONS_IPV6,
	OPTIONS_IPV4_MAPPED_IPV6, /* IPv4 on the wire, AF_INET6 sockets with ::ffff:a.b.c.d */
	OPTIONS_IP_COUNT
};

struct options {
	enum options_ip ip;
	struct tun_config net;
	int64_t tolerance_ns;
	unsigned tolerance_percent;              /* of the time since the statement before, where that is more */
	uint16_t bind_port, connect_port, remote_port;
	uint32_t timestamp_tick_us;
	bool packets_not_fatal, calls_not_fatal; /* go on after a mismatch of that kind */
	bool strict_segments;                    /* an expected segment leaves as one, not as several that make it up */
	bool send_omit_free;                     /* data handed to send() stays as it is until the script ends */
	const char *given_v4, *given_v6;         /* the last option that gave an address of that family; NULL: none */
	const char *code_socket_option;          /* --code_sockopt; NULL: by the socket's kind */
	unsigned init_script_count;
	const char *init_scripts[OPTIONS_INIT_SCRIPTS_MAX]; /* each may be a list with commas */
};

struct options options_default(void);
/* name without dashes; value "" or NULL when there is none. false: *why is a sentence without the name and a full stop. */
bool options_apply(struct options *options, const char *name, const char *value, const char **why);
/* false: *why is a sentence without a full stop, *name the option it is about. */
bool options_finish(struct options *options, const char **name, const char **why);
/* "ipv4", "ipv6", "ipv4-mapped-ipv6" */
const char *options_ip_name(enum options_ip ip);

/* What a script's `...` stands for in socket(), bind() and connect(). */
int options_family(const struct options *options);
socklen_t options_local(const struct options *options, uint16_t port, struct sockaddr_storage *address);
socklen_t options_remote(const struct options *options, uint16_t port, struct sockaddr_storage *address);
/* 4 or 6: the IP version on the wire. */
unsigned options_wire_version(const struct options *options);

#endif
