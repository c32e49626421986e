/* SPDX-License-Identifier: GPL-2.0-or-later
 * tcp_info - the kernel's struct tcp_info as numbers with names; tcp_info.h is the manual
 * Source: include/uapi/linux/tcp.h of 7.2; each release's addition to it stands behind its comment.
 */
#include "tcp_info.h"

#include <string.h>

#define WHOLE(field, kind, offset, width) { field, TCP_INFO_##kind, width, 0, 0, offset }
#define BITS(field, kind, offset, shift, bits) { field, TCP_INFO_##kind, 1, shift, bits, offset }

const struct tcp_info_field tcp_info_fields[] = {
	/* 2.6.32; byte 0 is the state that inet_diag tells too */
	WHOLE(FIELD_CA_STATE, STATE, 1, 1), WHOLE(FIELD_TIMEOUTS, STATE, 2, 1),
	WHOLE(FIELD_PROBES, STATE, 3, 1), WHOLE(FIELD_BACKOFF, STATE, 4, 1),
	WHOLE(FIELD_OPTIONS, STATE, 5, 1),
	BITS(FIELD_SND_WSCALE, COUNT, 6, 0, 4), BITS(FIELD_RCV_WSCALE, COUNT, 6, 4, 4),
	WHOLE(FIELD_RTO_US, STATE, 8, 4), WHOLE(FIELD_ATO_US, STATE, 12, 4),
	WHOLE(FIELD_SND_MSS, STATE, 16, 4), WHOLE(FIELD_RCV_MSS, STATE, 20, 4),
	WHOLE(FIELD_UNACKED, STATE, 24, 4), WHOLE(FIELD_SACKED, STATE, 28, 4),
	WHOLE(FIELD_LOST, STATE, 32, 4), WHOLE(FIELD_RETRANS, STATE, 36, 4), WHOLE(FIELD_FACKETS, COUNT, 40, 4),
	WHOLE(FIELD_LAST_DATA_SENT_MS, AGE, 44, 4), WHOLE(FIELD_LAST_ACK_SENT_MS, AGE, 48, 4),
	WHOLE(FIELD_LAST_DATA_RECV_MS, AGE, 52, 4), WHOLE(FIELD_LAST_ACK_RECV_MS, AGE, 56, 4),
	WHOLE(FIELD_PMTU, COUNT, 60, 4), WHOLE(FIELD_RCV_SSTHRESH, COUNT, 64, 4),
	WHOLE(FIELD_RTT_US, STATE, 68, 4), WHOLE(FIELD_RTTVAR_US, STATE, 72, 4),
	WHOLE(FIELD_SSTHRESH, STATE, 76, 4), WHOLE(FIELD_CWND, STATE, 80, 4),
	WHOLE(FIELD_ADVMSS, COUNT, 84, 4), WHOLE(FIELD_REORDERING, COUNT, 88, 4),
	WHOLE(FIELD_RCV_RTT_US, COUNT, 92, 4), WHOLE(FIELD_RCV_SPACE, COUNT, 96, 4),
	WHOLE(FIELD_TOTAL_RETRANS, STATE, 100, 4),
	/* 3.15 */
	WHOLE(FIELD_PACING_RATE, COUNT, 104, 8), WHOLE(FIELD_MAX_PACING_RATE, COUNT, 112, 8),
	/* 4.1 */
	WHOLE(FIELD_BYTES_ACKED, COUNT, 120, 8), WHOLE(FIELD_BYTES_RECEIVED, COUNT, 128, 8),
	/* 4.2 */
	WHOLE(FIELD_SEGS_OUT, COUNT, 136, 4), WHOLE(FIELD_SEGS_IN, COUNT, 140, 4),
	/* 4.6 */
	WHOLE(FIELD_NOTSENT_BYTES, COUNT, 144, 4), WHOLE(FIELD_MIN_RTT_US, COUNT, 148, 4),
	WHOLE(FIELD_DATA_SEGS_IN, COUNT, 152, 4), WHOLE(FIELD_DATA_SEGS_OUT, COUNT, 156, 4),
	/* 4.9 */
	BITS(FIELD_DELIVERY_RATE_APP_LIMITED, COUNT, 7, 0, 1), WHOLE(FIELD_DELIVERY_RATE, COUNT, 160, 8),
	/* 4.10 */
	WHOLE(FIELD_BUSY_TIME_US, AGE, 168, 8), WHOLE(FIELD_RWND_LIMITED_US, AGE, 176, 8), WHOLE(FIELD_SNDBUF_LIMITED_US, AGE, 184, 8),
	/* 4.18 */
	WHOLE(FIELD_DELIVERED, COUNT, 192, 4), WHOLE(FIELD_DELIVERED_CE, COUNT, 196, 4),
	/* 4.19 */
	WHOLE(FIELD_BYTES_SENT, COUNT, 200, 8), WHOLE(FIELD_BYTES_RETRANS, COUNT, 208, 8),
	WHOLE(FIELD_DSACK_DUPS, COUNT, 216, 4), WHOLE(FIELD_REORD_SEEN, COUNT, 220, 4),
	/* 5.4 */
	WHOLE(FIELD_RCV_OOOPACK, COUNT, 224, 4), WHOLE(FIELD_SND_WND, COUNT, 228, 4),
	/* 5.5 */
	BITS(FIELD_FASTOPEN_CLIENT_FAIL, COUNT, 7, 1, 2),
	/* 6.2 */
	WHOLE(FIELD_RCV_WND, COUNT, 232, 4), WHOLE(FIELD_REHASH, COUNT, 236, 4),
	/* 6.7 */
	WHOLE(FIELD_TOTAL_RTO, COUNT, 240, 2), WHOLE(FIELD_TOTAL_RTO_RECOVERIES, COUNT, 242, 2), WHOLE(FIELD_TOTAL_RTO_TIME_MS, AGE, 244, 4),
	/* 7.2, or a release between that and 6.12 */
	WHOLE(FIELD_RECEIVED_CE, COUNT, 248, 4), WHOLE(FIELD_DELIVERED_E1_BYTES, COUNT, 252, 4),
	WHOLE(FIELD_DELIVERED_E0_BYTES, COUNT, 256, 4), WHOLE(FIELD_DELIVERED_CE_BYTES, COUNT, 260, 4),
	WHOLE(FIELD_RECEIVED_E1_BYTES, COUNT, 264, 4), WHOLE(FIELD_RECEIVED_E0_BYTES, COUNT, 268, 4),
	WHOLE(FIELD_RECEIVED_CE_BYTES, COUNT, 272, 4),
	BITS(FIELD_ECN_MODE, COUNT, 276, 0, 2), BITS(FIELD_ACCECN_OPT_SEEN, COUNT, 276, 2, 2),
	BITS(FIELD_ACCECN_FAIL_MODE, COUNT, 276, 4, 4), WHOLE(FIELD_OPTIONS2, COUNT, 277, 3),
};
const size_t tcp_info_field_count = sizeof(tcp_info_fields) / sizeof(tcp_info_fields[0]);

bool tcp_info_get(const unsigned char *info, size_t info_bytes, const struct tcp_info_field *field, uint64_t *value)
{
	if ((size_t)field->offset + field->width > info_bytes)
		return false;
	*value = 0;
	memcpy(value, info + field->offset, field->width); /* little endian, as all that this format knows */
	if (field->bits)
		*value = *value >> field->shift & ((1u << field->bits) - 1);
	return true;
}
