/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diag - inet_diag's answers, written down byte by byte: of an old kernel, of a new one, and damaged; then this kernel's
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "tap.h"

enum {
	HEADER = 16, MESSAGE = 72, SEQUENCE = 7, ANSWER_TYPE = 18, ERROR_TYPE = 2,
	/* struct inet_diag_msg behind the netlink header */
	AT_STATE = HEADER + 1, AT_TIMER = HEADER + 2, AT_RETRANS = HEADER + 3, AT_DPORT = HEADER + 6, AT_EXPIRES = HEADER + 52,
	AT_WQUEUE = HEADER + 60,
	ATTRIBUTE_MEMINFO = 1, ATTRIBUTE_INFO = 2, ATTRIBUTE_CONG = 4, ATTRIBUTE_SKMEMINFO = 7,
	INFO_2_6_32_BYTES = 104, INFO_6_12_BYTES = 248, INFO_RTO = 8, INFO_BACKOFF = 4, INFO_TOTAL_RETRANS = 100,
};

static unsigned char answer[1024];
static size_t answer_bytes;

static void put32(size_t at, uint32_t value)
{
	memcpy(answer + at, &value, 4); /* netlink is in the host's order, and the host is little endian as x86 is */
}

static void finish(void)
{
	put32(0, (uint32_t)answer_bytes);
}

static void begin(uint16_t type, size_t bytes)
{
	memset(answer, 0, sizeof(answer));
	memcpy(answer + 4, &type, 2);
	put32(8, SEQUENCE);
	answer_bytes = HEADER + bytes;
	finish();
}

static void begin_socket(uint8_t state, uint8_t timer, uint32_t expires_ms)
{
	begin(ANSWER_TYPE, MESSAGE);
	answer[HEADER] = AF_INET;
	answer[AT_STATE] = state;
	answer[AT_TIMER] = timer;
	answer[AT_RETRANS] = 3;
	answer[AT_DPORT] = 1;
	put32(AT_EXPIRES, expires_ms);
	put32(AT_WQUEUE, 1);
}

/* Returns where the attribute's data begins. */
static size_t add(uint16_t type, uint16_t bytes)
{
	uint16_t length = (uint16_t)(4 + bytes);
	size_t data = answer_bytes + 4;

	memcpy(answer + answer_bytes, &length, 2);
	memcpy(answer + answer_bytes + 2, &type, 2);
	answer_bytes += (length + 3U) & ~3U;
	finish();
	return data;
}

static int64_t value_of(const struct diag_sample *sample, enum record_field_id field)
{
	for (size_t i = 0; i < sample->value_count; i++)
		if (sample->values[i].field == field)
			return sample->values[i].value;
	return -1;
}

/* Parses a copy of exact size. */
static enum diag_answer parse(struct diag_sample *sample, size_t bytes, int *error)
{
	unsigned char *copy = malloc(bytes ? bytes : 1);
	enum diag_answer result;

	memcpy(copy, answer, bytes);
	result = diag_parse(copy, bytes, SEQUENCE, sample, error);
	free(copy);
	return result;
}

static void make_closing(uint16_t info_bytes)
{
	size_t at;

	begin_socket(DIAG_CLOSING, 1, 4000);
	at = add(ATTRIBUTE_MEMINFO, 16);
	put32(at + 12, 2304);
	at = add(ATTRIBUTE_INFO, info_bytes);
	answer[at + INFO_BACKOFF] = 4;
	put32(at + INFO_RTO, 4000000);
	put32(at + INFO_TOTAL_RETRANS, 9);
	at = add(ATTRIBUTE_CONG, 6);
	memcpy(answer + at, "cubic", 6);
}

static void test_old(void)
{
	struct diag_sample sample;
	int error;

	make_closing(INFO_2_6_32_BYTES);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND, "an answer as 2.6.32 gives it");
	tap_ok(sample.state == DIAG_CLOSING && sample.timer == 1 && sample.has_timer_ms && sample.timer_ms == 4000 && sample.retransmits == 3,
	       "state and timer");
	tap_ok(value_of(&sample, FIELD_TMEM) == 2304 && value_of(&sample, FIELD_RTO_US) == 4000000 && value_of(&sample, FIELD_BACKOFF) == 4
	       && value_of(&sample, FIELD_TOTAL_RETRANS) == 9 && value_of(&sample, FIELD_WQUEUE) == 1, "memory and tcp_info");
	tap_ok(value_of(&sample, FIELD_SNDBUF) == -1, "what the kernel does not tell is not there");
	tap_ok(strcmp(sample.congestion, "cubic") == 0, "congestion control");
}

static void test_new(void)
{
	struct diag_sample sample, other;
	size_t at;
	int error;

	make_closing(INFO_6_12_BYTES);
	at = add(ATTRIBUTE_SKMEMINFO, 36);
	put32(at + 12, 87040);
	put32(at + 32, 5);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND && value_of(&sample, FIELD_SNDBUF) == 87040
	       && value_of(&sample, FIELD_DROPS) == 5, "a longer one of a newer kernel");
	put32(AT_EXPIRES, 3999);
	parse(&other, answer_bytes, &error);
	tap_ok(diag_same(&sample, &other) && other.timer_ms == 3999, "a timer that runs down is no change");
	answer[AT_RETRANS] = 4;
	parse(&other, answer_bytes, &error);
	tap_ok(!diag_same(&sample, &other), "a retransmission is one");
	make_closing(40);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND && value_of(&sample, FIELD_RTO_US) == 4000000
	       && value_of(&sample, FIELD_TOTAL_RETRANS) == -1, "a short tcp_info gives fewer fields");
}

static void test_absent(void)
{
	struct diag_sample sample;
	int error = 0;

	begin(ERROR_TYPE, 20);
	put32(HEADER, (uint32_t)-ENOENT);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_ABSENT, "ENOENT: no such socket");
	put32(HEADER, (uint32_t)-EPERM);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FAILED && error == EPERM, "another error is told");
	begin_socket(DIAG_LISTEN, 0, 0);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_LISTENER, "only a listener is left");
	begin_socket(DIAG_TIME_WAIT, 3, 59999);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND && sample.state == DIAG_TIME_WAIT && sample.timer_ms == 59999, "TIME_WAIT is found");
}

static void test_overdue(void)
{
	/* (2^64 - 5 jiffies) in ms, cut to 32 bits, at HZ 1000, 250 and 100 */
	static const uint32_t values[] = { 0, 1271310319, 790273982, 4123168604 };
	struct diag_sample sample;
	int error;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		begin_socket(DIAG_CLOSING, 1, values[i]);
		tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND && !sample.has_timer_ms, "%u ms left means overdue", values[i]);
	}
}

static void test_damaged(void)
{
	struct diag_sample sample;
	bool right = true;
	int error;

	make_closing(INFO_6_12_BYTES);
	for (size_t length = 0; length < answer_bytes; length++)
		right = right && parse(&sample, length, &error) == DIAG_FAILED;
	tap_ok(right, "cut at every byte: refused");
	for (size_t length = 0; length < answer_bytes; length++) {
		put32(0, (uint32_t)length);
		parse(&sample, answer_bytes, &error);
	}
	tap_ok(true, "every length in the header: nothing worse than refused");
	finish();
	answer[8] = SEQUENCE + 1;
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FAILED, "an answer to another question");
	make_closing(INFO_6_12_BYTES);
	for (unsigned value = 0; value < 256; value++)
		for (size_t at = HEADER + MESSAGE; at < answer_bytes; at++) {
			unsigned char old = answer[at];

			answer[at] = (unsigned char)value;
			parse(&sample, answer_bytes, &error);
			answer[at] = old;
		}
	tap_ok(true, "every byte of the attributes with every value: nothing worse than refused");
}

static void test_live(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) }, own = { 0 };
	struct diag_key key = { .version = 4 };
	socklen_t length = sizeof(address);
	struct diag_sample sample;
	int fd = diag_open(), listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), error;

	if (fd < 0) {
		tap_skip("this kernel's own answer", strerror(errno));
		return;
	}
	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1)
	    || getsockname(listener, (struct sockaddr *)&address, &length) || connect(client, (struct sockaddr *)&address, length)
	    || getsockname(client, (struct sockaddr *)&own, &length)) {
		tap_skip("this kernel's own answer", "no loopback device");
		return;
	}
	memcpy(key.local, &own.sin_addr, 4);
	memcpy(key.remote, &address.sin_addr, 4);
	key.local_port = ntohs(own.sin_port);
	key.remote_port = ntohs(address.sin_port);
	tap_ok(diag_query(fd, &key, &sample, &error) == DIAG_FOUND && sample.state == DIAG_ESTABLISHED && value_of(&sample, FIELD_RTO_US) > 0
	       && value_of(&sample, FIELD_SNDBUF) > 0, "a socket of this kernel");
	key.remote_port ^= 1;
	tap_ok(diag_query(fd, &key, &sample, &error) == DIAG_ABSENT, "and one that is not");
	close(client);
	close(listener);
	close(fd);
}

int main(void)
{
	test_old();
	test_new();
	test_absent();
	test_overdue();
	test_damaged();
	test_live();
	return tap_done();
}
