# SPDX-License-Identifier: GPL-2.0-or-later
# orphan-retries-ignored.sed - a mutant: a socket that lost its descriptor takes no notice of tcp_orphan_retries
# file: net/ipv4/tcp_timer.c
# changes: 1
/^static int tcp_orphan_retries\(/,/^\}/ {
	s/^\tint retries = .*sysctl_tcp_orphan_retries.*$/\tint retries = 0;/
}
