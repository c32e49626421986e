# SPDX-License-Identifier: GPL-2.0-or-later
# tcp-unsent-ack.sed - a mutant: in a closing state a segment that acknowledges what was never sent is taken all the same, as before 4.13
# file: net/ipv4/tcp_input.c
# changes: 1
/accept old ack during closing/,/goto discard;/ s/if \(\(int\)reason < 0\) \{/if (false) {/
