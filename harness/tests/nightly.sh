#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# nightly - nights one after the other with a regression put in between: exactly it is told; canaries, other bytes, two at once
. harness/tests/tap
results=$tap_dir/nights history=$tap_dir/history.sqlite

# kernel NAME KEYS...: a kernel file of the test's own, on Debian's packaged 6.1
kernel()
{
	name=$1
	shift
	printf '[kernel]\ntitle = a kernel of this test\nwhy = tests\ndeb = linux-image-cloud-amd64\n' >"$tap_dir/$name.kernel"
	for key in "$@"; do echo "$key" >>"$tap_dir/$name.kernel"; done
}
mutant="modules.tun = linux-source-6.1:drivers/net/tun.c"
well() { kernel moving 'expect.* = fixed'; }
regressed() { kernel moving 'expect.* = fixed' "$mutant" "patches = tun-no-orphan.sed"; }
canary_sings() { kernel canary 'expect.closing-fin-retransmit = buggy' "$mutant" "patches = tun-no-orphan.sed"; }
canary_is_mute() { kernel canary 'expect.closing-fin-retransmit = buggy'; }

cat >"$tap_dir/stack.nightly" <<'END'
[nightly]
kernels = moving.kernel; canary.kernel
cases = closing-fin-retransmit; closing-fin-drained
canaries = canary
results = nights
history = history.sqlite
keep = 3

[variant plain]

[variant ipv6-undrained]
ip-version = ipv6
drain = never
cases = closing-fin-retransmit
kernels = moving
END
cat >"$tap_dir/other.nightly" <<'END'
[nightly]
kernels = moving.kernel
cases = closing-fin-drained
history = history.sqlite
results = nights
END

# night STATUS NAME [ARGUMENT...]: leaves the text in $tap_dir/NAME
night()
{
	want=$1 name=$2
	shift 2
	build/finrig nightly "$@" "$tap_dir/stack.nightly" >"$tap_dir/$name" 2>"$tap_dir/$name.err"
	got=$?
	cat "$tap_dir/$name"
	grep '^finrig' "$tap_dir/$name.err"
	same "$want" "$got"
}

# says NAME LINE...: each stands in the night's text as a line
says()
{
	name=$1
	shift
	cat "$tap_dir/$name"
	for line in "$@"; do grep -qx -e "$line" "$tap_dir/$name" || { echo "expected: $line"; return 1; }; done
}

# Cells told one by one: their first lines begin with two blanks.
told() { grep -c '^  [^ ]' "$tap_dir/$1"; }
query() { sqlite3 "$history" "$1"; }

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "nights" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
well
canary_sings
check "the first night" night 0 first
check "all as expected" says first 'finrig nightly stack: 1 first seen, 4 as expected' \
	'canaries: 1 of 1 told, so the rig can tell a bug' 'not compared: 5 cells that no trusted night before has' '  canary FIXED: closing-fin-drained \[plain\]'
check "nothing else is said" same 1 "$(told first)"

regressed
check "a night after a regression" night 1 second
check "it is told" says second 'finrig nightly stack: 2 NEW regressions, 1 as before, 2 as expected' 'NEW regression (2)' \
	'  moving closing-fin-retransmit \[plain\]' '  moving closing-fin-retransmit \[ipv6-undrained\]' \
	'    FIXED -> BUGGY, expected fixed: .*0 FIN retransmitted.*' '    since 20.*Z: kernel [0-9a-f]* -> [0-9a-f]*' \
	'moved: moving, image [0-9a-f]* -> [0-9a-f]*' \
	"    again: finrig run --again --kernel .*moving.kernel --ip-version ipv6 closing-fin-retransmit"
# fact FILE PYTHON: of a night's JSON
fact() { /usr/bin/python3 -c 'import json, sys; night = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"; }
check "and in JSON" same "1 2 2 1 0 FIXED FIXED" "$(fact "$results/stack/latest/night.json" '" ".join(str(word) for word in
	[night["exit_code"], night["counts"]["regression"], night["counts"]["expected"], night["counts"]["same"], night["not_compared"]] + [cell["last"]["outcome"] for cell in night["cells"]])')"
check "and nothing but it" same 2 "$(told second)"
check "the folder is named" sh -c "grep '^    see: ' $tap_dir/second | while read -r see folder; do [ -e \$folder/3-packets.pcap ] || exit 1; done"

check "a night after that" night 1 third
since=$(query "SELECT started FROM result WHERE event = 'regression' LIMIT 1")
check "it is failing since then, and not new" says third 'finrig nightly stack: 2 still failing, 1 as before, 2 as expected' \
	"    BUGGY since $since, expected fixed: .*" '    since 20.*Z: nothing changed'
regressions() { build/finrig regressions --history "$history" "$@" >"$tap_dir/regressions" 2>&1; }
lists() { regressions "$@"; same 1 $? && cat "$tap_dir/regressions" && same 2 "$(grep -c ' stack  moving closing-fin-retransmit .* (still)$' "$tap_dir/regressions")"; }
check "finrig regressions lists it" lists --since 1d
check "by date" lists --since "${since%T*}"
check "and not what was before" sh -c "! build/finrig regressions --history $history --since 2999-01-01 | grep ."

well
check "a night after it was mended" night 0 fourth
check "that is told" says fourth 'finrig nightly stack: 2 FIXED since, 1 as before, 2 as expected' '    BUGGY -> FIXED, expected fixed: .*'
check "no regression stands" regressions --since 1d
check "and each says since when" sh -c "[ \$(grep -c '(as expected since 20' $tap_dir/regressions) = 2 ]"
history_is()
{
	build/finrig history --history "$history" --variant plain closing-fin-retransmit moving >"$tap_dir/shown" || return 1
	cat "$tap_dir/shown"
	same "FIXED fixed: BUGGY failing: BUGGY regression: FIXED expected: " "$(awk '{ printf "%s %s ", $4, $5 }' "$tap_dir/shown")"
}
check "finrig history shows all four nights" history_is
index=$results/stack/index.html
# The bars of the cell that the page links to by this end of an address, the oldest night first.
bars() { sed -n "\\|href=\"[^\"]*$1\"|,/<\/td>/s/.*class=\"bar-\([A-Z]*\)\".*/\1/p" "$index" | tr '\n' ' '; }
check "the page of all nights is whole and loads nothing" harness/tests/report_check page "$index"
check "it shows what each cell was" same "FIXED BUGGY BUGGY FIXED " "$(bars 'plain/report.html#moving/closing-fin-retransmit')"
check "of each variant" same "FIXED BUGGY BUGGY FIXED " "$(bars 'ipv6-undrained/report.html#moving/closing-fin-retransmit.ipv6')"
check "in words too" grep -q 'aria-label="closing-fin-retransmit of moving, the oldest night first: 1 FIXED, 2 BUGGY, 1 FIXED"' "$index"
check "and of a cell that never changed" same "BUGGY BUGGY BUGGY BUGGY " "$(bars 'plain/report.html#canary/closing-fin-retransmit')"
leads()
{
	grep -o 'href="[^"]*"' "$index" | sed 's/^href="//; s/"$//' | sort -u >"$tap_dir/links"
	[ "$(wc -l <"$tap_dir/links")" -ge 8 ] || return 1
	while IFS='#' read -r file place; do
		[ -e "$results/stack/$file" ] && { [ -z "$place" ] || grep -q "id=\"$place\"" "$results/stack/$file"; } || { echo "$file#$place"; return 1; }
	done <"$tap_dir/links"
}
check "its links lead to the nights that are kept, and to their cells" leads
check "the folders of three are kept" same 3 "$(find "$results/stack" -mindepth 1 -maxdepth 1 -type d | wc -l)"
check "and the history knows" same 1 "$(query 'SELECT count(*) FROM night WHERE NOT kept')"

canary_is_mute
regressed
check "a canary is not told" night 2 fifth
check "so the rig is broken" says fifth 'finrig nightly stack: 1 RIG BROKEN, 2 NEW regressions, 1 as before, 1 as expected' \
	'  canary closing-fin-retransmit \[plain\]' 'later nights will not be compared with this one'
canary_sings
well
check "the next night knows nothing of that one" night 0 sixth
check "all as expected again" says sixth 'finrig nightly stack: 1 as before, 4 as expected' \
	'not compared with 20[0-9-]*T[0-9:]*Z, which was not trusted'

untrusted_is_marked()
{
	build/finrig history --history "$history" --variant plain closing-fin-retransmit moving >"$tap_dir/shown" || return 1
	cut -c1-140 "$tap_dir/shown"
	same 1 "$(grep -c ' (not trusted)$' "$tap_dir/shown")" && sed -n 2p "$tap_dir/shown" | grep -q ' regression: .* (not trusted)$'
}
check "finrig history marks the night that was not trusted" untrusted_is_marked

# A kernel of which nobody expects anything: FIXED in one night, BUGGY in the next.
cat >"$tap_dir/silent.nightly" <<'END'
[nightly]
kernels = silent.kernel
cases = closing-fin-retransmit; closing-lo
results = nights
history = silent.sqlite
cached = yes

[variant plain]

[variant ipv6]
ip-version = ipv6
END
silent()
{
	build/finrig nightly "$tap_dir/silent.nightly" >"$tap_dir/silent" 2>"$tap_dir/silent.err"
	same "$1" $? || { cat "$tap_dir/silent" "$tap_dir/silent.err"; return 1; }
}
of_variant=$results/silent/latest
kernel silent
check "a night without an expectation" silent 0
check "its reports say so" grep -q '<p>2 cells of variant plain, all as expected.</p>' "$of_variant/plain/report.html"
check "the page says what is left out of a variant" grep -qx '<p>left out of ipv6: closing-lo names ipv4</p>' "$results/silent/index.html"
kernel silent "$mutant" "patches = tun-no-orphan.sed"
check "a regression without an expectation" silent 1
regression='NEW regression: FIXED on 20[0-9-]*T[0-9:]*Z'
says_regression()
{
	grep -q "failures=\"1\" errors=\"0\">" "$1/plain/report.junit.xml" &&
		grep -q "<failure type=\"BUGGY\" message=\"BUGGY, $regression: " "$1/plain/report.junit.xml" &&
		grep -q '^    not ok 1 silent' "$1/plain/report.ktap" && grep -q "^silent closing-fin-retransmit: BUGGY, $regression: " "$1/plain/summary.txt" &&
		grep -q "$regression" "$1/plain/report.html" && ! grep -q 'all as expected' "$1/plain/report.html" && grep -q "\[$regression\]" "$1/plain/report.txt"
}
check "all reports of its variants tell it" says_regression "$of_variant"
cp "$of_variant/plain/report.junit.xml" "$tap_dir/junit"
check "and made again" sh -c "build/finrig report --format summary '$of_variant/plain' | grep -q '1 as expected, 1 not'; cmp $tap_dir/junit '$of_variant/plain/report.junit.xml'"
check "the JUnit XML keeps to its schema" xmllint --noout --schema harness/tests/schema/junit.xsd "$of_variant/plain/report.junit.xml"
check "the KCIDB JSON too" harness/tests/report_check valid harness/tests/schema/kcidb.json "$of_variant/ipv6/report.kcidb.json"
paths() { for variant in plain ipv6; do sed -n 's/.*"path": "\(.*\)".*/\1/p' "$of_variant/$variant/report.kcidb.json"; done | sort | tr '\n' ' '; }
check "KernelCI is given a series for each variant" same \
	"finrig.ipv6.closing-fin-retransmit.ipv6 finrig.plain.closing-fin-retransmit finrig.plain.closing-lo " "$(paths)"
check "and Jenkins a package" grep -q '<testcase classname="ipv6.closing-fin-retransmit.ipv6" name="silent">' "$of_variant/ipv6/report.junit.xml"

# What is said to be there is looked for.
absent()
{
	printf '[nightly]\n\nkernels = %s\ncases = closing-lo\n' "$1" >"$tap_dir/absent.nightly"
	build/finrig nightly --check "$tap_dir/absent.nightly" >"$tap_dir/absent" 2>&1
	same 2 $? && grep -q "^finrig: $tap_dir/absent.nightly:3: .*$2" "$tap_dir/absent" || { cat "$tap_dir/absent"; return 1; }
}
git init -q -b there "$tap_dir/empty" && git -C "$tap_dir/empty" -c user.name=t -c user.email=t@t commit -q --allow-empty -m one
check "--check: a ref that is not there" absent "git:$tap_dir/empty@nosuch" "has no ref nosuch"
check "--check: no repository" absent "git:$tap_dir/nowhere@there" "$tap_dir/nowhere"
check "--check: an image that is not there" absent "image:$tap_dir/nowhere" "$tap_dir/nowhere: no such file"
check "--check: a tree that is not there" absent "tree:$tap_dir/nowhere" "$tap_dir/nowhere: no such folder"
check "--check: a ref that is there" sh -c "sed -i 's|^kernels = .*|kernels = git:$tap_dir/empty@there|' $tap_dir/absent.nightly &&
	build/finrig nightly --check $tap_dir/absent.nightly | grep -qx '1 cells'"
check "a night's folder is no run" sh -c "build/finrig report '$of_variant' 2>&1 | grep -x 'finrig: .*: a night: give one of its variants, such as [a-z0-9]*'"

query "INSERT INTO word (text) VALUES ('others'); UPDATE cell SET bytes = (SELECT id FROM word WHERE text = 'others')
	WHERE night = (SELECT max(id) FROM night) AND test_case = (SELECT id FROM word WHERE text = 'closing-fin-drained')
	AND kernel = (SELECT id FROM word WHERE text = 'moving')"
check "the same inputs, other bytes" night 2 seventh
check "are told" says seventh 'finrig nightly stack: 1 NONDETERMINISM, 1 as before, 3 as expected' '  moving closing-fin-drained \[plain\]' \
	"    other bytes: $results/stack/.*/plain/moving/closing-fin-drained of 20.*"

# Two at once: of one nightly, and of another in the same history.
two_at_once()
{
	before=$(query 'SELECT max(id) FROM night')
	build/finrig nightly "$tap_dir/stack.nightly" >"$tap_dir/one" 2>"$tap_dir/one.err" &
	one=$!
	build/finrig nightly "$tap_dir/stack.nightly" >"$tap_dir/two" 2>"$tap_dir/two.err" &
	two=$!
	build/finrig nightly "$tap_dir/other.nightly" >"$tap_dir/three" 2>"$tap_dir/three.err"
	three=$?
	wait $one
	one=$?
	wait $two
	two=$?
	grep -h '^finrig' "$tap_dir"/one* "$tap_dir"/two* "$tap_dir"/three*
	same "0 0 0" "$one $two $three" && same 3 "$(query "SELECT count(*) FROM night WHERE id > $before AND trusted AND finished IS NOT NULL")" &&
		same 11 "$(query "SELECT count(*) FROM result WHERE night > $before AND event IN ('expected', 'same')")"
}
check "two at once, and a third" two_at_once
check "the file is sound" same ok "$(query 'PRAGMA integrity_check')"
check "no key leads nowhere" same "" "$(query 'PRAGMA foreign_key_check')"

# The rig is broken in the very first night of all.
fresh() { build/finrig nightly "$tap_dir/fresh.nightly" >"$tap_dir/$1" 2>"$tap_dir/$1.err"; }
first_untrusted()
{
	printf '[nightly]\nkernels = canary.kernel\ncases = closing-fin-retransmit; closing-fin-drained\ncanaries = canary\nresults = nights\nhistory = %s\n' \
		fresh.sqlite >"$tap_dir/fresh.nightly"
	canary_is_mute
	fresh fresh-1
	same 2 $? || { cat "$tap_dir/fresh-1"; return 1; }
	canary_sings
	fresh fresh-2
	same 0 $?
}
check "a first night that is not trusted, and another" first_untrusted
check "what is not compared is told" says fresh-2 'finrig nightly fresh: 1 first seen, 1 as expected' '  canary FIXED: closing-fin-drained' \
	'not compared: 2 cells that no trusted night before has' 'not compared with 20[0-9-]*T[0-9:]*Z, which was not trusted'
check "also on the page" grep -q '^<p>not compared: 2 cells' "$results/fresh/index.html"
check "and in JSON" same "2 1 1" "$(fact "$results/fresh/latest/night.json" '" ".join(str(number) for number in
	[night["not_compared"], len(night["untrusted"]), night["counts"]["first"]])')"

# What tonight has no more, and what is asked of the history.
gone()
{
	rm -r "$(find "$results/fresh" -mindepth 1 -maxdepth 1 -type d | sort | head -n 1)"
	sed -i 's/; closing-fin-drained$//' "$tap_dir/fresh.nightly"
	fresh fresh-3
	same 0 $?
}
check "a night without a case" gone
check "says so" says fresh-3 'finrig nightly fresh: 1 as expected' \
	'not run any more: canary closing-fin-drained \[plain\]; the night of 20[0-9-]*T[0-9:]*Z had it'
check "the page has no link to a folder that somebody removed" same 2 "$(grep -c 'night.txt"' "$results/fresh/index.html")"
asks() { build/finrig history --history "$tap_dir/fresh.sqlite" "$1" "$2" 2>&1 | grep -x "finrig: .*fresh.sqlite: $3"; }
check "a kernel that the history has not" asks closing-fin-drained canari 'no night had closing-fin-drained on canari; it was on canary'
check "a case" asks closing-fin canary 'no night had closing-fin on canary; that had closing-fin-drained or closing-fin-retransmit'
check "the two the other way round" asks canary closing-fin-drained 'no night had a case canary, or a kernel closing-fin-drained (the case comes first)'

# Its regression stands, but not since yesterday.
regression_of_gone()
{
	sqlite3 "$tap_dir/fresh.sqlite" "INSERT OR IGNORE INTO word (text) VALUES ('unexpected');
		UPDATE cell SET event = (SELECT id FROM word WHERE text = 'unexpected') WHERE night = 2"
	build/finrig regressions --history "$tap_dir/fresh.sqlite" --since 1d >"$tap_dir/out"
	same 1 $? && cat "$tap_dir/out" && grep -q 'canary closing-fin-drained .* (when it last ran, 20[0-9-]*T[0-9:]*Z)$' "$tap_dir/out" &&
		grep -q 'canary closing-fin-retransmit .* (as expected since 20' "$tap_dir/out"
}
check "what became of it nobody knows" regression_of_gone

# What breaks a night is in the mail, and leaves no folder that the history does not know.
no_night()
{
	build/finrig nightly --mail team@example.org "$tap_dir/none.nightly" >"$tap_dir/no-night" 2>/dev/null
	same 2 $? && says no-night 'To: team@example.org' 'Subject: finrig nightly none: NO NIGHT: it did not come to its end' '.*none.nightly.*'
}
check "a mail of a night that could not be" no_night
without_rights()
{
	mkdir -p "$tap_dir/open" && chmod 755 "$tap_dir" && chmod 777 "$tap_dir/open" && chmod 444 "$tap_dir/fresh.sqlite" || return 1
	sed -i 's/^results.*/results = open/' "$tap_dir/fresh.nightly"
	if [ "$(id -u)" = 0 ]; then
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups
	fi
	"$@" build/finrig nightly "$tap_dir/fresh.nightly" >"$tap_dir/out" 2>&1
	same 2 $? && grep -q 'fresh.sqlite: attempt to write a readonly database' "$tap_dir/out" && same "" "$(find "$tap_dir/open" -name '20*')"
}
check "a history that may not be written" without_rights

# Killed as soon as a guest runs.
killed()
{
	mkfifo "$tap_dir/progress"
	build/finrig nightly "$tap_dir/stack.nightly" >"$tap_dir/killed" 2>"$tap_dir/progress" &
	victim=$!
	while read -r line; do
		case $line in *": vm: starts"*) kill -KILL $victim; break ;; esac
	done <"$tap_dir/progress"
	wait $victim
	same 137 $? && same "" "$(cat "$tap_dir/killed")"
}
check "a night is killed" killed
check "its start is all that is known" same "1 0" "$(query 'SELECT count(*) || " " || (SELECT count(*) FROM cell WHERE night = night.id)
	FROM night WHERE finished IS NULL AND NOT trusted')"

sed -i 's/^keep = .*/repeat = 2/; s/^cases = .*/cases = closing-fin-drained/; s/^canaries.*//; /^\[variant/,$d' "$tap_dir/stack.nightly"
check "repetitions that are the same" night 0 repeated --mail team@example.org
check "as a mail" says repeated 'To: team@example.org' 'Subject: finrig nightly stack: 1 as before, 1 as expected' 'Content-Type: text/plain; charset=utf-8'

# A branch that moves. The repository's kernels take a moment to build: its make copies one that was built before.
repository=$tap_dir/linux
image_of() { build/finrig image "$1" 2>/dev/null | sed -n "s/^$1 *//p"; }
commit() { git -C "$repository" add . && git -C "$repository" -c user.name=t -c user.email=t@t commit -q --allow-empty -m "$1"; }
made_of() { echo "$2" >"$repository/made-of" && commit "$1"; }
make_repository()
{
	mkdir -p "$repository/init" "$repository/scripts" && git init -q -b net "$repository" || return 1
	touch "$repository/Kbuild" "$repository/Kconfig" "$repository/scripts/Kbuild.include" "$repository/init/main.c"
	cat >"$repository/Makefile" <<'END'
VERSION = 6
PATCHLEVEL = 1
made := $(shell cat made-of)
allnoconfig:
	cp $(made)/config $(O)/.config
bzImage:
	mkdir -p $(O)/arch/x86/boot $(O)/include/config
	cp $(made)/bzImage $(O)/arch/x86/boot/
	cp $(made)/System.map $(made)/vmlinux $(O)/
	echo 6.1.192 >$(O)/include/config/kernel.release
END
	made_of "well" "$good"
}
cat >"$tap_dir/branch.nightly" <<END
[nightly]
kernels = git:$repository@net,name=branch
cases = closing-fin-retransmit
results = nights
history = history.sqlite
END
branch_night()
{
	want=$1
	shift
	FINRIG_CACHE=$tap_dir/cache build/finrig nightly "$@" "$tap_dir/branch.nightly" >"$tap_dir/branch" 2>"$tap_dir/branch.err"
	same "$want" $? || { cat "$tap_dir/branch" "$tap_dir/branch.err"; return 1; }
}
built() { same "$1" "$(grep -c 'image: building' "$tap_dir/branch.err")"; }
good=$(image_of source-6.1) bad=$(image_of source-6.1-mutant)
check "a repository" make_repository
check "a night of a branch" branch_night 0
check "builds it" built 1
commit "nothing but history"
check "a night after its history moved" branch_night 0
check "builds nothing" built 0
check "and tells no move" sh -c "! grep moved: $tap_dir/branch"
before=$(git -C "$repository" rev-parse --short=12 net)
made_of "regress" "$bad"
after=$(git -C "$repository" rev-parse --short=12 net)
check "a night after it moved to a regression" branch_night 1 --json
check "builds it" built 1
cp "$tap_dir/branch" "$tap_dir/branch.json"
cp "$results/branch/latest/night.txt" "$tap_dir/branch"
check "names the commits" says branch 'finrig nightly branch: 1 NEW regression' "    since 20.*Z: commit $before -> $after, kernel [0-9a-f]* -> [0-9a-f]*" \
	"moved: branch, commit $before -> $after, image [0-9a-f]* -> [0-9a-f]*" "    again: finrig run --again --kernel git:$repository@net,name=branch closing-fin-retransmit"
check "in JSON too" same "branch True $before $after" "$(fact "$tap_dir/branch.json" '" ".join(str(word) for kernel in night["kernels"]
	for word in (kernel["name"], kernel["moved"], kernel["from"]["commit"][:12], kernel["commit"][:12]))')"
check "which is what lies in the folder" cmp "$tap_dir/branch.json" "$results/branch/latest/night.json"
check "KernelCI is told commit and branch" same "$(git -C "$repository" rev-parse net) net" "$(for member in git_commit_hash git_repository_branch; do
	harness/tests/report_check checkout "$results/branch/latest/plain/report.kcidb.json" branch $member; done | tr '\n' ' ' | sed 's/ $//')"
git -C "$repository" checkout -q --detach && git -C "$repository" branch -q -D net
check "a night after the branch is gone" branch_night 2
check "says so" grep -q "has no ref net" "$tap_dir/branch"
plan
