/* SPDX-License-Identifier: GPL-2.0-or-later
 * diag - asks the kernel about one TCP socket; diag.h is the manual
 */
#include "diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	ANSWER_MAX_BYTES = 8192,
	/* Kernels before 3.x gave the time left of an overdue timer as an unsigned number near 2^64 / HZ, cut to 32 bits: 9 days
	 * at HZ=250, more at others. No TCP timer but a keepalive set by hand runs that long. */
	OVERDUE_MS = 7 * 24 * 3600 * 1000,
};

/* Which word of which attribute is which field. */
struct word { uint8_t field, width; uint16_t offset; };
#define WORD(id, type, member) { id, sizeof(((struct type *)0)->member), offsetof(struct type, member) }
#define SKMEM(id, index) { id, 4, (index) * 4 }

static const struct word message_words[] = {
	WORD(FIELD_STATE, inet_diag_msg, idiag_state), WORD(FIELD_TIMER, inet_diag_msg, idiag_timer),
	WORD(FIELD_RETRANSMITS, inet_diag_msg, idiag_retrans), WORD(FIELD_RQUEUE, inet_diag_msg, idiag_rqueue),
	WORD(FIELD_WQUEUE, inet_diag_msg, idiag_wqueue), WORD(FIELD_INODE, inet_diag_msg, idiag_inode),
};
static const struct word meminfo_words[] = {
	WORD(FIELD_RMEM, inet_diag_meminfo, idiag_rmem), WORD(FIELD_WMEM, inet_diag_meminfo, idiag_wmem),
	WORD(FIELD_FMEM, inet_diag_meminfo, idiag_fmem), WORD(FIELD_TMEM, inet_diag_meminfo, idiag_tmem),
};
static const struct word skmeminfo_words[] = {
	SKMEM(FIELD_SNDBUF, SK_MEMINFO_SNDBUF), SKMEM(FIELD_RCVBUF, SK_MEMINFO_RCVBUF), SKMEM(FIELD_OPTMEM, SK_MEMINFO_OPTMEM),
	SKMEM(FIELD_BACKLOG, SK_MEMINFO_BACKLOG), SKMEM(FIELD_DROPS, SK_MEMINFO_DROPS),
};
static const struct word tos_words[] = { { FIELD_TOS, 1, 0 } };
static const struct word tclass_words[] = { { FIELD_TCLASS, 1, 0 } };
static const struct word shutdown_words[] = { { FIELD_SHUTDOWN, 1, 0 } };

#define WORDS(table) table, sizeof(table) / sizeof(table[0])
static const struct { uint16_t attribute; const struct word *words; size_t count; } attributes[] = {
	{ INET_DIAG_MEMINFO, WORDS(meminfo_words) },
	{ INET_DIAG_SKMEMINFO, WORDS(skmeminfo_words) },
	{ INET_DIAG_TOS, WORDS(tos_words) },
	{ INET_DIAG_TCLASS, WORDS(tclass_words) },
	{ INET_DIAG_SHUTDOWN, WORDS(shutdown_words) },
};

/* Bits of struct tcp_info whose change counts: all but the ages, and those of the state alone. What has no name here counts among all. */
static struct masks {
	bool made;
	unsigned char any[TCP_INFO_MAX_BYTES], state[TCP_INFO_MAX_BYTES];
} masks;

static void make_masks(void)
{
	memset(masks.any, 0xff, sizeof(masks.any));
	for (size_t i = 0; i < tcp_info_field_count; i++) {
		const struct tcp_info_field *field = &tcp_info_fields[i];

		if (field->kind == TCP_INFO_STATE)
			memset(masks.state + field->offset, 0xff, field->width);
		else if (field->kind == TCP_INFO_AGE)
			memset(masks.any + field->offset, 0, field->width);
	}
	masks.made = true;
}

static void add_words(struct diag_sample *sample, const struct word *words, size_t count,
		      const unsigned char *data, size_t data_bytes)
{
	for (size_t i = 0; i < count && sample->value_count < DIAG_VALUES_MAX; i++) {
		uint32_t value = 0;

		if ((size_t)words[i].offset + words[i].width > data_bytes)
			continue;
		memcpy(&value, data + words[i].offset, words[i].width);
		sample->values[sample->value_count].field = words[i].field;
		sample->values[sample->value_count++].value = value;
	}
}

static void add_attribute(struct diag_sample *sample, uint16_t attribute, const unsigned char *data, size_t data_bytes)
{
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (attributes[i].attribute == attribute)
			add_words(sample, attributes[i].words, attributes[i].count, data, data_bytes);
	if (attribute == INET_DIAG_INFO) {
		sample->info_bytes = data_bytes < TCP_INFO_MAX_BYTES ? data_bytes : TCP_INFO_MAX_BYTES;
		memcpy(sample->info, data, sample->info_bytes);
	}
	if (attribute == INET_DIAG_CONG)
		memcpy(sample->congestion, data, data_bytes < DIAG_CONGESTION_BYTES ? data_bytes : DIAG_CONGESTION_BYTES - 1);
}

static enum diag_answer parse_socket(const unsigned char *data, size_t data_bytes, struct diag_sample *sample)
{
	struct inet_diag_msg message;

	memset(sample, 0, offsetof(struct diag_sample, info));
	memcpy(&message, data, sizeof(message));
	/* Asked for a connection that is no more, the kernel finds the listener that would take it anew. */
	if (message.idiag_state == DIAG_LISTEN || message.id.idiag_dport == 0)
		return DIAG_LISTENER;
	sample->state = message.idiag_state;
	sample->timer = message.idiag_timer;
	sample->retransmits = message.idiag_retrans;
	sample->has_timer_ms = message.idiag_timer && message.idiag_expires && message.idiag_expires < OVERDUE_MS;
	sample->timer_ms = sample->has_timer_ms ? message.idiag_expires : 0;
	add_words(sample, WORDS(message_words), data, sizeof(message));
	data += NLMSG_ALIGN(sizeof(message));
	data_bytes -= NLMSG_ALIGN(sizeof(message)) < data_bytes ? NLMSG_ALIGN(sizeof(message)) : data_bytes;
	while (data_bytes >= sizeof(struct nlattr)) {
		struct nlattr attribute;
		size_t step;

		memcpy(&attribute, data, sizeof(attribute));
		if (attribute.nla_len < sizeof(attribute) || attribute.nla_len > data_bytes)
			return DIAG_FAILED;
		add_attribute(sample, attribute.nla_type, data + sizeof(attribute), attribute.nla_len - sizeof(attribute));
		step = (size_t)NLA_ALIGN(attribute.nla_len);
		step = step < data_bytes ? step : data_bytes;
		data += step;
		data_bytes -= step;
	}
	return DIAG_FOUND;
}

static enum diag_answer parse_error(const unsigned char *data, size_t data_bytes, int *error)
{
	struct nlmsgerr message;

	if (data_bytes < sizeof(message.error))
		return DIAG_FAILED;
	memcpy(&message.error, data, sizeof(message.error));
	*error = -message.error;
	return *error == ENOENT ? DIAG_ABSENT : DIAG_FAILED;
}

enum diag_answer diag_parse(const void *answer, size_t answer_bytes, uint32_t sequence, struct diag_sample *sample, int *error)
{
	const unsigned char *data = answer;
	struct nlmsghdr header;

	*error = EPROTO;
	if (answer_bytes < sizeof(header))
		return DIAG_FAILED;
	memcpy(&header, data, sizeof(header));
	if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > answer_bytes || header.nlmsg_seq != sequence)
		return DIAG_FAILED;
	data += NLMSG_HDRLEN;
	answer_bytes = header.nlmsg_len - NLMSG_HDRLEN;
	if (header.nlmsg_type == NLMSG_ERROR)
		return parse_error(data, answer_bytes, error);
	if (header.nlmsg_type != TCPDIAG_GETSOCK || answer_bytes < sizeof(struct inet_diag_msg))
		return DIAG_FAILED;
	return parse_socket(data, answer_bytes, sample);
}

struct request {
	struct nlmsghdr header;
	struct inet_diag_req body;
};

static void fill_request(struct request *request, const struct diag_key *key, uint32_t sequence)
{
	size_t address_bytes = key->version == 6 ? 16 : 4;

	*request = (struct request){
		.header = { .nlmsg_len = sizeof(*request), .nlmsg_type = TCPDIAG_GETSOCK, .nlmsg_flags = NLM_F_REQUEST,
			    .nlmsg_seq = sequence },
		.body = {
			.idiag_family = key->version == 6 ? AF_INET6 : AF_INET,
			.idiag_ext = 1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_INFO - 1)
				     | 1 << (INET_DIAG_SKMEMINFO - 1) | 1 << (INET_DIAG_CONG - 1)
				     | 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_TCLASS - 1),
			.id = { .idiag_sport = htons(key->local_port), .idiag_dport = htons(key->remote_port),
				.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE } },
			.idiag_states = ~0U,
		},
	};
	memcpy(request->body.id.idiag_src, key->local, address_bytes);
	memcpy(request->body.id.idiag_dst, key->remote, address_bytes);
}

enum diag_answer diag_query(int fd, const struct diag_key *key, struct diag_sample *sample, int *error)
{
	static uint32_t sequence;
	static unsigned char answer[ANSWER_MAX_BYTES];
	struct request request;
	ssize_t got;

	fill_request(&request, key, ++sequence);
	if (send(fd, &request, sizeof(request), 0) < 0) {
		*error = errno;
		return *error == ENOENT ? DIAG_ABSENT : DIAG_FAILED;
	}
	got = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
	if (got < 0) {
		*error = errno;
		return DIAG_FAILED;
	}
	return diag_parse(answer, (size_t)got, sequence, sample, error);
}

/* Does the kernel know of a socket that listens for certain? */
static bool finds_listener(int fd, int listener)
{
	/* Bound to no address: the loopback device may be down. */
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t length = sizeof(address);
	struct diag_key key = { .version = 4, .remote_port = 1 };
	struct diag_sample sample;
	int error;

	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1)
	    || getsockname(listener, (struct sockaddr *)&address, &length))
		return false;
	key.local[0] = key.remote[0] = IN_LOOPBACKNET;
	key.local_port = ntohs(address.sin_port);
	return diag_query(fd, &key, &sample, &error) == DIAG_LISTENER;
}

int diag_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_INET_DIAG);
	int listener = fd < 0 ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool works = listener >= 0 && finds_listener(fd, listener);
	int error = fd < 0 ? errno : EPROTONOSUPPORT;

	if (listener >= 0)
		close(listener);
	if (works)
		return fd;
	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

static bool same_info(const struct diag_sample *a, const struct diag_sample *b, const unsigned char *mask)
{
	for (size_t i = 0; i < a->info_bytes; i++)
		if ((a->info[i] ^ b->info[i]) & mask[i])
			return false;
	return true;
}

enum diag_change diag_compare(const struct diag_sample *a, const struct diag_sample *b)
{
	if (!masks.made)
		make_masks();
	if (a->value_count != b->value_count || memcmp(a->values, b->values, a->value_count * sizeof(a->values[0]))
	    || strcmp(a->congestion, b->congestion) || a->info_bytes != b->info_bytes || !same_info(a, b, masks.state))
		return DIAG_MOVED;
	return same_info(a, b, masks.any) ? DIAG_SAME : DIAG_COUNTED;
}

void diag_record(const struct diag_sample *sample, struct record *record)
{
	for (size_t i = 0; i < sample->value_count; i++)
		record_uint(record, sample->values[i].field, sample->values[i].value);
	if (sample->has_timer_ms)
		record_uint(record, FIELD_TIMER_MS, sample->timer_ms);
	record_text(record, FIELD_CONGESTION, sample->congestion[0] ? sample->congestion : NULL);
	if (sample->info_bytes)
		record_bytes(record, FIELD_TCP_INFO, sample->info, sample->info_bytes);
}
