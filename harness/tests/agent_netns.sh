#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# agent_netns - the agent on this host's own kernel, in a network namespace of its own: do the right records come out?
# in: build/agent (or $B/agent); out: TAP. Needs root (or user namespaces) and /dev/net/tun; skips with the reason else.
set -u
. harness/tests/tap
agent=${B:-build}/agent
dump=$tap_dir/record_dump

if ! cc -std=c11 -D_GNU_SOURCE -Iharness/wire -o "$dump" harness/tests/record_dump.c harness/wire/record.c; then
	echo "Bail out! record_dump does not compile"
	exit 1
fi
if ! why=$(unshare -n true 2>&1); then
	skip "agent on the host's kernel" "[netns] $why"
	plan
	exit 0
fi
if [ ! -w /dev/net/tun ]; then
	skip "agent on the host's kernel" "[netns] /dev/net/tun cannot be opened"
	plan
	exit 0
fi

# job NAME DRAIN OBSERVE_US [LINE]: reads the script, runs it, leaves NAME.records, NAME.text, NAME.errors and $status
job()
{
	{
		printf 'finrig-job 1\ncase: %s\nfile: %s.pkt\nobserve_us: %s\ndrain: %s\n%s\n' "$1" "$1" "$3" "$2" "${4:+$4
}"
		cat
	} >"$tap_dir/$1.job"
	unshare -n "$agent" --job "$tap_dir/$1.job" --records "$tap_dir/$1.records" 2>"$tap_dir/$1.errors"
	status=$?
	"$dump" "$tap_dir/$1.records" >"$tap_dir/$1.text" || status="$status, and the stream is damaged"
}

# count NAME PATTERN: how many records match
count()
{
	grep -c -- "$2" "$tap_dir/$1.text"
}

has()
{
	grep -q -- "$2" "$tap_dir/$1.text" || { cat "$tap_dir/$1.text" "$tap_dir/$1.errors"; return 1; }
}

handshake='0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0
0 bind(3, ..., ...) = 0
0 listen(3, 1) = 0
0.01 < S 0:0(0) win 32792 <mss 1460,sackOK,nop,nop,nop,wscale 7>
0.01 > S. 0:0(0) ack 1 <...>
0.02 < . 1:1(0) ack 1 win 257
0.02 accept(3, ..., ...) = 4'

# A shared machine is late at times; the guest's clock is not. What is tested here is the records, not the clock.
option='option: tolerance_usecs=1000000'

job closing never 1000000 "$option" <<END
$handshake
0.03 write(4, ..., 1000) = 1000
0.03 > P. 1:1001(1000) ack 1
0.04 < . 1:1(0) ack 1001 win 257
0.05 close(4) = 0
0.05 > F. 1001:1001(0) ack 1
0.06 < F. 1:1(0) ack 1001 win 260
0.06 > . 1002:1002(0) ack 2
END
check "closing: passes" same 0 "$status"
check "closing: begins with hello, ready, start" same "hello ready start" "$(head -n 3 "$tap_dir/closing.text" | cut -d' ' -f2 | paste -sd' ')"
check "closing: ends with end, passed" same "end status=0" "$(tail -n 1 "$tap_dir/closing.text" | sed "s/^[^ ]* //; s/ tsc=[0-9]*//")"
check "closing: a record for each of 15 statements" same 15 "$(count closing ' statement ')"
check "closing: four packets in" same 4 "$(count closing ' packet direction=0')"
check "closing: the socket is in CLOSING, with no descriptor" has closing 'state=11 .*inode=0'
check "closing: a retransmission is sampled at its timer" has closing 'socket cause="timer".*retransmits=1'
check "closing: it moved a counter" has closing 'counter name="Tcp.RetransSegs"'
check "closing: FIN retransmitted" test "$(count closing ' packet direction=1 .*wire_bytes=40 ')" -ge 3

job drained always 200000 "$option" <<END
$handshake
0.03 write(4, ..., 1000) = 1000
0.03 > P. 1:1001(1000) ack 1
END
check "drained: the device counts what was taken" has drained 'counter name="tun0.tx_packets" value=[234]'

job undrained never 200000 "$option" <<END
$handshake
END
check "undrained: nothing was taken" same 0 "$(count undrained tx_packets)"

job connect expected 0 "$option" <<'END'
0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3
0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
0 > S 0:0(0) <...>
0.01 < S. 0:0(0) ack 1 win 5792 <mss 1460,nop,wscale 2,nop,nop,sackOK>
0.01 > . 1:1(0) ack 1
0.02 < R. 1:1(0) ack 1 win 0
0.03 write(3, ..., 10) = -1 ECONNRESET
0.04 write(3, ..., 10) = -1 EPIPE
END
check "connect: the kernel's own connection is followed" same "0 " "$status $(cat "$tap_dir/connect.errors")"
check "connect: the reset socket is gone" has connect ' gone '

job mismatch never 0 "$option" <<END
$handshake
0.03 write(4, ..., 1000) = 1000
0.03 > P. 1:901(900) ack 1
0.04 close(4) = 0
END
check "mismatch: exit 1" same 1 "$status"
check "mismatch: names the place" has mismatch 'mismatch file="mismatch.pkt" line=10 column=1'
check "mismatch: shows both" has mismatch 'expected="> P. 1:901(900) ack 1" actual="> P. 1:1001(1000) ack 1"'
check "mismatch: nothing is carried out after it" same 0 "$(count mismatch 'line=11 .*name="close"')"
check "mismatch: it is told to a person, too" grep -q '^mismatch.pkt:10:1: .*differs' "$tap_dir/mismatch.errors"

job goeson never 0 "$option
option: non_fatal=packet,syscall" <<END
$handshake
0.03 write(4, ..., 1000) = 999
0.03 > P. 1:901(900) ack 1
0.04 close(4) = 0
END
check "non_fatal: two mismatches" same 2 "$(count goeson ' mismatch ')"
check "non_fatal: the script goes on" has goeson 'line=11 .*name="close" result=0'

job absent never 0 "option: tolerance_usecs=50000" <<END
$handshake
0.03 > P. 1:1001(1000) ack 1
END
check "absent packet: said so" has absent 'line=9 .*actual="no packet" mark="packet"'

job wrong never 0 <<'END'
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0 bind(3, ..., ... = 0
END
check "a wrong script: exit 2" same 2 "$status"
check "a wrong script: line and column" has wrong 'error file="wrong.pkt" line=2 column='
check "a wrong script: no time passes" same 0 "$(count wrong ' start ')"

job command never 0 <<'END'
0 `exit 3`
END
check "a command that fails: its line and status" has command 'mismatch .*line=1 .*3'

job sysctl never 0 'sysctl: net.ipv4.no_such_thing=1' </dev/null
check "an unknown sysctl: said so" has sysctl 'error text="sysctl net.ipv4.no_such_thing = 1: ENOENT'

job old never 200000 "$option
seccomp: 2.6.32" <<END
$handshake
0.03 write(4, ..., 1000) = 1000
0.03 > P. 1:1001(1000) ack 1
0.05 close(4) = 0
0.05 > F. 1001:1001(0) ack 1
END
check "seccomp: passes with 2.6.32's system calls alone" same "0 " "$status $(cat "$tap_dir/old.errors")"

"$agent" --check /dev/null "$tap_dir/none" 2>"$tap_dir/errors"
check "--check: a file that is not there" same 2 "$?"
printf '0 close(3) = 0\n0 close(3\n' >"$tap_dir/bad.pkt"
"$agent" --check "$tap_dir/bad.pkt" 2>"$tap_dir/errors"
check "--check: exit 2" same 2 "$?"
check "--check: FILE:LINE:COLUMN: message" grep -q "^$tap_dir/bad.pkt:[23]:[0-9]*: ." "$tap_dir/errors"
plan
