/* SPDX-License-Identifier: GPL-2.0-or-later
 * packet_pcap - built packets for another reader to judge (harness/tests/packet_oracle.sh)
 * usage: packet_pcap FILE COUNT   FILE: pcap of raw IP; stdout: a line a packet, what its innermost TCP header says or `-`.
 */
#include <stdlib.h>

#include "packet_options.h"
#include "packet_random.h"

static void put32(FILE *file, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

static void write_head(FILE *file)
{
	enum { VERSION = 2 | 4 << 16, LINKTYPE_RAW = 101 };

	put32(file, 0xa1b2c3d4);
	put32(file, VERSION);
	put32(file, 0);
	put32(file, 0);
	put32(file, PACKET_MAX_BYTES);
	put32(file, LINKTYPE_RAW);
}

static void write_packet(FILE *file, uint32_t number, size_t count)
{
	put32(file, number);
	put32(file, 0);
	put32(file, (uint32_t)count);
	put32(file, (uint32_t)count);
	fwrite(wire, 1, count, file);
}

static void describe(const struct packet *packet)
{
	bool given = packet->given & PACKET_GIVEN_PORTS;

	if (packet->protocol != PACKET_TCP) {
		puts("-");
		return;
	}
	printf("%u %u %u %u 0x%04x %u %u\n", given ? packet->source_port : connection.remote_port,
	       given ? packet->destination_port : connection.local_port, packet->seq, packet->ack, packet->flags,
	       packet->given & PACKET_GIVEN_WIN ? packet->win : PACKET_DEFAULT_WIN, packet->urgent);
}

int main(int argc, char **argv)
{
	FILE *file = argc == 3 ? fopen(argv[1], "wb") : NULL;
	unsigned wanted = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	struct packet_outer outer[PACKET_OUTER_MAX];

	if (!file)
		return 2;
	write_head(file);
	for (unsigned number = 0; number < wanted;) {
		struct packet packet = random_packet();
		const char *why;
		size_t count;

		packet.direction = PACKET_IN;
		packet.ecn &= 3;
		connection = plain_connection(packet.protocol == PACKET_ICMPV6 || (packet.protocol != PACKET_ICMP && random_number(2)) ? 6 : 4);
		random_outer(&packet, outer);
		count = packet_build(&packet, &connection, wire, sizeof(wire), &why);
		if (!count)
			continue;
		write_packet(file, number++, count);
		describe(&packet);
	}
	return fclose(file) != 0;
}
