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
check "cases.md is what \`make case-table\` writes" sh -c "docs/case-table | diff docs/cases.md -"
check "files the docs name are there" sh -c "
	for file in \$(cat README.md docs/*.md | grep -o '](\(docs\|COPYING\)[^)]*)' | tr -d '])('); do [ -e \$file ] || { echo no \$file; exit 1; }; done"
check "every make target of README exists" sh -c "
	for target in \$(grep -h -o -e '\`make [a-z-]\+' -e '^    make [a-z-]\+' README.md docs/*.md | awk '{ print \$2 }' | sort -u); do
		grep -q \"^\$target:\" Makefile || { echo no target \$target; exit 1; }; done"
plan
