#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# agent_check - `agent --check` tells every construct of a script that is not understood, with its place and a name to count by
set -u
. harness/tests/tap

agent=build/agent
[ -x $agent ] || { echo "1..0 # SKIP $agent is not built"; exit 0; }

cat >"$tap_dir/bad.pkt" <<'END'
--mtu=1400
--bogus
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 setsockopt(3, SOL_TCP, TCP_NO_SUCH_OPTION, [1], 4) = 0
+0 > S 0:0(0) <mss 1460,mptcp 1,
   nop>
+0 close(3) = 0
END
$agent --check "$tap_dir/bad.pkt" 2>"$tap_dir/errors"
check "exit 2" same 2 "$?"
sed "s,^$tap_dir/,," "$tap_dir/errors" >"$tap_dir/shown"
cat >"$tap_dir/expected" <<'END'
bad.pkt:2:1: unknown option --bogus [option --bogus]
bad.pkt:4:27: unknown symbol 'TCP_NO_SUCH_OPTION' [symbol TCP_NO_SUCH_OPTION]
bad.pkt:5:25: unknown TCP option 'mptcp' [TCP option mptcp]
END
check "every error, not only the first" diff "$tap_dir/expected" "$tap_dir/shown"

echo '0 no_such_call(3) = 0' >"$tap_dir/call.pkt"
$agent --check "$tap_dir/call.pkt" 2>"$tap_dir/errors"
check "a call that is not known" grep -q 'call.pkt:1:[0-9]*: .*\[call no_such_call\]$' "$tap_dir/errors"

$agent --check cases/*.pkt 2>"$tap_dir/errors"
check "our own cases are understood" same 0 "$?"
plan
