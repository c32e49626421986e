#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# reports - a run in every format: each keeps to its schema, all tell of the same cells, and no text of a guest becomes markup
. harness/tests/tap
run=$tap_dir/run hostile=$tap_dir/hostile

have_schema() { /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; }

valid()
{
	check "$1: JUnit XML keeps to its schema" xmllint --noout --schema harness/tests/schema/junit.xsd "$2/report.junit.xml"
	check "$1: KCIDB JSON keeps to its schema" harness/tests/report_check valid harness/tests/schema/kcidb.json "$2/report.kcidb.json"
	check "$1: the HTML page is whole and loads nothing" harness/tests/report_check page "$2/report.html"
}

same_ids()
{
	harness/tests/report_check ids "$1/report.txt" >"$tap_dir/ids"
	[ "$(wc -l <"$tap_dir/ids")" = "$2" ] || { cat "$tap_dir/ids"; return 1; }
	for file in report.ktap report.junit.xml report.kcidb.json report.html; do
		harness/tests/report_check ids "$1/$file" | diff "$tap_dir/ids" - || { echo "$file"; return 1; }
	done
}

# refused FORMAT EDIT: a report that was damaged by a sed script must not pass its schema.
refused()
{
	case $1 in
	junit) sed "$2" "$run/report.junit.xml" >"$tap_dir/bad" && ! cmp -s "$tap_dir/bad" "$run/report.junit.xml" &&
		! xmllint --noout --schema harness/tests/schema/junit.xsd "$tap_dir/bad" ;;
	kcidb) sed "$2" "$run/report.kcidb.json" >"$tap_dir/bad" && ! cmp -s "$tap_dir/bad" "$run/report.kcidb.json" &&
		! harness/tests/report_check valid harness/tests/schema/kcidb.json "$tap_dir/bad" ;;
	esac
}

if ! command -v xmllint >/dev/null || ! have_schema; then
	skip "schemas" "[schema] xmllint or python3-jsonschema is not installed"
	plan
	exit 0
fi
cp -r harness/tests/golden/run "$run"
build/finrig report "$run" >/dev/null

# Every text that reaches a report: markup, quotes, ends of CDATA and comments, a control character, half a letter, none at all.
text='<script>alert(1)</script> &amp; \"q\" '\''s'\'' ]]> --> \u001b[31m # \n %s'
mkdir -p "$hostile/k1/c" "$hostile/k2/c"
printf '{"kernels": ["k1", "k2", "k3"], "cases": ["c"]}' >"$hostile/run.json"
for kernel in k1 k2; do
	printf '{"kernel": "%s", "case": "c", "outcome": "CRASH", "cause": "%s", "expect": "%s", "wire": "%s", "believes": "%s", "lines": [{"kind": "ok", "text": "%s", "reason": "%s"}]}' \
		$kernel "$text" "$text" "$text" "$text" "$text" "$text" >"$hostile/$kernel/c/5-verdict.json"
	printf '{"kernel": "%s", "case": "c", "file": "%s", "image": "%s", "release": "%s", "qemu": "%s", "job": "%s"}' \
		$kernel "$text" "$text" "$text" "$text" "$text" >"$hostile/$kernel/c/0-cell.json"
	printf '{"status": "crashed", "start": "cache", "note": "%s"}' "$text" >"$hostile/$kernel/c/1-vm.json"
	printf 'Oops <script>alert(2)</script> \033[1m \000 \377\n%02000d\n' 7 >"$hostile/$kernel/c/1-console.log"
done
check "a hostile run has reports" sh -c "build/finrig report $hostile >$tap_dir/out; [ \$? -eq 2 ]"

valid "a run" "$run"
valid "a hostile run" "$hostile"
check "all formats tell of the same cells" same_ids "$run" 5
check "all formats tell of the cells of a hostile run" sh -c "for file in report.ktap report.junit.xml report.kcidb.json report.html; do
	harness/tests/report_check ids $hostile/\$file | tr '\n' ' ' | grep -x 'k1/c k2/c k3/c ' || exit 1; done"
check "no element comes from a guest" sh -c "! grep -q '<script' $hostile/report.junit.xml"
check "its text is there all the same" sh -c "grep -q 'type=\"CRASH\" message=\"CRASH, .*&lt;script&gt;alert(1)&lt;/script&gt; &amp;amp; &quot;q&quot;' $hostile/report.junit.xml &&
	grep -q '\"log_excerpt\": \"Oops <script>alert(2)' $hostile/report.kcidb.json"
check "no control character is" sh -c "for file in $hostile/report.junit.xml $hostile/report.kcidb.json $hostile/report.html; do
	! LC_ALL=C tr -d '\t\n\200-\377' <\$file | LC_ALL=C grep -q '[[:cntrl:]]' || exit 1; done"
check "a schema refuses a test without a name" refused junit 's/ name="sample-crash"//'
check "a schema refuses two tests of one name" refused junit 's/name="sample-crash"/name="sample-6.1"/'
check "a schema refuses an unknown status" refused kcidb 's/"status": "PASS"/"status": "FINE"/'
check "a schema refuses a member it does not know" refused kcidb 's/"path":/"road":/'
mkdir -p "$tap_dir/kernelci/kcidb_io" && cat >"$tap_dir/kernelci/kcidb_io/schema.py" <<'END'
class V5_3:
    def validate(data):
        if "tests" in data:
            raise ValueError("no tests today")
END
: >"$tap_dir/kernelci/kcidb_io/__init__.py"
check "KernelCI's own reader decides where it is installed" sh -c "
	PYTHONPATH=$tap_dir/kernelci harness/tests/report_check valid harness/tests/schema/kcidb.json $run/report.kcidb.json | grep -x 'kcidb-io: no tests today'"
check "a build that is not there is found" refused kcidb 's/"build_id": "finrig:sample-crash"/"build_id": "finrig:gone"/'

# A kernel from git, whether it can be built or not, is named by its commit.
repository=$tap_dir/linux
make_repository()
{
	mkdir -p "$repository/init" "$repository/scripts" && (cd "$repository" && touch Kbuild scripts/Kbuild.include &&
		echo 'int broken(void) { return nothing_of_that_name; } /* <b> */' >init/main.c &&
		printf '%%:\n\t@$(CC) -c init/main.c -o /dev/null\n' >Makefile && git init -q -b net . && git add . && git config user.name t && git config user.email t@t &&
		git commit -q -m one && git tag -a -m v9.9 v9.9 && git remote add origin https://secret@git.example.org/linux.git &&
		git update-ref refs/remotes/origin/net net)
	echo "# nothing" >"$tap_dir/nothing.patch"
}
# of_kernel NAME MEMBER [KIND]: of its checkout, build or test, "null" where it has none
of_kernel() { harness/tests/report_check "${3:-checkout}" "$tap_dir/git/report.kcidb.json" "$1" "$2"; }
check "a repository" make_repository
FINRIG_CACHE=$tap_dir/cache build/finrig run --results "$tap_dir/git" --kernel "git:$repository@net,name=plain" --kernel "git:$repository@v9.9,name=patched,patches=$tap_dir/nothing.patch" \
	--kernel "tree:$repository,name=folder" closing-fin-drained >"$tap_dir/out" 2>&1
check "that cannot be built" same 2 $?
valid "a run from git" "$tap_dir/git"
commit=$(git -C "$repository" rev-parse HEAD)
check "its commit is named" same "$commit" "$(of_kernel plain git_commit_hash)"
check "as git describe does" same v9.9 "$(of_kernel plain git_commit_name)"
check "with its branch" same net "$(of_kernel plain git_repository_branch)"
check "and where to fetch it" same https://git.example.org/linux.git "$(of_kernel plain git_repository_url)"
check "and that it is unpatched" same "" "$(of_kernel plain patchset_hash)"
check "a tag is no branch" same null "$(of_kernel patched git_repository_branch)"
check "patches are summed" same "$(sha256sum "$tap_dir/nothing.patch" | cut -c1-64 | sha256sum | cut -c1-64)" "$(of_kernel patched patchset_hash)"
check "on top of the commit" same "$commit" "$(of_kernel patched git_commit_hash)"
check "a folder has none" same null "$(of_kernel folder git_commit_hash)"
# What KernelCI learns of those: checkout valid or not, the build's status, the test's.
fate() { echo "$(of_kernel "$1" valid) $(of_kernel "$1" status build) $(of_kernel "$1" status test)"; }
cp -r "$repository" "$tap_dir/no-tool"
printf '%%:\n\tno-such-program-%%s --version\n' >"$tap_dir/no-tool/Makefile"
mkdir "$tap_dir/no-tree" && echo "no kernel" >"$tap_dir/no-tree/README"
printf '%s\n' '--- a/init/main.c' '+++ b/init/main.c' '@@ -1,1 +1,1 @@' '-nothing of the kind' '+x' >"$tap_dir/wrong.patch"
printf '[kernel]\ntitle = t\nwhy = tests\ntree = gone\n' >"$tap_dir/absent.kernel"
run_fates()
{
	rm -rf "$tap_dir/git"
	FINRIG_CACHE=$tap_dir/$1 build/finrig run --results "$tap_dir/git" --kernel "git:$repository,name=plain" --kernel "tree:$tap_dir/no-tool" \
		--kernel "tree:$tap_dir/no-tree" --kernel "tree:$repository,name=unpatched,patches=$tap_dir/wrong.patch" --kernel "$tap_dir/absent.kernel" closing-fin-drained
	same 2 $?
}
check "kernels that cannot be had, put together or built" run_fates cache
valid "their run" "$tap_dir/git"
check "one that does not compile: the build failed" same "True FAIL MISS" "$(fate plain)"
check "it says why in a line" same "plain: image: make allnoconfig failed: init/main.c:1:27: error: 'nothing_of_that_name' undeclared (first use in this function)" \
	"$(of_kernel plain comment build)"
check "and in the compiler's words" sh -c "of() { harness/tests/report_check build $tap_dir/git/report.kcidb.json plain log_excerpt; }
	of; of | grep -q 'int broken(void)' && of | sed -n 1p | grep -qx \"init/main.c: In function 'broken':\""
check "its id has the key of the image there would be" sh -c "harness/tests/report_check build $tap_dir/git/report.kcidb.json plain id | grep -E '^finrig:plain-[0-9a-f]{12}-[0-9a-f]{12}$'"
check "JUnit has these words" sh -c "grep -q 'type=\"BROKEN\" message=.*>init/main.c: In function &apos;broken&apos;:$' $tap_dir/git/report.junit.xml"
check "the page has them" sh -c "grep -A 1 '<h3>Build log</h3>' $tap_dir/git/report.html | grep -q '<pre>init/main.c: In function' && ! grep -q '/\* <b> \*/' $tap_dir/git/report.html"
check "a tool is missing: an error of the rig's" same "null ERROR MISS" "$(fate no-tool)"
check "no kernel's tree: the checkout is not valid" same "False MISS MISS" "$(fate no-tree)"
check "a patch that does not apply: neither is that" same "False MISS MISS" "$(fate unpatched)"
check "with patch's words" sh -c "harness/tests/report_check checkout $tap_dir/git/report.kcidb.json unpatched comment | grep -x 'unpatched: image: wrong.patch: does not apply' &&
	harness/tests/report_check checkout $tap_dir/git/report.kcidb.json unpatched log_excerpt | grep -q 'Hunk #1 FAILED at 1'"
check "a source that is not at hand: nothing is known" same "null MISS MISS" "$(fate absent)"
mv "$tap_dir/git" "$tap_dir/first"
check "the same again, built elsewhere" run_fates another/cache
check "leaves the same files" sh -c "rm -r $tap_dir/first/report.* $tap_dir/git/report.* && diff -r $tap_dir/first $tap_dir/git && build/finrig report $tap_dir/git >/dev/null; [ \$? -eq 2 ]"
check "no word of access is told" sh -c "! grep secret $tap_dir/git/report.kcidb.json $tap_dir/git/*/*/0-cell.json"

# Others' own readers, kept for the next time. Jenkins' schema (MIT) lies in the source package of a Debian package that tests with it.
jenkins=build/tests/jenkins
jenkins_schemas()
{
	[ -d $jenkins/schemas ] && return
	harness/debian_source python-xmlrunner $jenkins --tar-only 2>&1 && mkdir -p $jenkins/new &&
		tar -xf $jenkins/source/python-xmlrunner_*.orig.tar.* -C $jenkins/new --wildcards '*/junit-10.xsd' && mv $jenkins/new $jenkins/schemas
}
jenkins_takes()
{
	find $jenkins/schemas -name junit-10.xsd >"$tap_dir/schemas"
	[ -s "$tap_dir/schemas" ] || return 1
	while read -r schema; do xmllint --noout --schema "$schema" "$1" || return 1; done <"$tap_dir/schemas"
}
if why=$(jenkins_schemas); then
	for file in "$run" "$hostile" "$tap_dir/git"; do check "Jenkins takes the JUnit XML of ${file##*/}" jenkins_takes "$file/report.junit.xml"; done
	sed 's/<testcase /<testcase fame="1" /' "$run/report.junit.xml" >"$tap_dir/bad"
	check "and refuses what it does not know" sh -c "! xmllint --noout --schema \$(head -n 1 $tap_dir/schemas) $tap_dir/bad"
else
	skip "Jenkins takes the JUnit XML" "[jenkins] $(echo "$why" | tail -n 1)"
fi

# kunit.py comes with Debian's package of the kernel's source.
kunit=build/tests/kunit
source_package() { ls build/source/debian/linux-source-6.1_*.deb 2>/dev/null | tail -n 1; }
kunit_tools()
{
	[ -e $kunit/tools/testing/kunit/kunit.py ] && return
	[ "$(source_package)" ] || build/finrig image debian-6.1-mutant 2>&1 >/dev/null || return
	rm -rf $kunit && mkdir -p $kunit/new && dpkg-deb --fsys-tarfile "$(source_package)" | tar -xO --wildcards '*/linux-source-*.tar.xz' |
		tar -xJ -C $kunit/new --strip-components=1 --wildcards '*/tools/testing/kunit/*.py' && mv $kunit/new/tools $kunit/
}
kunit_reads()
{
	harness/tests/report_check kunit $kunit/tools/testing/kunit "$1/report.ktap" >"$tap_dir/kunit" &&
		harness/tests/report_check ids "$1/report.ktap" | diff - "$tap_dir/kunit"
}
if why=$(kunit_tools); then
	for file in "$run" "$hostile" "$tap_dir/git"; do check "kunit.py reads the KTAP of ${file##*/}" kunit_reads "$file"; done
	mkdir "$tap_dir/bad-ktap" && sed 's/^    1\.\.5$/    1..6/' "$run/report.ktap" >"$tap_dir/bad-ktap/report.ktap"
	check "and finds a test that is missing" sh -c "! cmp -s $run/report.ktap $tap_dir/bad-ktap/report.ktap &&
		! harness/tests/report_check kunit $kunit/tools/testing/kunit $tap_dir/bad-ktap/report.ktap"
else
	skip "kunit.py reads the KTAP" "[kunit] $(echo "$why" | tail -n 1)"
fi
ktap_prints()
{
	build/finrig run --results "$tap_dir/absent" --kernel "$tap_dir/absent.kernel" "$@" closing-fin-drained >"$tap_dir/out" || return 1
	cmp "$tap_dir/out" "$tap_dir/absent/report.ktap"
}
check "--ktap prints it" ktap_prints --ktap
check "as --format ktap does" ktap_prints --format ktap
check "a format that is none is told before anything is written" sh -c "build/finrig report --format htm $tap_dir/nowhere 2>&1 |
	grep -x 'finrig: no report is called \"htm\"; there are html, junit, kcidb, ktap, summary, terminal'"
check "the submitter's name is in every id" sh -c "FINRIG_ORIGIN=tcp_lab build/finrig report --format kcidb $run | grep -q '\"id\": \"tcp_lab:sample-6.1' &&
	! FINRIG_ORIGIN=tcp_lab build/finrig report --format kcidb $run | grep -q '\"id\": \"finrig:'"
check "a wrong one is refused" sh -c "FINRIG_ORIGIN='Tcp Lab' build/finrig report $run 2>$tap_dir/err; [ \$? -eq 2 ] && grep -q 'FINRIG_ORIGIN: expected small letters' $tap_dir/err"
plan
