/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture_read - any pcap file as packets: ours, tcpdump's of a real machine
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <string.h>

#include "error.h"

enum {
	ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_VLAN = 0x8100, ETHERTYPE_QINQ = 0x88a8,
	COOKED_OUTGOING = 4, NS_PER_S = 1000000000,
};

/* Each: where the IP header begins, or -1 for a packet that is not IP. */
static gssize ip_if(guint ethertype, gssize offset_bytes)
{
	return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6 ? offset_bytes : -1;
}

static guint get_be16(const guint8 *from)
{
	return (guint)from[0] << 8 | from[1];
}

/* at: the Ethernet type, which VLAN tags may precede. */
static gssize tagged_ip(const guint8 *data, gsize bytes, gsize at)
{
	while (at + 4 < bytes && (get_be16(data + at) == ETHERTYPE_VLAN || get_be16(data + at) == ETHERTYPE_QINQ))
		at += 4;
	return at + 2 <= bytes ? ip_if(get_be16(data + at), (gssize)at + 2) : -1;
}

static gssize ethernet_ip(const guint8 *data, gsize bytes, enum packet_side *side)
{
	(void)side;
	return tagged_ip(data, bytes, 12);
}

static gssize raw_ip(const guint8 *data, gsize bytes, enum packet_side *side)
{
	(void)data, (void)bytes, (void)side;
	return 0;
}

/* Four bytes of address family, in whatever order the writer had: the IP header's own version decides. */
static gssize loopback_ip(const guint8 *data, gsize bytes, enum packet_side *side)
{
	(void)data, (void)side;
	return bytes > 4 ? 4 : -1;
}

static gssize cooked_ip(const guint8 *data, gsize bytes, enum packet_side *side)
{
	if (bytes < 16)
		return -1;
	*side = get_be16(data) == COOKED_OUTGOING ? PACKET_OUT : PACKET_IN;
	return tagged_ip(data, bytes, 14);
}

static gssize cooked2_ip(const guint8 *data, gsize bytes, enum packet_side *side)
{
	if (bytes < 20)
		return -1;
	*side = data[10] == COOKED_OUTGOING ? PACKET_OUT : PACKET_IN;
	/* The header has the type in front; of a tagged packet the rest of the tag stands behind the header. */
	if (get_be16(data) == ETHERTYPE_VLAN || get_be16(data) == ETHERTYPE_QINQ)
		return tagged_ip(data, bytes, 22);
	return ip_if(get_be16(data), 20);
}

static const struct link_type {
	int value;
	gssize (*ip)(const guint8 *data, gsize bytes, enum packet_side *side);
} link_types[] = {
	{ DLT_EN10MB, ethernet_ip }, { DLT_RAW, raw_ip }, { DLT_IPV4, raw_ip }, { DLT_IPV6, raw_ip },
	{ DLT_NULL, loopback_ip }, { DLT_LOOP, loopback_ip }, { DLT_LINUX_SLL, cooked_ip }, { DLT_LINUX_SLL2, cooked2_ip },
};

static const struct link_type *link_type(int value)
{
	for (gsize i = 0; i < G_N_ELEMENTS(link_types); i++)
		if (link_types[i].value == value)
			return &link_types[i];
	return NULL;
}

static void add_packet(struct capture *capture, const struct link_type *type, const struct pcap_pkthdr *header, const guint8 *data)
{
	struct packet *packet = g_new0(struct packet, 1);
	gint64 stamp_ns = (gint64)header->ts.tv_sec * NS_PER_S + header->ts.tv_usec;
	gssize offset_bytes;

	if (capture->packets->len == 0)
		capture->first_ns = stamp_ns;
	packet->t_ns = stamp_ns - capture->first_ns;
	packet->number = capture->packets->len + 1;
	packet->side = PACKET_SIDE_UNKNOWN;
	offset_bytes = type->ip(data, header->caplen, &packet->side);
	packet->wire_bytes = header->len - (guint)MIN(MAX(offset_bytes, 0), header->len);
	if (offset_bytes >= 0 && offset_bytes <= header->caplen)
		packet_decode(packet, data + offset_bytes, header->caplen - (gsize)offset_bytes);
	capture->sided = packet->side != PACKET_SIDE_UNKNOWN;
	g_ptr_array_add(capture->packets, packet);
}

/* What libpcap says ends the capture there, wherever in the record it found it. */
static gboolean read_packets(struct capture *capture, pcap_t *pcap, GError **error)
{
	const struct link_type *type = link_type(pcap_datalink(pcap));
	struct pcap_pkthdr *header;
	const guint8 *data;
	gint64 record_byte;
	int status;

	if (!type) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE,
			    "link type %s: expected Ethernet, raw IP, loopback or Linux cooked", pcap_datalink_val_to_name(pcap_datalink(pcap)));
		return FALSE;
	}
	for (;;) {
		record_byte = ftello(pcap_file(pcap));
		status = pcap_next_ex(pcap, &header, &data);
		if (status != 1)
			break;
		add_packet(capture, type, header, data);
	}
	if (status == PCAP_ERROR)
		capture->damage = g_strdup_printf("byte %" G_GINT64_FORMAT ", after %u packets: %s", record_byte, capture->packets->len,
						  pcap_geterr(pcap));
	return TRUE;
}

static gint by_time(gconstpointer a, gconstpointer b)
{
	const struct packet *left = *(struct packet *const *)a, *right = *(struct packet *const *)b;

	if (left->t_ns != right->t_ns)
		return left->t_ns < right->t_ns ? -1 : 1;
	return left->number < right->number ? -1 : 1;
}

/* A FIN for either end of every flow: [from_first]. */
static guint *count_fins(const struct capture *capture)
{
	guint *fins = g_new0(guint, 2 * (gsize)capture->flow_count + 1);

	for (guint i = 0; i < capture->packets->len; i++) {
		const struct packet *packet = g_ptr_array_index(capture->packets, i);

		if (packet->tcp && (packet->flags & PACKET_FIN))
			fins[2 * packet->flow + packet->from_first]++;
	}
	return fins;
}

/* One end for the whole capture, so that facts of one kernel are not mixed with the other's: the sender of most FINs in one
 * flow; without any FIN the sender of the first packet. */
static void choose_side(struct capture *capture)
{
	g_autofree guint *fins = count_fins(capture);
	const struct packet *chosen = NULL;
	guint most = 0;

	for (guint i = 0; i < capture->packets->len; i++) {
		const struct packet *packet = g_ptr_array_index(capture->packets, i);

		if (packet->tcp && (!chosen || fins[2 * packet->flow + packet->from_first] > most)) {
			chosen = packet;
			most = fins[2 * packet->flow + packet->from_first];
		}
	}
	if (!chosen)
		return;
	for (guint i = 0; i < capture->packets->len; i++) {
		struct packet *packet = g_ptr_array_index(capture->packets, i);
		gboolean ours = packet->tcp && memcmp(packet->source, chosen->source, sizeof(packet->source)) == 0 &&
				(most == 0 || packet->flow != chosen->flow || packet->from_first == chosen->from_first);

		packet->side = ours ? PACKET_OUT : PACKET_IN;
	}
	g_autofree char *source = packet_source_text(chosen);
	capture->side_text = g_strdup_printf(most ? "%s (sent most FINs: %u)" : "%s (sent the first packet)", source, most);
}

static void finish(struct capture *capture)
{
	g_autoptr(flows_t) flows = flows_new();

	g_ptr_array_sort(capture->packets, by_time);
	for (guint i = 0; i < capture->packets->len; i++)
		flows_add(flows, g_ptr_array_index(capture->packets, i));
	capture->flow_count = flows_count(flows);
	if (!capture->sided)
		choose_side(capture);
}

struct capture *capture_salvage(const char *path, GError **error)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	g_autoptr(capture_t) capture = g_new0(struct capture, 1);
	gboolean done;

	capture->packets = g_ptr_array_new_with_free_func(g_free);
	if (!pcap) {
		g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s", path, why);
		return NULL;
	}
	done = read_packets(capture, pcap, error);
	pcap_close(pcap);
	if (!done) {
		g_prefix_error(error, "%s: ", path);
		return NULL;
	}
	finish(capture);
	return g_steal_pointer(&capture);
}

struct capture *capture_read(const char *path, GError **error)
{
	g_autoptr(capture_t) capture = capture_salvage(path, error);

	if (!capture || !capture->damage)
		return g_steal_pointer(&capture);
	g_set_error(error, FINRIG_ERROR, FINRIG_ERROR_USAGE, "%s: %s", path, capture->damage);
	return NULL;
}

void capture_free(struct capture *capture)
{
	if (!capture)
		return;
	g_ptr_array_unref(capture->packets);
	g_free(capture->side_text);
	g_free(capture->damage);
	g_free(capture);
}
