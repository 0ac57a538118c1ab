// Panels of figures by Observable Plot (https://observablehq.com/plot), in one manner: lines with dash and symbol, bands, axes
// with their units.

import type { PlotOptions } from "@observablehq/plot";
import type { FigurePanel } from "../document/document.ts";
import { type LineLook, symbolFill } from "./looks.ts";

export interface Point {
  readonly x: number | string;
  readonly y: number;
  /** A band around y. */
  readonly low?: number;
  readonly high?: number;
}

export interface Line {
  readonly label: string;
  readonly look: LineLook;
  readonly points: readonly Point[];
  /** Shown only for comparison. */
  readonly faint?: boolean;
  /** A symbol at every n-th point; default: at all. */
  readonly symbolEvery?: number;
}

export interface LinePanel {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Labels have units: "AP (%)". Values beyond a domain are not drawn. */
  readonly x: Axis;
  readonly y: Axis;
  /** Lines to compare with: of a value, or through points. */
  readonly rules?: readonly ({ readonly x: number } | { readonly y: number } | readonly (readonly [x: number, y: number])[])[];
  readonly width?: number;
  readonly height?: number;
}

export interface Axis {
  readonly label: string;
  readonly domain?: readonly (number | string)[];
  readonly ticks?: readonly (number | string)[] | number;
  readonly tickFormat?: (value: number | string) => string;
  readonly type?: "log" | "point";
}

/** Draws panels. Plot and its document take most of a second to load, which only a command that draws should pay. */
export interface Pen {
  lines(panel: LinePanel): FigurePanel;
  rows(panel: RowPanel): FigurePanel;
}

/** One row per label: values as ticks, and an interval with its middle. */
export interface RowPanel {
  readonly title: string;
  readonly x: Axis;
  readonly rules?: readonly number[];
  readonly rows: readonly {
    readonly label: string;
    readonly look: LineLook;
    readonly values: readonly number[];
    readonly middle: number;
    readonly low: number;
    readonly high: number;
  }[];
}

export async function loadPen(): Promise<Pen> {
  const [{ JSDOM }, Plot] = await Promise.all([import("jsdom"), import("@observablehq/plot")]);
  const { document } = new JSDOM("").window;

  function panel(title: string, inWords: string, options: PlotOptions & { width: number; height: number }): FigurePanel {
    const svg = Plot.plot({
      document,
      marginTop: 24,
      marginRight: 16,
      marginBottom: 38,
      marginLeft: 44,
      style: { fontSize: "11px" },
      ariaLabel: `${title}: ${inWords}`,
      ...options,
    });
    svg.setAttribute("role", "img");
    // inline SVG needs no namespace; Plot's own style is the page's
    const text = svg.outerHTML.replace(/ xmlns(:\w+)?="[^"]*"/g, "").replace(/<style>.*?<\/style>/s, "");
    return { title, svg: text, width: options.width, height: options.height };
  }

  return {
    lines({ title, lines, x, y, rules = [], width = 360, height = 260 }) {
      const drawn = lines.filter(({ points }) => points.length > 0);
      return panel(title, drawn.map(inWords).join("; "), {
        width,
        height,
        x: axis(x),
        y: { ...axis(y), labelAnchor: "top", grid: true },
        marks: [
          rules.map((rule) => {
            const look = { stroke: "currentColor", strokeOpacity: 0.45, strokeDasharray: "3 3" };
            if (!("x" in rule || "y" in rule)) return Plot.line(rule, look);
            return "x" in rule ? Plot.ruleX([rule.x], look) : Plot.ruleY([rule.y], look);
          }),
          drawn
            .filter(({ points }) => points.some(({ low }) => low !== undefined))
            .map(({ points, look }) =>
              Plot.areaY(points, { x: "x", y1: "low", y2: "high", fill: look.color, fillOpacity: 0.13, clip: true }),
            ),
          drawn.map(({ points, look, faint }) =>
            Plot.line(points, {
              x: "x",
              y: "y",
              stroke: look.color,
              strokeWidth: faint ? 1 : 1.8,
              strokeOpacity: faint ? 0.35 : 1,
              strokeDasharray: look.dash,
              clip: true,
            }),
          ),
          drawn
            .filter(({ look, faint }) => look.symbol && !faint)
            .map(({ points, look, symbolEvery = 1 }) =>
              Plot.dot(
                points.filter((_, i) => i % symbolEvery === 0),
                { x: "x", y: "y", ...symbolOf(look), r: 3.2 },
              ),
            ),
        ],
      });
    },
    rows({ title, x, rules = [], rows }) {
      const labels = rows.map(({ label }) => label);
      const spread = rows.flatMap(({ label, values, look }) => values.map((value) => ({ label, value, look })));
      return panel(title, rows.map(({ label, middle }) => `${label} ${round(middle)}`).join("; "), {
        width: 460,
        height: 48 + 26 * rows.length,
        marginTop: 6,
        marginLeft: 12 + 6.2 * Math.max(8, ...labels.map((label) => Math.min(label.length, 34))),
        x: { ...axis(x), grid: true, nice: true },
        y: { domain: labels, label: null, tickSize: 0, tickFormat: shortened },
        marks: [
          Plot.ruleX(rules, { stroke: "currentColor", strokeOpacity: 0.5 }),
          rows.map(({ label, low, high, look }) =>
            Plot.ruleY([{ label, low, high }], { y: "label", x1: "low", x2: "high", stroke: look.color, strokeWidth: 2 }),
          ),
          spread.map(({ look, ...point }) =>
            Plot.tickX([point], { x: "value", y: "label", stroke: look.color, strokeOpacity: 0.55, inset: 6 }),
          ),
          rows.map(({ label, middle, look }) =>
            Plot.dot([{ label, middle }], { x: "middle", y: "label", ...symbolOf(look), r: 4 }),
          ),
        ],
      });
    },
  };
}

const axis = ({ label, domain, ticks, tickFormat, type }: Axis) => ({
  label,
  labelAnchor: "center" as const,
  labelArrow: "none" as const,
  ...(domain ? { domain: [...domain] } : {}),
  ...(ticks === undefined ? { ticks: 5 } : { ticks: typeof ticks === "number" ? ticks : [...ticks] }),
  ...(tickFormat ? { tickFormat } : {}),
  ...(type ? { type } : {}),
});

const symbolOf = (look: LineLook) => ({
  symbol: look.symbol ?? ("circle" as const),
  fill: symbolFill(look),
  stroke: look.color,
  strokeWidth: 1.4,
});

const shortened = (label: string): string => (label.length > 34 ? `${label.slice(0, 33)}…` : label);

const round = (value: number): number => Number(value.toPrecision(3));

function inWords({ label, points }: Line): string {
  const [first, last] = [points[0], points[points.length - 1]];
  return `${label} from ${round(first.y)} to ${round(last.y)}`;
}
