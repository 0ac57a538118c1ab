// The structure of a page as indented lines: headings, tables by their heads and first columns, figures by their titles and
// captions, what folds, what can be switched. Measured values are left out, so that it is the same on every machine.

import { JSDOM } from "jsdom";

const textOf = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
const all = (element, selector) => [...element.querySelectorAll(selector)].map(textOf);

/** Of an HTML page or an SVG file. */
export function outlineOf(text) {
  const isSvg = /^<svg/.test(text);
  const { document } = new JSDOM(text, isSvg ? { contentType: "image/svg+xml" } : {}).window;
  const lines = isSvg ? all(document, "text").filter((label) => !/^[\d.,]+$/.test(label)) : linesOf(document.body, 0);
  return `${lines.join("\n")}\n`;
}

function linesOf(element, depth) {
  const said = describe(element);
  const inner = said?.whole ? [] : [...element.children].flatMap((child) => linesOf(child, depth + (said ? 1 : 0)));
  return [...(said?.lines ?? []).map((line) => "  ".repeat(depth) + line), ...inner];
}

/** What is said of an element, and whether that is the whole of it; nothing for an element that only holds others. */
function describe(element) {
  const tag = element.tagName.toLowerCase();
  const whole = (...lines) => ({ whole: true, lines });
  const role = element.getAttribute("role");
  if (/^h[1-4]$/.test(tag)) return whole(`${tag} ${textOf(element)}`);
  if (tag === "p" || tag === "li") return whole(`${tag}${element.className ? `.${element.className}` : ""}${keyOf(element)}`);
  if (tag === "nav") return whole(`nav "${element.getAttribute("aria-label")}": ${all(element, "a").join(" | ")}`);
  if (tag === "table") return whole("table", ...tableLines(element).map((line) => `  ${line}`));
  if (tag === "dl") return whole(`facts: ${all(element, "dt").join(" | ")}`);
  if (tag === "pre") return whole("code");
  if (tag === "fieldset") return whole(`switches: ${all(element, "label").join(" | ")}`);
  if (tag === "summary") return whole(`summary ${textOf(element)}`);
  if (tag === "figcaption" && !element.closest(".picture")) return whole(`caption: ${textOf(element)}`);
  if (tag === "figcaption") return whole(`caption: ${textOf(element.querySelector("b"))}`);
  if (role === "img") return whole(`img "${nameOf(element)}"`);
  if (role) return { lines: [`${role} "${nameOf(element)}"`] };
  if (tag === "details") return { lines: [`details${element.hasAttribute("open") ? " (open)" : ""}`] };
  if (["header", "main", "section", "figure", "article", "ul"].includes(tag)) return { lines: [tag] };
  return null;
}

/** The accessible name without the values that follow it. */
const nameOf = (element) => (element.getAttribute("aria-label") ?? "").split(/: |, n =|\d+ (?:found|visible|hidden)/, 1)[0];

const keyOf = (element) => (element.className === "key" ? `: ${all(element, "span").join(" | ")}` : "");

function tableLines(table) {
  const heads = [...table.querySelectorAll("thead tr")].map((row) => `head: ${all(row, "th").join(" | ")}`);
  return [...heads, `rows: ${all(table, "tbody th").join(" | ")}`];
}
