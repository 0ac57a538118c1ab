// Loss curves as inline SVG by Observable Plot (https://observablehq.com/plot): a small panel for the whole loss and for each
// of its parts. Faint: as logged; strong: the centred moving average over a twentieth of the curve.

import type { ComparedMethod } from "../../runs/comparison.ts";
import { lossLabel, lossParts } from "../../runs/loss-parts.ts";
import { Html, html } from "../document/html.ts";
import { formatNumber } from "../document/words.ts";
import { lineKey, methodLook } from "../figures/looks.ts";

interface Point {
  readonly step: number;
  readonly value: number;
}

interface Curve {
  readonly label: string;
  /** The method's place in the report. */
  readonly index: number;
  readonly raw: readonly Point[];
  readonly smooth: readonly Point[];
}

interface Panel {
  readonly label: string;
  readonly curves: readonly Curve[];
  /** The upper end of the y axis. */
  readonly top: number;
}

/** The panels with a key of the methods and a caption; one sentence when nothing was logged. */
export async function lossFigure({ methods }: { readonly methods: readonly ComparedMethod[] }): Promise<Html> {
  const panels = lossPanels(methods);
  if (panels.length === 0) return html`<p class="none">No loss was logged.</p>`;
  const ends = methods.flatMap(({ lossCurve }) => [...lossCurve.slice(0, 1), ...lossCurve.slice(-1)]).map(({ step }) => step);
  const drawings = await drawPanels(panels, [Math.min(...ends), Math.max(...ends)]);
  const scales = panels.length > 1 ? `“${panels[0].label}” has its own scale; the other panels share one. ` : "";
  return html`<figure class="losses">
<p class="key">${methods.map(({ label }, i) => html`<span>${strokeKey(i)} ${label}</span>`)}</p>
<div class="panels">${panels.map(
    ({ label }, i) => html`
<div><h3>${label}</h3>${drawings[i]}</div>`,
  )}
</div>
<figcaption>Training loss by step. Faint: as logged; strong: moving average. ${scales}A method that weights boxes also
scales its loss: compare the shapes of the curves, not which one is lower.</figcaption>
</figure>`;
}

/** The stroke of a method, without its symbol: curves have none. */
const strokeKey = (index: number): Html => lineKey({ color: methodLook(index).color, dash: methodLook(index).dash });

function lossPanels(methods: readonly ComparedMethod[]): Panel[] {
  const keys = ["loss", ...lossParts(methods.flatMap(({ lossCurve }) => lossCurve))];
  const panels = keys.map((key) => {
    const curves = methods.map((method, index): Curve => {
      const logged = method.lossCurve.map((entry) => ({ step: entry.step, value: entry[key] }));
      const points = logged.filter(({ value }) => Number.isFinite(value));
      return { label: method.label, index, raw: thinned(points), smooth: smoothed(points) };
    });
    return { label: lossLabel(key), curves: curves.filter(({ raw }) => raw.length > 0) };
  });
  const drawn = panels.filter(({ curves }) => curves.length > 0);
  // The sum has its own scale; its parts share one, so that their sizes can be compared.
  const tops = drawn.map(({ curves }) => Math.max(...curves.map(axisTop)));
  const partsTop = Math.max(...tops.slice(1));
  return drawn.map((panel, i) => ({ ...panel, top: (i === 0 ? tops[0] : partsTop) || 1 }));
}

async function drawPanels(panels: readonly Panel[], steps: readonly number[]): Promise<Html[]> {
  // Both take most of a second to load, which only a command that writes a page should pay.
  const [{ JSDOM }, Plot] = await Promise.all([import("jsdom"), import("@observablehq/plot")]);
  const { document } = new JSDOM("").window;
  return panels.map(({ label, curves, top }) => {
    const svg = Plot.plot({
      document,
      width: 340,
      height: 200,
      marginTop: 8,
      marginRight: 20,
      marginBottom: 34,
      marginLeft: 34,
      style: { fontSize: "11px" },
      ariaLabel: `${label}: ${curves.map(inWords).join("; ")}`,
      x: { domain: steps, label: "step", labelAnchor: "center", labelArrow: "none", ticks: 4 },
      y: { label: null, domain: [0, top], ticks: 5, grid: true },
      marks: [
        Plot.ruleY([0]),
        curves.map(({ raw, index }) => curveMark(raw, { stroke: methodLook(index).color, strokeOpacity: 0.3, strokeWidth: 0.8 })),
        curves.map(({ smooth, index }) =>
          curveMark(smooth, { stroke: methodLook(index).color, strokeWidth: 2, strokeDasharray: methodLook(index).dash }),
        ),
      ],
    });
    svg.setAttribute("role", "img");
    return new Html(svg.outerHTML.replace(/ xmlns(:\w+)?="[^"]*"/g, "")); // inline SVG needs no namespace

    function curveMark(points: readonly Point[], look: object) {
      return Plot.line(points, { x: "step", y: "value", clip: true, ...look });
    }
  });
}

const inWords = ({ label, smooth }: Curve): string =>
  `${label} from ${formatNumber(smooth[0].value)} to ${formatNumber(smooth[smooth.length - 1].value)}`;

/** High enough for the average and nearly all logged values: a single spike must not flatten the rest. */
function axisTop({ raw, smooth }: Curve): number {
  const sorted = raw.map(({ value }) => value).sort((a, b) => a - b);
  return 1.05 * Math.max(sorted[Math.floor(0.97 * (sorted.length - 1))], ...smooth.map(({ value }) => value));
}

/** More points than this cannot be told apart in a panel and only make the page large. */
const POINTS = 240;

/** Of every stretch of the curve the lowest and the highest point, so that spikes stay as high as they were. */
function thinned(points: readonly Point[]): Point[] {
  if (points.length <= POINTS) return [...points];
  return Array.from({ length: POINTS / 2 }, (_, bin) => {
    const stretch = points.slice(...[bin, bin + 1].map((edge) => Math.floor((edge * points.length) / (POINTS / 2))));
    const byValue = [...stretch].sort((a, b) => a.value - b.value);
    return [byValue[0], byValue[byValue.length - 1]].sort((a, b) => a.step - b.step);
  }).flat();
}

/** The centred moving average over a twentieth of the curve, shortened at its ends, at `POINTS` places at most. */
function smoothed(points: readonly Point[]): Point[] {
  const half = Math.ceil(points.length / 40);
  const every = Math.max(1, points.length / POINTS);
  const places = Array.from({ length: Math.min(points.length, POINTS) }, (_, i) => Math.floor(i * every));
  return places.map((i) => {
    const around = points.slice(Math.max(0, i - half), i + half + 1);
    return { step: points[i].step, value: around.reduce((sum, { value }) => sum + value, 0) / around.length };
  });
}
