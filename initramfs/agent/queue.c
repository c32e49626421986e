/* SPDX-License-Identifier: GPL-2.0-or-later
 * queue - how many packets tun holds for its reader; queue.h is the manual
 */
#include "queue.h"

static struct queue {
	int64_t given, taken;
} queue;

void queue_gave(void)
{
	queue.given++;
}

void queue_took(void)
{
	queue.taken++;
}

int64_t queue_length(int64_t dropped)
{
	int64_t length = queue.given - queue.taken - dropped;

	return length > 0 ? length : 0;
}
