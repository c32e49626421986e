#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tour - docs/tour.md shows what its commands print today
# Times are compared to a tenth of a second: another Debian kernel of that name, or another agent, moves microseconds.
. harness/tests/tap
if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "the tour" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
if ! build/finrig image debian-5.10-mutant >"$tap_dir/image" 2>&1; then
	skip "the tour" "[bullseye] debian-5.10-mutant is not to be had: $(tail -n 1 "$tap_dir/image")"
	plan
	exit 0
fi
docs/tour >"$tap_dir/tour.md" 2>"$tap_dir/err"
tenths() { sed 's/\([0-9]\.[0-9]\)[0-9]*/\1/g; s/  */ /g' "$1"; }
tenths docs/tour.md >"$tap_dir/page"
tenths "$tap_dir/tour.md" >"$tap_dir/now"
check "docs/tour.md is what \`make tour\` writes" diff "$tap_dir/page" "$tap_dir/now"
check "each command of it prints something" sh -c "! awk '/^\\\$ /{ if (asked) print asked; asked = \$0; next } /^\`\`\`/{ if (asked) print asked; asked = \"\"; next } { asked = \"\" }' docs/tour.md | grep ."
plan
