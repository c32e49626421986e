#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# runner - the test runner itself: does it notice every way a test program can go wrong?
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
number=0

# name, REQUIRE, expected last line, program text
expect()
{
	number=$((number + 1))
	printf '%s\n' "$4" >"$dir/sample.sh"
	got=$(REQUIRE=$2 harness/tests/run "$dir/log" "$dir/sample.sh" | tail -n 1)
	if [ "$got" = "$3" ]; then
		echo "ok $number - $1"
	else
		echo "# expected: $3"
		echo "# got: $got"
		echo "not ok $number - $1"
	fi
}

echo 1..9
expect passes "" "2 passed, 0 failed, 0 skipped" 'echo 1..2; echo ok 1; echo ok 2'
expect fails "" "1 passed, 1 failed, 0 skipped" 'echo 1..2; echo ok 1; echo not ok 2; exit 1'
expect "dies half way" "" "1 passed, 1 failed, 0 skipped" 'echo 1..2; echo ok 1; kill -SEGV $$'
expect "ends early with status 0" "" "1 passed, 1 failed, 0 skipped" 'echo 1..2; echo ok 1'
expect "bad status after all tests" "" "1 passed, 1 failed, 0 skipped" 'echo 1..1; echo ok 1; exit 3'
expect "prints nothing" "" "0 passed, 1 failed, 0 skipped" ':'
expect skips "" "0 passed, 0 failed, 1 skipped" 'echo 1..1; echo "ok 1 - x # SKIP [qemu] is not there"'
expect "skip not allowed" "net,qemu" "0 passed, 1 failed, 0 skipped" 'echo 1..1; echo "ok 1 - x # SKIP [qemu] is not there"'
expect "no skip allowed" "all" "0 passed, 1 failed, 0 skipped" 'echo 1..1; echo "ok 1 - x # SKIP [pair] is not there"'
