// How a method looks in a figure: a colour and a dash, by its place in the report. Colours after Okabe and Ito
// (https://jfly.uni-koeln.de/color/), which stay apart for every kind of colour vision; those of the boxes are left out.

import { type Html, html } from "./html.ts";

const LOOKS = [
  { light: "#0072b2", dark: "#56b4e9", dash: "none" },
  { light: "#a8558a", dark: "#cc79a7", dash: "7 4" },
  { light: "#222222", dark: "#f2f2f2", dash: "2 3.5" },
  { light: "#8a7f00", dark: "#f0e442", dash: "9 3 2 3" },
] as const;

const look = (index: number) => LOOKS[index % LOOKS.length];

/** The CSS colour of method `index`; the page defines it by `methodColors`. */
export const methodColor = (index: number): string => `var(--method-${index % LOOKS.length})`;

/** The SVG dash array of method `index`. */
export const methodDash = (index: number): string => look(index).dash;

/** The declarations of the CSS variables behind `methodColor`. */
export const methodColors = (theme: "light" | "dark"): string => LOOKS.map((l, i) => `--method-${i}: ${l[theme]};`).join(" ");

/** A short stroke as it is drawn in the figures, for their key. */
export function methodKey(index: number): Html {
  return html`<svg class="method-key" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true">
<path d="M1 4h30" stroke="${methodColor(index)}" stroke-width="2.5" stroke-dasharray="${methodDash(index)}"/></svg>`;
}
