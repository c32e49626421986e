#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# busybox - does the guests' busybox work on Linux 2.6.32, and does its build script get the right source or say why not?
# in: build/busybox (or $B/busybox) and initramfs/busybox/build; out: TAP. Run from the top folder; needs no network.
set -u
export LC_ALL=C
B=${B:-build}
ours=$PWD/$B/busybox
theirs=/bin/busybox
script=$PWD/initramfs/busybox/build
root=$PWD/initramfs/root
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
trap 'exit 1' INT TERM
count=0

result() { # status name: one line of TAP
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

skip() { # name why
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# ---- applets, each line run by the busybox's own shell in an empty folder under the filter ------------------------------

programs() {
	cat <<'END'
ls of a folder | mkdir d && : > d/a && : > d/b && [ "$(ls d)" = "$(printf 'a\nb')" ]
ls -l of / | ls -l / | grep -q ' proc$'
a glob | : > one.c; : > two.c; : > three.h; [ "$(echo *.c)" = 'one.c two.c' ]
a glob over folders | mkdir -p p/q && : > p/q/f && [ "$(echo */*/f)" = p/q/f ]
test -f, -d, -s, -L, -nt | echo x > f; mkdir d; ln -s f l; [ -f f ] && [ -d d ] && [ -s f ] && [ -L l ] && [ ! -f none ] && [ ! f -nt f ]
redirections, append | echo 1 > f; echo 2 >> f; [ "$(cat < f)" = "$(printf '1\n2')" ]
read from a file | printf 'a b\nc d\n' > f; while read x y; do s=$s$y; done < f; [ "$s" = bd ]
stdio: sort, uniq, wc | printf 'b\na\nb\n' > f; [ "$(sort f | uniq -c | wc -l)" -eq 2 ] && [ "$(wc -l < f)" -eq 3 ]
head, tail, cut, tr | printf '1:x\n2:y\n3:z\n' > f; [ "$(head -n 2 f | tail -n 1 | cut -d: -f2 | tr y Y)" = Y ]
sed -i | echo old > f; sed -i s/old/new/ f; [ "$(cat f)" = new ]
grep -r | mkdir -p d/e; echo needle > d/e/f; [ "$(grep -rl needle d)" = d/e/f ]
awk on a file | printf '1 2\n3 4\n' > f; [ "$(awk '{ s += $2 } END { print s }' f)" = 6 ]
find -name, -type, -newer, -exec | mkdir -p a/b; echo x > a/b/c; [ "$(find a -name c -type f -exec cat {} +)" = x ]
cp -a, mv, rm -r, stat | mkdir d; echo abc > d/f; chmod 640 d/f; cp -a d e && mv e g && [ "$(stat -c %a:%s g/f)" = 640:4 ] && rm -r g && [ ! -e g ]
tar to tar | mkdir d e; echo x > d/f; tar cf - d | tar xf - -C e; cmp d/f e/d/f
gzip and gunzip | echo x > f; gzip f && [ "$(zcat f.gz)" = x ]
diff and patch | echo 1 > a; echo 2 > b; diff -u a b > p; patch a < p > o && cmp a b
dd, hexdump, xxd, strings | printf 'AB\0word\0' > f; [ "$(dd if=f bs=2 count=1 2> /dev/null | hexdump -C | head -n 1 | cut -c 11-15)" = '41 42' ] && [ "$(strings f)" = word ]
mktemp, mkfifo, tee | f=$(mktemp -p .) && [ -f "$f" ] && mkfifo p && { echo x > p & } && [ "$(cat p | tee "$f")" = x ] && [ "$(cat "$f")" = x ]
sleep, usleep, timeout | sleep 0.01 && usleep 1000 && { timeout 0.05 sleep 20; [ $? -eq 143 ]; }
date with nanoseconds | [ "$(date +%s%N | wc -c)" -eq 20 ]
background jobs | sleep 20 & kill $! && { wait $!; [ $? -eq 143 ]; }
job control | set -m; sleep 20 & jobs > list; kill %1; wait %1; grep -q '^.1.+ *Running' list
here document, trap, arithmetic | eval "$(printf 'cat > f <<X\nv=$((6*7))\nX\n')" && [ "$(cat f)" = v=42 ] && [ "$(trap 'echo bye' EXIT)" = bye ]
ulimit | ulimit -n 64 && [ "$(ulimit -n)" -eq 64 ]
ps lists its own shell | ps -o pid,comm | grep -q "^ *$$ "
top in batch mode | top -b -n 1 | grep -q 'Load average'
free, uptime, uname | free | grep -q Mem: && uptime | grep -q load && [ "$(uname -m)" = x86_64 ]
mount lists what is mounted | mount | grep -q ' on /proc '
lsmod | [ ! -f /proc/modules ] || lsmod | grep -q Module
sysctl | sysctl -n kernel.ostype | grep -qx Linux
ip link, as the guests' ip has it there | uname() { echo 2.6.32.2; }; set -- -o link show lo; name=ip; . "$root/bin/ip" | grep -q LOOPBACK
ip addr, ip route, as the guests' ip has it there | uname() { echo 2.6.38-rc1; }; name=ip; (set -- addr; . "$root/bin/ip") > /dev/null && (set -- route show table all; . "$root/bin/ip") > /dev/null
ip tcp_metrics says that it cannot | uname() { echo 2.6.32.2; }; name=ip; (set -- tcp_metrics flush; . "$root/bin/ip") 2> f; [ $? = 127 ] && grep -q "^ip: Linux 2.6.32.2 cannot run Debian's iproute2 .*'tcp_metrics'" f
ss says that it cannot | uname() { echo 2.6.32.2; }; name=ss; (set -- -tan; . "$root/bin/ip") 2> f; [ $? = 127 ] && grep -q "^ss: Linux 2.6.32.2 cannot run Debian's iproute2" f
python3 for set_sysctls.py | echo 1 > s; PACKETDRILL_PID=t sh "$root/bin/python3" ../common/set_sysctls.py $PWD/s=5 && [ "$(cat s)" = 5 ] && sh /tmp/sysctl_restore_t.sh && [ "$(cat s)" = 1 ] && rm /tmp/sysctl_restore_t.sh
python3 for anything else | sh "$root/bin/python3" x.py 2> f; [ $? = 127 ] && grep -q 'a guest has none' f
bash scripts | printf '#!/bin/bash\necho $((3 * 5)) "$1"\n' > f; [ "$(bash f x)" = '15 x' ]
ifconfig, route, netstat | ifconfig lo | grep -q 'Link encap:Local Loopback' && route -n | grep -q Destination && netstat -tan | grep -q 'Local Address'
less to a pipe | echo x > f; [ "$(less f | cat)" = x ]
ed edits a file | echo 1 > f; printf 's/1/2/\nw\nq\n' | ed f > /dev/null; [ "$(cat f)" = 2 ]
END
}

# busybox: runs all programs, prints the names of those that fail
failing_programs() {
	programs | sed 's/^[^|]* | //' > "$room/bodies"
	programs | sed 's/ | .*//' > "$room/names"
	ln -sf "$1" "$room/sh"
	while read -r name <&3 && IFS= read -r body <&4; do
		mkdir "$room/run"
		(cd "$room/run" && HOME=$room SHELL=$room/sh root=$root timeout 15 "$room/as_2_6_32" "$room/sh" -c "$body") > "$room/output" 2>&1 < /dev/null 3<&- 4<&- ||
			echo "$name"
		rm -rf "$room/run"
	done 3< "$room/names" 4< "$room/bodies"
}

wanted_applets() {
	echo ash sh bash ls cat grep sed awk find xargs vi less more hexdump xxd strings od cmp diff iplink ipaddr iproute ifconfig \
		route ping ping6 nc netstat sysctl tunctl brctl arp traceroute telnet wget nslookup dmesg mount umount ps top kill pkill free lsof fuser \
		insmod rmmod lsmod modprobe modinfo depmod sleep usleep date time timeout watch mknod stty setsid cttyhack script \
		reboot poweroff switch_root chroot nsenter unshare taskset chrt devmem bc tar cpio gzip xz tee which env resize klogd
}

ours_under_filter() {
	failing_programs "$ours" > "$room/failing"
	programs | sed 's/ | .*//' > "$room/all"
	while read -r name <&5; do
		! grep -qxF "$name" "$room/failing"
		result $? "as on 2.6.32: $name"
	done 5< "$room/all"
	"$ours" --list > "$room/applets"
	missing=
	for applet in $(wanted_applets); do
		grep -qxF "$applet" "$room/applets" || missing="$missing $applet"
	done
	[ -z "$missing" ]
	result $? "has every applet wanted${missing:+; missing:$missing}"
	[ "$(wc -c < "$ours")" -lt 1200000 ]
	result $? "is small: under 1.2 MB"
	! strings -a "$ours" | grep -qF -e "$PWD" -e "$HOME/"
	result $? "holds no path of the machine that built it"
}

# The proof that the checks above can fail: glibc before 2.39 (Debian 12's is 2.36) makes fstat() of newfstatat().
theirs_under_filter() {
	title="Debian's glibc busybox fails there: ls and globs at least"
	if ! "$room/as_2_6_32" "$theirs" true 2> /dev/null; then
		skip "$title" "[busybox-static] no static $theirs"
		return
	fi
	failing_programs "$theirs" > "$room/theirs"
	sed 's/^/# fails with glibc: /' "$room/theirs"
	if [ ! -s "$room/theirs" ] && ! grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then
		skip "$title" "this release's glibc does not ask"
		return
	fi
	grep -qxF 'ls of a folder' "$room/theirs" && grep -qxF 'a glob' "$room/theirs"
	result $? "$title"
}

# ---- the build script, with an apt that only writes down what it was asked ---------------------------------------------

fake_apt() {
	mkdir -p "$room/bin" "$room/etc/parts"
	cat > "$room/bin/apt-config" <<-END
		#!/bin/sh
		echo "list='$room/etc/sources.list' parts='$room/etc/parts/'"
	END
	cat > "$room/bin/apt-get" <<-END
		#!/bin/sh
		echo "\$*" >> "$room/asked"
		case "\$*" in *update*) echo 'W: Some index files failed' ;; *) echo 'E: nothing can be had' && exit 100 ;; esac
	END
	chmod +x "$room/bin/apt-config" "$room/bin/apt-get"
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	cat > "$room/etc/sources.list" <<-END
		# deb http://mirror.invalid/commented $codename main
		deb	[arch=amd64 signed-by=/k.gpg]  http://mirror.invalid/debian   $codename  main contrib # why
		deb http://mirror.invalid/debian $codename-backports main
		deb cdrom:[a disc]/ $codename main
		deb http://other.invalid/apt tool-$codename main
		deb http://other.invalid/apt $codename stable
		deb-src http://mirror.invalid/debian $codename-updates non-free main
	END
	cat > "$room/etc/parts/debian.sources" <<-END
		types: deb deb-src
		# http://mirror.invalid/commented
		URIs: http://mirror.invalid/debian
		Suites: $codename
		 $codename-updates $codename-backports
		Components: contrib
		 main
		Signed-By:
		 -----BEGIN PGP PUBLIC KEY BLOCK-----
		 .
		 abc
		 -----END PGP PUBLIC KEY BLOCK-----

		Types: deb
		URIs: http://other.invalid/node
		Suites: nodistro
		Components: main

		Types: deb
		Enabled: no
		URIs: http://mirror.invalid/debian-security
		Suites: $codename-security
		Components: main
	END
	cat > "$room/expected.list" <<-END
		deb-src [arch=amd64 signed-by=/k.gpg] http://mirror.invalid/debian $codename main
		deb-src http://mirror.invalid/debian $codename-updates main
	END
	cat > "$room/expected.sources" <<-END
		Types: deb-src
		Suites: $codename $codename-updates
		Components: main
		URIs: http://mirror.invalid/debian
		Signed-By:
		 -----BEGIN PGP PUBLIC KEY BLOCK-----
		 .
		 abc
		 -----END PGP PUBLIC KEY BLOCK-----

		Types: deb-src
		Suites: $codename-security
		Components: main
		Enabled: no
		URIs: http://mirror.invalid/debian-security

	END
}

run_build() { # work folder: status in $status, messages in $room/said
	PATH=$room/bin:$PATH "$script" "$room/made" "$1" > "$room/out" 2> "$room/said"
	status=$?
}

build_without_network() {
	fake_apt
	run_build "$room/work"
	[ $status -eq 3 ]
	result $? "build: no source to be had is exit 3"
	grep -q '^busybox: no source: nothing can be had' "$room/said" && [ "$(grep -c 'no source' "$room/said")" -eq 1 ]
	result $? "build: says why in one line"
	[ ! -e "$room/made" ] && [ ! -e "$room/made.new" ] && [ ! -s "$room/out" ]
	result $? "build: leaves no half output, stdout silent"
	diff "$room/expected.list" "$room/work/apt/sources/all.list" >&2
	result $? "build: one-line apt entries become source entries"
	diff "$room/expected.sources" "$room/work/apt/sources/all.sources" >&2
	result $? "build: deb822 apt stanzas become source entries"
	! grep -v -q "^-q -c $room/work/apt/apt.conf " "$room/asked"
	result $? "build: every apt-get call has a set-up of its own"
	run_build "$room/my work: one"
	[ $status -eq 3 ]
	result $? "build: the work folder may have any name"

	mkdir -p "$room/bad/source"
	echo damaged > "$room/bad/source/busybox_1.orig.tar.xz"
	{ echo 'Checksums-Sha256:'; printf ' %064d 8 busybox_1.orig.tar.xz\nFiles:\n' 0; } > "$room/bad/source/busybox_1.dsc"
	: > "$room/asked"
	run_build "$room/bad"
	[ $status -eq 3 ] && grep -q update "$room/asked" && [ ! -e "$room/made" ]
	result $? "build: a damaged source at hand is fetched again, not built"

	: > "$room/etc/sources.list"
	rm "$room/etc/parts/debian.sources"
	: > "$room/asked"
	run_build "$room/none"
	[ $status -eq 3 ] && [ ! -s "$room/asked" ] && grep -q 'no apt entry' "$room/said"
	result $? "build: without an apt entry for this release it asks nobody"
}

# -----------------------------------------------------------------------------------------------------------------------

${CC:-cc} -O2 -std=c11 -Wall -Wextra -D_GNU_SOURCE -o "$room/as_2_6_32" harness/tests/as_2_6_32.c || exit 1
"$room/as_2_6_32" "$room/none" 2> "$room/filter"
if ! grep -q 'cannot be set' "$room/filter"; then
	grep -q "/none: No such file" "$room/filter"
	result $? "the filter answers as 2.6.32"
fi
if grep -q 'cannot be set' "$room/filter"; then
	skip "as on 2.6.32" "[seccomp] $(cat "$room/filter")"
elif [ ! -x "$ours" ]; then
	skip "as on 2.6.32" "[busybox] no $B/busybox; make $B/busybox"
elif ! "$ours" 2>&1 | head -n 1 | grep -q musl; then
	skip "as on 2.6.32" "[busybox] $B/busybox is Debian's: its source was not to be had"
else
	ours_under_filter
	theirs_under_filter
fi
if command -v musl-gcc > /dev/null; then
	build_without_network
else
	skip "build" "[musl] no musl-gcc"
fi
echo "1..$count"
