// What lines look like in figures, and their keys: methods by their place in the report, rates from dark to light, the three
// kinds of RoIs. A method has a colour, a dash and a symbol, each enough to tell it. Colours after Okabe and Ito
// (https://jfly.uni-koeln.de/color/), which stay apart for every kind of colour vision; the first four, which most figures use,
// also differ in lightness. The colours of the boxes on pictures come late.

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

/** Symbols drawn as an outline. */
const HOLLOW: ReadonlySet<SymbolName> = new Set(["plus", "times", "asterisk", "triangle2", "square2", "diamond2"]);

interface ThemedLook {
  readonly light: string;
  readonly dark: string;
  readonly dash: string;
  readonly symbol: SymbolName;
}

const METHODS: readonly ThemedLook[] = [
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

/** The kinds of RoIs of a density probe. */
export const KINDS = ["annotated", "hidden", "background"] as const;
export type Kind = (typeof KINDS)[number];

const KIND_LOOKS: { readonly [kind in Kind]: ThemedLook } = {
  annotated: { light: "#00467a", dark: "#6cc1f5", dash: "none", symbol: "circle" },
  hidden: { light: "#c75a00", dark: "#ffa04d", dash: "7 3", symbol: "triangle" },
  background: { light: "#8a8a8a", dark: "#a8a8a8", dash: "2 3", symbol: "square" },
};

/** Steps of the cividis map (Nuñez et al., PLoS ONE 13(7), 2018), even in lightness for every kind of colour vision. */
const RATES = {
  light: ["#00204c", "#11366b", "#3a4a6c", "#555c6d", "#6b6d72", "#807f78", "#978f77", "#b0a06f"],
  dark: ["#5d6a8c", "#757a90", "#8f8b8a", "#a59c78", "#bcad6c", "#d3c05c", "#e7d34b", "#fee838"],
} as const;
const RATE_DASHES = ["none", "10 3", "6 3", "2 3", "9 3 2 3"];

/** Method `index` of the report. */
export function methodLook(index: number): LineLook & { readonly symbol: SymbolName } {
  const place = index % METHODS.length;
  const { dash, symbol } = METHODS[place];
  return { color: `var(--method-${place})`, dash, symbol };
}

export const kindLook = (kind: Kind): LineLook => ({
  color: `var(--kind-${kind})`,
  dash: KIND_LOOKS[kind].dash,
  symbol: KIND_LOOKS[kind].symbol,
});

/** Rate `index` of `count`, the lowest first. */
export function rateLook(index: number, count: number): LineLook {
  const steps = RATES.light.length;
  const step = count < 2 ? 0 : Math.round((index * (steps - 1)) / (count - 1));
  return { color: `var(--rate-${step})`, dash: RATE_DASHES[index % RATE_DASHES.length] };
}

/** The declarations of the CSS variables behind all of these colours. */
export const lookColors = (theme: "light" | "dark"): string =>
  [
    ...METHODS.map((method, i) => `--method-${i}: ${method[theme]};`),
    ...RATES[theme].map((color, i) => `--rate-${i}: ${color};`),
    ...KINDS.map((kind) => `--kind-${kind}: ${KIND_LOOKS[kind][theme]};`),
  ].join(" ");

/** An SVG with the colours of the light theme in place of these variables. */
export function withColors(svg: string): string {
  const colors = new Map([["--page", "#ffffff"]]);
  for (const [, name, value] of lookColors("light").matchAll(/(--[\w-]+): ([^;]+);/g)) colors.set(name, value);
  return svg.replace(/var\((--[\w-]+)\)/g, (variable, name) => colors.get(name) ?? variable);
}

/** What the inside of a symbol is filled with. */
export const symbolFill = ({ color, symbol }: LineLook): string => (symbol && HOLLOW.has(symbol) ? "var(--page)" : color);

/** A symbol around 0, 0 as an SVG path, about 9 units wide; an outline shows what lies behind it. */
export const symbolPath = (symbol: SymbolName, color: string): Html =>
  html`<path d="${SYMBOLS[symbol]}" fill="${HOLLOW.has(symbol) ? "none" : color}" stroke="${color}" stroke-width="1.2"/>`;

/** The key of a line, with its symbol where it has one. */
export function lineKey(line: LineLook): Html {
  const { color, dash, symbol } = line;
  const mark = symbol
    ? html`<path transform="translate(20 6)" d="${SYMBOLS[symbol]}" fill="${symbolFill(line)}" stroke="${color}" stroke-width="1.4"/>`
    : html``;
  return html`<svg class="line-key" viewBox="0 0 40 12" width="40" height="12" aria-hidden="true">
<path d="M1 6h38" stroke="${color}" stroke-width="2.2" stroke-dasharray="${dash}"/>${mark}</svg>`;
}
