/* SPDX-License-Identifier: GPL-2.0-or-later
 * cause_calls - errors that probed functions were seen to return, as words
 */
#ifndef FINRIG_CAUSE_CALLS_H
#define FINRIG_CAUSE_CALLS_H

#include "facts.h"

/* "tcp_retransmit_skb returned -EBUSY 8 times at sk_wmem_alloc 3562 and sk_wmem_queued 1280", several with commas; NULL when none was seen. Caller frees. */
char *cause_calls(const struct facts *facts);

#endif
