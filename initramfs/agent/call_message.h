/* SPDX-License-Identifier: GPL-2.0-or-later
 * call_message - iovec, msghdr and control messages as arguments
 *
 *   readv(4, [{..., 1000}, {..., 200}], 2)
 *   recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET,
 *           cmsg_type=SCM_TIMESTAMPING, cmsg_data={scm_sec=0, scm_nsec=100000000}}]}, 0)
 *
 * cmsg_data is a number, [numbers], "text", a struct of call_shape.h, or {scm_sec=, scm_nsec=}: the kernel's own time stamp,
 * in script time, compared within the script's tolerance. cmsg_len is compared and, when sending, may be left out.
 */
#ifndef FINRIG_AGENT_CALL_MESSAGE_H
#define FINRIG_AGENT_CALL_MESSAGE_H

#include "call_run.h"

extern const struct call_kind
	call_iovec_send, call_iovec_receive,     /* the number of them is the argument behind */
	call_message_send, call_message_receive;

#endif
