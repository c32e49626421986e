#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# slurm - a run divided among machines leaves what one machine leaves: by hand in parts, and by Slurm's jobs
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

# waits COMMAND...: for its success, half a minute
waits()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || return 1
		sleep 0.05
	done
}
# Byte by byte, but for how many cells the same QEMU had run before: with more than one at a time, that is who came first.
alike() { diff -r -I '^  "cells_before" : [0-9]*$' "$1" "$2"; }
run() { build/finrig run "$@" $matrix; }
part() { run --results "$tap_dir/parts/run" --part "$@"; }

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
	same 2 $? && same 1 "$(cat "$tap_dir"/parts/run/*/*/5-verdict.json | grep -c "\"not finished: process $victim on .* began this cell")" &&
		same 3 "$(cat "$tap_dir"/parts/run/*/*/5-verdict.json | grep -c '"never run: ')"
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
check "a part that comes behind the merge" part 1/2
check "all files are those of the run on one machine" alike "$tap_dir/local/run" "$tap_dir/parts/run"

# A part that is at work when the merge begins, as far as its lock tells; its cells come only then.
merge_waits()
{
	rm -rf "$tap_dir/parts/run"
	mkdir -p "$tap_dir/parts/run/.parts/AAAAAA"
	printf 'a part of ours' >"$tap_dir/parts/run/.parts/AAAAAA/who"
	mkfifo "$tap_dir/end"
	flock "$tap_dir/parts/run/.parts/AAAAAA/who" sh -c "echo locked >'$tap_dir/end'; read -r line <'$tap_dir/end'" &
	holder=$!
	read -r line <"$tap_dir/end"
	: >"$tap_dir/told"
	run --results "$tap_dir/parts/run" --part merge 2>"$tap_dir/told" &
	merge=$!
	waits grep -q "merge: waits: a part of ours still runs cells of this run" "$tap_dir/told" && run --results "$tap_dir/parts/run" --part 1/1
	came=$?
	echo >"$tap_dir/end"
	wait $holder
	wait $merge && same 0 $came
}
rm -rf "$FINRIG_CACHE/cell"
check "a merge waits for a part that still runs" merge_waits
check "all files are those of the run on one machine" alike "$tap_dir/local/run" "$tap_dir/parts/run"
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
check "the same" alike "$tap_dir/unbuilt" "$tap_dir/unready"

# Slurm of our own: one node, two partitions of a core each, on loopback; nothing of the system's is read, written or asked.
slurm=$tap_dir/slurm
daemons=
stop_slurm()
{
	[ -z "$daemons" ] || kill $daemons
	wait
	rm -rf "$tap_dir"
}

start_slurm()
{
	trap stop_slurm EXIT
	mkdir -p "$slurm/state" "$slurm/spool"
	set -- $(python3 -c 'import socket
s = [socket.socket() for i in range(2)]
for i in s: i.bind(("127.0.0.1", 0))
print(*(i.getsockname()[1] for i in s))')
	cat >"$slurm/slurm.conf" <<END
ClusterName=finrig-test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$1
SlurmdPort=$2
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/spool
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/slurmd.pid
MailProg=/bin/true
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdParameters=config_overrides
KillWait=1
NodeName=one NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=left Nodes=one MaxCPUsPerNode=1 Default=YES State=UP
PartitionName=right Nodes=one MaxCPUsPerNode=1 State=UP
END
	# 22.05 wants a kind of cgroups even where none are used.
	echo CgroupPlugin=cgroup/v1 >"$slurm/cgroup.conf"
	SLURM_CONF=$slurm/slurm.conf
	export SLURM_CONF
	slurmctld -D >"$slurm/slurmctld.log" 2>&1 &
	daemons=$!
	slurmd -D -N one >"$slurm/slurmd.log" 2>&1 &
	daemons="$daemons $!"
	tries=0
	until sinfo --noheader --format=%T 2>/dev/null | grep -q idle; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] && kill -0 $daemons || { tail -n 5 "$slurm"/slurm*.log; return 1; }
		sleep 0.1
	done
}

three="--kernel debian-6.1 --kernel debian-6.1-mutant --kernel source-6.1 closing-fin-retransmit closing-fin-drained graceful-close"
# submit FOLDER ARGUMENT...
submit()
{
	folder=$1
	shift
	build/finrig submit --slurm --partition left,right --per-task 2 --results "$tap_dir/$folder/run" "$@" $three
}
# status WANTED COMMAND...
status()
{
	want=$1
	shift
	"$@"
	same "$want" $?
}
says() { status 2 "$@" 2>"$tap_dir/err" && cat "$tap_dir/err" && grep -q -e "$pattern" "$tap_dir/err"; }

# One kernel's image is not built any more, as far as this cache knows: it has a link to each of the others.
forget_image()
{
	key=$(sed -n 's/^ *"image" *: *"\([0-9a-f]*\)".*/\1/p' "$tap_dir/local/run/debian-6.1-mutant/closing-fin-retransmit/0-cell.json")
	[ -n "$key" ] || return 1
	rm "$FINRIG_CACHE/image"
	mkdir "$FINRIG_CACHE/image"
	ln -s "$made"/image/* "$FINRIG_CACHE/image"
	rm "$FINRIG_CACHE/image/$key" "$FINRIG_CACHE/image/$key.lock"
}
dry_run()
{
	submit dry --dry-run --sbatch=--time=9 >"$tap_dir/dry" || return 1
	cat "$tap_dir/dry"
	[ ! -e "$tap_dir/dry.slurm" ] && same 3 "$(grep -c '^#SBATCH --array=1-2$' "$tap_dir/dry")" &&
		same 5 "$(grep -c '^#SBATCH --time=9$' "$tap_dir/dry")" &&
		grep -q '^# sbatch --parsable --dependency=afterok:debian-6.1-mutant.image .*/debian-6.1-mutant.cells.sh$' "$tap_dir/dry" &&
		grep -q '^# sbatch --parsable --dependency=afterany:.* .*/merge.sh$' "$tap_dir/dry"
}
# A folder's name that a shell would take apart, and what a cluster may not hand on.
dry_run_is_a_script()
{
	SBATCH_EXPORT=NONE FINRIG_SCRATCH="$tap_dir/a b" submit "dry it's" --dry-run >"$tap_dir/dry" || return 1
	cat "$tap_dir/dry"
	same 5 "$(grep -c "^export FINRIG_SCRATCH='$tap_dir/a b'\$" "$tap_dir/dry")" && sh -n "$tap_dir/dry" && grep '^# sbatch' "$tap_dir/dry" | sed 's/^# //' | sh -n &&
		same 5 "$(grep -c "^# sbatch .*'$tap_dir/dry it'\\\\''s/run.slurm/[a-z0-9.-]*.sh'\$" "$tap_dir/dry")"
}
without_slurm()
{
	mkdir -p "$tap_dir/bin"
	for program in qemu-system-x86_64 git dpkg-query apt-cache; do ln -sf "$(command -v $program)" "$tap_dir/bin"; done
	says env "PATH=$tap_dir/bin" build/finrig submit --slurm --results "$tap_dir/none/run" $three
}

a_cell() { cell=$(ls -d "$tap_dir/$folder"/run/.parts/*/debian-6.1/*/0-cell.json 2>/dev/null | head -n 1) && [ -n "$cell" ]; }
# begun FOLDER: $room and $task of the part that began a cell of debian-6.1, as soon as there is one
begun()
{
	folder=$1
	waits a_cell || return 1
	room=${cell%%/debian-6.1/*}
	task=$(sed 's/^Slurm job \([0-9_]*\) .*/\1/' "$room/who")
}
reason_is() { [ "$(squeue --noheader --format=%r --jobs "$task" 2>/dev/null)" = "$1" ]; }
# A machine that is busy may tell Slurm when the task has come to its end by itself: then there is another.
# Slurm lets a requeued job wait for two minutes, unless told.
requeued()
{
	while begun requeued; do
		scontrol requeue "$task" && waits reason_is BeginTime || return 1
		[ ! -e "$room" ] || { scontrol update jobid="$task" StartTime=now; return; }
		scancel "$task"
	done
	return 1
}
killed_by_slurm()
{
	while begun lost; do
		scancel --full --signal=KILL "$task"
		waits reason_is '' || return 1
		[ ! -e "$room" ] || { echo "$task" >"$tap_dir/task"; return; }
	done
	return 1
}
# The tasks are cancelled and the merge finds nothing; somebody runs the cells by hand, behind it.
finished_late()
{
	rm -rf "$FINRIG_CACHE/cell"
	submit late && scancel $(sed '$d' "$tap_dir/late/run.slurm/jobs") && status 2 submit late --wait &&
		build/finrig run --results "$tap_dir/late/run" --part 1/1 $three && ! alike "$tap_dir/local/run" "$tap_dir/late/run"
}
lost_cell() { grep -h '"not finished: Slurm job '"$(cat "$tap_dir/task")"' on .* began this cell' "$tap_dir"/lost/run/debian-6.1/*/5-verdict.json; }
by_slurm_unbuilt()
{
	build/finrig submit --slurm --wait --results "$tap_dir/unbuilt-slurm/run" --kernel "$tap_dir/unbuilt.kernel" closing-fin-retransmit
	same 2 $? && alike "$tap_dir/unbuilt/run" "$tap_dir/unbuilt-slurm/run"
}

pattern='expected --slurm' check "no kind of cluster" says build/finrig submit $three
pattern='expected --per-task from 1' check "bad --per-task" says build/finrig submit --slurm --per-task 0 --results "$tap_dir/bad/run" $three
pattern='expected --sbatch with an option of sbatch.*found time=3' check "bad --sbatch" says submit bad --sbatch time=3
pattern='leave out --part' check "a part" says submit bad --part 1/2
pattern='no-such: no such kernel' check "bad kernel" says submit bad --kernel no-such
pattern='sbatch is not installed.*slurm-client' check "no Slurm" without_slurm
check "nothing is left of these" [ ! -e "$tap_dir/bad" ] && [ ! -e "$tap_dir/none" ]
forget_image
rm -rf "$tap_dir/local" "$FINRIG_CACHE/cell"
check "--dry-run prints an image's job, arrays, a merge, and writes nothing" dry_run
check "which a shell reads, whatever the folder is called" dry_run_is_a_script
two_lines=$(printf 'a\nb')
pattern='expected --results in one line' check "a name that no script can have" says build/finrig submit --slurm --results "$tap_dir/$two_lines" $three
if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null; then
	skip "runs by Slurm" "[slurm] slurmctld or slurmd is not installed"
	plan
	exit 0
fi
check "a Slurm of our own" start_slurm
check "submitted" submit requeued
check "a task is requeued in a cell" requeued
pattern='jobs of this run are in the queue' check "the same again meanwhile" says submit requeued
check "with --wait it waits for them, and prints the run's report" submit requeued --wait
rm -rf "$FINRIG_CACHE/cell"
check "the same on one machine" build/finrig run --results "$tap_dir/local/run" $three
check "leaves the same files" alike "$tap_dir/local/run" "$tap_dir/requeued/run"
pattern='is of a run with other options: give another --results' check "another run in its folder" says submit requeued --shift 4
rm -rf "$FINRIG_CACHE/cell"
check "submitted anew" submit lost
check "a task is killed in a cell" killed_by_slurm
check "the run is broken" status 2 submit lost --wait
check "the cell says which job had it" lost_cell
check "submitted again" submit lost --wait
check "only what was missing was run" same "debian-6.1.cells merge" "$(cd "$tap_dir/lost/run.slurm" && find . -name '*.sh' -newer "$tap_dir/task" | sed 's,./,,; s,.sh,,' | sort | xargs)"
check "all files are those of the run on one machine" alike "$tap_dir/local/run" "$tap_dir/lost/run"
check "once more there is nothing to run: the report" submit lost
as_ktap() { submit lost --ktap >"$tap_dir/ktap" && cmp "$tap_dir/ktap" "$tap_dir/lost/run/report.ktap"; }
check "or its KTAP" as_ktap
check "cells that came behind the merge" finished_late
check "have a merge of their own when the run is submitted again" submit late --wait
check "and leave the same files" alike "$tap_dir/local/run" "$tap_dir/late/run"
mkdir -p "$tap_dir/full/run/report.html/x"
pattern='ended before it had written the reports; submit again (logs: .*/full/run.slurm)' check "a merge that cannot write is told" says submit full --wait
rm -r "$tap_dir/full/run/report.html"
check "and made up for" submit full --wait
check "with all reports" test -s "$tap_dir/full/run/report.html"
check "a kernel that cannot be built comes out the same" by_slurm_unbuilt
plan
