/* SPDX-License-Identifier: GPL-2.0-or-later
 * link - what a lossy link between the peer and the kernel under test does to packets, as the script asks for it
 * in: faults and the packets they act on, one after another; out: which packets arrive, how often, when, in which order.
 *
 * In (towards the kernel) a fault acts on what the script injects: what is lost is never written to the device. Out (from the
 * kernel) it acts on what the peer sees, that is, on what `>` statements are held against: the kernel did send the packet, the
 * capture shows it, the peer does not, or late, twice, or in another order. Faults of a direction act one after another, in
 * the order they were asked for; each on its number of packets.
 */
#ifndef FINRIG_AGENT_LINK_H
#define FINRIG_AGENT_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "packet.h"

enum { LINK_FAULTS_MAX = 32, LINK_HELD_MAX = 64 };

enum link_fault_kind { LINK_LOSE, LINK_DUPLICATE, LINK_REORDER, LINK_DELAY, LINK_FAULT_KIND_COUNT };

struct link_fault {
	enum link_fault_kind kind;
	unsigned count;   /* packets it acts on; of LINK_REORDER: how many arrive in reverse order once the last of them came */
	int64_t delay_ns; /* LINK_DELAY */
};

/* What happens to one packet. */
enum link_fate {
	LINK_PASSES,
	LINK_IS_LOST,
	LINK_COMES_TWICE,
	LINK_COMES_LATE,   /* *delay_ns later */
	LINK_IS_HELD,      /* until the last of its group is there ... */
	LINK_ENDS_GROUP,   /* ... which this one is: it arrives, then the held ones, newest first */
	LINK_FATE_COUNT
};

/* One direction's faults in force. */
struct link {
	unsigned first, count; /* of faults, a ring */
	unsigned done;         /* packets the first one acted on already */
	struct link_fault faults[LINK_FAULTS_MAX];
};

/* false: too many faults are in force. */
bool link_add(struct link *link, const struct link_fault *fault);
/* The next packet's fate. */
enum link_fate link_next(struct link *link, int64_t *delay_ns);

struct link_held {
	bool used, in_group;
	int64_t due_ns;
	uint64_t order;                           /* the older one first */
	size_t length;
	unsigned char *bytes;
};

/* Packets of the script's on their way to the device. Large: static, zeroed. */
struct link_injector {
	int fd;                                   /* of the device */
	unsigned segment_bytes;                   /* tun.h */
	struct link link;
	unsigned held;
	struct link_held packets[LINK_HELD_MAX];
	uint64_t order;
	unsigned char room[LINK_HELD_MAX][PACKET_MAX_BYTES];
};

/* Writes the packet to the device now, or does to it what the link does. false: errno. *fate: what was done. */
bool link_inject(struct link_injector *injector, const unsigned char *bytes, size_t length, enum link_fate *fate);
/* When link_inject_due() is to be called next; CLOCK_NEVER when nothing is late. */
int64_t link_due_ns(struct link_injector *injector);
void link_inject_due(struct link_injector *injector, int64_t now_ns);
/* "lose", "duplicate", "reorder", "delay" */
const char *link_fault_name(enum link_fault_kind kind);

#endif
