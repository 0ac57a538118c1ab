// How a method looks in a figure, by its place in the report: a colour, a dash and a symbol, each enough to tell it. Colours
// after Okabe and Ito (https://jfly.uni-koeln.de/color/), which stay apart for every kind of colour vision; the first four, of
// most figures, also differ in lightness. Those of the boxes on pictures come late.

import { type Html, html } from "../document/html.ts";

/** A line of a figure; without a symbol, a line alone. */
export interface LineLook {
  /** CSS. */
  readonly color: string;
  /** SVG's stroke-dasharray. */
  readonly dash: string;
  readonly symbol?: SymbolName;
}

/** Names of Observable Plot, and how they are drawn in a key, around 0, 0. */
const SYMBOLS = {
  circle: "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0Z",
  triangle: "M0-4.2L3.9 2.6H-3.9Z",
  square: "M-3-3H3V3H-3Z",
  diamond: "M0-4.6L2.9 0L0 4.6L-2.9 0Z",
  star: "M0-4.8L1.2-1.5H4.6L1.9.6L2.9 4L0 2L-2.9 4L-1.9.6L-4.6-1.5H-1.2Z",
  cross: "M-1.3-4H1.3V-1.3H4V1.3H1.3V4H-1.3V1.3H-4V-1.3H-1.3Z",
  wye: "M0-1L3.4-3L4.4-1.3L1 .7V4.4H-1V.7L-4.4-1.3L-3.4-3Z",
  hexagon: "M0-3.9L3.4-1.9V1.9L0 3.9L-3.4 1.9V-1.9Z",
  plus: "M0-4V4M-4 0H4",
  times: "M-3-3L3 3M-3 3L3-3",
  asterisk: "M0-4V4M-3.5-2L3.5 2M-3.5 2L3.5-2",
  triangle2: "M0 4.2L3.9-2.6H-3.9Z",
  square2: "M-3-3H3V3H-3Z",
  diamond2: "M-3.4 0L0-3.4L3.4 0L0 3.4Z",
} as const;
export type SymbolName = keyof typeof SYMBOLS;

/** Drawn as an outline. */
const HOLLOW: ReadonlySet<SymbolName> = new Set(["plus", "times", "asterisk", "triangle2", "square2", "diamond2"]);

const LOOKS: readonly { light: string; dark: string; dash: string; symbol: SymbolName }[] = [
  { light: "#222222", dark: "#f2f2f2", dash: "none", symbol: "circle" },
  { light: "#c46a9b", dark: "#cc79a7", dash: "7 4", symbol: "triangle" },
  { light: "#857b00", dark: "#f0e442", dash: "2 3.5", symbol: "square" },
  { light: "#005f9e", dark: "#56b4e9", dash: "12 3", symbol: "diamond" },
  { light: "#008a66", dark: "#2fc79a", dash: "9 3 2 3", symbol: "star" },
  { light: "#d55e00", dark: "#ff8a3c", dash: "4 2", symbol: "cross" },
  { light: "#4299cf", dark: "#9ad4f5", dash: "12 3 2 3 2 3", symbol: "wye" },
  { light: "#9a6a00", dark: "#e69f00", dash: "1 2.5", symbol: "hexagon" },
  { light: "#5b4aa8", dark: "#b3a5f0", dash: "6 2 1.5 2", symbol: "plus" },
  { light: "#777777", dark: "#aaaaaa", dash: "10 5", symbol: "times" },
  { light: "#00574f", dark: "#4fc0b0", dash: "3 3", symbol: "asterisk" },
  { light: "#8f1d1d", dark: "#f08a8a", dash: "8 2 1 2 1 2", symbol: "triangle2" },
  { light: "#1d2f6f", dark: "#8fa8ff", dash: "5 5", symbol: "square2" },
  { light: "#7d2f63", dark: "#e59acb", dash: "14 4", symbol: "diamond2" },
];

const look = (index: number) => LOOKS[index % LOOKS.length];

/** The CSS colour of method `index`; the page defines it by `methodColors`. */
export const methodColor = (index: number): string => `var(--method-${index % LOOKS.length})`;

/** The SVG dash array of method `index`. */
export const methodDash = (index: number): string => look(index).dash;

/** All of it, for figures with points. */
export const methodLook = (index: number): LineLook & { readonly symbol: SymbolName } => ({
  color: methodColor(index),
  dash: methodDash(index),
  symbol: look(index).symbol,
});

/** What the inside of a symbol is filled with. */
export const symbolFill = ({ color, symbol }: LineLook): string => (symbol && HOLLOW.has(symbol) ? "var(--page)" : color);

/** The declarations of the CSS variables behind `methodColor`. */
export const methodColors = (theme: "light" | "dark"): string => LOOKS.map((l, i) => `--method-${i}: ${l[theme]};`).join(" ");

/** A short stroke as it is drawn in the figures, for their key. */
export const methodKey = (index: number): Html => lineKey({ color: methodColor(index), dash: methodDash(index) });

/** A symbol around 0, 0 as an SVG path, about 9 units wide; an outline has what lies behind it inside. */
export const symbolPath = (symbol: SymbolName, color: string): Html =>
  html`<path d="${SYMBOLS[symbol]}" fill="${HOLLOW.has(symbol) ? "none" : color}" stroke="${color}" stroke-width="1.2"/>`;

/** The key of any line, with its symbol where it has one. */
export function lineKey(line: LineLook): Html {
  const { color, dash, symbol } = line;
  const mark = symbol
    ? html`<path transform="translate(20 6)" d="${SYMBOLS[symbol]}" fill="${symbolFill(line)}" stroke="${color}" stroke-width="1.4"/>`
    : html``;
  return html`<svg class="method-key" viewBox="0 0 40 12" width="40" height="12" aria-hidden="true">
<path d="M1 6h38" stroke="${color}" stroke-width="2.2" stroke-dasharray="${dash}"/>${mark}</svg>`;
}
