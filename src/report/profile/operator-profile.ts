// What a computation's time goes into: a table for the terminal, and a figure with a bar for the time of each operator, whose dark
// part is its floor.

import type { OperatorProfile } from "../../runs/profile.ts";
import type { Figure } from "../document/document.ts";
import { figureSvg } from "../document/svg.ts";
import type { LineLook } from "../figures/looks.ts";

const MOST = 14;
const FLOOR: LineLook = { color: "var(--kind-annotated)", dash: "none", symbol: "square" };
const TIME: LineLook = { color: "var(--kind-background)", dash: "none", symbol: "square" };

interface Row {
  readonly label: string;
  readonly calls: number;
  readonly seconds: number;
  readonly floor: number;
  readonly flops: number;
  readonly bytes: number;
}

/** The longest operators, the rest as one, and what ran between them. */
function rowsOf({ seconds, operators }: OperatorProfile): Row[] {
  const rows = operators.map(({ name, dtype, ...numbers }): Row => ({ label: dtype ? `${name} ${dtype}` : name, ...numbers }));
  const rest = rows.slice(MOST);
  const sum = (list: readonly Row[], key: keyof Omit<Row, "label">): number => list.reduce((total, row) => total + row[key], 0);
  const others = (list: readonly Row[]): Row => ({
    label: `${list.length} other operators`,
    calls: sum(list, "calls"),
    seconds: sum(list, "seconds"),
    floor: sum(list, "floor"),
    flops: sum(list, "flops"),
    bytes: sum(list, "bytes"),
  });
  const between = Math.max(0, seconds - sum(rows, "seconds"));
  return [
    ...rows.slice(0, MOST),
    ...(rest.length > 0 ? [others(rest)] : []),
    { label: "between operators", calls: 0, seconds: between, floor: 0, flops: 0, bytes: 0 },
  ];
}

const floorOf = ({ operators }: OperatorProfile): number => operators.reduce((sum, { floor }) => sum + floor, 0);

const rateText = ({ rate }: OperatorProfile): string =>
  `${(rate.flops / 1e9).toFixed(0)} GFLOP/s in a 3×3 convolution of 256 channels, ${(rate.bytes / 1e9).toFixed(1)} GB/s in a copy`;

export function profileTable(profile: OperatorProfile, title: string): string {
  const ms = (seconds: number): string => (1000 * seconds).toFixed(1);
  const head = ["", "calls", "ms", "%", "floor ms", "GFLOP", "GFLOP/s", "GB"];
  const line = ({ label, calls, seconds, floor, flops, bytes }: Row): string[] => [
    label,
    calls ? String(calls) : "",
    ms(seconds),
    ((100 * seconds) / profile.seconds).toFixed(1),
    ms(floor),
    flops ? (flops / 1e9).toFixed(1) : "",
    flops ? (flops / seconds / 1e9).toFixed(0) : "",
    bytes ? (bytes / 1e9).toFixed(2) : "",
  ];
  const total = ["total", "", ms(profile.seconds), "100.0", ms(floorOf(profile)), "", "", ""];
  const lines = [head, ...rowsOf(profile).map(line), total];
  const widths = head.map((_, i) => Math.max(...lines.map((cells) => cells[i].length)));
  const text = lines.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  return [`${title}; the machine: ${rateText(profile)}`, ...text].join("\n");
}

/** An SVG file that stands alone. */
export async function profileFigure(profile: OperatorProfile, title: string): Promise<string> {
  // Both take most of a second to load, which only a command that draws should pay.
  const [{ JSDOM }, Plot] = await Promise.all([import("jsdom"), import("@observablehq/plot")]);
  const { document } = new JSDOM("").window;
  const rows = rowsOf(profile);
  const [width, height] = [760, 60 + 22 * rows.length];
  const bar = (key: "seconds" | "floor", { color }: LineLook) =>
    Plot.barX(rows, { y: "label", x: (row: Row) => 1000 * row[key], fill: color, insetTop: 2, insetBottom: 2 });
  const svg = Plot.plot({
    document,
    width,
    height,
    marginLeft: 230,
    marginRight: 60,
    marginBottom: 38,
    style: { fontSize: "11px" },
    x: { label: "time (ms)", labelAnchor: "center", labelArrow: "none", grid: true },
    y: { domain: rows.map(({ label }) => label), label: null, tickSize: 0 },
    marks: [
      bar("seconds", TIME),
      bar("floor", FLOOR),
      Plot.text(rows, {
        y: "label",
        x: (row: Row) => 1000 * row.seconds,
        text: (row: Row) => (1000 * row.seconds).toFixed(0),
        textAnchor: "start",
        dx: 5,
      }),
      Plot.ruleX([0]),
    ],
  });
  const text = svg.outerHTML.replace(/ xmlns(:\w+)?="[^"]*"/g, "").replace(/<style>.*?<\/style>/s, "");
  const figure: Figure = {
    file: "profile",
    title: `Where the time goes: ${title}`,
    panels: [{ title: "", svg: text, width, height }],
    columns: 1,
    key: [
      { label: "time", look: TIME },
      { label: "floor: its arithmetic or its bytes at the machine’s rate", look: FLOOR },
    ],
    caption: `One repetition of ${(1000 * profile.seconds).toFixed(0)} ms; the floors of all operators add up to ${(1000 * floorOf(profile)).toFixed(0)} ms. The machine: ${rateText(profile)}. An operator’s time excludes the operators that it calls.`,
  };
  return figureSvg(figure);
}
