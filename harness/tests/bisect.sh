#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# bisect - finrig bisect on real guests: a history of tun.c alone, as a module of Debian's kernel, so that no kernel is built
# The rules of the search are test_bisect's; `make bisect-proof` does the same over a whole kernel's source.
. harness/tests/tap
case=closing-fin-retransmit
module=linux-source-6.1:drivers/net/tun.c
base="deb:linux-image-cloud-amd64,name=base,modules.tun=$module"

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "bisections" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi

# member FILE NAME: the first text or word of that name
member() { sed -n 's/^ *"'"$2"'": "\{0,1\}\([^",]*\)"\{0,1\},\{0,1\}$/\1/p' "$1" | head -n 1; }
git_quiet() { git -C "$repository" -c advice.detachedHead=false "$@"; }

# The tree of what is compiled: one file and its headers, as the mutant's build took it out of Debian's package.
build/finrig image debian-6.1-mutant >/dev/null 2>"$tap_dir/image"
source=$(ls -d build/source/linux-source-6.1_*-file-*/drivers/net/tun.c | head -n 1)
repository=$tap_dir/history
mkdir -p "$repository/drivers/net"
cp "$source" "$repository/drivers/net/"
printf 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nEXTRAVERSION =\n' >"$repository/Makefile"
git_quiet init -q -b main
git_quiet config user.name tester
git_quiet config user.email tester@example.org
git_quiet add .
GIT_AUTHOR_DATE="@1600000000 +0000" GIT_COMMITTER_DATE="@1600000000 +0000" git_quiet commit -q -m "6.1's driver"
check "a history is generated" sh harness/tests/bisect/history "$repository" introduced
check "of 26 commits" same 27 "$(git_quiet rev-list --count main)"
echo "what the user works on" >>"$repository/Makefile"
git_quiet status --porcelain >"$tap_dir/status"

# Killed three times: each time as soon as one more step is there. Nothing is judged twice.
search() { build/finrig bisect --repo "$repository" --case $case --old c1 --new main --kernel "$base" --results "$tap_dir/search" "$@"; }
killed()
{
	search >/dev/null 2>>"$tap_dir/chatter" &
	pid=$!
	while kill -0 $pid 2>/dev/null && [ "$(ls "$tap_dir/search/steps" 2>/dev/null | grep -c 'json$')" -lt "$1" ]; do sleep 0.1; done
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	[ $? -eq 137 ]
}
check "killed at its first step" killed 1
check "killed at its third" killed 3
check "killed at its fifth" killed 5
search >"$tap_dir/out" 2>>"$tap_dir/chatter"
check "then finds it" same 0 $?
found=$(member "$tap_dir/search/bisect.json" commit)
check "names the right commit" same "$(git_quiet rev-parse c17)" "$found"
check "with its subject" grep -q '^    tun: drop what looks like a needless call$' "$tap_dir/out"
check "and its author date" grep -q "^Date:   $(git_quiet log -1 --format=%aI c17)$" "$tap_dir/out"
check "verdict before" grep -q "^before  .*: FIXED  FIN retransmitted" "$tap_dir/out"
check "verdict after" grep -q "^after   .*: BUGGY  timer backed off" "$tap_dir/out"
check "where the two part ways" grep -q "^diff .*FIN retransmission" "$tap_dir/out"
check "reverted at the new end it is mended" grep -q '^check   confirmed: reverted at the new end it changes the verdict there from BUGGY to FIXED' "$tap_dir/out"
check "every point was judged once" same "" "$(sed -n 's/^ *"id" *: //p' "$tap_dir"/search/steps/*.json | sort | uniq -d)"
check "what is compiled to the same bytes does not boot again" sh -c "
	[ \$(ls $tap_dir/search/*/$case/5-verdict.json | wc -l) -eq 3 ] && [ \$(grep -l same_as $tap_dir/search/steps/*.json | wc -l) -eq 6 ]"
check "what dies at boot is skipped with the console's" grep -q 'skipped .*does not come up: .*panic' "$tap_dir/out"
check "the result tells no path of this machine" sh -c "! grep -q -e $tap_dir -e $PWD $tap_dir/search/bisect.json"
check "the user's repository is as it was" sh -c "
	git -C $repository status --porcelain | diff - $tap_dir/status && [ ! -e $repository/.git/BISECT_LOG ] && [ ! -e $repository/.git/worktrees ]"
check "git takes the replay file" sh -c "
	git -C $repository bisect replay $tap_dir/search/git-bisect-replay | grep -q \"$found is the first buggy commit\" && git -C $repository bisect reset"
search --json >"$tap_dir/json" 2>"$tap_dir/again"
check "asked again it answers from its files" same "" "$(grep -v 'note' "$tap_dir/again" | grep -e 'image:' -e 'vm:')"
check "as JSON" cmp "$tap_dir/json" "$tap_dir/search/bisect.json"
check "another bisection does not get the folder" sh -c "
	! build/finrig bisect --repo $repository --case $case --old c2 --new main --kernel '$base' --results $tap_dir/search 2>$tap_dir/err &&
	grep -q 'holds another bisection' $tap_dir/err"

# In a folder whose name could not stand in a kernel's list of patches.
check "what does not build is skipped with the compiler's words" sh -c "
	build/finrig bisect --repo $repository --case $case --old c15 --new c22 --kernel '$base' --results '$tap_dir/a narrow: one;two,three' >$tap_dir/out 2>/dev/null &&
	grep -q 'skipped .*tun.c:[0-9]*:.*error' $tap_dir/out && grep -q '^commit $found$' $tap_dir/out"
check "whatever the folder is called, the revert is judged" grep -q '^check   confirmed: reverted at the new end' "$tap_dir/out"

check "of those that change a path, the ends aside" sh -c "
	build/finrig bisect --repo $repository --case $case --old c1 --new main --kernel '$base' --results $tap_dir/path --skip c5 -- drivers/net/tun.c \
		>$tap_dir/out 2>/dev/null && grep -q '^commit $found$' $tap_dir/out && grep -q \"'--' 'drivers/net/tun.c'\" $tap_dir/path/git-bisect-replay &&
	grep -q \"^git bisect skip $(git_quiet rev-parse c5)\" $tap_dir/path/git-bisect-replay"
check "a path that nothing changes is refused before a guest" sh -c "
	build/finrig bisect --repo $repository --case $case --old c1 --new main --kernel '$base' --results $tap_dir/nowhere -- drivers/net/tap.c 2>$tap_dir/err
	[ \$? -eq 2 ] && grep -q 'drivers/net/tap.c: no commit between --old and --new changes it' $tap_dir/err && [ ! -e $tap_dir/nowhere ]"

# Ends that cannot be.
check "the same verdict at both ends is refused" sh -c "
	! build/finrig bisect --repo $repository --case $case --old c1 --new c12 --kernel '$base' --results $tap_dir/refused 2>$tap_dir/err &&
	grep -q 'both ends have the same verdict.*are FIXED' $tap_dir/err"
check "an end that does not build is refused with the compiler's words" sh -c "
	! build/finrig bisect --repo $repository --case $case --old c7 --new main --kernel '$base' --results $tap_dir/refused2 2>$tap_dir/err &&
	grep -q 'the old end, .*, cannot be judged: .*tun.c:[0-9]*:.*error' $tap_dir/err"
check "an end that dies at boot is refused" sh -c "
	! build/finrig bisect --repo $repository --case $case --old c1 --new c13 --kernel '$base' --results $tap_dir/refused3 2>$tap_dir/err &&
	grep -q 'the new end, .*, cannot be judged: does not come up: .*panic' $tap_dir/err"

mkdir "$tap_dir/tmp"
check "what is refused leaves nothing in the folder for temporary files" sh -c "
	export TMPDIR=$tap_dir/tmp
	for change in '--kernel nowhere' '--old nowhere' '--over dates' '-- drivers/net/tap.c'; do
		build/finrig bisect --repo $repository --case $case --old c1 --new main --results $tap_dir/refused4 \$change 2>$tap_dir/err && exit 1
	done
	ls -A $tap_dir/tmp; [ -z \"\$(ls -A $tap_dir/tmp)\" ]"

# git's own run, with and without a checkout.
git clone -q "$repository" "$tap_dir/clone"
step="$PWD/build/finrig bisect run-step --case $case --kernel $base --results $tap_dir/run-step"
run_with_git()
{
	(cd "$tap_dir/clone" && git bisect start $1 HEAD c1 && git bisect run $step >"$tap_dir/git-run" 2>"$tap_dir/git-run.err"
		git bisect reset; cat "$tap_dir/git-run" "$tap_dir/git-run.err"; grep -q "$found is the first bad commit" "$tap_dir/git-run")
}
check "git bisect run with run-step" run_with_git ""
check "git bisect run with run-step and --no-checkout" run_with_git --no-checkout
check "run-step on a broken rig ends git's run" sh -c "
	cd $tap_dir/clone && PATH=/nowhere $step; [ \$? -eq 128 ]"
check "run-step misused ends git's run" sh -c "$PWD/build/finrig bisect run-step --frob 2>/dev/null; [ \$? -eq 128 ]"

# Lists.
kernels="debian-6.1 $PWD/kernels/debian-6.12.kernel debian-6.1-mutant debian-6.12-mutant"
check "over kernels" sh -c "
	build/finrig bisect --over kernels --case $case --results $tap_dir/kernels $kernels >$tap_dir/out 2>$tap_dir/err &&
	grep -q 'with this kernel:' $tap_dir/out && grep -q '^debian-6.1-mutant$' $tap_dir/out"
kernels="debian-6.1-mutant debian-6.1 debian-6.12 debian-6.12-mutant"
check "over kernels whose ends are the same, the known windows are told" sh -c "
	! build/finrig bisect --over kernels --case $case --results $tap_dir/windows $kernels >$tap_dir/out 2>$tap_dir/err &&
	grep -q 'warning: .* is known to change 2 times' $tap_dir/err &&
	grep -q -- '--window 1  debian-6.1-mutant buggy .. debian-6.1 fixed' $tap_dir/err && grep -q 'same verdict' $tap_dir/err"
check "one window at a time" sh -c "
	build/finrig bisect --over kernels --window 2 --case $case --results $tap_dir/window $kernels >$tap_dir/out 2>$tap_dir/err &&
	grep -q '^debian-6.12-mutant$' $tap_dir/out && ! grep -q warning $tap_dir/err"
patches="$tap_dir/my patches: two"
mkdir "$patches"
cp kernels/patches/tun-no-orphan.sed "$patches/"
git_quiet diff c1^ c1 -- drivers/net/tun.c >"$patches/last.patch"
printf 'tun-no-orphan.sed\nlast.patch\n' >"$patches/series"
check "over the patches of a series" sh -c "
	build/finrig bisect --over patches --case $case --kernel '$base' --results '$tap_dir/a series' '$patches' >$tap_dir/out 2>$tap_dir/err &&
	grep -q 'with this patch:' $tap_dir/out && grep -q '^01-tun-no-orphan.sed$' $tap_dir/out && grep -q 'check   confirmed: left out' $tap_dir/out"
plan
