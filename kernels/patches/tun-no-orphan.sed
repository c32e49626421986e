# SPDX-License-Identifier: GPL-2.0-or-later
# tun-no-orphan.sed - the mutant: a sent skb stays charged to its socket for as long as tun is not read
# file: drivers/net/tun.c
# changes: 1
/^[a-z].*tun_net_xmit\([^;]*$/,/^\}/ {
	/^[ \t]*skb_orphan\(skb\);[ \t]*$/d
}
