/* SPDX-License-Identifier: GPL-2.0-or-later
 * page - what the HTML report does beyond what HTML does by itself: keys in the matrix, cells opened by their name, a filter
 * Without it all of the page can still be read. */
"use strict";
(function () {
	const root = document.documentElement;
	const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
	const cells = all("details.cell");
	const links = all(".matrix td a");
	const shown = (element) => element && !element.closest("[hidden]");
	const linked = links.map((link) => named(link.hash));
	let reached = links[0]; /* by tab: one link of the matrix, from which arrows lead on */

	root.classList.remove("without-script");
	/* For the test: what went wrong in this page. */
	window.addEventListener("error", (event) => { root.dataset.errors = (root.dataset.errors || "") + event.message + "; "; });

	function named(hash) {
		return document.getElementById(decodeURIComponent(hash.slice(1)));
	}

	function open_named() {
		const cell = location.hash.length > 1 && named(location.hash);

		if (!cell || !cell.classList.contains("cell"))
			return;
		cell.hidden = cell.parentElement.hidden = false;
		cell.open = true;
		cell.scrollIntoView();
		cell.querySelector("summary").focus({ preventScroll: true });
	}

	function link_of(cell) {
		return links[linked.indexOf(cell)];
	}

	/* Arrows walk over the matrix as over a sheet; one of its links at a time is reached by tab. */
	function beside(element, way) {
		do
			element = way > 0 ? element.nextElementSibling : element.previousElementSibling;
		while (element && element.hidden);
		return element;
	}

	function step(link, rows, columns) {
		const row = rows ? beside(link.closest("tr"), rows) : null;
		const place = rows ? row && row.cells[link.parentElement.cellIndex] : beside(link.parentElement, columns);

		return place && place.querySelector("a");
	}

	/* The first or the last of its row. */
	function outermost(link, last) {
		const row = all("td:not([hidden]) a", link.closest("tr"));

		return row[last ? row.length - 1 : 0];
	}

	function reach(link) {
		reached.tabIndex = -1;
		reached = link;
		reached.tabIndex = 0;
	}

	function rove(link) {
		reach(link);
		link.focus();
	}

	const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

	function on_matrix_key(event) {
		const link = event.target.closest("td a"), arrow = arrows[event.key];
		const next = !link ? null : arrow ? step(link, arrow[0], arrow[1]) :
			event.key === "Home" || event.key === "End" ? outermost(link, event.key === "End") : null;

		if (next) {
			event.preventDefault();
			rove(next);
		}
	}

	function toggle_axes() {
		const boxes = all("input.log"), to = boxes.some((box) => !box.checked);

		boxes.forEach((box) => { box.checked = to; });
	}

	function move(from, by) {
		const visible = cells.filter(shown), index = visible.indexOf(from);
		const next = visible[index + by];

		if (index < 0 || !next)
			return;
		from.open = false;
		location.hash = link_of(next) ? link_of(next).hash : "#" + encodeURIComponent(next.id);
	}

	function on_key(event) {
		const cell = event.target.closest && event.target.closest("details.cell");

		if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input[type=search]"))
			return;
		if (event.key === "l")
			toggle_axes();
		else if (event.key === "Escape" && cell) {
			cell.open = false;
			if (link_of(cell))
				rove(link_of(cell));
		} else if (cell && (event.key === "n" || event.key === "p"))
			move(cell, event.key === "n" ? 1 : -1);
	}

	/* Rows and columns that have a cell to show; and one of its links is reached by tab. */
	function filter_matrix() {
		const fitting = links.filter((link, index) => !linked[index].hidden), columns = new Set([0]);

		all(".matrix tbody tr").forEach((row) => { row.hidden = true; });
		fitting.forEach((link) => {
			link.closest("tr").hidden = false;
			columns.add(link.parentElement.cellIndex);
		});
		all(".matrix tr").forEach((row) => Array.from(row.cells).forEach((place, index) => { place.hidden = !columns.has(index); }));
		if (fitting.length && !shown(reached))
			reach(fitting[0]);
	}

	function filter() {
		const words = document.getElementById("words").value.toLowerCase().split(/\s+/).filter(Boolean);
		const only = document.getElementById("unexpected").checked;
		const fits = (cell) => (!only || cell.classList.contains("unexpected")) &&
			words.every((word) => cell.id.toLowerCase().includes(word) || cell.dataset.outcome.toLowerCase().includes(word));

		cells.forEach((cell) => { cell.hidden = !fits(cell); });
		all("section.case").forEach((section) => { section.hidden = !all("details.cell", section).some((cell) => !cell.hidden); });
		filter_matrix();
		document.getElementById("shown").textContent = cells.filter((cell) => !cell.hidden).length + " of " + cells.length + " cells";
	}

	function open_all(open) {
		cells.forEach((cell) => { cell.open = open && !cell.hidden; });
	}

	all(".matrix").forEach((matrix) => matrix.addEventListener("keydown", on_matrix_key));
	links.forEach((link) => { link.tabIndex = link === reached ? 0 : -1; });
	links.forEach((link) => link.addEventListener("click", () => { if (link.hash === location.hash) open_named(); }));
	document.addEventListener("keydown", on_key);
	document.getElementById("words").addEventListener("input", filter);
	document.getElementById("unexpected").addEventListener("change", filter);
	document.getElementById("open").addEventListener("click", () => open_all(true));
	document.getElementById("close").addEventListener("click", () => open_all(false));
	window.addEventListener("hashchange", open_named);
	/* A browser that goes to the page's address takes the focus away again, when the page is whole. */
	window.addEventListener("load", () => setTimeout(open_named));
	open_named();
})();
