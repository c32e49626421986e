/* SPDX-License-Identifier: GPL-2.0-or-later
 * symbols - the names scripts use for numbers: the tables; lookups are at the end
 * Several names may have one value; for errno the first of them is what errno_name() says.
 */
#include "symbols.h"

#include <string.h>

struct symbol { const char *name; int64_t value; };

static const struct symbol symbols[] = {
	/* address families and socket types */
	{ "AF_UNSPEC", 0 }, { "AF_UNIX", 1 }, { "AF_LOCAL", 1 }, { "AF_INET", 2 }, { "AF_INET6", 10 }, { "AF_NETLINK", 16 },
	{ "AF_PACKET", 17 }, { "PF_UNSPEC", 0 }, { "PF_UNIX", 1 }, { "PF_LOCAL", 1 }, { "PF_INET", 2 }, { "PF_INET6", 10 },
	{ "PF_NETLINK", 16 }, { "PF_PACKET", 17 }, { "SOCK_STREAM", 1 }, { "SOCK_DGRAM", 2 }, { "SOCK_RAW", 3 },
	{ "SOCK_RDM", 4 }, { "SOCK_SEQPACKET", 5 }, { "SOCK_DCCP", 6 }, { "SOCK_PACKET", 10 }, { "SOCK_NONBLOCK", 0x800 },
	{ "SOCK_CLOEXEC", 0x80000 }, { "INADDR_ANY", 0 }, { "INADDR_LOOPBACK", 0x7f000001 }, { "SOMAXCONN", 0x1000 },

	/* protocols */
	{ "IPPROTO_IP", 0 }, { "IPPROTO_ICMP", 1 }, { "IPPROTO_IGMP", 2 }, { "IPPROTO_IPIP", 4 }, { "IPPROTO_TCP", 6 },
	{ "IPPROTO_UDP", 17 }, { "IPPROTO_DCCP", 33 }, { "IPPROTO_IPV6", 41 }, { "IPPROTO_ROUTING", 43 },
	{ "IPPROTO_FRAGMENT", 44 }, { "IPPROTO_GRE", 47 }, { "IPPROTO_ESP", 50 }, { "IPPROTO_AH", 51 },
	{ "IPPROTO_ICMPV6", 58 }, { "IPPROTO_NONE", 59 }, { "IPPROTO_DSTOPTS", 60 }, { "IPPROTO_SCTP", 132 },
	{ "IPPROTO_UDPLITE", 136 }, { "IPPROTO_MPLS", 137 }, { "IPPROTO_RAW", 255 }, { "IPPROTO_MPTCP", 262 },

	/* levels */
	{ "SOL_SOCKET", 1 }, { "SOL_IP", 0 }, { "SOL_ICMP", 1 }, { "SOL_TCP", 6 }, { "SOL_UDP", 17 }, { "SOL_IPV6", 41 },
	{ "SOL_ICMPV6", 58 }, { "SOL_SCTP", 132 }, { "SOL_UDPLITE", 136 }, { "SOL_RAW", 255 }, { "SOL_PACKET", 263 },
	{ "SOL_NETLINK", 270 }, { "SOL_TLS", 282 }, { "SOL_MPTCP", 284 }, { "SOL_SMC", 286 }, { "SOL_XDP", 283 },

	/* SO_ */
	{ "SO_DEBUG", 1 }, { "SO_REUSEADDR", 2 }, { "SO_TYPE", 3 }, { "SO_ERROR", 4 }, { "SO_DONTROUTE", 5 },
	{ "SO_BROADCAST", 6 }, { "SO_SNDBUF", 7 }, { "SO_RCVBUF", 8 }, { "SO_KEEPALIVE", 9 }, { "SO_OOBINLINE", 10 },
	{ "SO_NO_CHECK", 11 }, { "SO_PRIORITY", 12 }, { "SO_LINGER", 13 }, { "SO_BSDCOMPAT", 14 }, { "SO_REUSEPORT", 15 },
	{ "SO_PASSCRED", 16 }, { "SO_PEERCRED", 17 }, { "SO_RCVLOWAT", 18 }, { "SO_SNDLOWAT", 19 }, { "SO_RCVTIMEO", 20 },
	{ "SO_RCVTIMEO_OLD", 20 }, { "SO_SNDTIMEO", 21 }, { "SO_SNDTIMEO_OLD", 21 }, { "SO_SECURITY_AUTHENTICATION", 22 },
	{ "SO_SECURITY_ENCRYPTION_TRANSPORT", 23 }, { "SO_SECURITY_ENCRYPTION_NETWORK", 24 }, { "SO_BINDTODEVICE", 25 },
	{ "SO_ATTACH_FILTER", 26 }, { "SO_DETACH_BPF", 27 }, { "SO_DETACH_FILTER", 27 }, { "SO_PEERNAME", 28 },
	{ "SO_TIMESTAMP", 29 }, { "SO_TIMESTAMP_OLD", 29 }, { "SO_ACCEPTCONN", 30 }, { "SO_PEERSEC", 31 },
	{ "SO_SNDBUFFORCE", 32 }, { "SO_RCVBUFFORCE", 33 }, { "SO_PASSSEC", 34 }, { "SO_TIMESTAMPNS", 35 },
	{ "SO_TIMESTAMPNS_OLD", 35 }, { "SO_MARK", 36 }, { "SO_TIMESTAMPING", 37 }, { "SO_TIMESTAMPING_OLD", 37 },
	{ "SO_PROTOCOL", 38 }, { "SO_DOMAIN", 39 }, { "SO_RXQ_OVFL", 40 }, { "SO_WIFI_STATUS", 41 }, { "SO_PEEK_OFF", 42 },
	{ "SO_NOFCS", 43 }, { "SO_LOCK_FILTER", 44 }, { "SO_SELECT_ERR_QUEUE", 45 }, { "SO_BUSY_POLL", 46 },
	{ "SO_MAX_PACING_RATE", 47 }, { "SO_BPF_EXTENSIONS", 48 }, { "SO_INCOMING_CPU", 49 }, { "SO_ATTACH_BPF", 50 },
	{ "SO_ATTACH_REUSEPORT_CBPF", 51 }, { "SO_ATTACH_REUSEPORT_EBPF", 52 }, { "SO_CNX_ADVICE", 53 },
	{ "SO_MEMINFO", 55 }, { "SO_INCOMING_NAPI_ID", 56 }, { "SO_COOKIE", 57 }, { "SO_PEERGROUPS", 59 },
	{ "SO_ZEROCOPY", 60 }, { "SO_TXTIME", 61 }, { "SO_BINDTOIFINDEX", 62 }, { "SO_TIMESTAMP_NEW", 63 },
	{ "SO_TIMESTAMPNS_NEW", 64 }, { "SO_TIMESTAMPING_NEW", 65 }, { "SO_RCVTIMEO_NEW", 66 }, { "SO_SNDTIMEO_NEW", 67 },
	{ "SO_DETACH_REUSEPORT_BPF", 68 }, { "SO_PREFER_BUSY_POLL", 69 }, { "SO_BUSY_POLL_BUDGET", 70 },
	{ "SO_NETNS_COOKIE", 71 }, { "SO_BUF_LOCK", 72 }, { "SO_RESERVE_MEM", 73 }, { "SO_TXREHASH", 74 },
	{ "SO_RCVMARK", 75 }, { "SO_GET_FILTER", 26 },

	/* SCM_ */
	{ "SCM_TSTAMP_SND", 0 }, { "SCM_RIGHTS", 1 }, { "SCM_TSTAMP_SCHED", 1 }, { "SCM_CREDENTIALS", 2 },
	{ "SCM_TSTAMP_ACK", 2 }, { "SCM_TIMESTAMP", 29 }, { "SCM_TIMESTAMPNS", 35 }, { "SCM_TIMESTAMPING", 37 },
	{ "SCM_WIFI_STATUS", 41 }, { "SCM_TIMESTAMPING_OPT_STATS", 54 }, { "SCM_TIMESTAMPING_PKTINFO", 58 },
	{ "SCM_TXTIME", 61 },

	/* newer than the headers above: up to 6.13 */
	{ "SO_PASSPIDFD", 76 }, { "SO_PEERPIDFD", 77 }, { "SO_DEVMEM_LINEAR", 78 }, { "SCM_DEVMEM_LINEAR", 78 },
	{ "SO_DEVMEM_DMABUF", 79 }, { "SCM_DEVMEM_DMABUF", 79 }, { "SO_DEVMEM_DONTNEED", 80 }, { "SCM_TS_OPT_ID", 81 },
	{ "SCM_SECURITY", 3 }, { "SCM_PIDFD", 4 },

	/* SO_EE_ */
	{ "SO_EE_ORIGIN_NONE", 0 }, { "SO_EE_CODE_TXTIME_INVALID_PARAM", 1 }, { "SO_EE_CODE_ZEROCOPY_COPIED", 1 },
	{ "SO_EE_ORIGIN_LOCAL", 1 }, { "SO_EE_RFC4884_FLAG_INVALID", 1 }, { "SO_EE_CODE_TXTIME_MISSED", 2 },
	{ "SO_EE_ORIGIN_ICMP", 2 }, { "SO_EE_ORIGIN_ICMP6", 3 }, { "SO_EE_ORIGIN_TIMESTAMPING", 4 },
	{ "SO_EE_ORIGIN_TXSTATUS", 4 }, { "SO_EE_ORIGIN_ZEROCOPY", 5 }, { "SO_EE_ORIGIN_TXTIME", 6 },

	/* TCP_ */
	{ "TCP_REPAIR_OFF_NO_WP", -1 }, { "TCP_NO_QUEUE", 0 }, { "TCP_REPAIR_OFF", 0 }, { "TCP_NLA_BUSY", 1 },
	{ "TCP_NODELAY", 1 }, { "TCP_RECV_QUEUE", 1 }, { "TCP_REPAIR_ON", 1 }, { "TCP_CA_CWR", 2 }, { "TCP_MAXSEG", 2 },
	{ "TCP_NLA_RWND_LIMITED", 2 }, { "TCP_SEND_QUEUE", 2 }, { "TCP_CORK", 3 }, { "TCP_NLA_SNDBUF_LIMITED", 3 },
	{ "TCP_KEEPIDLE", 4 }, { "TCP_NLA_DATA_SEGS_OUT", 4 }, { "TCP_KEEPINTVL", 5 }, { "TCP_NLA_TOTAL_RETRANS", 5 },
	{ "TCP_KEEPCNT", 6 }, { "TCP_NLA_PACING_RATE", 6 }, { "TCP_NLA_DELIVERY_RATE", 7 }, { "TCP_SYNCNT", 7 },
	{ "TCP_LINGER2", 8 }, { "TCP_NLA_SND_CWND", 8 }, { "TCP_DEFER_ACCEPT", 9 }, { "TCP_NLA_REORDERING", 9 },
	{ "TCP_NLA_MIN_RTT", 10 }, { "TCP_WINDOW_CLAMP", 10 }, { "TCP_INFO", 11 }, { "TCP_NLA_RECUR_RETRANS", 11 },
	{ "TCP_NLA_DELIVERY_RATE_APP_LMT", 12 }, { "TCP_QUICKACK", 12 }, { "TCP_CONGESTION", 13 },
	{ "TCP_NLA_SNDQ_SIZE", 13 }, { "TCP_MD5SIG", 14 }, { "TCP_NLA_CA_STATE", 14 }, { "TCP_NLA_SND_SSTHRESH", 15 },
	{ "TCP_NLA_DELIVERED", 16 }, { "TCP_THIN_LINEAR_TIMEOUTS", 16 }, { "TCP_NLA_DELIVERED_CE", 17 },
	{ "TCP_THIN_DUPACK", 17 }, { "TCP_NLA_BYTES_SENT", 18 }, { "TCP_USER_TIMEOUT", 18 },
	{ "TCP_NLA_BYTES_RETRANS", 19 }, { "TCP_REPAIR", 19 }, { "TCP_NLA_DSACK_DUPS", 20 }, { "TCP_REPAIR_QUEUE", 20 },
	{ "TCP_NLA_REORD_SEEN", 21 }, { "TCP_QUEUE_SEQ", 21 }, { "TCP_NLA_SRTT", 22 }, { "TCP_REPAIR_OPTIONS", 22 },
	{ "TCP_FASTOPEN", 23 }, { "TCP_NLA_TIMEOUT_REHASH", 23 }, { "TCP_NLA_BYTES_NOTSENT", 24 }, { "TCP_TIMESTAMP", 24 },
	{ "TCP_NLA_EDT", 25 }, { "TCP_NOTSENT_LOWAT", 25 }, { "TCP_CC_INFO", 26 }, { "TCP_NLA_TTL", 26 },
	{ "TCP_SAVE_SYN", 27 }, { "TCP_SAVED_SYN", 28 }, { "TCP_REPAIR_WINDOW", 29 }, { "TCP_FASTOPEN_CONNECT", 30 },
	{ "TCP_ULP", 31 }, { "TCP_FASTOPEN_KEY", 33 }, { "TCP_FASTOPEN_NO_COOKIE", 34 }, { "TCP_ZEROCOPY_RECEIVE", 35 },
	{ "TCP_CM_INQ", 36 }, { "TCP_INQ", 36 }, { "TCP_TX_DELAY", 37 },

	/* TCP_, newer */
	{ "TCP_AO_ADD_KEY", 38 }, { "TCP_AO_DEL_KEY", 39 }, { "TCP_AO_INFO", 40 }, { "TCP_AO_GET_KEYS", 41 },
	{ "TCP_AO_REPAIR", 42 }, { "TCP_IS_MPTCP", 43 }, { "TCP_RTO_MAX_MS", 44 },
	{ "TCP_RTO_MIN_US", 45 }, { "TCP_DELACK_MAX_US", 46 }, { "TCP_COOKIE_TRANSACTIONS", 15 }, { "TCP_MD5SIG_FLAG_PREFIX", 1 },
	{ "TCP_MD5SIG_FLAG_IFINDEX", 2 }, { "TCP_MD5SIG_MAXKEYLEN", 80 }, { "TCP_MD5SIG_EXT", 32 },

	/* TCP states */
	{ "TCP_ESTABLISHED", 1 }, { "TCP_SYN_SENT", 2 }, { "TCP_SYN_RECV", 3 }, { "TCP_FIN_WAIT1", 4 },
	{ "TCP_FIN_WAIT2", 5 }, { "TCP_TIME_WAIT", 6 }, { "TCP_CLOSE", 7 }, { "TCP_CLOSE_WAIT", 8 }, { "TCP_LAST_ACK", 9 },
	{ "TCP_LISTEN", 10 }, { "TCP_CLOSING", 11 }, { "TCP_NEW_SYN_RECV", 12 }, { "TCP_CA_Open", 0 },
	{ "TCP_CA_Disorder", 1 }, { "TCP_CA_Recovery", 3 }, { "TCP_CA_Loss", 4 },

	/* UDP_ */
	{ "UDP_CORK", 1 }, { "UDP_ENCAP_ESPINUDP_NON_IKE", 1 }, { "UDP_ENCAP_ESPINUDP", 2 }, { "UDP_ENCAP_L2TPINUDP", 3 },
	{ "UDP_ENCAP_GTP0", 4 }, { "UDP_ENCAP_GTP1U", 5 }, { "UDP_ENCAP_RXRPC", 6 }, { "UDP_ENCAP", 100 },
	{ "UDP_NO_CHECK6_TX", 101 }, { "UDP_NO_CHECK6_RX", 102 }, { "UDP_SEGMENT", 103 }, { "UDP_GRO", 104 },

	/* IP_ */
	{ "IP_PMTUDISC_DONT", 0 }, { "IP_DEFAULT_MULTICAST_LOOP", 1 }, { "IP_DEFAULT_MULTICAST_TTL", 1 },
	{ "IP_PMTUDISC_WANT", 1 }, { "IP_TOS", 1 }, { "IP_PMTUDISC_DO", 2 }, { "IP_TTL", 2 }, { "IP_HDRINCL", 3 },
	{ "IP_PMTUDISC_PROBE", 3 }, { "IP_OPTIONS", 4 }, { "IP_PMTUDISC_INTERFACE", 4 }, { "IP_PMTUDISC_OMIT", 5 },
	{ "IP_ROUTER_ALERT", 5 }, { "IP_RECVOPTS", 6 }, { "IP_RECVRETOPTS", 7 }, { "IP_RETOPTS", 7 }, { "IP_PKTINFO", 8 },
	{ "IP_PKTOPTIONS", 9 }, { "IP_MTU_DISCOVER", 10 }, { "IP_PMTUDISC", 10 }, { "IP_RECVERR", 11 },
	{ "IP_RECVTTL", 12 }, { "IP_RECVTOS", 13 }, { "IP_MTU", 14 }, { "IP_FREEBIND", 15 }, { "IP_IPSEC_POLICY", 16 },
	{ "IP_XFRM_POLICY", 17 }, { "IP_PASSSEC", 18 }, { "IP_TRANSPARENT", 19 }, { "IP_MAX_MEMBERSHIPS", 20 },
	{ "IP_ORIGDSTADDR", 20 }, { "IP_RECVORIGDSTADDR", 20 }, { "IP_MINTTL", 21 }, { "IP_NODEFRAG", 22 },
	{ "IP_CHECKSUM", 23 }, { "IP_BIND_ADDRESS_NO_PORT", 24 }, { "IP_RECVFRAGSIZE", 25 }, { "IP_RECVERR_RFC4884", 26 },
	{ "IP_MULTICAST_IF", 32 }, { "IP_MULTICAST_TTL", 33 }, { "IP_MULTICAST_LOOP", 34 }, { "IP_ADD_MEMBERSHIP", 35 },
	{ "IP_DROP_MEMBERSHIP", 36 }, { "IP_UNBLOCK_SOURCE", 37 }, { "IP_BLOCK_SOURCE", 38 },
	{ "IP_ADD_SOURCE_MEMBERSHIP", 39 }, { "IP_DROP_SOURCE_MEMBERSHIP", 40 }, { "IP_MULTICAST_ALL", 49 },
	{ "IP_UNICAST_IF", 50 },

	/* IPV6_ */
	{ "IPV6_PMTUDISC_DONT", 0 }, { "IPV6_RTHDR_LOOSE", 0 }, { "IPV6_RTHDR_TYPE_0", 0 }, { "IPV6_ADDRFORM", 1 },
	{ "IPV6_PMTUDISC_WANT", 1 }, { "IPV6_RTHDR_STRICT", 1 }, { "IPV6_2292PKTINFO", 2 }, { "IPV6_PMTUDISC_DO", 2 },
	{ "IPV6_2292HOPOPTS", 3 }, { "IPV6_PMTUDISC_PROBE", 3 }, { "IPV6_2292DSTOPTS", 4 },
	{ "IPV6_PMTUDISC_INTERFACE", 4 }, { "IPV6_2292RTHDR", 5 }, { "IPV6_PMTUDISC_OMIT", 5 },
	{ "IPV6_2292PKTOPTIONS", 6 }, { "IPV6_CHECKSUM", 7 }, { "IPV6_2292HOPLIMIT", 8 }, { "IPV6_NEXTHOP", 9 },
	{ "IPV6_AUTHHDR", 10 }, { "IPV6_UNICAST_HOPS", 16 }, { "IPV6_MULTICAST_IF", 17 }, { "IPV6_MULTICAST_HOPS", 18 },
	{ "IPV6_MULTICAST_LOOP", 19 }, { "IPV6_ADD_MEMBERSHIP", 20 }, { "IPV6_JOIN_GROUP", 20 },
	{ "IPV6_DROP_MEMBERSHIP", 21 }, { "IPV6_LEAVE_GROUP", 21 }, { "IPV6_ROUTER_ALERT", 22 },
	{ "IPV6_MTU_DISCOVER", 23 }, { "IPV6_MTU", 24 }, { "IPV6_RECVERR", 25 }, { "IPV6_V6ONLY", 26 },
	{ "IPV6_JOIN_ANYCAST", 27 }, { "IPV6_LEAVE_ANYCAST", 28 }, { "IPV6_MULTICAST_ALL", 29 },
	{ "IPV6_ROUTER_ALERT_ISOLATE", 30 }, { "IPV6_RECVERR_RFC4884", 31 }, { "IPV6_IPSEC_POLICY", 34 },
	{ "IPV6_XFRM_POLICY", 35 }, { "IPV6_HDRINCL", 36 }, { "IPV6_RECVPKTINFO", 49 }, { "IPV6_PKTINFO", 50 },
	{ "IPV6_RECVHOPLIMIT", 51 }, { "IPV6_HOPLIMIT", 52 }, { "IPV6_RECVHOPOPTS", 53 }, { "IPV6_HOPOPTS", 54 },
	{ "IPV6_RXHOPOPTS", 54 }, { "IPV6_RTHDRDSTOPTS", 55 }, { "IPV6_RECVRTHDR", 56 }, { "IPV6_RTHDR", 57 },
	{ "IPV6_RECVDSTOPTS", 58 }, { "IPV6_DSTOPTS", 59 }, { "IPV6_RXDSTOPTS", 59 }, { "IPV6_RECVPATHMTU", 60 },
	{ "IPV6_PATHMTU", 61 }, { "IPV6_DONTFRAG", 62 }, { "IPV6_RECVTCLASS", 66 }, { "IPV6_TCLASS", 67 },
	{ "IPV6_FLOWINFO", 11 }, { "IPV6_FLOWLABEL_MGR", 32 }, { "IPV6_FLOWINFO_SEND", 33 },
	{ "IPV6_AUTOFLOWLABEL", 70 }, { "IPV6_ADDR_PREFERENCES", 72 }, { "IPV6_MINHOPCOUNT", 73 },
	{ "IPV6_ORIGDSTADDR", 74 }, { "IPV6_RECVORIGDSTADDR", 74 }, { "IPV6_TRANSPARENT", 75 }, { "IPV6_UNICAST_IF", 76 },
	{ "IPV6_RECVFRAGSIZE", 77 }, { "IPV6_FREEBIND", 78 },

	/* cmsg names of packetdrill, here for IPv4 */

	/* shutdown, messages */
	{ "SHUT_RD", 0 }, { "SHUT_WR", 1 }, { "SHUT_RDWR", 2 }, { "MSG_OOB", 1 }, { "MSG_PEEK", 2 }, { "MSG_DONTROUTE", 4 },
	{ "MSG_TRYHARD", 4 }, { "MSG_CTRUNC", 8 }, { "MSG_PROXY", 16 }, { "MSG_TRUNC", 32 }, { "MSG_DONTWAIT", 64 },
	{ "MSG_EOR", 128 }, { "MSG_WAITALL", 256 }, { "MSG_FIN", 512 }, { "MSG_SYN", 0x400 }, { "MSG_CONFIRM", 0x800 },
	{ "MSG_RST", 0x1000 }, { "MSG_ERRQUEUE", 0x2000 }, { "MSG_NOSIGNAL", 0x4000 }, { "MSG_MORE", 0x8000 },
	{ "MSG_WAITFORONE", 0x10000 }, { "MSG_BATCH", 0x40000 }, { "MSG_ZEROCOPY", 0x4000000 },
	{ "MSG_FASTOPEN", 0x20000000 }, { "MSG_CMSG_CLOEXEC", 0x40000000 }, { "MSG_SPLICE_PAGES", 0x8000000 },
	{ "MSG_SOCK_DEVMEM", 0x2000000 },

	/* files */
	{ "O_RDONLY", 0 }, { "O_WRONLY", 1 }, { "O_RDWR", 2 }, { "O_ACCMODE", 3 }, { "O_CREAT", 64 }, { "O_EXCL", 128 },
	{ "O_NOCTTY", 256 }, { "O_TRUNC", 512 }, { "O_APPEND", 0x400 }, { "O_NDELAY", 0x800 }, { "O_NONBLOCK", 0x800 },
	{ "O_DSYNC", 0x1000 }, { "O_ASYNC", 0x2000 }, { "O_DIRECT", 0x4000 }, { "O_DIRECTORY", 0x10000 },
	{ "O_NOFOLLOW", 0x20000 }, { "O_NOATIME", 0x40000 }, { "O_CLOEXEC", 0x80000 }, { "O_FSYNC", 0x101000 },
	{ "O_RSYNC", 0x101000 }, { "O_SYNC", 0x101000 }, { "O_PATH", 0x200000 }, { "O_TMPFILE", 0x410000 },
	{ "F_DUPFD", 0 }, { "F_OWNER_TID", 0 }, { "F_RDLCK", 0 }, { "F_GETFD", 1 }, { "F_OWNER_PID", 1 },
	{ "F_SEAL_SEAL", 1 }, { "F_WRLCK", 1 }, { "F_OWNER_GID", 2 }, { "F_OWNER_PGRP", 2 }, { "F_SEAL_SHRINK", 2 },
	{ "F_SETFD", 2 }, { "F_UNLCK", 2 }, { "F_GETFL", 3 }, { "F_SEAL_GROW", 4 }, { "F_SETFL", 4 }, { "F_GETLK", 5 },
	{ "F_GETLK64", 5 }, { "F_SETLK", 6 }, { "F_SETLK64", 6 }, { "F_SETLKW", 7 }, { "F_SETLKW64", 7 },
	{ "F_SEAL_WRITE", 8 }, { "F_SETOWN", 8 }, { "F_GETOWN", 9 }, { "F_SETSIG", 10 }, { "F_GETSIG", 11 },
	{ "F_SETOWN_EX", 15 }, { "F_GETOWN_EX", 16 }, { "F_SEAL_FUTURE_WRITE", 16 }, { "F_OFD_GETLK", 36 },
	{ "F_OFD_SETLK", 37 }, { "F_OFD_SETLKW", 38 }, { "F_SETLEASE", 0x400 }, { "F_GETLEASE", 0x401 },
	{ "F_NOTIFY", 0x402 }, { "F_DUPFD_CLOEXEC", 0x406 }, { "F_SETPIPE_SZ", 0x407 }, { "F_GETPIPE_SZ", 0x408 },
	{ "F_ADD_SEALS", 0x409 }, { "F_GET_SEALS", 0x40a }, { "F_GET_RW_HINT", 0x40b }, { "F_SET_RW_HINT", 0x40c },
	{ "F_GET_FILE_RW_HINT", 0x40d }, { "F_SET_FILE_RW_HINT", 0x40e }, { "FD_CLOEXEC", 1 }, { "SPLICE_F_MOVE", 1 },
	{ "SPLICE_F_NONBLOCK", 2 }, { "SPLICE_F_MORE", 4 }, { "SPLICE_F_GIFT", 8 }, { "FIONREAD", 0x541b },
	{ "FIONBIO", 0x5421 }, { "FIONCLEX", 0x5450 }, { "FIOCLEX", 0x5451 }, { "FIOASYNC", 0x5452 }, { "SIOCINQ", 0x541b },
	{ "SIOCOUTQ", 0x5411 }, { "SIOCOUTQNSD", 0x894b }, { "SIOCATMARK", 0x8905 }, { "SIOCGSTAMP", 0x8906 },
	{ "SIOCGSTAMPNS", 0x8907 }, { "SEEK_SET", 0 }, { "SEEK_CUR", 1 }, { "SEEK_END", 2 }, { "S_IRUSR", 256 },
	{ "S_IWUSR", 128 }, { "S_IXUSR", 64 }, { "S_IRWXU", 448 }, { "S_IRGRP", 32 }, { "S_IWGRP", 16 }, { "S_IXGRP", 8 },
	{ "S_IRWXG", 56 }, { "S_IROTH", 4 }, { "S_IWOTH", 2 }, { "S_IXOTH", 1 }, { "S_IRWXO", 7 },
	{ "O_LARGEFILE", 0x8000 },

	/* poll and epoll */
	{ "POLLIN", 1 }, { "POLLPRI", 2 }, { "POLLOUT", 4 }, { "POLLERR", 8 }, { "POLLHUP", 16 }, { "POLLNVAL", 32 },
	{ "POLLRDNORM", 64 }, { "POLLRDBAND", 128 }, { "POLLWRNORM", 256 }, { "POLLWRBAND", 512 }, { "POLLMSG", 0x400 },
	{ "POLLREMOVE", 0x1000 }, { "POLLRDHUP", 0x2000 }, { "EPOLLIN", 1 }, { "EPOLL_CTL_ADD", 1 }, { "EPOLLPRI", 2 },
	{ "EPOLL_CTL_DEL", 2 }, { "EPOLL_CTL_MOD", 3 }, { "EPOLLOUT", 4 }, { "EPOLLERR", 8 }, { "EPOLLHUP", 16 },
	{ "EPOLLRDNORM", 64 }, { "EPOLLRDBAND", 128 }, { "EPOLLWRNORM", 256 }, { "EPOLLWRBAND", 512 },
	{ "EPOLLMSG", 0x400 }, { "EPOLLRDHUP", 0x2000 }, { "EPOLL_CLOEXEC", 0x80000 }, { "EPOLLEXCLUSIVE", 0x10000000 },
	{ "EPOLLWAKEUP", 0x20000000 }, { "EPOLLONESHOT", 0x40000000 }, { "EPOLLET", 0x80000000 },

	/* timestamping */
	{ "SOF_TIMESTAMPING_TX_HARDWARE", 1 }, { "SOF_TXTIME_DEADLINE_MODE", 1 }, { "SOF_TIMESTAMPING_TX_SOFTWARE", 2 },
	{ "SOF_TXTIME_REPORT_ERRORS", 2 }, { "SOF_TIMESTAMPING_RX_HARDWARE", 4 }, { "SOF_TIMESTAMPING_RX_SOFTWARE", 8 },
	{ "SOF_TIMESTAMPING_SOFTWARE", 16 }, { "SOF_TIMESTAMPING_SYS_HARDWARE", 32 },
	{ "SOF_TIMESTAMPING_RAW_HARDWARE", 64 }, { "SOF_TIMESTAMPING_OPT_ID", 128 }, { "SOF_TIMESTAMPING_TX_SCHED", 256 },
	{ "SOF_TIMESTAMPING_TX_ACK", 512 }, { "SOF_TIMESTAMPING_TX_RECORD_MASK", 771 },
	{ "SOF_TIMESTAMPING_OPT_CMSG", 0x400 }, { "SOF_TIMESTAMPING_OPT_TSONLY", 0x800 },
	{ "SOF_TIMESTAMPING_OPT_STATS", 0x1000 }, { "SOF_TIMESTAMPING_OPT_PKTINFO", 0x2000 },
	{ "SOF_TIMESTAMPING_OPT_TX_SWHW", 0x4000 }, { "SOF_TIMESTAMPING_BIND_PHC", 0x8000 },
	{ "SOF_TIMESTAMPING_OPT_ID_TCP", 0x10000 }, { "SOF_TIMESTAMPING_OPT_RX_FILTER", 0x20000 },

	/* congestion, tos */
	{ "IPTOS_LOWDELAY", 16 }, { "IPTOS_THROUGHPUT", 8 }, { "IPTOS_RELIABILITY", 4 }, { "IPTOS_ECN_MASK", 3 },
	{ "IPTOS_ECN_NOT_ECT", 0 }, { "IPTOS_ECN_ECT1", 1 }, { "IPTOS_ECN_ECT0", 2 }, { "IPTOS_ECN_CE", 3 },

	/* others */
	{ "NULL", 0 }, { "EXIT_SUCCESS", 0 }, { "UIO_MAXIOV", 0x400 },
};

static const struct symbol errnos[] = {
	{ "EPERM", 1 }, { "ENOENT", 2 }, { "ESRCH", 3 }, { "EINTR", 4 }, { "EIO", 5 }, { "ENXIO", 6 }, { "E2BIG", 7 },
	{ "ENOEXEC", 8 }, { "EBADF", 9 }, { "ECHILD", 10 }, { "EAGAIN", 11 }, { "EWOULDBLOCK", 11 }, { "ENOMEM", 12 },
	{ "EACCES", 13 }, { "EFAULT", 14 }, { "ENOTBLK", 15 }, { "EBUSY", 16 }, { "EEXIST", 17 }, { "EXDEV", 18 },
	{ "ENODEV", 19 }, { "ENOTDIR", 20 }, { "EISDIR", 21 }, { "EINVAL", 22 }, { "ENFILE", 23 }, { "EMFILE", 24 },
	{ "ENOTTY", 25 }, { "ETXTBSY", 26 }, { "EFBIG", 27 }, { "ENOSPC", 28 }, { "ESPIPE", 29 }, { "EROFS", 30 },
	{ "EMLINK", 31 }, { "EPIPE", 32 }, { "EDOM", 33 }, { "ERANGE", 34 }, { "EDEADLK", 35 }, { "EDEADLOCK", 35 },
	{ "ENAMETOOLONG", 36 }, { "ENOLCK", 37 }, { "ENOSYS", 38 }, { "ENOTEMPTY", 39 }, { "ELOOP", 40 }, { "ENOMSG", 42 },
	{ "EIDRM", 43 }, { "ECHRNG", 44 }, { "EL2NSYNC", 45 }, { "EL3HLT", 46 }, { "EL3RST", 47 }, { "ELNRNG", 48 },
	{ "EUNATCH", 49 }, { "ENOCSI", 50 }, { "EL2HLT", 51 }, { "EBADE", 52 }, { "EBADR", 53 }, { "EXFULL", 54 },
	{ "ENOANO", 55 }, { "EBADRQC", 56 }, { "EBADSLT", 57 }, { "EBFONT", 59 }, { "ENOSTR", 60 }, { "ENODATA", 61 },
	{ "ETIME", 62 }, { "ENOSR", 63 }, { "ENONET", 64 }, { "ENOPKG", 65 }, { "EREMOTE", 66 }, { "ENOLINK", 67 },
	{ "EADV", 68 }, { "ESRMNT", 69 }, { "ECOMM", 70 }, { "EPROTO", 71 }, { "EMULTIHOP", 72 }, { "EDOTDOT", 73 },
	{ "EBADMSG", 74 }, { "EOVERFLOW", 75 }, { "ENOTUNIQ", 76 }, { "EBADFD", 77 }, { "EREMCHG", 78 }, { "ELIBACC", 79 },
	{ "ELIBBAD", 80 }, { "ELIBSCN", 81 }, { "ELIBMAX", 82 }, { "ELIBEXEC", 83 }, { "EILSEQ", 84 }, { "ERESTART", 85 },
	{ "ESTRPIPE", 86 }, { "EUSERS", 87 }, { "ENOTSOCK", 88 }, { "EDESTADDRREQ", 89 }, { "EMSGSIZE", 90 },
	{ "EPROTOTYPE", 91 }, { "ENOPROTOOPT", 92 }, { "EPROTONOSUPPORT", 93 }, { "ESOCKTNOSUPPORT", 94 },
	{ "EOPNOTSUPP", 95 }, { "ENOTSUP", 95 }, { "EPFNOSUPPORT", 96 }, { "EAFNOSUPPORT", 97 }, { "EADDRINUSE", 98 },
	{ "EADDRNOTAVAIL", 99 }, { "ENETDOWN", 100 }, { "ENETUNREACH", 101 }, { "ENETRESET", 102 }, { "ECONNABORTED", 103 },
	{ "ECONNRESET", 104 }, { "ENOBUFS", 105 }, { "EISCONN", 106 }, { "ENOTCONN", 107 }, { "ESHUTDOWN", 108 },
	{ "ETOOMANYREFS", 109 }, { "ETIMEDOUT", 110 }, { "ECONNREFUSED", 111 }, { "EHOSTDOWN", 112 },
	{ "EHOSTUNREACH", 113 }, { "EALREADY", 114 }, { "EINPROGRESS", 115 }, { "ESTALE", 116 }, { "EUCLEAN", 117 },
	{ "ENOTNAM", 118 }, { "ENAVAIL", 119 }, { "EISNAM", 120 }, { "EREMOTEIO", 121 }, { "EDQUOT", 122 },
	{ "ENOMEDIUM", 123 }, { "EMEDIUMTYPE", 124 }, { "ECANCELED", 125 }, { "ENOKEY", 126 }, { "EKEYEXPIRED", 127 },
	{ "EKEYREVOKED", 128 }, { "EKEYREJECTED", 129 }, { "EOWNERDEAD", 130 }, { "ENOTRECOVERABLE", 131 },
	{ "ERFKILL", 132 }, { "EHWPOISON", 133 },
	{ "ENOTSUPP", 524 }, /* the kernel's own; some calls let it out */
};

enum { SYMBOL_COUNT = sizeof(symbols) / sizeof(*symbols), ERRNO_COUNT = sizeof(errnos) / sizeof(*errnos) };

static const struct symbol *find(const struct symbol *table, size_t count, const char *name, size_t name_bytes)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(table[i].name, name, name_bytes) == 0 && table[i].name[name_bytes] == '\0')
			return &table[i];
	return NULL;
}

bool symbol_value(const char *name, size_t name_bytes, int64_t *value)
{
	const struct symbol *symbol = find(symbols, SYMBOL_COUNT, name, name_bytes);

	if (!symbol)
		symbol = find(errnos, ERRNO_COUNT, name, name_bytes);
	if (symbol)
		*value = symbol->value;
	return symbol != NULL;
}

int errno_value(const char *name, size_t name_bytes)
{
	const struct symbol *symbol = find(errnos, ERRNO_COUNT, name, name_bytes);

	return symbol ? (int)symbol->value : 0;
}

const char *errno_name(int value)
{
	for (size_t i = 0; i < ERRNO_COUNT; i++)
		if (errnos[i].value == value)
			return errnos[i].name;
	return NULL;
}

bool symbol_at(unsigned n, const char **name, int64_t *value)
{
	const struct symbol *symbol;

	if (n >= SYMBOL_COUNT + ERRNO_COUNT)
		return false;
	symbol = n < SYMBOL_COUNT ? &symbols[n] : &errnos[n - SYMBOL_COUNT];
	*name = symbol->name;
	*value = symbol->value;
	return true;
}
