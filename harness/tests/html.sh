#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# html - the HTML report in a browser: opened, clicked through, in all its looks; and a hostile run's page, where nothing of a guest runs
# A browser prints what it made of a page (--dump-dom); what is clicked is harness/tests/html_clicks.js.
. harness/tests/tap
run=$tap_dir/run
browser=$(command -v chromium-headless-shell || command -v chromium || :)

if [ -z "$browser" ]; then
	skip "the page in a browser" "[chromium] chromium-headless-shell is not installed"
	plan
	exit 0
fi

# browse URL OPTION...: the page's DOM on stdout, what its console said in $tap_dir/said. A page that does not end is a failure.
browse()
{
	url=$1
	shift
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$tap_dir/profile" --enable-logging=stderr \
		--virtual-time-budget=30000 "$@" "$url" 2>"$tap_dir/browser"
	status=$?
	grep 'CONSOLE' "$tap_dir/browser" >"$tap_dir/said"
	return $status
}

# with_script PAGE SCRIPT COPY: a copy that lets a script of the test's run beside the page's own
with_script()
{
	{ grep -v '<meta http-equiv="Content-Security-Policy"' "$1" && echo '<script>' && cat "$2" && echo '</script>'; } >"$3"
}

# found NAME: what such a script left in the page that was browsed last
found() { sed -n "s/^<html.*data-$1=\"\([^\"]*\)\".*/\1/p" "$tap_dir/dom"; }

clicked()
{
	browse "file://$1/clicked.html" --dump-dom --window-size="$3" >"$tap_dir/dom"
	cat "$tap_dir/said"
	same "$2 cells" "$(found clicked)" && [ ! -s "$tap_dir/said" ]
}

picture() { browse "$1" --screenshot="$tap_dir/$2.png" "$3" "$4" && [ -s "$tap_dir/$2.png" ]; }

cp -r harness/tests/golden/run "$run"
build/finrig report "$run" >/dev/null
with_script "$run/report.html" harness/tests/html_clicks.js "$run/clicked.html"
cell=sample-6.1-mutant/closing-fin-retransmit

opens_itself()
{
	browse "file://$run/report.html#$cell" --dump-dom >"$tap_dir/dom"
	cat "$tap_dir/said"
	[ ! -s "$tap_dir/said" ] && grep -q "<details class=\"cell\" id=\"$cell\" data-outcome=\"BUGGY\" open=\"\">" "$tap_dir/dom" &&
		! grep -q '<html[^>]*without-script' "$tap_dir/dom" && ! grep -q 'data-errors' "$tap_dir/dom"
}

# Every path that the page links to is there.
links_lead_somewhere()
{
	grep -o 'href="[^"#][^"]*"' "$run/report.html" | sed 's/^href="//; s/"$//' | sort -u >"$tap_dir/links"
	[ "$(wc -l <"$tap_dir/links")" -ge 20 ] || return 1
	while read -r link; do [ -e "$run/$link" ] || { echo "no $link"; return 1; }; done <"$tap_dir/links"
}

looks()
{
	picture "file://$run/report.html#$cell" light --window-size=1280,1800 --blink-settings=preferredColorScheme=1 &&
	picture "file://$run/report.html#$cell" dark --window-size=1280,1800 --blink-settings=preferredColorScheme=0 &&
	! cmp -s "$tap_dir/light.png" "$tap_dir/dark.png"
}

prints()
{
	browse "file://$run/report.html#$cell" --print-to-pdf="$tap_dir/page.pdf" --no-pdf-header-footer && head -c 5 "$tap_dir/page.pdf" | grep -q '%PDF-'
}

check "a cell opens by the page's address, with its own script alone" opens_itself
check "every cell is opened by clicks and keys, without an error" clicked "$run" 5 1280,900
check "the same in a narrow window" clicked "$run" 5 400,800
check "links lead somewhere" links_lead_somewhere
check "light and dark are drawn, and differ" looks
check "it prints" prints

# 1 is light, 0 dark.
readable()
{
	with_script "$1" harness/tests/html_contrast.js "${1%.html}-contrast.html"
	for scheme in 1 0; do
		browse "file://${1%.html}-contrast.html" --dump-dom --window-size=1280,1000 --blink-settings=preferredColorScheme=$scheme >"$tap_dir/dom"
		cat "$tap_dir/said"
		same looked "$(found contrast)" || return 1
	done
}
check "all is readable, light and dark, and told apart without colours" readable "$run/report.html"

# The keyboard goes on from the cell that the address names.
focused()
{
	cat >"$tap_dir/look.js" <<-'END'
		window.addEventListener("load", () => setTimeout(() => {
			const cell = document.activeElement.closest("details");
			document.documentElement.dataset.focused = cell ? cell.id : document.activeElement.tagName;
		}, 500));
	END
	with_script "$run/report.html" "$tap_dir/look.js" "$run/focused.html"
	browse "file://$run/focused.html#$cell" --dump-dom >"$tap_dir/dom"
	same "$cell" "$(found focused)"
}
check "a cell that the address opens has the keyboard" focused

# Many kernels and cases, as links to the sample's cells: 20 x 25, of which those of one kernel are not as expected.
many=$tap_dir/many
make_many()
{
	mkdir -p "$many"
	for kernel in $(seq 20); do
		from=sample-6.1
		[ "$kernel" = 7 ] && from=sample-crash
		mkdir "$many/linux-5.$kernel-next-20260101"
		for case in $(seq 25); do ln -s "$PWD/harness/tests/golden/run/$from/closing-fin-retransmit" "$many/linux-5.$kernel-next-20260101/a-case-with-a-name-$case"; done
	done
	{
		printf '{"kernels": ["x"'; for kernel in $(seq 20); do printf ', "linux-5.%d-next-20260101"' "$kernel"; done
		printf '], "cases": ["y"'; for case in $(seq 25); do printf ', "a-case-with-a-name-%d"' "$case"; done
		printf ']}\n'
	} | sed 's/"x", //; s/"y", //' >"$many/run.json"
	build/finrig report "$many" >/dev/null
	[ $? -eq 1 ]
}
many_is_usable()
{
	cat >"$tap_dir/look.js" <<-'END'
		window.addEventListener("load", function () {
			const frame = document.querySelector(".many"), faults = [], box = (element) => element.getBoundingClientRect();
			const heads = frame.querySelectorAll("thead th"), row = frame.querySelectorAll("tbody tr")[20];
			frame.scrollTop = 500; frame.scrollLeft = 200;
			if (box(heads[9]).top < box(frame).top) faults.push("the kernels' names are out of sight");
			if (box(row.cells[0]).left < box(frame).left) faults.push("the cases' names are out of sight");
			if (box(frame).height > innerHeight) faults.push("the matrix is higher than the window");
			if (document.body.scrollWidth > innerWidth) faults.push("the page is wider than the window");
			const widths = Array.from(row.cells).slice(1).map((cell) => Math.round(box(cell).width));
			if (Math.max(...widths) - Math.min(...widths) > 3) faults.push("columns differ: " + widths);
			const drawn = Array.from(document.querySelectorAll("details.cell")).filter((cell) => cell.querySelector("svg"));
			if (drawn.length !== 25 || drawn.some((cell) => !cell.classList.contains("unexpected"))) faults.push(drawn.length + " cells drawn");
			document.documentElement.dataset.looked = "looked" + faults.map((fault) => "; " + fault).join("");
		});
	END
	with_script "$many/report.html" "$tap_dir/look.js" "$many/looked.html"
	for window in 1600,1000 700,800; do
		browse "file://$many/looked.html" --dump-dom --window-size=$window >"$tap_dir/dom"
		cat "$tap_dir/said"
		same looked "$(found looked)" || return 1
	done
}
check "a run of 500 cells" make_many
check "has a page of less than 3 MB" [ "$(wc -c <"$many/report.html")" -lt 3000000 ]
# What the style sheet has for paper, on a screen as wide as an A4 sheet between its margins.
many_is_printed()
{
	cat >"$tap_dir/look.js" <<-'END'
		window.addEventListener("load", function () {
			const paper = Array.from(document.styleSheets[0].cssRules).filter((rule) => rule.media && rule.media.mediaText === "print");
			const style = document.createElement("style");
			style.textContent = paper.map((rule) => Array.from(rule.cssRules).map((inner) => inner.cssText).join("\n")).join("\n");
			document.head.append(style);
			const width = Math.ceil(document.querySelector(".matrix").getBoundingClientRect().width);
			document.documentElement.dataset.looked = paper.length === 1 && width > 200 && width < 718 ? "looked" : paper.length + " rules, " + width + " wide";
		});
	END
	with_script "$many/report.html" "$tap_dir/look.js" "$many/printed.html"
	browse "file://$many/printed.html" --dump-dom --window-size=718,1000 >"$tap_dir/dom"
	cat "$tap_dir/said"
	same looked "$(found looked)"
}
check "whose matrix fits any window, and keeps its names in sight" many_is_usable
check "and a sheet of paper" many_is_printed

# Names and texts that would be markup, and a script's end.
hostile=$tap_dir/hostile
name='k"><img src=x onerror=alert(1)>'
text='</script><script>document.title=1</script><img src=x onerror=document.title=2> \" '\'' \u001b ${7*7}'
mkdir -p "$hostile/$name/crash"
printf '{"kernels": ["%s"], "cases": ["crash"]}' "$(printf %s "$name" | sed 's/"/\\"/')" >"$hostile/run.json"
printf '{"outcome": "CRASH", "cause": "%s", "expect": "fixed", "wire": "%s", "believes": "%s", "lines": [{"kind": "%s", "text": "%s", "reason": "%s"}]}' \
	"$text" "$text" "$text" "$text" "$text" "$text" >"$hostile/$name/crash/5-verdict.json"
printf '{"said": "%s", "file": "%s", "case": "%s", "release": "%s"}' "$text" "$text" "$text" "$text" >"$hostile/$name/crash/0-cell.json"
printf 'Oops: </pre><script>document.title=3</script>\033[1m\000\377\n' >"$hostile/$name/crash/1-console.log"
{
	printf '{"t_ns": 0, "type": "start"}\n{"t_ns": 5, "type": "counter", "name": "%s.tx_dropped", "value": 1, "delta": 1}\n' "$text"
	printf '{"t_ns": 6, "type": "call", "function": "%s", "result": -16, "errno": "%s", "arguments": "%s"}\n' "$text" "$text" "$text"
	printf '{"t_ns": 7, "type": "mismatch", "text": "%s", "expected": "%s", "actual": "%s"}\n' "$text" "$text" "$text"
} >"$hostile/$name/crash/2-events.jsonl"
printf '// title: %s\n// why: %s\n' "$text" "$text" >"$hostile/$name/crash/0-case.pkt"
check "a hostile run has a page" sh -c "build/finrig report $hostile >/dev/null; [ \$? -eq 1 ]"
check "with the guest's texts in it" [ "$(grep -c 'document.title=' "$hostile/report.html")" -ge 14 ]
grep -v '<meta http-equiv="Content-Security-Policy"' "$hostile/report.html" >"$hostile/unguarded.html"

nothing_runs()
{
	browse "file://$1" --dump-dom >"$tap_dir/dom"
	cat "$tap_dir/said"
	[ ! -s "$tap_dir/said" ] && grep -q '<title>finrig: 1 cells, 1 not as expected</title>' "$tap_dir/dom" && ! grep -q '<img' "$tap_dir/dom" &&
		same 1 "$(grep -c '<script' "$tap_dir/dom")"
}
check "nothing of a guest runs" nothing_runs "$hostile/report.html"
check "nor without the page's policy" nothing_runs "$hostile/unguarded.html"
plan
