#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# probe - calls seen from outside the guest: all of them, with what they returned, and not a nanosecond of the guest's time
. harness/tests/tap
case=closing-fin-retransmit
pair="--kernel debian-6.1 --kernel debian-6.1-mutant"

run()
{
	folder=$1
	shift
	build/finrig run --results "$folder" "$@" $case
}

# calls FOLDER/KERNEL FUNCTION: results of its calls that came by the retransmission timer, in order
calls()
{
	sed -n "s/.*\"type\": \"call\", \"function\": \"$2\", \"caller\": \"tcp_retransmit_timer+.*\"result\": \([-0-9]*\).*/\1/p" \
		"$1/$case/2-events.jsonl" | tr '\n' ' '
}

# expiries FOLDER/KERNEL PATTERN: how many rows of its time line match
expiries() { build/finrig timeline --only expiry "$1/$case" | grep -c -- "$2"; }

same_packets() { cmp "$1/$case/3-packets.pcap" "$2/$case/3-packets.pcap"; }

# Everything the guest itself said.
same_but_calls()
{
	grep -v -e '"type": "call"' -e '"type": "probe"' "$2/$case/2-events.jsonl" >"$tap_dir/events" && cmp "$1/$case/2-events.jsonl" "$tap_dir/events"
}

# Nothing but a message that names what is near, and no folder.
refused()
{
	run "$tap_dir/refused" $pair --probe tcp_retransmit_sbk >"$tap_dir/out" 2>"$tap_dir/err"
	same 2 $? && cat "$tap_dir/err" && grep -q -- '--probe tcp_retransmit_sbk: no function of this kernel is called so.*tcp_retransmit_skb' "$tap_dir/err" &&
		[ ! -s "$tap_dir/out" ] && [ ! -e "$tap_dir/refused" ]
}

# GCC split this function in Debian's 6.1: its beginning, which refuses, stands in its caller; the rest is called as .part.0.
split()
{
	run "$tap_dir/split" $pair --probe __tcp_retransmit_skb 2>"$tap_dir/err" || return 1
	cat "$tap_dir/err"
	for kernel in debian-6.1 debian-6.1-mutant; do
		grep -q "$kernel: __tcp_retransmit_skb: its beginning is inlined into tcp_retransmit_skb; probing that as well" "$tap_dir/err" &&
			same_packets "$tap_dir/without/$kernel" "$tap_dir/split/$kernel" || return 1
	done
}

# judged OUTCOME OPTIONS: a case about what was returned; unprobed there is nothing to compare
judged()
{
	outcome=$1
	shift
	sed 's|^// bug: .*|// bug: call.tcp_retransmit_skb.returned_EBUSY == 8|' cases/$case.pkt >"$tap_dir/judged.pkt"
	build/finrig run --results "$tap_dir/judged" --kernel debian-6.1-mutant "$@" "$tap_dir/judged.pkt" >"$tap_dir/out"
	cat "$tap_dir/out"
	grep -q " $outcome " "$tap_dir/out"
}

# debug_kernel NAME LINE...: source-6.1 with debug info of the files that are looked at, which takes a minute where all of it takes six
debug_kernel()
{
	name=$1
	shift
	{
		printf '[kernel]\ntitle = %s\nwhy = what a function was called with\ndeb = linux-source-6.1\nexpect.* = fixed\n' "$name"
		printf 'make = CFLAGS_tcp_output.o=-gdwarf-4 CFLAGS_tcp_timer.o=-gdwarf-4\n'
		printf '%s\n' "$@"
	} >"$tap_dir/$name.kernel"
}

# Two kernels with debug info, a good one and one whose tun keeps the skb: what was passed, and what the socket was charged for.
debug()
{
	debug_kernel debug-good
	debug_kernel debug-mutant "patches = tun-no-orphan.sed" "expect.$case = buggy"
	run "$tap_dir/debug" --kernel "$tap_dir/debug-good.kernel" --kernel "$tap_dir/debug-mutant.kernel" --probe tcp_retransmit_skb --probe "$inlined" \
		2>"$tap_dir/err"
}
inlined=tcp_write_timeout

# passed KERNEL RESULT: how many calls by the timer have arguments that make sense, and returned that
passed()
{
	build/finrig timeline --only call "$tap_dir/debug/$1/$case" | grep -c -- "tcp_retransmit_skb(sk=0xffff[0-9a-f]*, skb=0xffff[0-9a-f]*, segs=1) = $2, from \
tcp_retransmit_timer+0x[0-9a-f]*; CLOSING, wmem_alloc [0-9]*, wmem_queued [1-9][0-9]*\$"
}

# The founding bug as 2.6.32 has it: a kernel from before 5.13 compares sk_wmem_alloc first.
again()
{
	run "$tap_dir/again" --kernel debian-5.10-mutant --probe tcp_retransmit_skb &&
		same "$again" "$(calls "$tap_dir/again/debian-5.10-mutant" tcp_retransmit_skb)" &&
		grep -q '"cause".*sk_wmem_alloc [0-9]* above its limit [0-9]* (-EAGAIN); tcp_retransmit_skb returned -EAGAIN 8 times' \
			"$tap_dir/again/debian-5.10-mutant/$case/5-verdict.json"
}
again="-11 -11 -11 -11 -11 -11 -11 -11 "

# One kernel has it, the other not: a note, and the cells run.
absent_in_one()
{
	run "$tap_dir/absent" --kernel debian-6.1 --kernel source-6.1 --probe __tcp_retransmit_skb.part.0 2>"$tap_dir/err" || return 1
	cat "$tap_dir/err"
	grep -q 'source-6.1: __tcp_retransmit_skb.part.0 is not probed: no function of this kernel' "$tap_dir/err" &&
		grep -q '"type": "probe", "function": "__tcp_retransmit_skb.part.0", "text": "no function' "$tap_dir/absent/source-6.1/$case/2-events.jsonl"
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "probes" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
ok="0 0 0 0 0 0 0 0 " busy="-16 -16 -16 -16 -16 -16 -16 -16 "
check "runs without a probe" run "$tap_dir/without" $pair --kernel source-6.1
check "runs with probes, one in a module" run "$tap_dir/with" $pair --probe tcp_retransmit_skb --probe tun_net_xmit
check "and with a System.map" sh -c "
	build/finrig run --results $tap_dir/with-map --kernel source-6.1 --probe tcp_retransmit_skb --probe tun_net_xmit $case 2>$tap_dir/err-without"
for kernel in debian-6.1 debian-6.1-mutant; do
	check "$kernel: the same packets, to the nanosecond" same_packets "$tap_dir/without/$kernel" "$tap_dir/with/$kernel"
	check "$kernel: and the guest says the same" same_but_calls "$tap_dir/without/$kernel" "$tap_dir/with/$kernel"
done
check "source-6.1: the same packets" same_packets "$tap_dir/without/source-6.1" "$tap_dir/with-map/source-6.1"
check "debian-6.1: each timeout's retransmission is done" same "$ok" "$(calls "$tap_dir/with/debian-6.1" tcp_retransmit_skb)"
check "debian-6.1-mutant: each is refused" same "$busy" "$(calls "$tap_dir/with/debian-6.1-mutant" tcp_retransmit_skb)"
check "source-6.1: each is done" same "$ok" "$(calls "$tap_dir/with-map/source-6.1" tcp_retransmit_skb)"
check "refusals are named" grep -q '"result": -16, "errno": "EBUSY"' "$tap_dir/with/debian-6.1-mutant/$case/2-events.jsonl"
sent=$(grep -c '"type": "packet", "direction": "out"' "$tap_dir/with/debian-6.1/$case/2-events.jsonl")
check "the module's function is called for each packet sent" \
	same "$sent" "$(grep -c '"type": "call", "function": "tun_net_xmit"' "$tap_dir/with/debian-6.1/$case/2-events.jsonl")"
check "debian-6.1-mutant: the time line shows each timeout, what refused it and that nothing left" \
	same 8 "$(expiries "$tap_dir/with/debian-6.1-mutant" 'rto [0-9.]* s: tcp_retransmit_skb = -16 EBUSY, nothing sent; CLOSING, .*rto .* wmem_alloc [1-9]')"
check "debian-6.1: the time line shows each timeout, that it was done and that a packet left" \
	same 8 "$(expiries "$tap_dir/with/debian-6.1" 'rto [0-9.]* s: tcp_retransmit_skb = 0, tun_net_xmit = 0, 1 segment sent; CLOSING, .*rto .* wmem_alloc [0-9]')"
check "a function that the compiler split is probed with its caller" split
check "debian-6.1-mutant: the time line shows each timeout that its beginning refused" \
	same 8 "$(expiries "$tap_dir/split/debian-6.1-mutant" 'rto [0-9.]* s: tcp_retransmit_skb = -16 EBUSY, nothing sent; CLOSING, .*rto .* wmem_alloc [1-9]')"
check "debian-6.1: and each that it did, with what did it" \
	same 8 "$(expiries "$tap_dir/split/debian-6.1" 'rto [0-9.]* s: tcp_retransmit_skb = 0, __tcp_retransmit_skb.part.0 = 0, 1 segment sent; CLOSING, ')"
check "the loss probe calls all of it: once, though it goes over into its rest" \
	same 1 "$(grep -c '"type": "call", "function": "__tcp_retransmit_skb", "caller": "tcp_send_loss_probe' "$tap_dir/split/debian-6.1/$case/2-events.jsonl")"
check "the time line says so above" sh -c "build/finrig timeline $tap_dir/split/debian-6.1/$case | sed -n 2p | grep '^__tcp_retransmit_skb: its beginning is inlined'"
check "the cause says what was returned" grep -q 'tcp_retransmit_skb returned -EBUSY 8 times' "$tap_dir/with/debian-6.1-mutant/$case/5-verdict.json"
if build/finrig image debian-5.10-mutant; then
	check "debian-5.10-mutant: each is refused with -EAGAIN, and the cause found without a probe says so" again
else
	skip "-EAGAIN" "[bullseye] debian-5.10-mutant is not to be had"
fi
check "a case can be about it" judged BUGGY --probe tcp_retransmit_skb
check "but not without a probe" judged CHANGED
check "of an unprobed cell it does not" sh -c "! grep -q returned $tap_dir/without/debian-6.1-mutant/$case/5-verdict.json"
check "a guest that boots has the same calls" sh -c "
	build/finrig run --cold --results $tap_dir/cold --kernel source-6.1 --probe tcp_retransmit_skb --probe tun_net_xmit $case &&
	cmp $tap_dir/cold/source-6.1/$case/2-events.jsonl $tap_dir/with-map/source-6.1/$case/2-events.jsonl"
check "calls are as repeatable as all else" sh -c "
	build/finrig run --repeat 5 --results $tap_dir/repeat --kernel debian-6.1-mutant --probe tcp_retransmit_skb --probe tun_net_xmit $case &&
	cmp $tap_dir/repeat/debian-6.1-mutant/$case/2-events.jsonl $tap_dir/with/debian-6.1-mutant/$case/2-events.jsonl"
check "an unprobed run in the same folder has no calls" sh -c "
	build/finrig run --results $tap_dir/repeat --kernel debian-6.1-mutant $case
	! grep -q '\"type\": \"call\"' $tap_dir/repeat/debian-6.1-mutant/$case/2-events.jsonl"
check "a kernel without debug info says why arguments are not shown" \
	grep -q 'debug-info.config' "$tap_dir/err-without"
check "runs with debug info" debug
check "debug-good: the same packets as without a probe" sh -c "
	build/finrig run --results $tap_dir/without --kernel $tap_dir/debug-good.kernel $case &&
	cmp $tap_dir/without/debug-good/$case/3-packets.pcap $tap_dir/debug/debug-good/$case/3-packets.pcap"
check "a function that returns nothing has no result" sh -c "
	build/finrig timeline --only call $tap_dir/debug/debug-good/$case | grep 'tcp_retransmit_timer(sk=0xffff[0-9a-f]*), from tcp_write_timer'"
check "debug-good: each call has its arguments and what the socket is charged for" same 8 "$(passed debug-good 0)"
check "debug-mutant: each refusal too" same 8 "$(passed debug-mutant '-16 EBUSY')"
check "debug-mutant: inet_diag says the same of sk_wmem_alloc" \
	same 8 "$(expiries "$tap_dir/debug/debug-mutant" 'EBUSY at wmem_alloc \([1-9][0-9]*\), nothing sent; .* wmem_alloc \1, ')"
check "debug-mutant: the cause says at which sk_wmem_alloc" \
	grep -q 'returned -EBUSY 8 times at sk_wmem_alloc [1-9][0-9]* and sk_wmem_queued [1-9]' "$tap_dir/debug/debug-mutant/$case/5-verdict.json"
check "a function that was inlined whole is told with what holds it" \
	sh -c "cat $tap_dir/err; grep -q 'debug-good: $inlined is not probed: it is inlined into .*; probing that instead' $tap_dir/err"
check "a function that no kernel has is refused" refused
check "one that only some have is noted" absent_in_one
check "time that is not warped is refused" sh -c "
	build/finrig run --realtime --results $tap_dir/realtime --kernel source-6.1 --probe tcp_retransmit_skb $case 2>$tap_dir/err; [ \$? = 2 ] &&
	grep -q 'leave --realtime' $tap_dir/err"
plan
