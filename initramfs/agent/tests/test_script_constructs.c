/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_script_constructs - what scripts for packetdrill say, form by form: each parses, and prints to what parses to the same
 * Each line is a script of its own. The forms are those of the public suite and the kernel's selftests; the lines are ours.
 */
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "tap.h"

static const char *const constructs[] = {
	/* options */
	"--ip_version=ipv4", "--ip_version=ipv6", "--ip_version=ipv4-mapped-ipv6", "--ip_version=ipv6 --mtu=1280\n--mss=1220",
	"--local_ip=192.168.0.1\n--gateway_ip=192.168.0.2\n--netmask_ip=255.255.0.0\n--remote_ip=192.0.2.1",
	"--local_ip=fd00::1\n--remote_ip=fd00:1::1\n--gateway_ip=fd00::2",
	"--tolerance_usecs=10000", "--tolerance_percent=2", "--tcp_ts_tick_usecs=1000", "--tcp_ts_ecr_scaled", "--send_omit_free",
	"--strict_segments", "--non_fatal=packet", "--non_fatal=packet,syscall", "--init_scripts=setup.sh", "--is_anyip",
	"--bind_port=8081 --connect_port=8082", "--speed=10Gbps", "--verbose", "--code_command=/usr/bin/python",
	"--define=COOKIE=3021b9d889017eeb\n+0 > S 0:0(0) <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 8,FO COOKIE,nop,nop>",
	"-DWINDOW=1000\n+0 < . 1:1(0) ack 1 win WINDOW", "-D LEVEL=SOL_IP\n0 f({cmsg_level=LEVEL}) = 0",
	"--define=LENGTH=1000\n0 write(4, ..., LENGTH) = LENGTH", "--define=CC=\"reno\"\n0 f(3, SOL_TCP, TCP_CONGESTION, CC, 4) = 0",

	/* times */
	"0 close(3) = 0", "0.000 close(3) = 0", "+0 close(3) = 0", "+0.000 close(3) = 0", "+.1 < . 1:1(0) ack 1 win 257",
	"*  > . 1:1(0) ack 1", "+0~+0.1 > . 1:1(0) ack 1", "+.2~+.3 > F. 1:1(0) ack 1", "1.2~1.300 > . 1:1(0) ack 1",
	"0.0...0.1 connect(3, ..., ...) = 0", "+0...0.200 read(4, ..., 1000) = 1000", "0...0.3 accept(3, ..., ...) = 4",
	"+0.1...0.3 write(4, ..., 1000) = 1000", "10.5 close(3) = 0",

	/* commands and code */
	"`../common/defaults.sh`", "`../../common/defaults.sh\n../common/set_sysctls.py /proc/sys/net/ipv4/tcp_sack=0`",
	"0 `sysctl -q net.ipv4.tcp_timestamps=0`", "+0 `ip tcp_metrics flush all > /dev/null 2>&1; ss -ant | grep -q ESTAB`",
	"0 `sysctl -q net.ipv4.tcp_sack=0\n   sysctl -q net.ipv4.tcp_dsack=0`\n+0 close(3) = 0\n`sysctl -q net.ipv4.tcp_sack=1`",
	"+0 `nstat | grep TcpExtTCPLossProbes | awk '{ exit $2 != 1 }'`",
	"+0 %{ assert tcpi_reordering == 3, tcpi_reordering }%", "+.1 %{ print(tcpi_snd_cwnd) }%", "+0 %{\nimport os\nassert tcpi_rto == 200000\n}%",
	"+0 %{ assert (tcpi_options & TCPI_OPT_SYN_DATA) != 0, 'options %x' % tcpi_options }%",
	"0 close(3) = 0 // end\n# whole line\n/* some */ +0 close(4) = 0 /* more\n * lines */",

	/* calls */
	"0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3", "0 socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3",
	"0 socket(..., SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP) = 3", "+0 bind(3, ..., ...) = 0", "+0 listen(3, 1) = 0",
	"+0 accept4(3, ..., ..., SOCK_NONBLOCK) = 4", "+0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)",
	"+0 bind(3, {sa_family = AF_INET, sin_port = htons(1234), sin_addr = inet_addr(\"192.168.0.1\")}, ...) = 0",
	"+0 connect(3, {sa_family=AF_UNSPEC}, 16) = 0",
	"+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"reno\", 4) = 0", "+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
	"+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0",
	"+0 setsockopt(3, SOL_SOCKET, SO_RCVTIMEO, {tv_sec=0, tv_usec=100000}, 16) = 0",
	"+0 setsockopt(3, IPPROTO_IP, IP_MTU_DISCOVER, [IP_PMTUDISC_DONT], 1) = 0", "+0 setsockopt(3, IPPROTO_IPV6, IPV6_V6ONLY, [0], 4) = 0",
	"+0 setsockopt(4, SOL_SOCKET, SO_TIMESTAMPING, [SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_ACK |\n   SOF_TIMESTAMPING_SOFTWARE], 4) = 0",
	"+0 setsockopt(4, SOL_TCP, TCP_FASTOPEN_KEY, \"\\x00\\x11\\x22\\x33\", 4) = 0", "+0 setsockopt(4, SOL_TCP, TCP_INQ, [1], 4) = 0",
	"+0 setsockopt(4, SOL_SOCKET, SO_MAX_PACING_RATE, [1000000], 4) = 0", "+0 setsockopt(4, SOL_TCP, TCP_NOTSENT_LOWAT, [5000], 4) = 0",
	"+0 setsockopt(3, SOL_TCP, TCP_USER_TIMEOUT, [3000], 4) = 0", "+0 setsockopt(3, SOL_IP, IP_FREEBIND, [1], 4) = 0",
	"+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [ETIMEDOUT], [4]) = 0", "+0 getsockopt(3, SOL_SOCKET, SO_ERROR, [0], [4]) = 0",
	"+0 getsockopt(3, SOL_TCP, TCP_CONGESTION, \"cubic\", [16]) = 0", "+0 getsockopt(3, SOL_TCP, TCP_MAXSEG, [1012], [4]) = 0",
	"+0 getsockopt(4, SOL_SOCKET, SO_PEEK_OFF, ..., ...) = 0",
	"+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)", "+0 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0", "+0 fcntl(3, F_SETFL, O_RDWR | O_NONBLOCK) = 0",
	"+0 ioctl(4, SIOCINQ, [1000]) = 0", "+0 ioctl(4, FIONREAD, [0]) = 0", "+0 ioctl(4, SIOCOUTQ, [5]) = 0",
	"+0 read(4, ..., 1000) = 1000", "+0 read(4, \"abc\", 3) = 3", "+0 write(4, \"a\"..., 1000) = 1000", "+0 readv(4, [{..., 5}, {..., 6}], 2) = 11",
	"+0 writev(4, [{..., 1000}, {\"ab\", 2}], 2) = 1002", "+0 recv(4, ..., 10, MSG_PEEK|MSG_DONTWAIT) = 10",
	"+0 recvfrom(4, ..., 10, 0, ..., ...) = 10", "+0 send(4, ..., 10, MSG_OOB) = 10", "+0 send(4, ..., 10, MSG_NOSIGNAL) = -1 EPIPE (Broken pipe)",
	"+0 sendto(3, ..., 1000, MSG_FASTOPEN, ..., ...) = -1 EINPROGRESS (Operation now in progress)",
	"+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 4000}], msg_flags=0}, MSG_ZEROCOPY) = 4000",
	"+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 20}], msg_flags=0,\n   msg_control=[{cmsg_level=SOL_SOCKET, cmsg_type=SO_TIMESTAMPING, cmsg_data=16}]}, 0) = 30",
	"+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE|MSG_TRUNC, msg_control=[\n"
	"     {cmsg_level=SOL_SOCKET, cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0, scm_nsec=10000000}},\n"
	"     {cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, cmsg_data={ee_errno=ENOMSG, ee_origin=SO_EE_ORIGIN_TIMESTAMPING,\n"
	"      ee_type=0, ee_code=0, ee_info=SCM_TSTAMP_SCHED, ee_data=0}}]}, MSG_ERRQUEUE) = 0",
	"+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 0}], msg_flags=MSG_ERRQUEUE, msg_control=[\n"
	"     {cmsg_level=CMSG_LEVEL_IP, cmsg_type=CMSG_TYPE_RECVERR, cmsg_data={ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY,\n"
	"      ee_type=0, ee_code=SO_EE_CODE_ZEROCOPY_COPIED, ee_info=0, ee_data=1}}]}, MSG_ERRQUEUE) = 0",
	"+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}], msg_flags=0, msg_control=[\n"
	"     {cmsg_level=SOL_TCP, cmsg_type=TCP_CM_INQ, cmsg_data=10}, {cmsg_level=SOL_IPV6, cmsg_type=IPV6_TCLASS, cmsg_data=[2]},\n"
	"     {cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=64}]}, 0) = 10",
	"+0 poll([{fd=3, events=POLLIN|POLLOUT, revents=POLLOUT}], 1, 0) = 1", "+0...0.1 poll([{fd=4, events=POLLERR, revents=POLLERR}], 1, 100) = 1",
	"+0 epoll_create(1) = 5", "+0 epoll_create1(EPOLL_CLOEXEC) = 5", "+0 epoll_ctl(5, EPOLL_CTL_ADD, 4, {events=EPOLLIN|EPOLLET, fd=4}) = 0",
	"+0 epoll_ctl(5, EPOLL_CTL_MOD, 4, {events=EPOLLOUT, u32=4}) = 0", "+0 epoll_wait(5, {events=EPOLLERR|EPOLLOUT, fd=4}, 1, 0) = 1",
	"+0...0.1 epoll_wait(5, {events=EPOLLIN, ptr=4}, 1, 100) = 1", "+0 epoll_ctl(5, EPOLL_CTL_DEL, 4, NULL) = 0",
	"+0 pipe([5, 6]) = 0", "+0 splice(4, NULL, 6, NULL, 1000, 0) = 1000", "+0 open(\"/dev/null\", O_RDONLY) = 5",
	"+0 sendfile(4, 5, [0], 1000) = 1000", "+0 sendfile(4, 5, NULL, 10) = 10", "+0 dup(4) = 5", "+0 dup2(4, 9) = 9",
	"+0 shutdown(4, SHUT_RD) = 0", "+0 shutdown(4, SHUT_RDWR) = -1 ENOTCONN (Transport endpoint is not connected)",
	"+0 close(4) = *", "+0 read(4, ..., 10) = ...", "+0 write(4, ..., 1) = -1 ECONNRESET",

	/* TCP packets */
	"+0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,nop,nop,wscale 7>", "+0 > S. 0:0(0) ack 1 <...>", "+0 > S. 0:0(0) ack 1 win 65535 <mss 1460>",
	"+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8,FO abcd1234,nop,nop>",
	"+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8,FO,nop,nop>",
	"+0 > S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 8,FOEXP,nop,nop,nop,nop>",
	"+0 < S. 0:0(0) ack 1 win 100 <mss 1000,FOEXP 0123456789abcdef>",
	"+0 < . 1:1(0) ack 1 win 257 <nop,nop,sack 1:1001 2001:3001>", "+0 < . 5:5(0) ack 1 win 257 <nop,nop,sack 2001:3001>",
	"+0 > . 1:1(0) ack 1 <nop,nop,TS val 200 ecr 100>", "+0 > P. 1:1001(1000) ack 1 <nop,nop,TS val 1 ecr 2>", "+0 > FP. 1:1001(1000) ack 1",
	"+0 > R 1:1(0)", "+0 > R. 1:1(0) ack 1", "+0 < R. 1:1(0) ack 1 win 0", "+0 < P. 1:11(10) ack 1 win 257 urg 1", "+0 < U. 1:2(1) ack 1 win 9 urg 1",
	"+0 > [noecn] SEW 0:0(0) <...>", "+0 > [ect0] P. 1:1001(1000) ack 1", "+0 < [ce] P. 1:1001(1000) ack 1 win 5", "+0 > [ect01] . 1:1(0) ack 1",
	"+0 > SEWA 0:0(0) <...>", "+0 > S.EA 0:0(0) ack 1 <...>", "+0 > [ect0] EAP. 1:1001(1000) ack 1", "+0 < .W 1:1(0) ack 1 win 5", "+0 > WA. 1:1(0) ack 1",
	"+0 < .5 1:1(0) ack 1 win 5", "+0 > S.4 0:0(0) ack 1", "+0 > S7 0:0(0)", "+0 > P.3 1:1001(1000) ack 1", "+0 > 5. 1:1(0) ack 1", "+0 > 2P. 1:2(1) ack 1",
	"+0 > . 1:1(0) ack 1 <ECN e1b 1 ceb 0 e0b 1,nop>", "+0 > . 1:1(0) ack 1 <ECN e0b 1 ceb 2 e1b 3,nop>", "+0 < . 1:1(0) ack 1 win 5 <nop,ECN e1b 1,nop,nop>",
	"+0 > (flowlabel 0x1) . 1:1(0)", "+0 > (flowlabel 0x1) P. 1:1001(1000) ack 1", "+0 > [flowlabel 0x1] . 1:1(0)", "+0 > [tos 0x10] . 1:1(0) ack 1",
	"+0 < [ttl 5] . 1:1(0) ack 1 win 5", "+0 > [ect0, ttl 64] . 1:1(0) ack 1", "+0 > [ect0,flowlabel 0x2] . 1:1(0) ack 1",
	"+0 > 8080 > 53753 . 1:1(0) ack 1", "+0 < 53753 > 8080 S 0:0(0) win 5", "+0 < . 4294967295:4294967295(0) ack 1 win 5",
	"+0 sendto(5, NULL, 500, MSG_FASTOPEN, ..., ...) = -1 EFAULT (Bad address)", "+0 sendmsg(4, {msg_name(...)=..., msg_iov(0)=[], msg_flags=0}, 0) = 0",
	"+0 sendmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 400}], msg_flags=0}, MSG_EOR) = 400",
	"+0 < - 1:1(0) ack 1 win 5", "+0 > . 1:1(0) ack 1 <md5 000102030405060708090a0b0c0d0e0f,nop,nop>", "+0 > S 0:0(0) <mss 1460,eol,eol,eol,eol>",
	"+0 > . ack 1", "+0 > F.", "+0 > S. 0:0(0) ack 1 <mss 1460,nop,wscale 6,\n   nop,nop,sackOK>",

	/* others */
	"+0 < udp (1000)", "+0 > udp (0)", "+0 > [ect0] udp (10)", "+0 < 53753 > 8080 udp (10)",
	"+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]", "+0 < icmp unreachable host_unreachable [1:1(0)]",
	"+0 < icmp unreachable port_unreachable [udp (8)]", "+0 < icmp time_exceeded ttl_exceeded [1:1(0)]", "+0 < icmp source_quench [1:1(0)]",
	"+0 < icmp unreachable net_unreachable [1:1461(1460)]", "+0 < icmp unreachable source_route_failed [1:1461(1460)]",
	"+0 < icmp unreachable net_unknown [1:1461(1460)]", "+0 < icmp unreachable host_unknown [1:1461(1460)]",
	"+0 < icmp unreachable source_host_isolated [1:1461(1460)]", "+0 < icmp unreachable net_prohibited [1:1461(1460)]",
	"+0 < icmp unreachable host_prohibited [1:1461(1460)]", "+0 < icmp unreachable net_unreachable_for_tos [1:1461(1460)]",
	"+0 < icmp unreachable host_unreachable_for_tos [1:1461(1460)]", "+0 < icmp unreachable packet_filtered [1:1461(1460)]",
	"+0 < icmp unreachable precedence_violation [1:1461(1460)]", "+0 < icmp unreachable precedence_cutoff [1:1461(1460)]",
	"+0 < icmpv6 unreachable no_route [1:1461(1460)]", "+0 < icmpv6 unreachable admin_prohibited [1:1461(1460)]",
	"+0 < icmpv6 unreachable not_neighbour [1:1461(1460)]", "+0 < icmpv6 unreachable port_unreachable [1:1461(1460)]",
	"+0 < icmp unreachable protocol_unreachable [1:1461(1460)]", "+0 < icmpv6 packet_too_big mtu 1280 [1:1461(1460)]",
	"+0 < icmpv6 unreachable address_unreachable [1:1(0)]", "+0 > icmp echo_request id 5 (56)", "+0 < icmp echo_reply id 5 (56)",

	/* headers around */
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: . 1:1(0) ack 1 win 5", "+0 > ipv6 fd00::1 > fd00:1::1: . 1:1(0) ack 1",
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: gre: . 1:1(0) ack 1 win 5", "+0 > ipv4 192.168.0.1 > 192.0.2.1: ipv6 fd00::1 > fd00:1::1: udp (10)",
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: gre: mpls (label 5, tc 0, ttl 62) (label 6, tc 0, [S], ttl 62): . 1:1(0) ack 1 win 5",
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: gre flags [key present, sequence present], key 0x5, seq 0x1: . 1:1(0) ack 1 win 5",
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: gre flags [none]: . 1:1(0) ack 1 win 5",
	"+0 < ipv4 192.0.2.1 > 192.168.0.1: gre flags [checksum present], sum 0x1234, off 0x0: . 1:1(0) ack 1 win 5",
};

static char *print(const struct script *script)
{
	char *text = NULL;
	size_t text_bytes;
	FILE *out = open_memstream(&text, &text_bytes);

	script_print(script, out);
	fclose(out);
	return text;
}

static void test_construct(const char *text)
{
	struct script_error error = { 0 };
	struct script *script = script_parse("test.pkt", text, strlen(text), &error), *again;
	char name[64], *first, *second;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, "\n"), text);
	if (!tap_ok(script != NULL, "reads %s", name)) {
		printf("# %u:%u: %s\n", error.line, error.column, error.message);
		return;
	}
	first = print(script);
	again = script_parse("test.pkt", first, strlen(first), &error);
	second = again ? print(again) : NULL;
	if (!second || strcmp(first, second) != 0)
		tap_ok(false, "%s prints to what reads the same: %s, then %s", name, first, second ? second : error.message);
	script_free(script);
	script_free(again);
	free(first);
	free(second);
}

int main(void)
{
	for (size_t i = 0; i < sizeof(constructs) / sizeof(*constructs); i++)
		test_construct(constructs[i]);
	return tap_done();
}
