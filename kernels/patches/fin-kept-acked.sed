# SPDX-License-Identifier: GPL-2.0-or-later
# fin-kept-acked.sed - half of a mutant: a FIN that was acknowledged stays in the retransmission queue
# The other half is fin-sent-acked.sed.
# file: net/ipv4/tcp_input.c
# changes: 1
/^static int tcp_clean_rtx_queue\(/,/^\}/ {
	s/if \(after\(scb->end_seq, tp->snd_una\)\) \{/if (after(scb->end_seq, tp->snd_una) || scb->tcp_flags \& TCPHDR_FIN) {/
}
