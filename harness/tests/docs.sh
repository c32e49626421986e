#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# docs - what the documentation shows is true: script blocks are read by the real parser, named files and facts exist
. harness/tests/tap
# Each ```pkt block into a file of its own.
awk -v dir="$tap_dir" '/^```pkt/ { inside = 1; n++; next } /^```/ { inside = 0 } inside { print > (dir "/block" n ".pkt") }' docs/case-language.md
for block in "$tap_dir"/block*.pkt; do
	check "case-language.md, $(basename "$block" .pkt)" build/finrig cases --check "$block"
done
check "case-language.md has blocks" [ -e "$tap_dir/block3.pkt" ]
check "header keys of the page are those of case.c" sh -c "
	sed -n '/^## Header/,/^## /s/^| \`\([a-z]*\)\` .*/\1/p' docs/case-language.md | sort >$tap_dir/page
	sed -n '/header_keys\[\] = {/,/^};/p' harness/case.c | grep -o '{ \"[a-z]*\"' | grep -o '[a-z]*' | sort >$tap_dir/code
	[ -s $tap_dir/page ] && diff $tap_dir/page $tap_dir/code"
check "facts of the page exist" sh -c "
	build/finrig analyze --facts | awk '{ print \$1 }' >$tap_dir/facts
	for fact in fin.retransmits fin.gap_ratio state.last rto.backoffs; do grep -qx \$fact $tap_dir/facts || { echo \$fact; exit 1; }; done"
check "socket-fields.md has every number of a socket, and no other" sh -c "
	sed -n '/^| name/,/^$/s/^| \`\([a-z0-9_]*\)\` | \([a-z/]*\) .*/socket.\1 \2/p' docs/socket-fields.md | sort >$tap_dir/page
	build/finrig analyze --facts | awk '/; the last sample\$/ { print \$1, \$2 }' | sort >$tap_dir/code
	[ -s $tap_dir/page ] && diff $tap_dir/page $tap_dir/code"
check "cases.md is what \`make case-table\` writes" sh -c "docs/case-table | diff docs/cases.md -"
check "files the docs name are there" sh -c "
	for file in \$(cat README.md docs/*.md | grep -o '](\(docs\|COPYING\)[^)]*)' | tr -d '])('); do [ -e \$file ] || { echo no \$file; exit 1; }; done"
check "every make target of README exists" sh -c "
	for target in \$(grep -h -o -e '\`make [a-z-]\+' -e '^    make [a-z-]\+' README.md docs/*.md | awk '{ print \$2 }' | sort -u); do
		grep -q \"^\$target:\" Makefile || { echo no target \$target; exit 1; }; done"
check "keys of nightly.md are those of nightly_config.c" sh -c "
	sed -n '/^| key of/,/^$/s/^| \(\`.*\`\) | .*/\1/p' docs/nightly.md | grep -o '\`[a-z.-]*' | tr -d '\`' | grep . | sort >$tap_dir/page
	grep -o '{ \"[a-z.-]*\", set_' harness/nightly_config.c | grep -o '[a-z.-]*\"' | tr -d '\"' | grep . | sort >$tap_dir/code
	[ -s $tap_dir/page ] && diff $tap_dir/page $tap_dir/code"
check "columns of nightly.md are those of the history" sh -c "
	sed -n '/^| column/,/^$/s/^| \(\`.*\`\) | .*/\1/p' docs/nightly.md | grep -o '\`[a-z_]*\`' | tr -d '\`' | sort >$tap_dir/page
	build/tests/test_past --columns | sort >$tap_dir/code
	[ -s $tap_dir/page ] && diff $tap_dir/page $tap_dir/code"
words_of_events()
{
	sed -n '/^| word in/,/^$/s/^| `\([a-z]*\)`.*| \([012]\) |$/\1 \2/p' docs/nightly.md >"$tap_dir/page"
	sed -n 's/.*NIGHTLY_[A-Z]*\] = { "\([a-z]*\)".*\(EXIT_[A-Z_]*\), .*/\1 \2/p' harness/nightly_judge.c |
		sed 's/EXIT_AS_EXPECTED/0/; s/EXIT_DIFFERENT/1/; s/EXIT_BROKEN/2/' >"$tap_dir/code"
	[ -s "$tap_dir/page" ] && diff "$tap_dir/page" "$tap_dir/code"
}
check "events of nightly.md are those of nightly_judge.c" words_of_events
# The configuration that the page shows, with a kernel that every checkout has in the place of the repository.
sed -n '/^    \[nightly\]/,/^| key/s/^    //p' docs/nightly.md | sed 's/; git:[^ ]*//; s/^tarballs.*//' >"$tap_dir/page.nightly"
check "the configuration of nightly.md is read" sh -c "build/finrig nightly --check $tap_dir/page.nightly | grep -q '^drained debian-6.1-mutant closing-fin-retransmit, expected fixed\$'"
if command -v systemd-analyze >/dev/null; then
	awk -v dir="$tap_dir" '/^```(service|timer)/ { file = dir "/finrig." substr($0, 4); next } /^```/ { file = "" } file { print > file }' docs/nightly.md
	sed -i "s|=/srv/finrig|=$tap_dir|" "$tap_dir/finrig.service"
	check "units of nightly.md" sh -c "systemd-analyze verify --user $tap_dir/finrig.service $tap_dir/finrig.timer 2>&1 | grep $tap_dir && exit 1; [ -s $tap_dir/finrig.timer ]"
else
	skip "units of nightly.md" "[systemd] systemd-analyze is not installed"
fi
# cron ends a command at a %, and knows five fields before it.
cron_line()
{
	sed -n 's/^    \([0-9*]* [0-9*]* [0-9*]* [0-9*]* [0-9*]*\)  \(cd .*\)$/\2/p' docs/nightly.md >"$tap_dir/cron"
	same 1 "$(wc -l <"$tap_dir/cron")" && ! grep % "$tap_dir/cron" && sh -n "$tap_dir/cron"
}
check "cron's line of nightly.md" cron_line
members()
{
	sed -n '/^## night.json/,/^## The history/p' docs/nightly.md | grep -o '`[a-z_]*`' | tr -d '`' | sort -u >"$tap_dir/page"
	grep -o '"[a-z_]*"' harness/nightly_json.c | tr -d '"' | sort -u | comm -23 - "$tap_dir/page" >"$tap_dir/missing"
	same "" "$(cat "$tap_dir/missing")"
}
check "members of night.json are in nightly.md" members
plan
