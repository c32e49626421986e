#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shims - the toolchain shims on small samples of what old kernels do to today's gcc and perl
# Each test first shows that the plain tool fails (or does the harmful thing), then that the shim cures it: a shim that is
# no longer needed is noticed too. usage: harness/tests/shims.sh [FOLDER_OF_SHIMS]
set -u

shims=$(cd "${1:-build/shims}" 2>/dev/null && pwd) || { echo "1..0 # SKIP build/shims is not built"; exit 0; }
top=$(pwd)
cc=$shims/cc perl=$shims/perl
export FINRIG_SHIM_INCLUDE="$top/kernels/shims/include"
unset FINRIG_CC FINRIG_CCACHE FINRIG_PERL
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
number=0

# result NAME: reports the status of the command before
result() {
	status=$?
	number=$((number + 1))
	if [ $status -eq 0 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; sed 's/^/# /' log; fi
}
fails() { ! "$@" >log 2>&1; }
works() { "$@" >log 2>&1; }
has() { grep -q "$1" log; }

# --- compiler-gccN.h -------------------------------------------------------------------------------------------------
major=$(gcc -dumpversion | cut -d. -f1)
minor=$(echo __GNUC_MINOR__ | gcc -E -P -)
mkdir -p old/linux new/linux
cat >old/linux/compiler-gcc4.h <<END
#if __GNUC_MINOR__ < 3
#error this compiler is too old
#endif
#define SAMPLE_SAW_MINOR __GNUC_MINOR__
enum { sample_minor_inside = __GNUC_MINOR__ };
END
cp old/linux/compiler-gcc4.h new/linux/
echo '#define SAMPLE_OWN_HEADER 1' >new/linux/compiler-gcc$major.h
cat >header.c <<END
#include <linux/compiler-gcc$major.h>
#ifdef WANT_OWN
_Static_assert(SAMPLE_OWN_HEADER == 1, "the tree's header is not the one that was read");
#else
_Static_assert(sample_minor_inside == 9, "the tree's header saw another minor number");
#endif
_Static_assert(__GNUC_MINOR__ == $minor, "the minor number is not what it was");
END
fails gcc -Iold -c header.c -o header.o && works "$cc" -Iold -Werror -c header.c -o header.o
result "a tree without compiler-gcc$major.h gets one that reads its compiler-gcc4.h as for gcc 4.9"
works "$cc" -Inew -DWANT_OWN -c header.c -o header.o
result "a tree that has compiler-gcc$major.h keeps its own"
for n in 11 12 13 14 15; do
	echo "#include <linux/compiler-gcc$n.h>" >each.c
	works "$cc" -Iold -c each.c -o each.o || break
done
result "there is a header for gcc 11 to 15"
cp "$cc" moved-cc && mkdir include && cp -r "$FINRIG_SHIM_INCLUDE/linux" include/
works env -u FINRIG_SHIM_INCLUDE ./moved-cc -Iold -c header.c -o header.o
result "without FINRIG_SHIM_INCLUDE the headers are found beside the program"

# --- flags ------------------------------------------------------------------------------------------------------------
echo 'int sample;' >empty.c
fails gcc -m elf_x86_64 -c empty.c -o empty.o && works "$cc" -m elf_x86_64 -c empty.c -o empty.o
result "the linker's -m elf_x86_64, given to gcc, is read as -m64"
"$cc" -m elf_i386 -E -dM empty.c >log 2>&1 && has '__i386__ 1'
result "the linker's -m elf_i386 is read as -m32"
works "$cc" -c empty.c -o empty.o -m64 && fails "$cc" -c empty.c -o empty.o -m && has 'option.*-m'
result "other uses of -m, and a last word -m, pass through"

fails gcc -mcmodel=kernel -S -o /dev/null -xc /dev/null && works "$cc" -mcmodel=kernel -S -o /dev/null -xc /dev/null
result "a cc-option probe with -mcmodel=kernel is not refused for PIE"

cat >inline.h <<END
extern inline int sample_inline(void) { return 1; }
END
printf '#include "inline.h"\nint a(void) { return sample_inline(); }\n' >a.c
printf '#include "inline.h"\nint main(void) { return sample_inline() - 1; }\n' >b.c
link() { "$@" -O2 -c a.c -o a.o && "$@" -O2 -c b.c -o b.o && gcc -no-pie a.o b.o -o inline; }
fails link gcc && works link "$cc"
result "extern inline in a header means what it meant in gnu89"
echo 'int f(void) { for (int i = 0; i < 3; i++) ; return 0; }' >c99.c
fails "$cc" -c c99.c -o c99.o && works "$cc" -std=gnu11 -c c99.c -o c99.o
result "a tree that names its own standard wins"

cat >copy.c <<END
struct sample { long a, b, c, d; };
void copy(struct sample *to, const struct sample *from, int n) { for (int i = 0; i < n; i++) to[i] = from[i]; }
void clear(int *p) { for (int i = 0; i < 64; i++) p[i] = 0; }
END
gcc -std=gnu11 -O2 -c copy.c -o copy.o && objdump -d copy.o >log && has xmm &&
	"$cc" -std=gnu11 -O2 -c copy.c -o copy.o && objdump -d copy.o >log && ! has xmm
result "no vector registers where the tree forgets to forbid them"

cat >jump.S <<END
	.globl entry, target
entry:	jmp target
	.space 3
target:	ret
END
gcc -c jump.S -o jump.o && objdump -d jump.o >log && has '	eb ' && "$cc" -c jump.S -o jump.o && objdump -d jump.o >log && has '	e9 '
result "a jump to a global symbol keeps its five bytes"

works env FINRIG_CC=false "$cc" -c empty.c -o empty.o
[ $? -eq 1 ]
result "FINRIG_CC names another compiler, whose exit code is handed on"
env FINRIG_CC=/nonexistent/gcc "$cc" -c empty.c >log 2>&1
[ $? -eq 127 ] && has '/nonexistent/gcc'
result "a compiler that is not there is named"
printf '#!/bin/sh\necho "via ccache: $1"; shift; exec gcc "$@"\n' >ccache && chmod +x ccache
env FINRIG_CCACHE=./ccache "$cc" -c empty.c -o empty.o >log 2>&1 && has 'via ccache: gcc'
result "FINRIG_CCACHE stands in front of gcc"

# --- perl -------------------------------------------------------------------------------------------------------------
cat >array.pl <<'END'
#!/usr/bin/perl -w
# a sample of what kernel/timeconst.pl of 2.6.32 does
my @list = (1, 2); my %map = (); my $one = 3; my @none;
print "list\n" if (defined(@list));
print "no none\n" if (!defined @none);
print "no map\n" unless defined(%map);
print "one\n" if (defined($one));
print "name $0 line ", __LINE__, " arg $ARGV[0]\n";
warn "warned";
END
printf 'list\nno none\nno map\none\nname array.pl line 8 arg x\n' >wanted
fails perl array.pl x && "$perl" array.pl x >got 2>log && cmp got wanted >>log 2>&1 && has 'warned at array.pl line 9'
result "defined(@array) and defined(%hash) are read as the old perl read them; names and lines stay"
cmp -s array.pl - <array.pl && grep -q 'defined(@list)' array.pl
result "the script itself stays as it is"
echo 'print "plain @ARGV\n" if defined($ARGV[0]); my $s = "undefined @ARGV"; exit 3' >plain.pl
"$perl" plain.pl a b >log 2>&1
[ $? -eq 3 ] && has 'plain a b'
result "a script that needs nothing runs as it is, with its arguments and exit code"
"$perl" -e 'print "words @ARGV\n"' x >log && has 'words x' && echo 'print "stdin\n"' | "$perl" - >log && has stdin &&
	"$perl" -w -I . array.pl x >got 2>log && cmp got wanted >>log 2>&1
result "-e, standard input and options before the script"
printf 'print defined(@l) ? 1 : 0; print <DATA>;\n__END__\nthe data\n' | sed '1s/^/my @l = (1); /' >data.pl
"$perl" data.pl >log 2>&1 && has '1the data'
result "a corrected script still has its data"
echo "1..$number"
