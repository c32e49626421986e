/* SPDX-License-Identifier: GPL-2.0-or-later
 * socket_field - the numbers that a sample of a socket has: names, units, meanings
 * One table for the facts socket.*, the time line and diffs. docs/socket-fields.md has it for people.
 */
#ifndef FINRIG_SOCKET_FIELD_H
#define FINRIG_SOCKET_FIELD_H

#include "event.h"

/* X(field, "name", "unit", kind, "meaning") */
#define SOCKET_FIELDS(X) \
	X(FIELD_RETRANSMITS, "retransmits", "count", SHOWN, "timeouts in a row, refused ones too; with the keepalive or probe timer, probes") \
	X(FIELD_TIMEOUTS, "timeouts", "count", QUIET, "timeouts in a row, whatever timer runs") \
	X(FIELD_BACKOFF, "backoff", "count", SHOWN, "how often the timeout was doubled") \
	X(FIELD_PROBES, "probes", "count", SHOWN, "window probes or keepalives without an answer") \
	X(FIELD_RTO_US, "rto_us", "us", SHOWN, "retransmission timeout") \
	X(FIELD_ATO_US, "ato_us", "us", SHOWN, "how long an ACK is put off") \
	X(FIELD_RTT_US, "rtt_us", "us", SHOWN, "smoothed round trip") \
	X(FIELD_RTTVAR_US, "rttvar_us", "us", SHOWN, "its mean deviation") \
	X(FIELD_MIN_RTT_US, "min_rtt_us", "us", QUIET, "the least round trip seen") \
	X(FIELD_RCV_RTT_US, "rcv_rtt_us", "us", QUIET, "round trip as the receiver reckons it") \
	X(FIELD_UNACKED, "unacked", "packets", SHOWN, "sent and not acknowledged; of a listener, its queue") \
	X(FIELD_SACKED, "sacked", "packets", SHOWN, "acknowledged selectively; of a listener, its backlog") \
	X(FIELD_LOST, "lost", "packets", SHOWN, "taken for lost") \
	X(FIELD_RETRANS, "retrans", "packets", SHOWN, "sent again and not acknowledged") \
	X(FIELD_FACKETS, "fackets", "packets", QUIET, "up to the highest one acknowledged selectively; 0 since 4.15") \
	X(FIELD_TOTAL_RETRANS, "total_retrans", "packets", SHOWN, "sent again, in its whole life") \
	X(FIELD_RQUEUE, "rqueue", "bytes", SHOWN, "received and not read") \
	X(FIELD_WQUEUE, "wqueue", "bytes", SHOWN, "written and not acknowledged, a FIN counts as one") \
	X(FIELD_NOTSENT_BYTES, "notsent_bytes", "bytes", QUIET, "written and not sent") \
	X(FIELD_RMEM, "rmem", "bytes", SHOWN, "memory of what was received (sk_rmem_alloc)") \
	X(FIELD_TMEM, "wmem_alloc", "bytes", SHOWN, "memory of what lower layers still hold (sk_wmem_alloc)") \
	X(FIELD_WMEM, "wmem_queued", "bytes", SHOWN, "memory of what is to be acknowledged (sk_wmem_queued)") \
	X(FIELD_FMEM, "fmem", "bytes", SHOWN, "memory set aside and not used (sk_forward_alloc)") \
	X(FIELD_OPTMEM, "optmem", "bytes", SHOWN, "memory of options (sk_omem_alloc)") \
	X(FIELD_BACKLOG, "backlog", "bytes", SHOWN, "received while a process had the socket locked (sk_backlog)") \
	X(FIELD_DROPS, "drops", "packets", SHOWN, "received and thrown away (sk_drops)") \
	X(FIELD_SNDBUF, "sndbuf", "bytes", SHOWN, "limit of sending (sk_sndbuf)") \
	X(FIELD_RCVBUF, "rcvbuf", "bytes", SHOWN, "limit of receiving (sk_rcvbuf)") \
	X(FIELD_CA_STATE, "ca_state", "number", SHOWN, "0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss") \
	X(FIELD_OPTIONS, "options", "number", SHOWN, "sum of 1 time stamps, 2 SACK, 4 window scale, 8 ECN, 16 ECN seen, 32 data in SYN was taken") \
	X(FIELD_SND_WSCALE, "snd_wscale", "number", QUIET, "window scale of the peer") \
	X(FIELD_RCV_WSCALE, "rcv_wscale", "number", QUIET, "window scale of its own") \
	X(FIELD_SHUTDOWN, "shutdown", "number", QUIET, "sum of 1 no more to read, 2 no more to write") \
	X(FIELD_TOS, "tos", "number", QUIET, "type of service of what it sends") \
	X(FIELD_TCLASS, "tclass", "number", QUIET, "traffic class of what it sends, IPv6") \
	X(FIELD_CWND, "cwnd", "packets", SHOWN, "congestion window") \
	X(FIELD_SSTHRESH, "ssthresh", "packets", SHOWN, "slow start threshold; 2147483647: none yet") \
	X(FIELD_REORDERING, "reordering", "packets", QUIET, "how far packets may be out of order") \
	X(FIELD_SND_MSS, "snd_mss", "bytes", SHOWN, "largest segment it sends") \
	X(FIELD_RCV_MSS, "rcv_mss", "bytes", SHOWN, "largest segment it takes the peer to send") \
	X(FIELD_ADVMSS, "advmss", "bytes", QUIET, "largest segment it has announced") \
	X(FIELD_PMTU, "pmtu", "bytes", QUIET, "path MTU") \
	X(FIELD_SND_WND, "snd_wnd", "bytes", QUIET, "the peer's window, scaled") \
	X(FIELD_RCV_WND, "rcv_wnd", "bytes", QUIET, "its own window") \
	X(FIELD_RCV_SSTHRESH, "rcv_ssthresh", "bytes", QUIET, "how far its own window may grow at once") \
	X(FIELD_RCV_SPACE, "rcv_space", "bytes", QUIET, "what the reader takes in a round trip") \
	X(FIELD_PACING_RATE, "pacing_rate", "bytes/s", QUIET, "rate of sending") \
	X(FIELD_MAX_PACING_RATE, "max_pacing_rate", "bytes/s", QUIET, "its limit; 9223372036854775807: none") \
	X(FIELD_DELIVERY_RATE, "delivery_rate", "bytes/s", QUIET, "rate of what is acknowledged") \
	X(FIELD_DELIVERY_RATE_APP_LIMITED, "delivery_rate_app_limited", "yes/no", QUIET, "1 when the writer kept that rate down") \
	X(FIELD_BYTES_SENT, "bytes_sent", "bytes", QUIET, "of data sent, repetitions too") \
	X(FIELD_BYTES_RETRANS, "bytes_retrans", "bytes", QUIET, "of data sent again") \
	X(FIELD_BYTES_ACKED, "bytes_acked", "bytes", QUIET, "acknowledged by the peer; SYN and FIN count as one each") \
	X(FIELD_BYTES_RECEIVED, "bytes_received", "bytes", QUIET, "received in order") \
	X(FIELD_SEGS_OUT, "segs_out", "packets", QUIET, "sent, whatever they hold") \
	X(FIELD_SEGS_IN, "segs_in", "packets", QUIET, "received, whatever they hold") \
	X(FIELD_DATA_SEGS_OUT, "data_segs_out", "packets", QUIET, "sent with data") \
	X(FIELD_DATA_SEGS_IN, "data_segs_in", "packets", QUIET, "received with data") \
	X(FIELD_DELIVERED, "delivered", "packets", QUIET, "that the peer has, as far as it told") \
	X(FIELD_DELIVERED_CE, "delivered_ce", "packets", QUIET, "of these, told as marked on the way") \
	X(FIELD_DELIVERED_E1_BYTES, "delivered_e1_bytes", "bytes", QUIET, "that the peer told came with ECT(1)") \
	X(FIELD_DELIVERED_E0_BYTES, "delivered_e0_bytes", "bytes", QUIET, "that the peer told came with ECT(0)") \
	X(FIELD_DELIVERED_CE_BYTES, "delivered_ce_bytes", "bytes", QUIET, "that the peer told came with CE") \
	X(FIELD_RECEIVED_CE, "received_ce", "packets", QUIET, "received with CE") \
	X(FIELD_RECEIVED_E1_BYTES, "received_e1_bytes", "bytes", QUIET, "received with ECT(1)") \
	X(FIELD_RECEIVED_E0_BYTES, "received_e0_bytes", "bytes", QUIET, "received with ECT(0)") \
	X(FIELD_RECEIVED_CE_BYTES, "received_ce_bytes", "bytes", QUIET, "received with CE") \
	X(FIELD_ECN_MODE, "ecn_mode", "number", QUIET, "0 no ECN, 1 RFC 3168, 2 AccECN, 3 not settled") \
	X(FIELD_ACCECN_OPT_SEEN, "accecn_opt_seen", "number", QUIET, "AccECN options that came: 0 none, 1 empty, 2 with counters, 3 failed") \
	X(FIELD_ACCECN_FAIL_MODE, "accecn_fail_mode", "number", QUIET, "sum of what failed of AccECN: 1 ACE sent, 2 ACE received, 4 option sent, 8 option received") \
	X(FIELD_OPTIONS2, "options2", "number", QUIET, "further bits that tell what was agreed on") \
	X(FIELD_DSACK_DUPS, "dsack_dups", "packets", QUIET, "that the peer told it had twice") \
	X(FIELD_REORD_SEEN, "reord_seen", "count", QUIET, "times that packets were out of order") \
	X(FIELD_RCV_OOOPACK, "rcv_ooopack", "packets", QUIET, "received out of order") \
	X(FIELD_REHASH, "rehash", "count", QUIET, "times that another path was tried, after a timeout or on the peer's repetition") \
	X(FIELD_TOTAL_RTO, "total_rto", "count", QUIET, "timeouts in its whole life") \
	X(FIELD_TOTAL_RTO_RECOVERIES, "total_rto_recoveries", "count", QUIET, "times that it recovered from timeouts") \
	X(FIELD_TOTAL_RTO_TIME_MS, "total_rto_time_ms", "ms", AGE, "time spent in timeouts") \
	X(FIELD_FASTOPEN_CLIENT_FAIL, "fastopen_client_fail", "number", QUIET, "why TCP fast open failed: 0 no reason, 1 no cookie, 2 not acknowledged, 3 SYN timed out") \
	X(FIELD_LAST_DATA_SENT_MS, "last_data_sent_ms", "ms", AGE, "since data was sent") \
	X(FIELD_LAST_ACK_SENT_MS, "last_ack_sent_ms", "ms", AGE, "always 0: kernels do not remember") \
	X(FIELD_LAST_DATA_RECV_MS, "last_data_recv_ms", "ms", AGE, "since data was received") \
	X(FIELD_LAST_ACK_RECV_MS, "last_ack_recv_ms", "ms", AGE, "since an ACK was received") \
	X(FIELD_BUSY_TIME_US, "busy_time_us", "us", AGE, "time with something to send") \
	X(FIELD_RWND_LIMITED_US, "rwnd_limited_us", "us", AGE, "of that, kept back by the peer's window") \
	X(FIELD_SNDBUF_LIMITED_US, "sndbuf_limited_us", "us", AGE, "of that, kept back by the send buffer")

enum socket_field_kind {
	SOCKET_FIELD_SHOWN, /* a change of it is a row of a time line */
	SOCKET_FIELD_QUIET, /* of one with all fields only */
	SOCKET_FIELD_AGE,   /* runs by itself: that it differs says nothing */
	SOCKET_FIELD_KIND_COUNT
};

struct socket_field {
	enum record_field_id id;
	const char *name, *unit;
	enum socket_field_kind kind;
};

extern const struct socket_field socket_fields[];
extern const gsize socket_field_count;

/* NULL: there is none of that name. */
const struct socket_field *socket_field_named(const char *name);

#endif
