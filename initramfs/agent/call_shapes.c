/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_shapes - the tables of call_shape.h
 */
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "call_shape.h"

#define NUMBER(name, offset, bytes) { name, offset, bytes, MEMBER_UNSIGNED, 0, 0 }
#define SIGNED(name, offset, bytes) { name, offset, bytes, MEMBER_SIGNED, 0, 0 }
#define BITS(name, offset, shift, width) { name, offset, 1, MEMBER_BITS, shift, width }
#define TEXT(name, offset, bytes) { name, offset, bytes, MEMBER_TEXT, 0, 0 }
#define OTHER(kind, name, offset, bytes) { name, offset, bytes, kind, 0, 0 }
#define END { NULL, 0, 0, 0, 0, 0 }

static const struct call_member linger[] = {
	SIGNED("onoff", 0, 4), SIGNED("linger", 4, 4), SIGNED("l_onoff", 0, 4), SIGNED("l_linger", 4, 4), END
};
static const struct call_member timeval[] = { SIGNED("tv_sec", 0, 8), SIGNED("tv_usec", 8, 8), END };
static const struct call_member timespec[] = { SIGNED("tv_sec", 0, 8), SIGNED("tv_nsec", 8, 8), END };

/* struct tcp_info; a kernel's own may end anywhere in it. */
static const struct call_member tcp_info[] = {
	NUMBER("tcpi_state", 0, 1), NUMBER("tcpi_ca_state", 1, 1), NUMBER("tcpi_retransmits", 2, 1), NUMBER("tcpi_probes", 3, 1),
	NUMBER("tcpi_backoff", 4, 1), NUMBER("tcpi_options", 5, 1), BITS("tcpi_snd_wscale", 6, 0, 4), BITS("tcpi_rcv_wscale", 6, 4, 4),
	NUMBER("tcpi_rto", 8, 4), NUMBER("tcpi_ato", 12, 4), NUMBER("tcpi_snd_mss", 16, 4), NUMBER("tcpi_rcv_mss", 20, 4),
	NUMBER("tcpi_unacked", 24, 4), NUMBER("tcpi_sacked", 28, 4), NUMBER("tcpi_lost", 32, 4), NUMBER("tcpi_retrans", 36, 4),
	NUMBER("tcpi_fackets", 40, 4), NUMBER("tcpi_last_data_sent", 44, 4), NUMBER("tcpi_last_ack_sent", 48, 4),
	NUMBER("tcpi_last_data_recv", 52, 4), NUMBER("tcpi_last_ack_recv", 56, 4), NUMBER("tcpi_pmtu", 60, 4),
	NUMBER("tcpi_rcv_ssthresh", 64, 4), NUMBER("tcpi_rtt", 68, 4), NUMBER("tcpi_rttvar", 72, 4),
	NUMBER("tcpi_snd_ssthresh", 76, 4), NUMBER("tcpi_snd_cwnd", 80, 4), NUMBER("tcpi_advmss", 84, 4),
	NUMBER("tcpi_reordering", 88, 4), NUMBER("tcpi_rcv_rtt", 92, 4), NUMBER("tcpi_rcv_space", 96, 4),
	NUMBER("tcpi_total_retrans", 100, 4), NUMBER("tcpi_pacing_rate", 104, 8), NUMBER("tcpi_max_pacing_rate", 112, 8),
	NUMBER("tcpi_bytes_acked", 120, 8), NUMBER("tcpi_bytes_received", 128, 8), NUMBER("tcpi_segs_out", 136, 4),
	NUMBER("tcpi_segs_in", 140, 4), NUMBER("tcpi_notsent_bytes", 144, 4), NUMBER("tcpi_min_rtt", 148, 4),
	NUMBER("tcpi_data_segs_in", 152, 4), NUMBER("tcpi_data_segs_out", 156, 4), NUMBER("tcpi_delivery_rate", 160, 8),
	NUMBER("tcpi_busy_time", 168, 8), NUMBER("tcpi_rwnd_limited", 176, 8), NUMBER("tcpi_sndbuf_limited", 184, 8),
	NUMBER("tcpi_delivered", 192, 4), NUMBER("tcpi_delivered_ce", 196, 4), NUMBER("tcpi_bytes_sent", 200, 8),
	NUMBER("tcpi_bytes_retrans", 208, 8), NUMBER("tcpi_dsack_dups", 216, 4), NUMBER("tcpi_reord_seen", 220, 4),
	NUMBER("tcpi_rcv_ooopack", 224, 4), NUMBER("tcpi_snd_wnd", 228, 4), NUMBER("tcpi_rcv_wnd", 232, 4),
	NUMBER("tcpi_rehash", 236, 4), NUMBER("tcpi_total_rto", 240, 2), NUMBER("tcpi_total_rto_recoveries", 242, 2),
	NUMBER("tcpi_total_rto_time", 244, 4), BITS("tcpi_delivery_rate_app_limited", 7, 0, 1),
	BITS("tcpi_fastopen_client_fail", 7, 1, 2), NUMBER("tcpi_received_ce", 248, 4), NUMBER("tcpi_delivered_e1_bytes", 252, 4),
	NUMBER("tcpi_delivered_e0_bytes", 256, 4), NUMBER("tcpi_delivered_ce_bytes", 260, 4), NUMBER("tcpi_received_e1_bytes", 264, 4),
	NUMBER("tcpi_received_e0_bytes", 268, 4), NUMBER("tcpi_received_ce_bytes", 272, 4), BITS("tcpi_ecn_mode", 276, 0, 2),
	BITS("tcpi_accecn_opt_seen", 276, 2, 2), BITS("tcpi_accecn_fail_mode", 276, 4, 4), NUMBER("tcpi_options2", 277, 3), END
};

/* SO_MEMINFO: an array of numbers */
static const struct call_member meminfo[] = {
	NUMBER("SK_MEMINFO_RMEM_ALLOC", 0, 4), NUMBER("SK_MEMINFO_RCVBUF", 4, 4), NUMBER("SK_MEMINFO_WMEM_ALLOC", 8, 4),
	NUMBER("SK_MEMINFO_SNDBUF", 12, 4), NUMBER("SK_MEMINFO_FWD_ALLOC", 16, 4), NUMBER("SK_MEMINFO_WMEM_QUEUED", 20, 4),
	NUMBER("SK_MEMINFO_OPTMEM", 24, 4), NUMBER("SK_MEMINFO_BACKLOG", 28, 4), NUMBER("SK_MEMINFO_DROPS", 32, 4), END
};

/* TCP_CC_INFO, by congestion control */
static const struct call_member vegas[] = {
	NUMBER("tcpv_enabled", 0, 4), NUMBER("tcpv_rttcnt", 4, 4), NUMBER("tcpv_rtt", 8, 4), NUMBER("tcpv_minrtt", 12, 4), END
};
static const struct call_member dctcp[] = {
	NUMBER("dctcp_enabled", 0, 2), NUMBER("dctcp_ce_state", 2, 2), NUMBER("dctcp_alpha", 4, 4), NUMBER("dctcp_ab_ecn", 8, 4),
	NUMBER("dctcp_ab_tot", 12, 4), END
};
static const struct call_member bbr[] = {
	NUMBER("bbr_bw_lo", 0, 4), NUMBER("bbr_bw_hi", 4, 4), NUMBER("bbr_min_rtt", 8, 4), NUMBER("bbr_pacing_gain", 12, 4),
	NUMBER("bbr_cwnd_gain", 16, 4), NUMBER("bbr_bw", 0, 8), END
};

static const struct call_member md5sig[] = {
	OTHER(MEMBER_SOCKADDR, "tcpm_addr", 0, 128), NUMBER("tcpm_flags", 128, 1), NUMBER("tcpm_prefixlen", 129, 1),
	NUMBER("tcpm_keylen", 130, 2), SIGNED("tcpm_ifindex", 132, 4), TEXT("tcpm_key", 136, 80), END
};
static const struct call_member repair_option[] = { NUMBER("opt_code", 0, 4), NUMBER("opt_val", 4, 4), END };
static const struct call_member repair_window[] = {
	NUMBER("snd_wl1", 0, 4), NUMBER("snd_wnd", 4, 4), NUMBER("max_window", 8, 4), NUMBER("rcv_wnd", 12, 4),
	NUMBER("rcv_wup", 16, 4), END
};
static const struct call_member zerocopy_receive[] = {
	NUMBER("address", 0, 8), NUMBER("length", 8, 4), NUMBER("recv_skip_hint", 12, 4), NUMBER("inq", 16, 4), SIGNED("err", 20, 4),
	NUMBER("copybuf_address", 24, 8), SIGNED("copybuf_len", 32, 4), NUMBER("flags", 36, 4), NUMBER("msg_control", 40, 8),
	NUMBER("msg_controllen", 48, 8), NUMBER("msg_flags", 56, 4), NUMBER("reserved", 60, 4), END
};
static const struct call_member txtime[] = { SIGNED("clockid", 0, 4), NUMBER("flags", 4, 4), END };
static const struct call_member extended_error[] = {
	NUMBER("ee_errno", 0, 4), NUMBER("ee_origin", 4, 1), NUMBER("ee_type", 5, 1), NUMBER("ee_code", 6, 1),
	NUMBER("ee_pad", 7, 1), NUMBER("ee_info", 8, 4), NUMBER("ee_data", 12, 4), END
};
static const struct call_member pollfd[] = { SIGNED("fd", 0, 4), NUMBER("events", 4, 2), NUMBER("revents", 6, 2), END };
/* packed on x86-64 */
static const struct call_member epoll_event[] = {
	NUMBER("events", 0, 4), NUMBER("u64", 4, 8), NUMBER("u32", 4, 4), NUMBER("ptr", 4, 8), SIGNED("fd", 4, 4), END
};
static const struct call_member membership[] = {
	OTHER(MEMBER_ADDRESS4, "imr_multiaddr", 0, 4), OTHER(MEMBER_ADDRESS4, "imr_address", 4, 4),
	OTHER(MEMBER_ADDRESS4, "imr_interface", 4, 4), SIGNED("imr_ifindex", 8, 4), END
};
static const struct call_member packet_info[] = {
	SIGNED("ipi_ifindex", 0, 4), OTHER(MEMBER_ADDRESS4, "ipi_spec_dst", 4, 4), OTHER(MEMBER_ADDRESS4, "ipi_addr", 8, 4), END
};
static const struct call_member credentials[] = { SIGNED("pid", 0, 4), NUMBER("uid", 4, 4), NUMBER("gid", 8, 4), END };

const struct call_shape call_shapes[] = {
	{ "linger", 8, linger }, { "timeval", 16, timeval }, { "timespec", 16, timespec }, { "tcp_info", 280, tcp_info },
	{ "meminfo", 36, meminfo }, { "vegas", 16, vegas }, { "dctcp", 16, dctcp }, { "bbr", 20, bbr }, { "tcp_md5sig", 216, md5sig },
	{ "tcp_repair_opt", 8, repair_option }, { "tcp_repair_window", 20, repair_window },
	{ "tcp_zerocopy_receive", 64, zerocopy_receive }, { "sock_txtime", 8, txtime },
	{ "sock_extended_err", 16, extended_error }, { "epoll_event", 12, epoll_event }, { "pollfd", 8, pollfd },
	{ "ip_mreqn", 12, membership }, { "in_pktinfo", 12, packet_info }, { "ucred", 12, credentials }, { NULL, 0, NULL }
};
