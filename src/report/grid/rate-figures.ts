// AP and recall by rate (the paper's Figures 5 and 6): all methods in one panel, and a panel for each, where its spread can be
// seen. With one or two rates, AP and recall by method, every run a tick.

import type { Figure } from "../document/document.ts";
import { type LineLook, methodLook } from "../figures/method-key.ts";
import type { Axis, Line, Pen } from "../figures/panels.ts";
import { meanAndSd } from "../statistics/paired-test.ts";
import { columnOf, sampleOf } from "./column.ts";
import { capital, type GridMetric } from "./metrics.ts";
import { type PaperMetric, paperValue } from "./paper-tables.ts";
import { foldsAndSeeds, type GridMethod, type GridRuns, type Keep, keepLabel } from "./runs.ts";

/** Bands of more methods than this hide one another. */
const BANDS = 4;

const PAPER_LOOK: LineLook = { color: "currentColor", dash: "1.5 2.5" };

/** Rates as per cent; with "one per image", which has no rate, places in a row. */
export function rateX({ keeps }: Pick<GridRuns, "keeps">, keep: Keep): number | string {
  return keeps.includes("one-per-image") || keep === "one-per-image" ? keepLabel(keep) : Number((100 * keep).toPrecision(4));
}

export function rateAxis(runs: Pick<GridRuns, "keeps">): Axis {
  const values = runs.keeps.map((keep) => rateX(runs, keep));
  if (typeof values[0] === "string") return { label: "annotations kept in training", type: "point", domain: values };
  return { label: "annotations kept in training (%)", ticks: values, tickFormat: (value) => String(value) };
}

/** Figures 5 (AP) and 6 (recall) side by side. */
export function rateFigure(runs: GridRuns, { metrics, pen }: { metrics: readonly GridMetric[]; pen: Pen }): Figure {
  const band = runs.methods.length <= BANDS;
  return {
    file: `figures-5-and-6-${metrics.map(({ key }) => key).join("-and-")}-by-rate`,
    title: `${metrics.map(({ label }) => label).join(" and ")} by the part of the annotations that is kept`,
    panels: metrics.map((metric) =>
      pen.lines({
        title: capital(metric.label),
        lines: runs.methods.map((method) => lineOf(runs, { metric, method, band })),
        ...axesOf(runs, metric, { paper: false }),
        width: 540,
        height: 340,
      }),
    ),
    columns: metrics.length,
    key: keyOf(runs),
    caption: `${spreadText(runs, metrics[0])}${band ? "; bands: ± 1 standard deviation" : ""}. In the manner of the paper’s Figures 5 and 6.`,
  };
}

/** A panel for each method, with its band and, on the paper's dataset, the paper's line. */
export function eachMethodFigure(runs: GridRuns, { metric, pen }: { metric: GridMetric; pen: Pen }): Figure {
  const faint = runs.methods.map((method): Line => ({ ...lineOf(runs, { metric, method, band: false }), faint: true }));
  const paper = runs.grid.paperDataset !== null;
  return {
    file: `${metric.key}-by-rate-each-method`,
    title: `${capital(metric.label)}, each method among the others`,
    panels: runs.methods.map((method) =>
      pen.lines({
        title: method.label,
        ...axesOf(runs, metric, { paper: true }),
        width: 300,
        height: 210,
        lines: [
          ...faint.filter((_, i) => i !== method.index),
          ...paperLine(runs, { metric, method }),
          lineOf(runs, { metric, method, band: true }),
        ],
      }),
    ),
    columns: 4,
    key: paper ? [...keyOf(runs), { label: "the paper", look: PAPER_LOOK }] : keyOf(runs),
    caption: `${spreadText(runs, metric)}; band: ± 1 standard deviation of the method in the panel’s title, the others faint.${paper ? " Dotted without symbols: the paper’s values." : ""}`,
  };
}

const axesOf = (runs: GridRuns, metric: GridMetric, shown: { paper: boolean }) => ({
  x: rateAxis(runs),
  y: { label: `${metric.label} (%)`, domain: domainOf(runs, metric, shown) },
});

const spreadText = (runs: GridRuns, metric: GridMetric): string =>
  `Mean over folds and seeds (${countText(runs, metric)} a point; ${foldsAndSeeds(runs.grid)})`;

/** AP and recall by method, for grids with one or two rates. */
export function methodFigure(runs: GridRuns, { metrics, pen }: { metrics: readonly GridMetric[]; pen: Pen }): Figure {
  const panels = runs.keeps.flatMap((keep) =>
    metrics.map((metric) => {
      const rows = runs.methods.flatMap(({ name, label, index }) => {
        const values = [...sampleOf(runs, metric, { method: name, keep }).values()].map((value) => 100 * value);
        if (values.length === 0) return [];
        const { mean, sd } = meanAndSd(values);
        const half = Number.isFinite(sd) ? sd : 0;
        return [{ label, look: methodLook(index), values, middle: mean, low: mean - half, high: mean + half }];
      });
      return pen.rows({ title: `${capital(metric.label)}, ${keepLabel(keep)} kept`, x: { label: `${metric.label} (%)` }, rows });
    }),
  );
  return {
    file: "ap-and-recall-by-method",
    title: "AP and recall by method",
    panels,
    columns: metrics.length,
    key: [],
    caption: `Ticks: single runs (${metrics.map((metric) => countText(runs, metric))[0]}; ${foldsAndSeeds(runs.grid)}); symbol and bar: mean ± 1 standard deviation.`,
  };
}

function lineOf(runs: GridRuns, { metric, method, band }: { metric: GridMetric; method: GridMethod; band: boolean }): Line {
  const points = runs.keeps.flatMap((keep) => {
    const values = [...sampleOf(runs, metric, { method: method.name, keep }).values()];
    if (values.length === 0) return [];
    const { mean, sd } = meanAndSd(values);
    const half = Number.isFinite(sd) ? sd : 0;
    const edges = band ? { low: 100 * (mean - half), high: 100 * (mean + half) } : {};
    return [{ x: rateX(runs, keep), y: 100 * mean, ...edges }];
  });
  return { label: method.label, look: methodLook(method.index), points };
}

function paperLine(runs: GridRuns, { metric, method }: { metric: GridMetric; method: GridMethod }): Line[] {
  const { paperDataset: dataset } = runs.grid;
  if (!dataset) return [];
  const points = runs.keeps.flatMap((keep) => {
    const value = paperValue({ dataset, metric: metric.key as PaperMetric, method: method.name, keep });
    return value === null ? [] : [{ x: rateX(runs, keep), y: 100 * value }];
  });
  return points.length === 0 ? [] : [{ label: "the paper", look: PAPER_LOOK, points }];
}

/** Around all means and bands, and the paper's values where they are shown, so that all panels share it. */
function domainOf(runs: GridRuns, metric: GridMetric, { paper }: { paper: boolean }): [number, number] {
  const values = runs.methods.flatMap((method) => [
    ...lineOf(runs, { metric, method, band: true }).points.flatMap(({ low, high }) => [low ?? 0, high ?? 0]),
    ...(paper ? paperLine(runs, { metric, method }).flatMap(({ points }) => points.map(({ y }) => y)) : []),
  ]);
  if (values.length === 0) return [0, 100];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [Math.max(0, 5 * Math.floor(low / 5)), Math.min(100, 5 * Math.ceil(high / 5 + 1e-9))];
}

export const keyOf = ({ methods }: GridRuns): Figure["key"] =>
  methods.map(({ label, index }) => ({ label, look: methodLook(index) }));

/** "n = 3 runs": of the points of a figure. */
export function countText(runs: GridRuns, metric: GridMetric): string {
  const counts = runs.keeps.flatMap((keep) => columnOf(runs, metric, keep).cells.map(({ n }) => n)).filter((n) => n > 0);
  if (counts.length === 0) return "no run";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `n = ${least === most ? most : `${least} to ${most}`} run${most === 1 ? "" : "s"}`;
}
