/* SPDX-License-Identifier: GPL-2.0-or-later
 * diff_view - two captures as a diff sees them: which flow of one is which of the other, and each packet's place in its flow
 * in: two captures, roles of their packets, what is compared; out: struct diff_packet for each packet.
 *
 * Flows pair by what is sent in them, the most alike first; addresses, ports and order only break ties. A flow whose packets have
 * nothing in common with any of the other side's stays alone.
 */
#ifndef FINRIG_DIFF_VIEW_H
#define FINRIG_DIFF_VIEW_H

#include "diff_field.h"
#include "packet_kind.h"

enum { DIFF_NO_FLOW = G_MAXUINT };

struct diff_packet {
	const struct packet *packet;
	enum packet_role role;
	guint flow;          /* number of the pair of flows, or of a flow that is alone; DIFF_NO_FLOW without TCP */
	gboolean forward;    /* from the end that opened the flow */
	gint64 t_ns;         /* since the first packet of the capture */
	gint64 flow_ns;      /* since the first packet of the flow */
	guint key;           /* flow, direction and all that makes it "the same packet": equal for equal ones of both sides */
	guint32 stamp_base[2]; /* first time stamp value of the flow that this packet's direction, the other one sent */
};

struct diff_flow {
	/* Index of the capture's flow, DIFF_NO_FLOW: that side has none. */
	guint a, b;
};

struct diff_view {
	GArray *packets[2];  /* struct diff_packet, in the capture's order */
	GArray *flows;       /* struct diff_flow, in the order of a's flows, then those only b has */
};

/* roles: of packet_roles(). Captures and fields must outlive the view. */
struct diff_view *diff_view_new(const struct capture *const captures[2], GArray *const roles[2], const struct diff_fields *fields);
void diff_view_free(struct diff_view *view);
/* "192.0.2.1:40001 > 192.168.0.1:8080", of the capture's flow with that index, the end that opened it first. Caller frees. */
char *diff_view_flow_text(const struct diff_view *view, guint side, guint flow);

typedef struct diff_view diff_view_t;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(diff_view_t, diff_view_free)

#endif
