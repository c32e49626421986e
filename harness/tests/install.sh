#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# install - make install PREFIX= gives a finrig that works without the checkout
. harness/tests/tap
prefix=$tap_dir/prefix
check "make install" make --no-print-directory install PREFIX="$prefix"
check "kernels are there" sh -c "cd / && $prefix/bin/finrig kernels | grep -q '^debian-6.1 '"
check "cases are read by the installed agent" sh -c "cd / && $prefix/bin/finrig cases --check"
check "man page" [ -f "$prefix/share/man/man1/finrig.1" ]
check "completion offers commands" bash -c ". $prefix/share/bash-completion/completions/finrig; PATH=$prefix/bin:\$PATH
	COMP_WORDS=(finrig ru) COMP_CWORD=1; _finrig; [ \"\${COMPREPLY[*]}\" = run ]"
check "completion offers kernels" bash -c ". $prefix/share/bash-completion/completions/finrig; PATH=$prefix/bin:\$PATH
	COMP_WORDS=(finrig run --kernel debian-6.1-m) COMP_CWORD=3; _finrig; [ \"\${COMPREPLY[*]}\" = debian-6.1-mutant ]"
if command -v qemu-system-x86_64 >/dev/null; then
	check "a cell runs from elsewhere" sh -c "cd $tap_dir && FINRIG_CACHE=${FINRIG_CACHE:-$PWD/build} $prefix/bin/finrig run --kernel debian-6.1 closing-fin-retransmit"
	# A blank and a colon divide what QEMU's loader is told; without its library each cell boots, and says so.
	cp -a "$prefix" "$tap_dir/my finrig: one"
	check "whatever the folder is called" sh -c "cd '$tap_dir/my finrig: one' && FINRIG_CACHE=${FINRIG_CACHE:-$PWD/build} bin/finrig run --again --kernel debian-6.1 closing-fin-drained >out 2>&1 &&
		cat out && ! grep -q 'cannot be kept' out && ! grep -r 'preload' results/latest/debian-6.1"
	# Its key covers the shims, so the same image is found only if the installed ones are there and the same.
	check "a kernel is built from source from elsewhere" sh -c "cd $tap_dir && FINRIG_CACHE=${FINRIG_CACHE:-$PWD/build} $prefix/bin/finrig image source-6.1 >image &&
		cd $PWD && build/finrig image source-6.1 | sed 's/.* //' >$tap_dir/own && grep -q -F \"\$(cat $tap_dir/own | xargs basename)\" $tap_dir/image"
else
	skip "a cell runs from elsewhere" "[qemu] qemu-system-x86_64 is not installed"
fi
plan
