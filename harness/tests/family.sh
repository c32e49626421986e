#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# family - every case of cases/ once on the Debian pairs: all as the kernels' files say, none that cannot be told
. harness/tests/tap
kernels="debian-6.1 debian-6.1-mutant"
older="debian-5.10 debian-5.10-mutant" # of Debian 11, whose archive need not be in reach
results=$tap_dir/results

outcome() { sed -n 's/^ *"outcome" *: *"\([A-Z]*\)".*/\1/p' "$results/$1/5-verdict.json"; }

# expected KERNEL CASE: what the kernel's file says, read without finrig's own reader
expected()
{
	for key in "$2" '\*'; do
		value=$(sed -n "s/^expect\.$key = \([a-z]*\).*/\1/p" "kernels/$1.kernel" | tr a-z A-Z)
		[ -n "$value" ] && break
	done
	echo "$value"
}

if ! command -v qemu-system-x86_64 >/dev/null; then
	skip "the family of cases" "[qemu] qemu-system-x86_64 is not installed"
	plan
	exit 0
fi
if build/finrig image $older; then
	kernels="$kernels $older"
else
	skip "the same on Debian 11's kernels" "[bullseye] they are not to be had"
fi
set -- cases/*.pkt
check "there are at least 30 cases" [ $# -ge 30 ]
for kernel in $kernels; do set -- --kernel "$kernel" "$@"; done
check "every cell as its kernel expects" build/finrig run --results "$results" "$@"
for file in cases/*.pkt; do
	case=$(basename "$file" .pkt)
	for kernel in $kernels; do
		check "$kernel/$case is $(expected $kernel "$case")" same "$(expected $kernel "$case")" "$(outcome "$kernel/$case")"
	done
done
plan
