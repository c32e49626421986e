/* SPDX-License-Identifier: GPL-2.0-or-later
 * record - the stream in which a guest tells the host what happened
 * guest side: record_begin(), record_uint() ..., record_end(); host side: record_parse(), record_next_field().
 * This folder is the only code that both sides compile: libc alone, no allocation.
 *
 * A stream is records back to back, little endian:
 *
 *   0  4  magic 'F' 'R', version, type      16  4  sequence, 0 for the first record, one more each
 *   4  4  payload length in bytes           20  4  CRC-32 (zlib's polynomial) of bytes 0..19 and the payload
 *   8  8  CLOCK_MONOTONIC of the guest, ns  24  .. payload: fields
 *
 *   field: id (1), kind (1), length (2), data. Integers are as short as their value allows (0 to 8 bytes);
 *   signed ones are zigzag coded. An absent field means: this kernel does not tell.
 *
 * Sequence and checksum let the host notice loss; the type and field tables below give every record its JSON form.
 */
#ifndef FINRIG_RECORD_H
#define FINRIG_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECORD_VERSION = 1,
	RECORD_HEADER_BYTES = 24,
	RECORD_PAYLOAD_MAX_BYTES = 72 * 1024, /* one packet of 64 KiB and its fields */
	RECORD_MAX_BYTES = RECORD_HEADER_BYTES + RECORD_PAYLOAD_MAX_BYTES,
};

/* X(CONSTANT, "json name"): new types and fields go at the end, so that old streams stay readable. */
#define RECORD_TYPES(X) \
	X(RECORD_HELLO, "hello")         /* the agent runs; first record of a stream */ \
	X(RECORD_READY, "ready")         /* guest set up, job not yet read: the place for a snapshot */ \
	X(RECORD_START, "start")         /* script time zero is this record's clock */ \
	X(RECORD_STATEMENT, "statement") /* one script statement was carried out */ \
	X(RECORD_PACKET, "packet")       /* seen by the packet socket; the clock is the kernel's stamp */ \
	X(RECORD_SOCKET, "socket")       /* one inet_diag sample */ \
	X(RECORD_GONE, "gone")           /* the sampled socket no longer exists */ \
	X(RECORD_COUNTER, "counter")     /* one SNMP or device counter that moved */ \
	X(RECORD_MISMATCH, "mismatch")   /* the script expected something else */ \
	X(RECORD_ERROR, "error")         /* the script cannot be read, or the agent cannot do its work */ \
	X(RECORD_LOG, "log")             /* free text, e.g. what a command printed */ \
	X(RECORD_HEARTBEAT, "heartbeat") /* nothing happened; the guest's clock moves */ \
	X(RECORD_END, "end")             /* last record; without it the guest died */ \
	X(RECORD_CODE, "code")           /* %{ }% was reached; harness/code.h says what the host makes of it */ \
	X(RECORD_MARK, "mark")           /* the script's label on the clock */ \
	X(RECORD_SYMBOLS, "symbols")     /* a part of what /proc/kallsyms says, see initramfs/agent/kallsyms.h */ \
	X(RECORD_PROBE, "probe")         /* by the host, not the guest, as the next: a function is probed, or why not (harness/probe.h) */ \
	X(RECORD_CALL, "call")           /* a call of a probed function; the clock is its entry's */

/* X(CONSTANT, "json name", kind) */
#define RECORD_FIELDS(X) \
	X(FIELD_TEXT, "text", FIELD_KIND_TEXT) \
	X(FIELD_RELEASE, "release", FIELD_KIND_TEXT)             /* uname -r */ \
	X(FIELD_VERSION, "version", FIELD_KIND_TEXT)             /* uname -v */ \
	X(FIELD_REALTIME_OFFSET_NS, "realtime_offset_ns", FIELD_KIND_INT) /* CLOCK_REALTIME - CLOCK_MONOTONIC */ \
	X(FIELD_CASE, "case", FIELD_KIND_TEXT) \
	X(FIELD_FILE, "file", FIELD_KIND_TEXT) \
	X(FIELD_LINE, "line", FIELD_KIND_UINT)                   /* in the script, from 1 */ \
	X(FIELD_COLUMN, "column", FIELD_KIND_UINT)               /* from 1, in bytes */ \
	X(FIELD_KIND, "kind", FIELD_KIND_TEXT)                   /* packet-in, packet-out, call, command, ... */ \
	X(FIELD_SCRIPT_NS, "script_ns", FIELD_KIND_INT)          /* when the script wants it, from script time zero */ \
	X(FIELD_LIVE_NS, "live_ns", FIELD_KIND_INT)              /* when it happened, same origin */ \
	X(FIELD_RESULT, "result", FIELD_KIND_INT)                /* what the system call returned */ \
	X(FIELD_ERRNO, "errno", FIELD_KIND_TEXT)                 /* its errno by name, e.g. EAGAIN */ \
	X(FIELD_EXPECTED, "expected", FIELD_KIND_TEXT) \
	X(FIELD_ACTUAL, "actual", FIELD_KIND_TEXT) \
	X(FIELD_MARK, "mark", FIELD_KIND_TEXT)                   /* the differing part, e.g. "win" */ \
	X(FIELD_STATUS, "status", FIELD_KIND_UINT)               /* enum record_end_status */ \
	X(FIELD_DIRECTION, "direction", FIELD_KIND_UINT)         /* enum record_direction */ \
	X(FIELD_INTERFACE, "interface", FIELD_KIND_TEXT) \
	X(FIELD_PROTOCOL, "protocol", FIELD_KIND_UINT)           /* ethertype: 0x0800, 0x86dd */ \
	X(FIELD_WIRE_BYTES, "wire_bytes", FIELD_KIND_UINT)       /* length before any truncation */ \
	X(FIELD_DATA, "data", FIELD_KIND_BYTES)                  /* from the IP header on */ \
	X(FIELD_NAME, "name", FIELD_KIND_TEXT)                   /* counter: "TcpExt.TCPTimeouts", "tun0.tx_dropped" */ \
	X(FIELD_VALUE, "value", FIELD_KIND_INT) \
	X(FIELD_DELTA, "delta", FIELD_KIND_INT)                  /* against the counter's last record (or the start) */ \
	X(FIELD_CAUSE, "cause", FIELD_KIND_TEXT)                 /* why sampled: start statement packet timer end */ \
	X(FIELD_LOCAL, "local", FIELD_KIND_TEXT)                 /* address:port */ \
	X(FIELD_REMOTE, "remote", FIELD_KIND_TEXT) \
	X(FIELD_STATE, "state", FIELD_KIND_UINT)                 /* TCP_ESTABLISHED = 1 ... TCP_CLOSING = 11 */ \
	X(FIELD_TIMER, "timer", FIELD_KIND_UINT)                 /* inet_diag: 0 none 1 retransmit 2 keepalive 3 timewait 4 probe */ \
	X(FIELD_TIMER_MS, "timer_ms", FIELD_KIND_UINT)           /* until it expires */ \
	X(FIELD_RETRANSMITS, "retransmits", FIELD_KIND_UINT)     /* idiag_retrans: timeouts in a row, refused ones too */ \
	X(FIELD_RQUEUE, "rqueue", FIELD_KIND_UINT) \
	X(FIELD_WQUEUE, "wqueue", FIELD_KIND_UINT) \
	X(FIELD_INODE, "inode", FIELD_KIND_UINT)                 /* 0: no file descriptor holds it any more */ \
	X(FIELD_RMEM, "rmem", FIELD_KIND_UINT)                   /* INET_DIAG_MEMINFO */ \
	X(FIELD_WMEM, "wmem", FIELD_KIND_UINT)                   /* sk_wmem_queued */ \
	X(FIELD_FMEM, "fmem", FIELD_KIND_UINT)                   /* sk_forward_alloc */ \
	X(FIELD_TMEM, "tmem", FIELD_KIND_UINT)                   /* sk_wmem_alloc */ \
	X(FIELD_SNDBUF, "sndbuf", FIELD_KIND_UINT)               /* INET_DIAG_SKMEMINFO from here on (3.6) */ \
	X(FIELD_RCVBUF, "rcvbuf", FIELD_KIND_UINT) \
	X(FIELD_OPTMEM, "optmem", FIELD_KIND_UINT) \
	X(FIELD_BACKLOG, "backlog", FIELD_KIND_UINT) \
	X(FIELD_DROPS, "drops", FIELD_KIND_UINT) \
	X(FIELD_CA_STATE, "ca_state", FIELD_KIND_UINT)           /* struct tcp_info from here on */ \
	X(FIELD_BACKOFF, "backoff", FIELD_KIND_UINT) \
	X(FIELD_PROBES, "probes", FIELD_KIND_UINT) \
	X(FIELD_OPTIONS, "options", FIELD_KIND_UINT) \
	X(FIELD_RTO_US, "rto_us", FIELD_KIND_UINT) \
	X(FIELD_ATO_US, "ato_us", FIELD_KIND_UINT) \
	X(FIELD_SND_MSS, "snd_mss", FIELD_KIND_UINT) \
	X(FIELD_RCV_MSS, "rcv_mss", FIELD_KIND_UINT) \
	X(FIELD_UNACKED, "unacked", FIELD_KIND_UINT) \
	X(FIELD_SACKED, "sacked", FIELD_KIND_UINT) \
	X(FIELD_LOST, "lost", FIELD_KIND_UINT) \
	X(FIELD_RETRANS, "retrans", FIELD_KIND_UINT) \
	X(FIELD_RTT_US, "rtt_us", FIELD_KIND_UINT) \
	X(FIELD_RTTVAR_US, "rttvar_us", FIELD_KIND_UINT) \
	X(FIELD_SSTHRESH, "ssthresh", FIELD_KIND_UINT) \
	X(FIELD_CWND, "cwnd", FIELD_KIND_UINT) \
	X(FIELD_TOTAL_RETRANS, "total_retrans", FIELD_KIND_UINT) \
	X(FIELD_MARKER, "marker", FIELD_KIND_TEXT)               /* blanks and ^, to stand under actual */ \
	X(FIELD_CONGESTION, "congestion", FIELD_KIND_TEXT)       /* INET_DIAG_CONG: cubic, reno ... */ \
	X(FIELD_VALUES, "values", FIELD_KIND_TEXT)               /* of RECORD_CODE: NAME=VALUE lines, see harness/code.h */ \
	X(FIELD_TSC, "tsc", FIELD_KIND_UINT)                     /* rdtsc at this record's clock */ \
	X(FIELD_FUNCTION, "function", FIELD_KIND_TEXT)           /* of RECORD_PROBE and RECORD_CALL from here on; and result, errno */ \
	X(FIELD_ADDRESS, "address", FIELD_KIND_TEXT)             /* in hex; absent where a function cannot be probed: text says why; else text is what else is to be known */ \
	X(FIELD_CALLER, "caller", FIELD_KIND_TEXT)               /* where it returns to: name+0x1c, or the address */ \
	X(FIELD_DEPTH, "depth", FIELD_KIND_UINT)                 /* probed calls that were not yet back, on the same stack */ \
	X(FIELD_DURATION_NS, "duration_ns", FIELD_KIND_UINT)     /* until its return; absent: it was not seen to return */ \
	X(FIELD_ARGUMENTS, "arguments", FIELD_KIND_TEXT)         /* "segs=1, sk->sk_wmem_alloc=2305", as far as the kernel's DWARF tells */ \
	X(FIELD_ENTRY, "entry", FIELD_KIND_TEXT)                 /* the copy of the function that was called: name.part.0 */ \
	X(FIELD_TCP_INFO, "tcp_info", FIELD_KIND_BYTES)          /* INET_DIAG_INFO as it is; 2-events.jsonl has its fields (tcp_info.h) */ \
	X(FIELD_TCP_INFO_REST, "tcp_info_rest", FIELD_KIND_BYTES) /* what is behind the last one that has a name */ \
	X(FIELD_TIMEOUTS, "timeouts", FIELD_KIND_UINT)           /* tcpi_retransmits, whatever timer runs; of it from here on: */ \
	X(FIELD_SND_WSCALE, "snd_wscale", FIELD_KIND_UINT) \
	X(FIELD_RCV_WSCALE, "rcv_wscale", FIELD_KIND_UINT) \
	X(FIELD_FACKETS, "fackets", FIELD_KIND_UINT) \
	X(FIELD_LAST_DATA_SENT_MS, "last_data_sent_ms", FIELD_KIND_UINT) \
	X(FIELD_LAST_ACK_SENT_MS, "last_ack_sent_ms", FIELD_KIND_UINT) \
	X(FIELD_LAST_DATA_RECV_MS, "last_data_recv_ms", FIELD_KIND_UINT) \
	X(FIELD_LAST_ACK_RECV_MS, "last_ack_recv_ms", FIELD_KIND_UINT) \
	X(FIELD_PMTU, "pmtu", FIELD_KIND_UINT) \
	X(FIELD_RCV_SSTHRESH, "rcv_ssthresh", FIELD_KIND_UINT) \
	X(FIELD_ADVMSS, "advmss", FIELD_KIND_UINT) \
	X(FIELD_REORDERING, "reordering", FIELD_KIND_UINT) \
	X(FIELD_RCV_RTT_US, "rcv_rtt_us", FIELD_KIND_UINT) \
	X(FIELD_RCV_SPACE, "rcv_space", FIELD_KIND_UINT) \
	X(FIELD_PACING_RATE, "pacing_rate", FIELD_KIND_UINT) \
	X(FIELD_MAX_PACING_RATE, "max_pacing_rate", FIELD_KIND_UINT) \
	X(FIELD_BYTES_ACKED, "bytes_acked", FIELD_KIND_UINT) \
	X(FIELD_BYTES_RECEIVED, "bytes_received", FIELD_KIND_UINT) \
	X(FIELD_SEGS_OUT, "segs_out", FIELD_KIND_UINT) \
	X(FIELD_SEGS_IN, "segs_in", FIELD_KIND_UINT) \
	X(FIELD_NOTSENT_BYTES, "notsent_bytes", FIELD_KIND_UINT) \
	X(FIELD_MIN_RTT_US, "min_rtt_us", FIELD_KIND_UINT) \
	X(FIELD_DATA_SEGS_IN, "data_segs_in", FIELD_KIND_UINT) \
	X(FIELD_DATA_SEGS_OUT, "data_segs_out", FIELD_KIND_UINT) \
	X(FIELD_DELIVERY_RATE_APP_LIMITED, "delivery_rate_app_limited", FIELD_KIND_UINT) \
	X(FIELD_DELIVERY_RATE, "delivery_rate", FIELD_KIND_UINT) \
	X(FIELD_BUSY_TIME_US, "busy_time_us", FIELD_KIND_UINT) \
	X(FIELD_RWND_LIMITED_US, "rwnd_limited_us", FIELD_KIND_UINT) \
	X(FIELD_SNDBUF_LIMITED_US, "sndbuf_limited_us", FIELD_KIND_UINT) \
	X(FIELD_DELIVERED, "delivered", FIELD_KIND_UINT) \
	X(FIELD_DELIVERED_CE, "delivered_ce", FIELD_KIND_UINT) \
	X(FIELD_BYTES_SENT, "bytes_sent", FIELD_KIND_UINT) \
	X(FIELD_BYTES_RETRANS, "bytes_retrans", FIELD_KIND_UINT) \
	X(FIELD_DSACK_DUPS, "dsack_dups", FIELD_KIND_UINT) \
	X(FIELD_REORD_SEEN, "reord_seen", FIELD_KIND_UINT) \
	X(FIELD_RCV_OOOPACK, "rcv_ooopack", FIELD_KIND_UINT) \
	X(FIELD_SND_WND, "snd_wnd", FIELD_KIND_UINT) \
	X(FIELD_FASTOPEN_CLIENT_FAIL, "fastopen_client_fail", FIELD_KIND_UINT) \
	X(FIELD_RCV_WND, "rcv_wnd", FIELD_KIND_UINT) \
	X(FIELD_REHASH, "rehash", FIELD_KIND_UINT) \
	X(FIELD_TOTAL_RTO, "total_rto", FIELD_KIND_UINT) \
	X(FIELD_TOTAL_RTO_RECOVERIES, "total_rto_recoveries", FIELD_KIND_UINT) \
	X(FIELD_TOTAL_RTO_TIME_MS, "total_rto_time_ms", FIELD_KIND_UINT) \
	X(FIELD_TOS, "tos", FIELD_KIND_UINT)                     /* INET_DIAG_TOS, INET_DIAG_TCLASS */ \
	X(FIELD_TCLASS, "tclass", FIELD_KIND_UINT) \
	X(FIELD_SHUTDOWN, "shutdown", FIELD_KIND_UINT)           /* INET_DIAG_SHUTDOWN: 1 no more to read, 2 no more to write */ \
	/* struct tcp_info of 7.2 */ \
	X(FIELD_RECEIVED_CE, "received_ce", FIELD_KIND_UINT) \
	X(FIELD_DELIVERED_E1_BYTES, "delivered_e1_bytes", FIELD_KIND_UINT) \
	X(FIELD_DELIVERED_E0_BYTES, "delivered_e0_bytes", FIELD_KIND_UINT) \
	X(FIELD_DELIVERED_CE_BYTES, "delivered_ce_bytes", FIELD_KIND_UINT) \
	X(FIELD_RECEIVED_E1_BYTES, "received_e1_bytes", FIELD_KIND_UINT) \
	X(FIELD_RECEIVED_E0_BYTES, "received_e0_bytes", FIELD_KIND_UINT) \
	X(FIELD_RECEIVED_CE_BYTES, "received_ce_bytes", FIELD_KIND_UINT) \
	X(FIELD_ECN_MODE, "ecn_mode", FIELD_KIND_UINT) \
	X(FIELD_ACCECN_OPT_SEEN, "accecn_opt_seen", FIELD_KIND_UINT) \
	X(FIELD_ACCECN_FAIL_MODE, "accecn_fail_mode", FIELD_KIND_UINT) \
	X(FIELD_OPTIONS2, "options2", FIELD_KIND_UINT)

#define RECORD_ENUM(constant, ...) constant,
enum record_type { RECORD_TYPES(RECORD_ENUM) RECORD_TYPE_COUNT };
enum record_field_id { RECORD_FIELDS(RECORD_ENUM) FIELD_COUNT };
#undef RECORD_ENUM

enum record_field_kind { FIELD_KIND_UINT, FIELD_KIND_INT, FIELD_KIND_TEXT, FIELD_KIND_BYTES, FIELD_KIND_COUNT };

/* As the guest's kernel sees it: RECORD_IN is towards its stack. */
enum record_direction { RECORD_IN, RECORD_OUT, RECORD_DIRECTION_COUNT };

/* FIELD_STATUS of RECORD_END. */
enum record_end_status {
	RECORD_END_PASSED,     /* every statement came out as the script says */
	RECORD_END_MISMATCHED, /* a RECORD_MISMATCH tells where it did not */
	RECORD_END_FAILED,     /* a RECORD_ERROR tells what is wrong with the script or the agent */
	RECORD_END_STATUS_COUNT
};

/* One record being written; large, so keep it static. A field that does not fit sets overflow and is left out whole. */
struct record {
	size_t length_bytes;
	bool overflow;
	unsigned char bytes[RECORD_MAX_BYTES];
};

/* Names for JSON and messages; NULL for a value out of range. */
const char *record_type_name(unsigned type);
const char *record_field_name(unsigned field);
/* enum record_field_kind of a field, or -1 for a value out of range. */
int record_field_kind(unsigned field);

void record_begin(struct record *record, enum record_type type, uint64_t clock_ns);
void record_uint(struct record *record, enum record_field_id field, uint64_t value);
void record_int(struct record *record, enum record_field_id field, int64_t value);
/* text need not be UTF-8 and is cut at 65535 bytes; NULL writes no field. */
void record_text(struct record *record, enum record_field_id field, const char *text);
void record_bytes(struct record *record, enum record_field_id field, const void *data, size_t length_bytes);
/* Fills in length, sequence and checksum. Returns the number of bytes of record->bytes to send. */
size_t record_end(struct record *record, uint32_t sequence);

/* A parsed record; points into the caller's buffer. */
struct record_view {
	enum record_type type;
	uint64_t clock_ns;
	uint32_t sequence;
	const unsigned char *next, *end; /* payload yet unread */
};

struct record_field {
	enum record_field_id id;
	enum record_field_kind kind;
	uint64_t uint_value;          /* FIELD_KIND_UINT */
	int64_t int_value;            /* FIELD_KIND_INT */
	const unsigned char *data;    /* FIELD_KIND_TEXT (no terminator) and FIELD_KIND_BYTES */
	size_t length_bytes;
};

enum record_status {
	RECORD_OK,        /* *used_bytes were read */
	RECORD_SHORT,     /* the buffer ends inside this record */
	RECORD_DAMAGED,   /* *why tells; nothing after this place can be believed */
	RECORD_STATUS_COUNT
};

/* Reads one record at data. The payload's fields are checked too, so record_next_field() on the view cannot fail.
 * why: set for RECORD_DAMAGED to a sentence without a full stop. */
enum record_status record_parse(const unsigned char *data, size_t length_bytes, struct record_view *view,
				size_t *used_bytes, const char **why);
/* Takes the next field from the view. Returns false at the end. Fields of a newer writer (unknown ids) are skipped. */
bool record_next_field(struct record_view *view, struct record_field *field);

/* CRC-32 with zlib's polynomial, initial value and final inversion; seed is the CRC so far, 0 to begin. */
uint32_t record_crc32(uint32_t seed, const void *data, size_t length_bytes);

#endif
