/* SPDX-License-Identifier: GPL-2.0-or-later
 * diag - asks the kernel about one TCP socket, by inet_diag; with or without a file descriptor it is found by its addresses
 * in: addresses and ports; out: struct diag_sample, also of TIME_WAIT and, from 4.4 on, of half open connections.
 * Speaks the first form of the protocol (TCPDIAG_GETSOCK), which 2.6.32 and 6.12 both answer. The kernel's answer is
 * read by its own lengths: an older kernel's shorter struct tcp_info gives fewer fields, not wrong ones.
 */
#ifndef FINRIG_AGENT_DIAG_H
#define FINRIG_AGENT_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "tcp_info.h"

/* As the kernel's own numbers; from RFC 9293 3.3.2 and linux/tcp_states. */
enum diag_state {
	DIAG_ESTABLISHED = 1, DIAG_SYN_SENT, DIAG_SYN_RECV, DIAG_FIN_WAIT1, DIAG_FIN_WAIT2, DIAG_TIME_WAIT,
	DIAG_CLOSE, DIAG_CLOSE_WAIT, DIAG_LAST_ACK, DIAG_LISTEN, DIAG_CLOSING,
};

enum { DIAG_VALUES_MAX = 48, DIAG_CONGESTION_BYTES = 16 };

struct diag_key {
	uint8_t version;             /* 4 or 6 */
	uint8_t local[16], remote[16];
	uint16_t local_port, remote_port;
};

/* One answer. values are RECORD_SOCKET's integer fields in the order of the kernel's answer, only those it gave, but for struct tcp_info's;
 * FIELD_TIMER_MS is not among them: it runs down, which is no change. */
struct diag_sample {
	uint8_t state, timer;
	bool has_timer_ms;           /* false: no timer, or it should have fired already */
	uint32_t timer_ms;
	uint32_t retransmits;
	size_t value_count;
	struct { uint32_t field, value; } values[DIAG_VALUES_MAX];
	char congestion[DIAG_CONGESTION_BYTES];
	size_t info_bytes;           /* as many as this kernel gives, 0 in TIME_WAIT */
	unsigned char info[TCP_INFO_MAX_BYTES];
};

/* What became of a socket from one sample to the next, by tcp_info.h's kinds; ages alone are no change. */
enum diag_change { DIAG_SAME, DIAG_COUNTED, DIAG_MOVED, DIAG_CHANGE_COUNT };

enum diag_answer {
	DIAG_FOUND,
	DIAG_ABSENT,   /* no such socket */
	DIAG_LISTENER, /* no such connection either, but a socket listens that would take it anew */
	DIAG_FAILED,   /* *error is an errno */
	DIAG_ANSWER_COUNT
};

/* Returns a descriptor, or -1 with errno (EPROTONOSUPPORT: a kernel without inet_diag or tcp_diag). Asks for a listening
 * socket of its own first: without tcp_diag the kernel would answer ENOENT for ever, as for a socket that is gone. */
int diag_open(void);
/* Synchronous; the kernel answers before send() returns. */
enum diag_answer diag_query(int fd, const struct diag_key *key, struct diag_sample *sample, int *error);
/* Reads one netlink datagram; what is cut off or of other sequence is DIAG_FAILED with EPROTO. */
enum diag_answer diag_parse(const void *answer, size_t answer_bytes, uint32_t sequence, struct diag_sample *sample, int *error);
enum diag_change diag_compare(const struct diag_sample *a, const struct diag_sample *b);
/* Adds the sample's fields to a RECORD_SOCKET. */
void diag_record(const struct diag_sample *sample, struct record *record);

#endif
