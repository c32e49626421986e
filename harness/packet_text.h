/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_text - a packet in a few words
 */
#ifndef FINRIG_PACKET_TEXT_H
#define FINRIG_PACKET_TEXT_H

#include "packet.h"

/* "FIN,ACK 1001:1001(0) ack 2", sequence numbers relative as scripts write them; "no TCP, 60 bytes". Caller frees. */
char *packet_text(const struct packet *packet);

#endif
