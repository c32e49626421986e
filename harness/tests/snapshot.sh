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

# run FOLDER ARGUMENT...: both kernels
run()
{
	folder=$1
	shift
	for kernel in $kernels; do set -- "$@" --kernel "$kernel"; done
	build/finrig run --results "$folder" "$@" $case
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
	build/finrig run --results "$tap_dir/damaged" --kernel source-6.1 $case 2>"$tap_dir/damaged.err" || return 1
	cat "$tap_dir/damaged.err"
	grep -q "a damaged snapshot is made anew: $1" "$tap_dir/damaged.err" || return 1
	identical "$tap_dir/cold" "$tap_dir/damaged" source-6.1 || return 1
	build/finrig run --results "$tap_dir/after" --kernel source-6.1 $case 2>"$tap_dir/after.err" || return 1
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
check "another shift" run "$tap_dir/shift-warm" --shift 4
check "has snapshots of its own" same 4 "$(snapshots)"
check "and its own bytes" identical "$tap_dir/shift-cold" "$tap_dir/shift-warm" "$kernels"
check "which are not those of the default" sh -c "! cmp -s $tap_dir/cold/source-6.1/$case/2-events.jsonl $tap_dir/shift-warm/source-6.1/$case/2-events.jsonl"

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
