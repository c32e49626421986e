#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz_corpus - what the fuzzer (make fuzz) learned and found, given again to the agent's parsers under ASan and UBSan
# Run from the top folder.
set -u

replay=build/tests/fuzz_replay
corpus=initramfs/agent/tests/corpus
[ -x $replay ] || { echo "1..0 # SKIP $replay is not built"; exit 0; }
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

if $replay "$corpus"/* 2>"$log"; then
	echo "ok 1 - $(grep -c "^$corpus/" "$log") inputs of the corpus break nothing"
else
	echo "not ok 1 - the corpus breaks nothing"
	grep "^$corpus/" "$log" | tail -n 1 | sed 's/^/# the input: /'
	grep -v "^$corpus/" "$log" | head -n 40 | sed 's/^/# /'
fi
count=$(ls "$corpus" | wc -l)
bytes=$(cat "$corpus"/* | wc -c)
if [ "$count" -ge 100 ] && [ "$count" -le 300 ] && [ "$bytes" -lt 1000000 ]; then
	echo "ok 2 - the corpus is neither empty nor large"
else
	echo "not ok 2 - the corpus has $count files of $bytes bytes; wanted 100 to 300 of less than 1 MB"
fi
if $replay "$corpus/no-such-input" 2>/dev/null; then
	echo "not ok 3 - an input that is not there is an error"
else
	echo "ok 3 - an input that is not there is an error"
fi
echo 1..3
