#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# backport - every verdict of `finrig backport`, on patches for the tun module of a packaged kernel that lacks the orphan call
# Each is a run of its own; they stand in line for the processors as make's jobs do.
. harness/tests/tap
patches=harness/tests/backport

# judge NAME PATCH ARGUMENT...: leaves NAME's text, errors and exit code
judge()
{
	name=$1 patch=$2
	shift 2
	build/finrig backport --base "${base:-debian-6.1-mutant}" --patch "$patch" --results "$tap_dir/$name" --jobs 1 "$@" >"$tap_dir/$name.out" 2>"$tap_dir/$name.err"
	echo $? >"$tap_dir/$name.code"
}

# said NAME CODE PATTERN...: its exit code, and lines that its output has
said()
{
	name=$1 code=$2
	shift 2
	cat "$tap_dir/$name.out" "$tap_dir/$name.err"
	same "$code" "$(cat "$tap_dir/$name.code")" || return 1
	for pattern; do
		grep -q -e "$pattern" "$tap_dir/$name.out" || { echo "no line: $pattern"; return 1; }
	done
}

# refuses PATTERN ARGUMENT...: bad input, exit code 2, said on standard error
refuses()
{
	pattern=$1
	shift
	build/finrig backport --results "$tap_dir/none" "$@" >"$tap_dir/out" 2>"$tap_dir/err"
	code=$?
	cat "$tap_dir/err"
	same 2 "$code" && [ ! -s "$tap_dir/out" ] && grep -q -e "$pattern" "$tap_dir/err"
}

check "no patch" refuses 'expected --base KERNEL and --patch FILE' --base debian-6.1-mutant
check "two patches" refuses 'expected one --patch; a series is one file (mbox)' --base debian-6.1-mutant --patch $patches/comment.patch --patch $patches/half-needed.patch
mkdir "$tap_dir/no-cases"
check "a folder without cases" refuses "no-cases: no .pkt file below it" --base debian-6.1-mutant --patch $patches/half-needed.patch --cases "$tap_dir/no-cases"
check "not a patch" refuses 'prose.patch: expected a unified diff' --base debian-6.1-mutant --patch $patches/prose.patch
check "a patch that is not there" refuses 'gone.patch' --base debian-6.1-mutant --patch $patches/gone.patch
check "a patch for what the base does not build" refuses 'is for net/ipv4/tcp.c, which debian-6.1-mutant does not build: expected a base that is built whole' \
	--base debian-6.1-mutant --patch $patches/elsewhere.patch
cat $patches/elsewhere.patch $patches/half-needed.patch >"$tap_dir/both.patch"
check "a patch of which a part is for it" refuses 'is for net/ipv4/tcp.c, which ' --base debian-6.1-mutant --patch "$tap_dir/both.patch"
sed '/^diff --git a.drivers/,$d' $patches/with-files.patch >"$tap_dir/files.patch"
check "a patch of which no part is for it" refuses 'is for nothing that debian-6.1-mutant builds: Documentation/networking/tuntap.rst is no part' \
	--base debian-6.1-mutant --patch "$tap_dir/files.patch"
: >"$tap_dir/empty.patch"
printf 'Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n' | cat - $patches/comment.patch >"$tap_dir/parts.eml"
check "a mail of several parts" refuses 'parts.eml:2: a mail of several parts: save the patch by itself' --base debian-6.1-mutant --patch "$tap_dir/parts.eml"
check "an empty patch" refuses 'empty.patch: is empty' --base debian-6.1-mutant --patch "$tap_dir/empty.patch"
sed 's,[ab]/drivers/net/,,' $patches/half-needed.patch >"$tap_dir/bare.patch"
check "paths that fit at no level" refuses 'names tun.c: expected paths from the top of the tree' --base debian-6.1-mutant --patch "$tap_dir/bare.patch"
sed 's,[ab]/drivers,drivers,' $patches/half-needed.patch >"$tap_dir/level-0.patch"
check "paths that do not fit the level given" refuses 'do not fit with -p1; they do with -p0' --base debian-6.1-mutant --patch "$tap_dir/level-0.patch" -p1
check "a level that cannot be" refuses '--strip=9: expected a number from 0 to 4' --base debian-6.1-mutant --patch $patches/half-needed.patch -p 9

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "verdicts" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
mkdir "$tap_dir/few"
cp cases/closing-fin-drained.pkt "$tap_dir/few"
for name in old-queue syntax; do judge $name $patches/$name.patch --case closing-fin-retransmit --cases "$tap_dir/few"; done
{
	judge own kernels/patches/tun-orphan.sed --cases "$tap_dir/few" --case closing-fin-retransmit
	judge stops-queue $patches/stops-queue.patch --cases "$tap_dir/few" --case closing-fin-retransmit
} &
cp -r "$tap_dir/few" "$tap_dir/copies"
cp cases/closing-fin-retransmit.pkt "$tap_dir/copies/a-copy.pkt"
judge comment $patches/comment.patch --case closing-fin-retransmit --case cases/closing-fin-retransmit.pkt --cases "$tap_dir/copies"
judge half-needed $patches/half-needed.patch --case closing-fin-retransmit --cases "$tap_dir/few"
judge old-context $patches/old-context.patch --case closing-fin-retransmit --cases "$tap_dir/few" --json
wait
cp $patches/half-needed.patch "$tap_dir/my half: one;two.patch"
judge "my runs: one;two,three" "$tap_dir/my half: one;two.patch" --case closing-fin-retransmit --cases "$tap_dir/few"
judge twice $patches/twice.patch --case closing-fin-retransmit --cases "$tap_dir/few"
judge with-files $patches/with-files.patch --case closing-fin-retransmit --cases "$tap_dir/few"
judge series $patches/series.mbox --case closing-fin-retransmit --cases "$tap_dir/few"
judge level "$tap_dir/level-0.patch" --case closing-fin-retransmit --cases "$tap_dir/few"
judge level-given "$tap_dir/level-0.patch" --case closing-fin-retransmit --cases "$tap_dir/few" -p0
sed '/^@@ -2226/,$d' $patches/half-needed.patch >"$tap_dir/one.patch"
base=deb:linux-image-cloud-amd64,modules.tun=linux-source-6.1:drivers/net/tun.c
judge half-needed-again $patches/half-needed.patch
judge one-again "$tap_dir/one.patch"
judge astray $patches/syntax.patch
base=
printf '%s\n' '--- a/drivers/net/Makefile' '+++ b/drivers/net/Makefile' '@@ -1 +1,2 @@' ' a' '+b' \
	'--- "a/Documentation/caf\303\251 x.rst"' '+++ "b/Documentation/caf\303\251 x.rst"' '@@ -1 +1,2 @@' ' a' '+b' | cat - "$tap_dir/one.patch" >"$tap_dir/makefile.patch"
judge makefile "$tap_dir/makefile.patch" --case closing-fin-retransmit --cases "$tap_dir/few"
sed 's/^\([ +-]\)\t/\1       /' "$tap_dir/one.patch" >"$tap_dir/blanks.patch"
judge blanks "$tap_dir/blanks.patch"
cp -r "$tap_dir/old-queue" "$tap_dir/used"
judge used "$tap_dir/one.patch"
mkdir "$tap_dir/unclaimed"
echo '{}' >"$tap_dir/unclaimed/backport.json"
judge unclaimed "$tap_dir/one.patch"
base=source-6.1-mutant
judge no-file "$tap_dir/bare.patch"

check "the project's own backport is VERIFIED" said own 0 '^closing-fin-retransmit  BUGGY     FIXED  ' 'the whole patch$' \
	'^VERIFIED: closing-fin-retransmit is BUGGY without the patch and FIXED with it: .*; no harm in 1 other case$'
check "fuzz is reported, and JSON says the same" said old-context 0 '"verdict": "VERIFIED"' '"cause": ".*; applied with fuzz",$' \
	'"drivers/net/tun.c: Hunk #1 succeeded at [0-9]* with fuzz 2' '"need": "whole"'
check "what --json prints is what the run's folder has" cmp "$tap_dir/old-context.out" "$tap_dir/old-context/backport.json"
check "a comment alone is INEFFECTIVE" said comment 1 \
	'^INEFFECTIVE: closing-fin-retransmit is still BUGGY with the patch: timer backed off [0-9]* times, 0 FIN retransmitted'
check "a case that is given again, or as a copy, is taken once" same "closing-fin-drained closing-fin-retransmit " \
	"$(grep -o '"case": "[^"]*"' "$tap_dir/comment/backport.json" | cut -d'"' -f4 | sort | tr '\n' ' ')"
check "what breaks another case is HARMFUL, and the case and the hunk are named" said stops-queue 1 \
	'^HARMFUL: closing-fin-drained is FIXED without the patch and CHANGED with it: fin.retransmits is 0' \
	'^        needed: without it closing-fin-retransmit is BUGGY' 'not needed, and does the harm: without it closing-fin-drained is FIXED$' '^HARMFUL: .*; hunk 2 does the harm$'
check "what finds no place DOES NOT APPLY, and the hunk is shown" said old-queue 1 '^DOES NOT APPLY: ' '^Hunk #1 FAILED at ' '^+.skb_orphan(skb);$'
check "a file that the source lacks is named" said no-file 1 "^DOES NOT APPLY: the base's source has no tun.c$"
check "what is left out and no documentation is told in the verdict's sentence" said makefile 0 '^VERIFIED: .*; drivers/net/Makefile was left out and not judged$' \
	'^note   Documentation/café x.rst: not part of the module, left out$'
check "documentation that is left out is not" sh -c "! grep -q '^VERIFIED: .*rst' '$tap_dir/makefile.out'"
check "white space that a mailer changed is told" said blanks 1 '^DOES NOT APPLY: a hunk would fit but for white space'
check "a folder of another backport is refused" said used 2
check "and that is said" grep -q 'used holds another backport: give another --results' "$tap_dir/used.err"
check "and it stays as it is" diff -r "$tap_dir/old-queue" "$tap_dir/used"
check "so is one of an earlier finrig" said unclaimed 2
check "no folder of this host is in what it leaves" sh -c "! grep -q -e saving.rejects -e '$tap_dir' '$tap_dir/old-queue/backport.json'"
check "what the base has already is told" said one-again 1 'one.patch: is applied already:' '^DOES NOT APPLY: already applied: the base has all of it'
check "a part that the base has already is told" said half-needed-again 1 'previously applied' '^DOES NOT APPLY: the base has a part of it already$'
check "a hunk that went astray by fuzz is told" said astray 1 'Hunk #1 is for tun_net_xmit() and went into '
check "what does not compile DOES NOT BUILD, and the error is shown" said syntax 1 '^DOES NOT BUILD: ' \
	'make modules failed: drivers/net/tun.c:[0-9]*:[0-9]*: error: expected'
check "a hunk that is not needed is named" said half-needed 0 '^        needed: without it closing-fin-retransmit is BUGGY' \
	'^        not needed: no case notices that it is missing$' '^VERIFIED: .*; hunk 2 is not needed$'
check "of two hunks that do the same one is needed, and all that can go is told" said twice 0 '^        not needed: no case notices that it is missing$' \
	'^        needed once those not needed are left out: without it closing-fin-retransmit is BUGGY' '; hunks 1, 3 are not needed: hunk 2 alone does as well$'
check "what is no part of the module is left out, new headers are not" said with-files 0 '^note   Documentation/networking/tuntap.rst: not part of the module, left out$' \
	'^note   MAINTAINERS: not part' '^note   Documentation/networking/tun.png: binary, left out$' '^note   tools/.*: only its mode changes, left out$' \
	'^hunk 2  include/linux/tun_sent.h ' '^        needed: the rest does not build without it$' '^VERIFIED: '
check "a series in one mbox, encoded for mail" said series 0 '^note   a series of 2 mails, taken as one patch$' '^note   its lines end with CR LF, taken as LF$' \
	'^VERIFIED: .*; hunk 1 is not needed$'
check "paths of another level are taken, and that is told" said level 0 '^note   its paths fit with -p0 and not with -p1: taken so$' '^VERIFIED: '
check "a level that is given" said level-given 0 '^VERIFIED: '
check "and needs no remark" sh -c "! grep -q '^note' '$tap_dir/level-given.out'"
check "folder and patch may have any name" said "my runs: one;two,three" 0 '^VERIFIED: .*; hunk 2 is not needed$'
check "what the verdict rests on is in the run's folder" [ -s "$tap_dir/half-needed/hunks/debian-6.1-mutant+half-needed-without-1/closing-fin-retransmit/3-packets.pcap" ]
plan
