// Lines of a report's figures that are not methods: rates, in order from dark to light, and the three kinds of RoIs.

import type { LineLook, SymbolName } from "./method-key.ts";

export const KINDS = ["annotated", "hidden", "background"] as const;
export type Kind = (typeof KINDS)[number];

/** Steps of the cividis map (Nuñez et al., PLoS ONE 13(7), 2018), even in lightness for every kind of colour vision. */
const RATES = {
  light: ["#00204c", "#11366b", "#3a4a6c", "#555c6d", "#6b6d72", "#807f78", "#978f77", "#b0a06f"],
  dark: ["#5d6a8c", "#757a90", "#8f8b8a", "#a59c78", "#bcad6c", "#d3c05c", "#e7d34b", "#fee838"],
} as const;
const DASHES = ["none", "10 3", "6 3", "2 3", "9 3 2 3"];

const KIND_LOOKS: { readonly [kind in Kind]: { light: string; dark: string; dash: string; symbol: SymbolName } } = {
  annotated: { light: "#00467a", dark: "#6cc1f5", dash: "none", symbol: "circle" },
  hidden: { light: "#c75a00", dark: "#ffa04d", dash: "7 3", symbol: "triangle" },
  background: { light: "#8a8a8a", dark: "#a8a8a8", dash: "2 3", symbol: "square" },
};

/** Rate `index` of `count`, the lowest first. */
export function rateLook(index: number, count: number): LineLook {
  const steps = RATES.light.length;
  const step = count < 2 ? 0 : Math.round((index * (steps - 1)) / (count - 1));
  return { color: `var(--rate-${step})`, dash: DASHES[index % DASHES.length] };
}

export const kindLook = (kind: Kind): LineLook => ({
  color: `var(--kind-${kind})`,
  dash: KIND_LOOKS[kind].dash,
  symbol: KIND_LOOKS[kind].symbol,
});

/** The declarations of the CSS variables. */
export const gridColors = (theme: "light" | "dark"): string =>
  [
    ...RATES[theme].map((color, i) => `--rate-${i}: ${color};`),
    ...KINDS.map((kind) => `--kind-${kind}: ${KIND_LOOKS[kind][theme]};`),
  ].join(" ");
