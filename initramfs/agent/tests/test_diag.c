/* SPDX-License-Identifier: GPL-2.0-or-later
 * test_diag - inet_diag's answers, written down byte by byte: of an old kernel, of a new one, and damaged; then this kernel's
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <stddef.h>
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
	INFO_2_6_32_BYTES = 104, INFO_6_12_BYTES = 248, INFO_7_2_BYTES = 280, INFO_RTO = 8, INFO_BACKOFF = 4, INFO_TOTAL_RETRANS = 100,
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
	for (size_t i = 0; i < tcp_info_field_count; i++) {
		uint64_t value;

		if (tcp_info_fields[i].field == field && tcp_info_get(sample->info, sample->info_bytes, &tcp_info_fields[i], &value))
			return (int64_t)value;
	}
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
	tap_ok(diag_compare(&sample, &other) == DIAG_SAME && other.timer_ms == 3999, "a timer that runs down is no change");
	answer[AT_RETRANS] = 4;
	parse(&other, answer_bytes, &error);
	tap_ok(diag_compare(&sample, &other) == DIAG_MOVED, "a retransmission is one");
	make_closing(40);
	tap_ok(parse(&sample, answer_bytes, &error) == DIAG_FOUND && value_of(&sample, FIELD_RTO_US) == 4000000
	       && value_of(&sample, FIELD_TOTAL_RETRANS) == -1, "a short tcp_info gives fewer fields");
}

/* Each field is where linux/tcp.h has it, as far as this host's has it. */
static void test_places(void)
{
#define AT(field, member) { field, offsetof(struct tcp_info, tcpi_##member), sizeof(((struct tcp_info *)0)->tcpi_##member) }
	static const struct { uint8_t field; size_t offset, width; } places[] = {
		AT(FIELD_TIMEOUTS, retransmits), AT(FIELD_LAST_DATA_SENT_MS, last_data_sent), AT(FIELD_LAST_ACK_RECV_MS, last_ack_recv),
		AT(FIELD_PMTU, pmtu), AT(FIELD_RTT_US, rtt), AT(FIELD_ADVMSS, advmss), AT(FIELD_RCV_SPACE, rcv_space),
		AT(FIELD_TOTAL_RETRANS, total_retrans), AT(FIELD_MAX_PACING_RATE, max_pacing_rate), AT(FIELD_BYTES_RECEIVED, bytes_received),
		AT(FIELD_SEGS_IN, segs_in), AT(FIELD_MIN_RTT_US, min_rtt), AT(FIELD_DATA_SEGS_OUT, data_segs_out), AT(FIELD_DELIVERY_RATE, delivery_rate),
		AT(FIELD_SNDBUF_LIMITED_US, sndbuf_limited), AT(FIELD_DELIVERED_CE, delivered_ce), AT(FIELD_BYTES_RETRANS, bytes_retrans),
		AT(FIELD_REORD_SEEN, reord_seen), AT(FIELD_RCV_OOOPACK, rcv_ooopack), AT(FIELD_SND_WND, snd_wnd),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		bool right = false;

		for (size_t j = 0; j < tcp_info_field_count; j++)
			right = right || (tcp_info_fields[j].field == places[i].field && tcp_info_fields[j].offset == places[i].offset
					  && tcp_info_fields[j].width == places[i].width);
		tap_ok(right, "place of %s", record_field_name(places[i].field));
	}
}

/* Every byte of the struct belongs to one field at most, and to one at least but for byte 0. */
static void test_table(void)
{
	unsigned char bits[TCP_INFO_KNOWN_BYTES] = { 0 };
	bool once = true, all = true;

	for (size_t i = 0; i < tcp_info_field_count; i++) {
		const struct tcp_info_field *field = &tcp_info_fields[i];

		for (unsigned j = 0; j < field->width; j++) {
			unsigned char mine = field->bits ? (unsigned char)(((1u << field->bits) - 1) << field->shift) : 0xff;

			once = once && !(bits[field->offset + j] & mine);
			bits[field->offset + j] |= mine;
		}
	}
	for (size_t i = 1; i < sizeof(bits); i++)
		all = all && bits[i] == (i == 7 ? 0x07 : 0xff);
	tap_ok(once, "no two fields of struct tcp_info overlap");
	tap_ok(all, "and none of its bytes is left out");
}

static void test_bit_fields(void)
{
	struct diag_sample sample;
	size_t at;
	int error;

	begin_socket(DIAG_ESTABLISHED, 0, 0);
	at = add(ATTRIBUTE_INFO, INFO_7_2_BYTES);
	answer[at + 6] = 0x97;
	answer[at + 7] = 0xfd;
	memset(answer + at + 112, 0xff, 8);
	put32(at + 244, 1234);
	put32(at + 276, 0x01020349);
	parse(&sample, answer_bytes, &error);
	tap_ok(value_of(&sample, FIELD_SND_WSCALE) == 7 && value_of(&sample, FIELD_RCV_WSCALE) == 9, "window scales");
	tap_ok(value_of(&sample, FIELD_DELIVERY_RATE_APP_LIMITED) == 1 && value_of(&sample, FIELD_FASTOPEN_CLIENT_FAIL) == 2, "single bits");
	tap_ok(value_of(&sample, FIELD_TOTAL_RTO_TIME_MS) == 1234, "the last word of 6.12");
	tap_ok(value_of(&sample, FIELD_ECN_MODE) == 1 && value_of(&sample, FIELD_ACCECN_OPT_SEEN) == 2 && value_of(&sample, FIELD_ACCECN_FAIL_MODE) == 4
	       && value_of(&sample, FIELD_OPTIONS2) == 0x010203, "that of 7.2");
}

static void test_changes(void)
{
	static const struct { size_t at; enum diag_change change; const char *what; } words[] = {
		{ 44, DIAG_SAME, "time since data was sent" }, { 168, DIAG_SAME, "time it was busy" }, { 244, DIAG_SAME, "time since a timeout" },
		{ 140, DIAG_COUNTED, "a segment that came in" }, { 200, DIAG_COUNTED, "bytes sent" }, { 260, DIAG_COUNTED, "a word without a name" },
		{ 24, DIAG_MOVED, "something unacknowledged" }, { 4, DIAG_MOVED, "a backoff" },
	};
	enum { LONGER = 264 };
	struct diag_sample sample, other;
	int error;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t at;

		begin_socket(DIAG_CLOSING, 1, 4000);
		at = add(ATTRIBUTE_INFO, LONGER);
		parse(&sample, answer_bytes, &error);
		answer[at + words[i].at]++;
		parse(&other, answer_bytes, &error);
		tap_ok(diag_compare(&sample, &other) == words[i].change, "%s: %s", words[i].what,
		       words[i].change == DIAG_SAME ? "no change" : words[i].change == DIAG_MOVED ? "the socket went on" : "counted");
	}
}

/* As given: so a kernel's future fields are kept too. */
static void test_record(void)
{
	static struct record record;
	struct diag_sample sample;
	struct record_view view;
	struct record_field field;
	const char *why;
	size_t used;
	bool found = false;
	int error;

	begin_socket(DIAG_CLOSING, 1, 4000);
	answer[add(ATTRIBUTE_INFO, 280) + 279] = 7;
	answer[add(5, 1)] = 16;
	answer[add(8, 1)] = 3;
	parse(&sample, answer_bytes, &error);
	tap_ok(value_of(&sample, FIELD_TOS) == 16 && value_of(&sample, FIELD_SHUTDOWN) == 3 && value_of(&sample, FIELD_TCLASS) == -1,
	       "TOS and shutdown");
	record_begin(&record, RECORD_SOCKET, 0);
	diag_record(&sample, &record);
	record_parse(record.bytes, record_end(&record, 0), &view, &used, &why);
	while (record_next_field(&view, &field))
		found = found || (field.id == FIELD_TCP_INFO && field.length_bytes == 280 && field.data[279] == 7);
	tap_ok(found, "struct tcp_info in the record as the kernel gave it");
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
	test_places();
	test_table();
	test_bit_fields();
	test_changes();
	test_record();
	test_absent();
	test_overdue();
	test_damaged();
	test_live();
	return tap_done();
}
