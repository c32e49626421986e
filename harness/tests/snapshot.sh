#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# snapshot - a cell from a snapshot gives the bytes of one that boots; a damaged or foreign snapshot is not believed
. harness/tests/tap
kernels="debian-6.1 source-6.1"
case=closing-fin-retransmit
repeats=${REPEATS:-20}
made=$(cd "${FINRIG_CACHE:-build}" && pwd)
# A cache of its own, so that what is damaged here is no one else's: only the snapshots are new.
FINRIG_CACHE=$tap_dir/cache
export FINRIG_CACHE

# run FOLDER ARGUMENT...: both kernels. Each guest is run, also where a cell was kept: those are tested by themselves below.
run()
{
	folder=$1
	shift
	for kernel in $kernels; do set -- "$@" --kernel "$kernel"; done
	build/finrig run --again --results "$folder" "$@" $case
}

# All that a cell leaves but how it was started.
identical()
{
	for kernel in $3; do
		for file in 1-console.log 1-records.bin 2-events.jsonl 3-packets.pcap 4-analysis.json 5-verdict.json; do
			cmp "$1/$kernel/$case/$file" "$2/$kernel/$case/$file" || return 1
		done
	done
}

started() { sed -n 's/^ *"start" *: *"\([a-z]*\)".*/\1/p' "$1/1-vm.json"; }

started_all()
{
	for kernel in $kernels; do same "$2" "$(started "$1/$kernel/$case")" || return 1; done
}

snapshots() { ls -d "$FINRIG_CACHE"/snapshot/*/ | wc -l; }

# The one snapshot of source-6.1, found by its image's key.
snapshot_of_source()
{
	image=$(sed -n 's/^ *"image" *: *"\([0-9a-f]*\)".*/\1/p' "$tap_dir/cold/source-6.1/$case/0-cell.json")
	dirname "$(grep -l "\"image\" *: *\"$image\"" "$FINRIG_CACHE"/snapshot/*/manifest.json)"
}

# rebuilt NAME: after some damage the run says so, gives the right bytes, and the next one has nothing to say
rebuilt()
{
	rm -rf "$tap_dir/damaged" "$tap_dir/after"
	build/finrig run --again --results "$tap_dir/damaged" --kernel source-6.1 $case 2>"$tap_dir/damaged.err" || return 1
	cat "$tap_dir/damaged.err"
	grep -q "a damaged snapshot is made anew: $1" "$tap_dir/damaged.err" || return 1
	identical "$tap_dir/cold" "$tap_dir/damaged" source-6.1 || return 1
	build/finrig run --again --results "$tap_dir/after" --kernel source-6.1 $case 2>"$tap_dir/after.err" || return 1
	! grep damaged "$tap_dir/after.err" && identical "$tap_dir/cold" "$tap_dir/after" source-6.1
}

# One byte of a file becomes another one.
flip()
{
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	printf "\\$(printf %o $((255 - byte)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "snapshots" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
mkdir -p "$FINRIG_CACHE"
for room in source image initramfs; do
	mkdir -p "$made/$room"
	ln -s "$made/$room" "$FINRIG_CACHE/$room"
done

check "cold runs" run "$tap_dir/cold" --cold
check "they make no snapshot" [ ! -e "$FINRIG_CACHE/snapshot" ]
check "they boot" started_all "$tap_dir/cold" boot
check "a first run makes snapshots" run "$tap_dir/first"
check "one for each kernel" same 2 "$(snapshots)"
check "a second run" run "$tap_dir/warm"
check "it begins there" started_all "$tap_dir/warm" snapshot
check "the same bytes, cold and first" identical "$tap_dir/cold" "$tap_dir/first" "$kernels"
check "the same bytes, cold and warm" identical "$tap_dir/cold" "$tap_dir/warm" "$kernels"

# In place: one QEMU for cells of all kinds, one after the other, among them one that fills the guest's memory and runs a program from where
# another cell had data. Each must be as if it had booted.
mkdir "$tap_dir/mixed"
cp cases/$case.pkt "$tap_dir/mixed/a.pkt"
cp cases/$case.pkt "$tap_dir/mixed/c.pkt"
cat >"$tap_dir/mixed/b.pkt" <<'END'
// observe: 1s
0 `dd if=/dev/zero of=/fill bs=1M count=40 2>/dev/null; mkdir /x; cp /bin/busybox /x/ls; /x/ls -lR /proc/sys >/dev/null; rm /fill`
0 `cp /bin/busybox /x/cat; /x/cat /proc/uptime /proc/interrupts /proc/net/netstat >/dev/ttyS0`
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
END
cp "$tap_dir/mixed/b.pkt" "$tap_dir/mixed/d.pkt"
mixed()
{
	for kernel in $kernels; do set -- "$@" --kernel "$kernel"; done
	build/finrig run --jobs 1 --cases "$tap_dir/mixed" --results "$@"
}
in_place()
{
	for kernel in $kernels; do
		for name in a b c d; do
			for file in 1-console.log 1-records.bin 2-events.jsonl 3-packets.pcap; do
				cmp "$tap_dir/mixed-cold/$kernel/$name/$file" "$tap_dir/mixed-warm/$kernel/$name/$file" || return 1
			done
		done
	done
}
# cells_before FOLDER: of each cell, how many its QEMU had run
cells_before() { sed -n 's/^ *"cells_before" *: *\([0-9]*\).*/\1/p' "$1"/*/*/1-vm.json | sort | tr -d '\n'; }
check "four kinds of cells, cold" mixed "$tap_dir/mixed-cold" --cold
check "and warm" mixed "$tap_dir/mixed-warm" --again
check "one QEMU for each kernel" same 00112233 "$(cells_before "$tap_dir/mixed-warm")"
check "the same bytes, cold and in place" in_place

# What is longest is flipped in its middle; a guest of 128 MiB has its kernel at 16 MiB.
snapshot=$(snapshot_of_source)
for damage in "ram 20000000" "state 100000" "records 30" "manifest.json 20"; do
	set -- $damage
	flip "$snapshot/$1" "$2"
	check "a flipped byte in $1 is noticed" rebuilt "$1"
done
truncate -s 64M "$snapshot/ram"
check "a ram file cut short is noticed" rebuilt ram
rm "$snapshot/state"
check "an absent state file is noticed" rebuilt state
: >"$snapshot/manifest.json"
check "an empty manifest is noticed" rebuilt manifest.json
other=$(ls -d "$FINRIG_CACHE"/snapshot/*/ | grep -v "$snapshot")
cp "$other"/* "$snapshot"/
check "another kernel's snapshot in this one's place is noticed" rebuilt manifest.json
check "nothing is left beside the snapshots" same 2 "$(snapshots)"

run "$tap_dir/shift-cold" --cold --shift 4 >"$tap_dir/shift" 2>&1
# shift_of FOLDER CELL
shift_of() { sed -n 's/^ *"shift=\([0-9]*\),sleep=off".*/\1/p' "$1/$2/short/0-cell.json"; }
# In real time it happens when the machine gets to it.
echo '--tolerance_usecs=60000000
0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3' >"$tap_dir/short.pkt"
own=deb:linux-image-cloud-amd64,name=own,shift=5
check "a kernel may have a shift of its own" build/finrig run --results "$tap_dir/own" --kernel $own --kernel source-6.1 "$tap_dir/short.pkt"
check "which is its own alone" same "5 3" "$(shift_of "$tap_dir/own" own) $(shift_of "$tap_dir/own" source-6.1)"
check "--shift is for all" build/finrig run --results "$tap_dir/all" --shift 3 --kernel $own --kernel source-6.1 "$tap_dir/short.pkt"
check "also for that one" same "3 3" "$(shift_of "$tap_dir/all" own) $(shift_of "$tap_dir/all" source-6.1)"
made_then=$(snapshots)

check "another shift" run "$tap_dir/shift-warm" --shift 4
check "has snapshots of its own" same $((made_then + 2)) "$(snapshots)"
check "and its own bytes" identical "$tap_dir/shift-cold" "$tap_dir/shift-warm" "$kernels"
check "which are not those of the default" sh -c "! cmp -s $tap_dir/cold/source-6.1/$case/2-events.jsonl $tap_dir/shift-warm/source-6.1/$case/2-events.jsonl"

# Cells by key. again NAME [ARGUMENT...]: source-6.1 once more, kept cells allowed
again()
{
	name=$1
	shift
	build/finrig run --results "$tap_dir/$name" "$@" --kernel source-6.1 $case >"$tap_dir/$name.out" 2>"$tap_dir/$name.err"
	status=$?
	cat "$tap_dir/$name.out" "$tap_dir/$name.err"
	return $status
}
start_of() { started "$tap_dir/$1/source-6.1/$case"; }

member() { sed -n "s/^ *\"$2\" *: *\"\([0-9a-f]*\)\".*/\1/p" "$1"; }

# folder_of_cell 0-CELL.JSON: where a cell with that image and job is kept, of the shift that is the default
folder_of_cell()
{
	for manifest in "$FINRIG_CACHE"/cell/*/manifest.json; do
		grep -q "image $(member "$1" image).* shift=3,.*job $(member "$1" job)" "$manifest" || continue
		dirname "$manifest"
	done
}

# cell_damaged FILE: its guest is run again, with a note and the right bytes; then the cell is whole
cell_damaged()
{
	rm -rf "$tap_dir/cell" "$tap_dir/cell-after"
	again cell || return 1
	grep -q "a damaged cached cell is run again: $1" "$tap_dir/cell.err" && same snapshot "$(start_of cell)" &&
		identical "$tap_dir/cold" "$tap_dir/cell" source-6.1 && again cell-after && same cache "$(start_of cell-after)"
}

check "the same cell once more" again kept
check "is not run" same cache "$(start_of kept)"
check "leaves the same bytes" identical "$tap_dir/cold" "$tap_dir/kept" source-6.1
check "its job too" cmp "$tap_dir/cold/source-6.1/$case/0-job.txt" "$tap_dir/kept/source-6.1/$case/0-job.txt"
check "the table says so" grep -q 'FIXED.*\[cached\]$' "$tap_dir/kept.out"
check "and KTAP" grep -q '# source-6.1: cached$' "$tap_dir/kept/report.ktap"
check "and KCIDB's JSON" grep -q '"cached" *: *true' "$tap_dir/kept/report.kcidb.json"
check "and JUnit's XML" grep -q 'guest: cached' "$tap_dir/kept/report.junit.xml"
check "and the summary" grep -q '1 FIXED, 1 cached$' "$tap_dir/kept/summary.txt"
kept=$(folder_of_cell "$tap_dir/kept/source-6.1/$case/0-cell.json")
flip "$kept/1-records.bin" 5000
check "a flipped byte in a cell is noticed" cell_damaged 1-records.bin
flip "$kept/manifest.json" 40
check "a flipped byte in its manifest is noticed" cell_damaged manifest.json
rm "$kept/1-vm.json"
check "an absent file is noticed" cell_damaged 1-vm.json
check "another option is another cell" sh -c "build/finrig run --results $tap_dir/option --drain always --kernel source-6.1 $case"
check "which is run" same snapshot "$(start_of option)"
for name in realtime-1 realtime-2; do
	check "a guest in real time" sh -c "build/finrig run --realtime --results $tap_dir/$name --kernel source-6.1 $tap_dir/short.pkt"
	check "is neither kept nor taken" same boot "$(started "$tap_dir/$name/source-6.1/short")"
done

# Repeats, with every processor busy with something else: without harness/preload/lockstep.c about one cell in thirty differs then.
busy=
for processor in 1 2 3 4; do
	sh -c 'while :; do :; done' &
	busy="$busy $!"
done
check "$repeats repeats under load" run "$tap_dir/repeat" --repeat $repeats
kill $busy
check "all of them gave the same bytes" sh -c "cat $tap_dir/repeat/repeat.txt; [ \$(grep -c ': $repeats of $repeats runs gave the same bytes' $tap_dir/repeat/repeat.txt) = 2 ]"
check "which are those of a cold run" identical "$tap_dir/cold" "$tap_dir/repeat" "$kernels"
check "no repeat that was the same is left" [ ! -e "$tap_dir/repeat/repeat" ]
plan
