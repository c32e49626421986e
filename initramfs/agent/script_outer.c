/* SPDX-License-Identifier: GPL-2.0-or-later
 * outer headers of a script's packet: `ipv4 192.0.2.1 > 192.168.0.1: gre: mpls (label 5, tc 0, [S], ttl 64): ...`
 */
#include "script_reader.h"

#include <arpa/inet.h>
#include <string.h>

/* Can the header before say that this one follows? */
static bool may_follow(const struct script_reader *reader, enum packet_outer_kind kind)
{
	enum packet_outer_kind before;

	if (kind == PACKET_OUTER_IPV4 || kind == PACKET_OUTER_IPV6)
		return true;
	if (!reader->packet.outer_count)
		return false;
	before = reader->outer[reader->packet.outer_count - 1].kind;
	return before == PACKET_OUTER_IPV4 || before == PACKET_OUTER_IPV6 ||
	       (before == PACKET_OUTER_GRE && kind == PACKET_OUTER_MPLS);
}

static struct packet_outer *push(struct script_reader *reader, enum packet_outer_kind kind, const struct script_location *at)
{
	struct packet_outer *outer;

	if (reader->packet.outer_count == PACKET_OUTER_MAX) {
		script_fail(reader, at, "at most %d headers may stand around a packet", PACKET_OUTER_MAX);
		return NULL;
	}
	if (!may_follow(reader, kind)) {
		script_fail(reader, at, kind == PACKET_OUTER_GRE ? "gre stands behind ipv4 or ipv6"
								 : "mpls stands behind ipv4, ipv6 or gre");
		return NULL;
	}
	outer = &reader->outer[reader->packet.outer_count++];
	*outer = (struct packet_outer){ .kind = kind };
	return outer;
}

static bool read_address(struct script_reader *reader, struct script_token token, enum packet_outer_kind kind,
			 struct packet_address *address, const struct script_location *at)
{
	char text[INET6_ADDRSTRLEN], quoted[160];
	bool v4 = kind == PACKET_OUTER_IPV4;

	script_quote(token.text, token.bytes, quoted, sizeof(quoted));
	if (token.bytes < sizeof(text)) {
		memcpy(text, token.text, token.bytes);
		text[token.bytes] = '\0';
		address->version = v4 ? 4 : 6;
		if (inet_pton(v4 ? AF_INET : AF_INET6, text, address->bytes) == 1)
			return true;
	}
	return script_fail(reader, at, "expected an %s address, found '%s'", v4 ? "IPv4" : "IPv6", quoted);
}

bool script_outer_ip(struct script_reader *reader, enum packet_outer_kind kind, struct script_token source,
		     struct script_token destination, const struct script_location *at)
{
	struct packet_outer *outer = push(reader, kind, at);

	return outer && read_address(reader, source, kind, &outer->source, at) &&
	       read_address(reader, destination, kind, &outer->destination, at);
}

bool script_outer(struct script_reader *reader, enum packet_outer_kind kind, const struct script_location *at)
{
	return push(reader, kind, at) != NULL;
}

bool script_outer_gre_flags(struct script_reader *reader, struct script_token flags, const struct script_location *at)
{
	return script_token_is(flags, "flags") || script_fail(reader, at, "expected 'flags [...]' or ':' behind gre");
}

bool script_outer_gre_flag(struct script_reader *reader, struct script_token flag, const struct script_location *at)
{
	static const struct { const char *name; uint8_t given; } flags[] = {
		{ "none", 0 }, { "checksum", PACKET_GRE_CHECKSUM }, { "key", PACKET_GRE_KEY }, { "sequence", PACKET_GRE_SEQUENCE },
	};
	char quoted[160];

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (script_token_is(flag, flags[i].name)) {
			reader->outer[reader->packet.outer_count - 1].gre.given |= flags[i].given;
			return true;
		}
	}
	script_quote(flag.text, flag.bytes, quoted, sizeof(quoted));
	return script_fail(reader, at, "expected none, 'checksum present', 'key present' or 'sequence present', found '%s'", quoted);
}

bool script_outer_gre_present(struct script_reader *reader, struct script_token present, const struct script_location *at)
{
	return script_token_is(present, "present") || script_fail(reader, at, "expected 'present', ',' or ']'");
}

bool script_outer_gre_field(struct script_reader *reader, struct script_token name, int64_t value,
			    const struct script_location *at)
{
	struct packet_gre *gre = &reader->outer[reader->packet.outer_count - 1].gre;
	bool sum = script_token_is(name, "sum"), offset = script_token_is(name, "off");
	char quoted[160];

	script_quote(name.text, name.bytes, quoted, sizeof(quoted));
	if (value < 0 || value > (sum || offset ? UINT16_MAX : UINT32_MAX))
		return script_fail(reader, at, "%s wants a number of %d bits", quoted, sum || offset ? 16 : 32);
	if (sum) {
		gre->given |= PACKET_GRE_CHECKSUM | PACKET_GRE_SUM;
		gre->sum = (uint16_t)value;
	} else if (offset) {
		gre->given |= PACKET_GRE_CHECKSUM;
		gre->offset = (uint16_t)value;
	} else if (script_token_is(name, "key")) {
		gre->given |= PACKET_GRE_KEY;
		gre->key = (uint32_t)value;
	} else if (script_token_is(name, "seq")) {
		gre->given |= PACKET_GRE_SEQUENCE;
		gre->sequence = (uint32_t)value;
	} else {
		return script_fail(reader, at, "expected sum, off, key or seq, found '%s'", quoted);
	}
	return true;
}

bool script_label_words(struct script_reader *reader, struct script_token label, struct script_token traffic_class,
			struct script_token ttl, const struct script_location *at)
{
	return (script_token_is(label, "label") && script_token_is(traffic_class, "tc") && script_token_is(ttl, "ttl")) ||
	       script_fail(reader, at, "expected '(label N, tc N, ttl N)' with '[S],' before ttl for the bottom of the stack");
}

bool script_outer_label(struct script_reader *reader, int64_t label, int64_t traffic_class, bool bottom, int64_t ttl,
			const struct script_location *at)
{
	struct packet_outer *outer = &reader->outer[reader->packet.outer_count - 1];

	if (outer->label_count == PACKET_LABELS_MAX)
		return script_fail(reader, at, "an MPLS stack has at most %d labels here", PACKET_LABELS_MAX);
	if (label < 0 || label > 0xfffff || traffic_class < 0 || traffic_class > 7 || ttl < 0 || ttl > 255)
		return script_fail(reader, at, "an MPLS label has 20 bits, its tc 3 and its ttl 8");
	outer->labels[outer->label_count++] = (struct packet_label){
		(uint32_t)label, (uint8_t)traffic_class, (uint8_t)ttl, bottom,
	};
	return true;
}
