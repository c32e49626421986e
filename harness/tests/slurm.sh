#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# slurm - a run divided among machines leaves what one machine leaves, byte by byte: by hand in parts, and by Slurm's jobs
. harness/tests/tap
made=$(cd "${FINRIG_CACHE:-build}" && pwd)
# A cache of its own with what is slow to make, so that no cell is there before it is run.
FINRIG_CACHE=$tap_dir/cache
export FINRIG_CACHE
mkdir -p "$FINRIG_CACHE" "$tap_dir/local" "$tap_dir/parts"
for room in source image initramfs snapshot; do
	mkdir -p "$made/$room"
	ln -s "$made/$room" "$FINRIG_CACHE/$room"
done
# All runs are called `run`, as the reports give the folder's name.
matrix="--kernel debian-6.1 --kernel debian-6.1-mutant closing-fin-retransmit closing-fin-drained"

run() { build/finrig run "$@" $matrix; }
# A run whose cells nobody has run, as far as the cache knows.
anew()
{
	rm -rf "$FINRIG_CACHE/cell"
	run "$@"
}
part() { run --results "$tap_dir/parts/run" --part "$@"; }
verdict() { sed -n "s/^ *\"$2\" *: *\"\(.*\)\".*/\1/p" "$1/5-verdict.json"; }

# Killed as soon as its first cell has a guest.
killed()
{
	mkfifo "$tap_dir/progress"
	build/finrig run --jobs 1 --results "$tap_dir/parts/run" --part 1/2 $matrix 2>"$tap_dir/progress" &
	victim=$!
	while read -r line; do
		case $line in *": vm: starts"*) kill -KILL $victim; break ;; esac
	done <"$tap_dir/progress"
	wait $victim
	same 137 $?
}

broken_with_reasons()
{
	part merge
	same 2 $? || return 1
	begun=$(verdict "$tap_dir/parts/run/debian-6.1/closing-fin-retransmit" cause)
	never=$(verdict "$tap_dir/parts/run/debian-6.1/closing-fin-drained" cause)
	echo "$begun / $never"
	case $begun in "not finished: process $victim on "*" began this cell"*) ;; *) return 1 ;; esac
	case $never in "never run: "*) ;; *) return 1 ;; esac
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "runs in parts" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
check "a run on one machine" run --results "$tap_dir/local/run"
rm -rf "$FINRIG_CACHE/cell"
check "a part makes the kernels ready" part images
check "and runs nothing" [ -z "$(find "$tap_dir/parts/run" -name '[0-9]-*')" ]
check "a part is killed in its first cell" killed
check "merged now, its cells and those of no part are BROKEN and say why" broken_with_reasons
check "the second part, before the first" part 2/2
check "the first, again" part 1/2
check "and once more, when there is nothing left to do" part 1/2 --again
check "merged" part merge
check "all files are those of the run on one machine" diff -r "$tap_dir/local/run" "$tap_dir/parts/run"
# A kernel that cannot be built: its cells say so, no other part tries again.
printf '[kernel]\ntitle = t\nwhy = tests\ndeb = linux-image-cloud-amd64\nmodules.tun = linux-source-6.1:drivers/net/tun.c\npatches = wrong.patch\n' \
	>"$tap_dir/unbuilt.kernel"
printf '%s\n' '--- a/drivers/net/tun.c' '+++ b/drivers/net/tun.c' '@@ -1,1 +1,1 @@' '-nothing of the kind' '+x' >"$tap_dir/wrong.patch"
unready()
{
	build/finrig run --results "$tap_dir/$1/run" ${2:+--part $2} --kernel "$tap_dir/unbuilt.kernel" closing-fin-retransmit
	same "$3" $?
}
check "a kernel that cannot be built, on one machine" unready unbuilt '' 2
check "in a part: it is not ready" unready unready images 1
check "merged" unready unready merge 2
check "the same" diff -r "$tap_dir/unbuilt" "$tap_dir/unready"
plan
