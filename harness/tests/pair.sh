#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# pair - whole runs under QEMU: buggy is BUGGY and fixed is FIXED, the same bytes twice, and tshark counts as we do
# The mutants are the rig's own test: were they to come out FIXED, the rig would be broken.
. harness/tests/tap
kernels="debian-6.1 debian-6.1-mutant source-6.1 source-6.1-mutant"
cases="closing-fin-retransmit closing-fin-drained close-wait-held"
first=$tap_dir/first second=$tap_dir/second

run()
{
	folder=$1
	shift
	for kernel in $kernels; do set -- "$@" --kernel "$kernel"; done
	build/finrig run --results "$folder" "$@" $cases
}

outcome() { sed -n 's/^ *"outcome" *: *"\([A-Z]*\)".*/\1/p' "$1/5-verdict.json"; }
fact() { sed -n "s/^ *\"$2\" *: *\([-0-9.]*\).*/\1/p" "$1/4-analysis.json" | head -n 1; }

expected()
{
	case $1/$2 in
	*mutant/closing-fin-retransmit) echo BUGGY ;;
	*) echo FIXED ;;
	esac
}

# FINs of ours beyond the first, by tshark: whatever it calls the repetition, it must see as many as we do.
tshark_retransmits()
{
	tshark -r "$1/3-packets.pcap" -Y 'sll.pkttype == 4 && tcp.flags.fin == 1 && (tcp.analysis.retransmission ||
		tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order)' 2>/dev/null | wc -l
}

identical()
{
	for file in 2-events.jsonl 3-packets.pcap 4-analysis.json 5-verdict.json; do
		cmp "$1/$file" "$2/$file" || return 1
	done
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "whole runs" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
check "every cell as its kernel expects" run "$first"
check "the same with other load and order of cells" run "$second" --again --jobs 1
for kernel in $kernels; do
	for case in $cases; do
		cell=$kernel/$case
		check "$cell is $(expected "$kernel" "$case")" same "$(expected "$kernel" "$case")" "$(outcome "$first/$cell")"
		check "$cell twice gives the same bytes" identical "$first/$cell" "$second/$cell"
		check "$cell: tshark counts the same FIN retransmissions" \
			same "$(fact "$first/$cell" fin.retransmits)" "$(tshark_retransmits "$first/$cell")"
	done
done
check "the agent keeps to the system calls of 2.6.32" build/finrig run --results "$tap_dir/seccomp" --seccomp 2.6.32 \
	--kernel debian-6.1 --kernel debian-6.1-mutant $cases
check "under that filter the same packets leave" build/finrig diff "$first/debian-6.1/closing-fin-retransmit" \
	"$tap_dir/seccomp/debian-6.1/closing-fin-retransmit"
check "a device that is drained by option leaves no bug to see" sh -c "build/finrig run --results $tap_dir/drained --drain always \\
	--kernel debian-6.1-mutant closing-fin-retransmit; grep -q '\"outcome\": \"FIXED\"' $tap_dir/drained/*/*/5-verdict.json"
# A key says what bytes an image has, wherever it is made: here from headers that lie elsewhere too.
same_module()
{
	cache=$(cd "${FINRIG_CACHE:-build}" && pwd) elsewhere=$tap_dir/another/cache/further/down
	mkdir -p "$elsewhere/source" && for entry in "$cache"/source/*; do
		case $entry in */linux-headers-*) ;; *) ln -s "$entry" "$elsewhere/source" || return 1 ;; esac
	done
	there=$(FINRIG_CACHE=$elsewhere build/finrig image debian-6.1-mutant) && here=$(build/finrig image debian-6.1-mutant) || return 1
	there=${there##* } here=${here##* }
	[ "$there" != "$here" ] && [ -s "$here/modules/tun.ko" ] && same "${here##*/}" "${there##*/}" && diff -r "$here" "$there"
}
check "a module that is built in another cache is the same" same_module
# Ways in for chance that a guest can see; docs/time.md lists them all.
cat >"$tap_dir/chance.pkt" <<'END'
0 `! grep -q -w -e rdrand -e rdseed /proc/cpuinfo`
0 `! dmesg | grep -q -i -e kvm-clock -e virtio`
0 `grep -q -w nokaslr /proc/cmdline`
0 `[ ! -e /proc/kallsyms ] || [ "$(awk '$3 == "_text" { print $1 }' /proc/kallsyms)" = ffffffff81000000 ]`
0 `[ "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" = tsc ]`
0 `[ ! -e /sys/class/misc/hw_random/rng_current ] || [ "$(cat /sys/class/misc/hw_random/rng_current)" = none ]`
0 `[ "$(date -u +%Y-%m-%d)" = 2020-01-01 ]`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
END
check "nothing of the host's reaches a guest but its job" build/finrig run --results "$tap_dir/chance" --kernel debian-6.1 --kernel source-6.1 "$tap_dir/chance.pkt"

# What an idle guest costs is its wake-ups: each is one interrupt or a few. A poll once a second would be 3600 and more.
cat >"$tap_dir/idle.pkt" <<'END'
// observe: 2h
0 `awk '/:/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i } END { print n }' /proc/interrupts >/before`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+3600 `awk '/:/ { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) n += $i } END { getline b <"/before"; print n - b }' /proc/interrupts >/dev/ttyS0`
END
build/finrig run --results "$tap_dir/idle" --kernel debian-6.1 --kernel debian-6.12 --kernel source-6.1 "$tap_dir/idle.pkt" >"$tap_dir/idle.out" 2>&1
for limit in debian-6.1=3000 debian-6.12=3500 source-6.1=600; do
	count=$(cat "$tap_dir/idle/${limit%=*}/idle/1-console.log")
	check "${limit%=*}: an idle hour takes ${count:-no count of} interrupts, at most ${limit#*=}" [ "$count" -le "${limit#*=}" ]
done
check "diff names the first differing packet" grep -q 'FIN retransmissions only in debian-6.1' "$first/report.txt"
check "a cell's later stages run again from its files" sh -c "
	cp -r $first/debian-6.1/closing-fin-retransmit $tap_dir/again &&
	rm $tap_dir/again/2-* $tap_dir/again/3-* $tap_dir/again/4-* $tap_dir/again/5-* &&
	for stage in event capture analyze verdict; do build/finrig \$stage $tap_dir/again >/dev/null || exit 1; done &&
	diff -r $first/debian-6.1/closing-fin-retransmit $tap_dir/again"
# Its figures are for people; here it only has to come to its end, with a packetdrill beside.
printf '#!/bin/sh\n[ -s "$2" ]\n' >"$tap_dir/packetdrill"
check "bench prints its table" sh -c "CELLS=1,2 REPEAT=1 REALTIME=0 PACKETDRILL=$tap_dir/packetdrill harness/bench source-6.1 >$tap_dir/bench &&
	grep -q '^source-6.1, cost of a packet' $tap_dir/bench && grep -q 'by packetdrill, warm' $tap_dir/bench"
plan
