/* SPDX-License-Identifier: GPL-2.0-or-later
 * html_contrast - how readable a page's colours are, by WCAG 2 (1.4.3 and 1.4.11); put into a copy of the page by html.sh, leaves its findings as
 * an attribute of <html>. A text wants 4.5 with what it stands on, a mark 3, and outcomes differ in light where no colour is seen. */
"use strict";
(function () {
	const faults = new Set(), counts = { texts: 0, marks: 0 };
	const parse = (text) => { const n = (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number); return { rgb: n.slice(0, 3), alpha: n.length > 3 ? n[3] : 1 }; };
	const blend = (over, alpha, under) => over.map((value, i) => value * alpha + under[i] * (1 - alpha));
	const linear = (value) => value / 255 <= 0.04045 ? value / 255 / 12.92 : Math.pow((value / 255 + 0.055) / 1.055, 2.4);
	const light = (rgb) => 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
	const style = (element) => getComputedStyle(element);

	function contrast(a, b) {
		const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);

		return (bright + 0.05) / (dark + 0.05);
	}

	function background(element) {
		for (let at = element; at; at = at.parentElement) {
			const colour = parse(style(at).backgroundColor);

			if (colour.alpha)
				return at.parentElement ? blend(colour.rgb, colour.alpha, background(at.parentElement)) : colour.rgb;
		}
		return [255, 255, 255];
	}

	/* What is drawn before, below its middle. */
	function drawn_below(element) {
		const box = element.getBBox(), x = box.x + box.width / 2, y = box.y + box.height / 2;
		let colour = background(element.ownerSVGElement);

		for (const rect of element.ownerSVGElement.querySelectorAll("rect")) {
			const other = rect.getBBox(), fill = parse(style(rect).fill);

			if (rect === element || !(rect.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING))
				break;
			if (x >= other.x && x <= other.x + other.width && y >= other.y && y <= other.y + other.height)
				colour = blend(fill.rgb, fill.alpha * Number(style(rect).fillOpacity), colour);
		}
		return colour;
	}

	function judge(element, colour, below, least, kind) {
		const found = contrast(colour, below);

		counts[kind]++;
		if (found < least)
			faults.add(element.tagName + "." + (element.getAttribute("class") || "") + " in ." + (element.parentElement.getAttribute("class") || "") + ": " +
				   found.toFixed(2) + " of " + least);
	}

	function look(element) {
		const own = Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
		const seen = element.getClientRects().length > 0 && !element.closest(".unseen");
		const drawing = element.ownerSVGElement, fill = drawing && parse(style(element).fill), stroke = drawing && style(element).stroke;

		if (!seen || element.closest("select, option"))
			return;
		if (own && !drawing)
			judge(element, parse(style(element).color).rgb, background(element), 4.5, "texts");
		else if (own && element.tagName === "text")
			judge(element, fill.rgb, drawn_below(element), 4.5, "texts");
		else if (element.matches(".mark, [class^=bar-]"))
			judge(element, fill.rgb, drawn_below(element), 3, "marks");
		else if (element.matches(".curve, .arrow, .running, .parting") && stroke !== "none")
			judge(element, parse(stroke).rgb, drawn_below(element), 3, "marks");
	}

	/* Every outcome is in the legend. */
	function look_without_colours() {
		const fill = (name) => parse(style(document.querySelector(".legend ." + name)).backgroundColor).rgb;

		for (const [a, b] of [["FIXED", "BUGGY"], ["FIXED", "CRASH"], ["BUGGY", "CRASH"]])
			if (contrast(fill(a), fill(b)) < 1.25)
				faults.add(a + " is as light as " + b);
	}

	window.addEventListener("load", () => setTimeout(() => {
		document.querySelectorAll("details.cell").forEach((cell) => { cell.open = true; });
		document.querySelectorAll("body *").forEach(look);
		if (document.querySelector(".legend"))
			look_without_colours();
		document.documentElement.dataset.contrast = (counts.texts >= 20 && counts.marks >= 4 ? "looked" : "few: " + JSON.stringify(counts)) +
			Array.from(faults).map((fault) => "; " + fault).join("");
	}));
})();
