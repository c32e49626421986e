/* SPDX-License-Identifier: GPL-2.0-or-later
 * code - a script's `%{ }%` blocks: python, evaluated on the host over what the guest told at that moment
 * in: the RECORD_CODE events of a cell, 0-case.pkt; out: a result for each. Guests have no python, and need none.
 *
 * RECORD_CODE is written when a block is reached:
 *
 *   FIELD_LINE, FIELD_COLUMN  the statement's first byte, as in every record
 *   FIELD_TEXT                what stands between %{ and }%, every byte of it
 *   FIELD_VALUES              lines NAME=VALUE, each ended by a line feed (the last one's may be left out)
 *
 *   NAME:  a letter, then letters, digits and _, at most 64 in all
 *   VALUE: a decimal integer (-2^63 ... 2^64 - 1, no leading zeros), or text in double quotes with \" and \\ for those two
 *
 * The values are those of the socket under test: the script's first TCP socket, or the accepted one once there is one. No such
 * socket, or one that was closed: FIELD_VALUES is empty or absent. A value the kernel does not give is left out, never 0: one whose
 * bytes lie beyond the length that getsockopt() returned, or whose option it does not have. Numbers are as the kernel gives them.
 *
 *   getsockopt(TCP_INFO), struct tcp_info, one name for each member:
 *     tcpi_state ca_state retransmits probes backoff options snd_wscale rcv_wscale rto ato snd_mss rcv_mss unacked sacked lost
 *     retrans fackets last_data_sent last_ack_sent last_data_recv last_ack_recv pmtu rcv_ssthresh rtt rttvar snd_ssthresh
 *     snd_cwnd advmss reordering rcv_rtt rcv_space total_retrans             here 2.6.32 ends (104 bytes)
 *     pacing_rate max_pacing_rate bytes_acked bytes_received segs_out segs_in notsent_bytes min_rtt data_segs_in data_segs_out
 *     delivery_rate busy_time rwnd_limited sndbuf_limited delivered delivered_ce bytes_sent bytes_retrans dsack_dups reord_seen
 *     rcv_ooopack snd_wnd rcv_wnd rehash total_rto total_rto_recoveries total_rto_time          here 6.12 ends (248 bytes)
 *     received_ce delivered_e1_bytes delivered_e0_bytes delivered_ce_bytes received_e1_bytes received_e0_bytes received_ce_bytes
 *     ecn_mode accecn_opt_seen accecn_fail_mode options2                     (all with tcpi_ in front)
 *     bit fields of byte 7: tcpi_delivery_rate_app_limited where delivery_rate is, tcpi_fastopen_client_fail where snd_wnd is
 *   getsockopt(SO_MEMINFO), Linux 4.12:
 *     SK_MEMINFO_RMEM_ALLOC SK_MEMINFO_RCVBUF SK_MEMINFO_WMEM_ALLOC SK_MEMINFO_SNDBUF SK_MEMINFO_FWD_ALLOC
 *     SK_MEMINFO_WMEM_QUEUED SK_MEMINFO_OPTMEM SK_MEMINFO_BACKLOG SK_MEMINFO_DROPS
 *   getsockopt(TCP_CC_INFO), Linux 4.1, by the name in getsockopt(TCP_CONGESTION):
 *     vegas, yeah, illinois, westwood, nv (16 bytes)  tcpv_enabled tcpv_rttcnt tcpv_rtt tcpv_minrtt
 *     dctcp (16 bytes)  dctcp_enabled dctcp_ce_state dctcp_alpha dctcp_ab_ecn dctcp_ab_tot
 *     bbr (20 bytes)    bbr_bw_lo bbr_bw_hi bbr_min_rtt bbr_pacing_gain bbr_cwnd_gain
 *
 * Constants need not be sent; the host has them: TCP_ESTABLISHED ... TCP_NEW_SYN_RECV, TCP_CA_Open Disorder CWR Recovery Loss,
 * TCPI_OPT_* and the TFO_* reasons in tcpi_fastopen_client_fail (table in code.c).
 *
 * All blocks of a cell run in order in one python3 and one namespace. A block sees its own values alone, not those of one before.
 */
#ifndef FINRIG_CODE_H
#define FINRIG_CODE_H

#include <json-glib/json-glib.h>

#include "event.h"

/* Wall clock for all blocks of a cell together, from the moment python is ready. */
#define CODE_LIMIT_US (10 * G_USEC_PER_SEC)

enum code_outcome {
	CODE_PASSED,
	CODE_FAILED,      /* raised, could not be compiled, ended python or did not end */
	CODE_UNEVALUATED, /* a block before it ended python */
	CODE_OUTCOME_COUNT
};

struct code_result {
	guint event;         /* its index in the events */
	char *file;          /* as messages call the script */
	gint64 line, column; /* of the block's first byte behind %{ that is no blank */
	enum code_outcome outcome;
	gint64 at_line, at_column; /* FAILED: of the very line that did */
	char *message;       /* one line without place; NULL when it passed */
	GPtrArray *log;      /* char *: lines that print() wrote, at most 64 KiB in a cell */
};

/* Evaluates all blocks among the events; python3 is not touched when there are none. Returns struct code_result * in the events'
 * order. FINRIG_ERROR_BROKEN: python3 is absent or does not start, or values are not as above. */
GPtrArray *code_evaluate(const char *cell_dir, GPtrArray *events, gint64 limit_us, GError **error);
/* A failed block is a mismatch like any other: puts a RECORD_MISMATCH of kind "code" behind the event of each.
 * The indexes in the results stay those from before. */
void code_add_mismatches(GPtrArray *events, GPtrArray *results);
/* Appends {"line", "column", "outcome", "message", "log"} for each. */
void code_to_json(GPtrArray *results, JsonArray *list);

#endif
