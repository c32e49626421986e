/* SPDX-License-Identifier: GPL-2.0-or-later
 * queue - how many packets tun holds for its reader
 * No kernel tells the length of that queue. It is what was seen to leave by the device, less what the device threw away, less what was
 * taken from it; a packet that waits in front of the device, in its qdisc, was not seen to leave. One that leaves in the very moment of a look is
 * counted at the next.
 */
#ifndef FINRIG_AGENT_QUEUE_H
#define FINRIG_AGENT_QUEUE_H

#include <stdint.h>

/* A packet was seen to leave by tun; one was taken from it. */
void queue_gave(void);
void queue_took(void);
/* dropped: the device's tx_dropped since it was made. Not below 0: what was dropped just now may not have been seen yet. */
int64_t queue_length(int64_t dropped);

#endif
