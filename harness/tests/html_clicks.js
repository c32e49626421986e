/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_clicks - a reader of the HTML report, put into a copy of the page by html.sh; leaves its findings as an attribute of <html> */
"use strict";
(async function () {
	const faults = [];
	const root = document.documentElement;
	const links = Array.from(document.querySelectorAll(".matrix td a"));
	const cells = Array.from(document.querySelectorAll("details.cell"));
	const soon = () => new Promise((resolve) => setTimeout(resolve, 20));
	const expect = (true_, what) => { if (!true_) faults.push(what); };
	const key = (element, name) => element.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));
	const visible = (element) => element.getClientRects().length > 0;

	window.addEventListener("error", (event) => faults.push("error: " + event.message));
	if (document.readyState !== "complete")
		await new Promise((resolve) => window.addEventListener("load", resolve));
	expect(links.length === cells.length, links.length + " links, " + cells.length + " cells");
	expect(links.filter((link) => link.tabIndex === 0).length === 1, "one link of the matrix is reached by tab");

	for (const link of links) {
		link.click();
		await soon();
		const cell = document.getElementById(decodeURIComponent(link.hash.slice(1)));
		expect(cell && cell.open && visible(cell.querySelector(".sentence")), "not opened: " + link.hash);
		expect(document.activeElement === cell.querySelector("summary"), "not focused: " + link.hash);
		for (const box of cell.querySelectorAll("input.log")) {
			expect(visible(cell.querySelector("svg.linear")) && !visible(cell.querySelector("svg.logarithmic")), "linear first: " + cell.id);
			box.click();
			expect(!visible(cell.querySelector("svg.linear")) && visible(cell.querySelector("svg.logarithmic")), "then logarithmic: " + cell.id);
			box.click();
		}
		key(cell.querySelector("summary"), "Escape");
		expect(!cell.open && document.activeElement === link, "Escape returns: " + cell.id);
	}
	links[0].click();
	await soon();
	key(document.activeElement, "n");
	await soon();
	expect(!cells[0].open && cells[1].open, "n goes on");
	key(document.activeElement, "p");
	await soon();
	expect(cells[0].open && !cells[1].open, "p goes back");
	key(document.activeElement, "Escape");
	key(links[0], "ArrowRight");
	expect(document.activeElement === links[1], "arrow to the right");
	key(links[1], "ArrowLeft");
	expect(document.activeElement === links[0], "arrow to the left");
	key(links[0], "End");
	expect(document.activeElement.closest("td") === links[0].closest("tr").lastElementChild, "the end of the row");
	key(document.activeElement, "Home");
	expect(document.activeElement === links[0], "its beginning");
	key(document.body, "l");
	expect(Array.from(document.querySelectorAll("input.log")).every((box) => box.checked), "l makes all logarithmic");

	document.getElementById("open").click();
	expect(cells.every((cell) => cell.open), "all opened");
	expect(Array.from(document.querySelectorAll("svg")).every((svg) => !/NaN|undefined/.test(svg.outerHTML)), "a number in a drawing");
	document.getElementById("close").click();
	expect(cells.every((cell) => !cell.open), "all closed");
	document.getElementById("words").value = "crash";
	document.getElementById("words").dispatchEvent(new Event("input"));
	expect(cells.filter((cell) => !cell.hidden).length === 1, "found by words");
	expect(Array.from(document.querySelectorAll(".matrix th, .matrix td")).filter(visible).length === 4, "the matrix of what was found");
	expect(document.getElementById("shown").textContent === "1 of " + cells.length + " cells", "how many were found");
	expect(links.filter((link) => link.tabIndex === 0 && visible(link)).length === 1, "what was found is reached by tab");
	document.getElementById("words").value = "";
	document.getElementById("unexpected").click();
	expect(cells.every((cell) => cell.hidden !== cell.classList.contains("unexpected")), "only what is not as expected");
	expect(document.body.scrollWidth <= window.innerWidth, "the page is wider than its window");
	root.dataset.clicked = cells.length + " cells" + faults.map((fault) => "; " + fault).join("");
})();
