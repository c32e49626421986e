/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_kind - what a packet is in a word: new, a retransmission, a loss probe, a keepalive, a window probe
 * in: a capture and, of a cell, its events; out: a role for each packet.
 *
 * Not everything that is sent again is a retransmission: a loss probe (TLP, RFC 8985 7) asks whether the tail arrived, before the timer
 * for retransmissions runs out and without backing it off. In a cell the kernel's own counter tells (TCPLossProbes). Of a foreign capture
 * the wire tells when enough follows: the timer is started anew by a probe, so the next repetition comes after about the same time, and
 * only those behind it double. Where neither tells, the packet is called repeated, and no more.
 */
#ifndef FINRIG_PACKET_KIND_H
#define FINRIG_PACKET_KIND_H

#include "capture.h"

enum packet_role {
	PACKET_ROLE_NEW, PACKET_ROLE_RETRANSMISSION, PACKET_ROLE_REPEATED, PACKET_ROLE_LOSS_PROBE,
	PACKET_ROLE_WINDOW_PROBE, PACKET_ROLE_KEEPALIVE, PACKET_ROLE_COUNT,
};

/* A role (guint) for each packet of the capture, in its order. events: struct event * of the cell that the capture is of; NULL: a
 * capture alone. Caller unrefs. */
GArray *packet_roles(const struct capture *capture, GPtrArray *events);
/* "FIN", "FIN retransmission", "FIN loss probe", "data segment", "keepalive", "UDP packet". Caller frees. */
char *packet_kind(const struct packet *packet, enum packet_role role);

#endif
