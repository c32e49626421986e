/* SPDX-License-Identifier: GPL-2.0-or-later
 * options - how a script is to be run: packetdrill's options, from the top of the script or from its command line
 * in: name and value; out: struct options. Given twice, the later call wins: apply the script's first, then the job's.
 */
#ifndef FINRIG_AGENT_OPTIONS_H
#define FINRIG_AGENT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "tun.h"

enum {
	OPTIONS_PORT = 8080,
	/* The peer's port, when it is the peer that connects; one more for each further connection. As in the article's ss output. */
	OPTIONS_REMOTE_PORT = 54442,
};

struct options {
	struct tun_config net;
	int64_t tolerance_ns;
	uint16_t bind_port, connect_port, remote_port;
	uint32_t timestamp_tick_us;
	bool packets_not_fatal, calls_not_fatal; /* go on after a mismatch of that kind */
};

struct options options_default(void);
/* name without dashes; value "" or NULL when there is none. false: *why is a sentence without the name and a full stop. */
bool options_apply(struct options *options, const char *name, const char *value, const char **why);

#endif
