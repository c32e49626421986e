/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_code - the values for `%{ }%` blocks, and the table of tcp_info's members against this system's header
 */
#include <linux/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call_shape.h"
#include "code.h"
#include "tap.h"

#define SAME(member) { "tcpi_" #member, offsetof(struct tcp_info, tcpi_##member), sizeof(((struct tcp_info *)0)->tcpi_##member) }

static const struct { const char *name; size_t offset, bytes; } known[] = {
	SAME(state), SAME(ca_state), SAME(retransmits), SAME(probes), SAME(backoff), SAME(options), SAME(rto), SAME(ato), SAME(snd_mss),
	SAME(rcv_mss), SAME(unacked), SAME(sacked), SAME(lost), SAME(retrans), SAME(fackets), SAME(last_data_sent), SAME(last_ack_sent),
	SAME(last_data_recv), SAME(last_ack_recv), SAME(pmtu), SAME(rcv_ssthresh), SAME(rtt), SAME(rttvar), SAME(snd_ssthresh),
	SAME(snd_cwnd), SAME(advmss), SAME(reordering), SAME(rcv_rtt), SAME(rcv_space), SAME(total_retrans), SAME(pacing_rate),
	SAME(max_pacing_rate), SAME(bytes_acked), SAME(bytes_received), SAME(segs_out), SAME(segs_in), SAME(notsent_bytes),
	SAME(min_rtt), SAME(data_segs_in), SAME(data_segs_out), SAME(delivery_rate), SAME(busy_time), SAME(rwnd_limited),
	SAME(sndbuf_limited), SAME(delivered), SAME(delivered_ce), SAME(bytes_sent), SAME(bytes_retrans), SAME(dsack_dups),
	SAME(reord_seen), SAME(rcv_ooopack), SAME(snd_wnd),
};

static void test_members(void)
{
	const struct call_shape *shape = call_shape_named("tcp_info");

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct call_member *member = shape->members;

		while (member->name && strcmp(member->name, known[i].name) != 0)
			member++;
		tap_ok(member->name && member->offset == known[i].offset && member->bytes == known[i].bytes, "%s is where the header has it",
		       known[i].name);
	}
}

static void test_shapes(void)
{
	for (const struct call_shape *shape = call_shapes; shape->name; shape++)
		for (const struct call_member *member = shape->members; member->name; member++)
			if ((size_t)member->offset + member->bytes > shape->bytes)
				tap_ok(false, "%s.%s lies in its struct", shape->name, member->name);
	tap_ok(true, "all members lie in their structs");
}

static void test_bits(void)
{
	unsigned char bytes[280] = { [6] = 0x75, [7] = 0x07, [276] = 0x9e };
	const struct call_member *member;
	int64_t sum = 0;

	for (member = call_shape_named("tcp_info")->members; member->name; member++) {
		if (strcmp(member->name, "tcpi_snd_wscale") == 0)
			sum += call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_rcv_wscale") == 0)
			sum += 100 * call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_delivery_rate_app_limited") == 0)
			sum += 10000 * call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_fastopen_client_fail") == 0)
			sum += 1000000 * call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_ecn_mode") == 0)
			sum += 10000000 * call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_accecn_opt_seen") == 0)
			sum += 100000000 * call_member_value(member, bytes);
		if (strcmp(member->name, "tcpi_accecn_fail_mode") == 0)
			sum += 1000000000 * call_member_value(member, bytes);
	}
	tap_ok(sum == 9323010705, "bit fields: %lld", (long long)sum);
}

/* Every line is NAME=NUMBER. */
static bool is_well_formed(const char *text)
{
	while (*text) {
		size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"), digits;

		if (!name || name > 64 || text[name] != '=')
			return false;
		digits = strspn(text + name + 1, "0123456789");
		if (!digits || text[name + 1 + digits] != '\n')
			return false;
		text += name + digits + 2;
	}
	return true;
}

static void test_values(void)
{
	static char text[CODE_VALUES_BYTES];
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	tap_ok(code_values(fd, text) == strlen(text) && is_well_formed(text), "lines of a TCP socket");
	tap_ok(strstr(text, "tcpi_state=7\n") == text, "a socket that is not connected is in CLOSE");
	close(fd);
	tap_ok(code_values(fd, text) == 0 && !text[0], "none of a closed descriptor");
	tap_ok(code_values(-1, text) == 0 && !text[0], "none without a socket");
	fd = dup(0);
	tap_ok(code_values(fd, text) == 0 && !text[0], "none of what is no socket");
	close(fd);
}

int main(void)
{
	test_members();
	test_shapes();
	test_bits();
	test_values();
	return tap_done();
}
