// AP and recall by rate (the paper's Figures 5 and 6): all methods in one panel, and a panel for each, which shows its spread.
// With one or two rates, AP and recall by method, every run a tick.

import { keepText } from "../../runs/grid.ts";
import type { Figure } from "../document/document.ts";
import { capital } from "../document/words.ts";
import { type LineLook, methodLook } from "../figures/looks.ts";
import type { Axis, Line, Pen } from "../figures/panels.ts";
import type { ColumnCell } from "../statistics/column.ts";
import { rangeText } from "../statistics/spread.ts";
import type { GridMetric } from "./metrics.ts";
import { type PaperMetric, paperValue } from "./paper-tables.ts";
import { foldsAndSeeds, type GridMethod, type Keep } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** Bands of more methods than this hide one another. */
const BANDS = 4;

const PAPER_LOOK: LineLook = { color: "currentColor", dash: "1.5 2.5" };

/** Rates as per cent; with "one per image", which has no rate, places in a row. */
export function rateX({ keeps }: Pick<GridSummary, "keeps">, keep: Keep): number | string {
  return keeps.includes("one-per-image") || keep === "one-per-image" ? keepText(keep) : Number((100 * keep).toPrecision(4));
}

export function rateAxis(summary: Pick<GridSummary, "keeps">): Axis {
  const values = summary.keeps.map((keep) => rateX(summary, keep));
  if (typeof values[0] === "string") return { label: "annotations kept in training", type: "point", domain: values };
  return { label: "annotations kept in training (%)", ticks: values, tickFormat: (value) => String(value) };
}

/** Figures 5 (AP) and 6 (recall) side by side. */
export function rateFigure(summary: GridSummary, { metrics, pen }: { metrics: readonly GridMetric[]; pen: Pen }): Figure {
  const band = summary.methods.length <= BANDS;
  return {
    file: `figures-5-and-6-${metrics.map(({ key }) => key).join("-and-")}-by-rate`,
    title: `${metrics.map(({ label }) => label).join(" and ")} by the share of the annotations that is kept`,
    panels: metrics.map((metric) =>
      pen.lines({
        title: capital(metric.label),
        lines: summary.methods.map((method) => lineOf(summary, { metric, method, band })),
        ...axesOf(summary, metric, { paper: false }),
        width: 540,
        height: 340,
      }),
    ),
    columns: metrics.length,
    key: keyOf(summary),
    caption: `${spreadText(summary, metrics[0])}${band ? "; bands: ± 1 standard deviation" : ""}. In the manner of the paper’s Figures 5 and 6.`,
  };
}

/** A panel for each method, with its band and, on the paper's dataset, the paper's line. */
export function eachMethodFigure(summary: GridSummary, { metric, pen }: { metric: GridMetric; pen: Pen }): Figure {
  const faint = summary.methods.map((method): Line => ({ ...lineOf(summary, { metric, method, band: false }), faint: true }));
  const paper = summary.grid.paperDataset !== null;
  return {
    file: `${metric.key}-by-rate-each-method`,
    title: `${capital(metric.label)}, each method among the others`,
    panels: summary.methods.map((method) =>
      pen.lines({
        title: method.label,
        ...axesOf(summary, metric, { paper: true }),
        width: 300,
        height: 210,
        lines: [
          ...faint.filter((_, i) => i !== method.index),
          ...paperLine(summary, { metric, method }),
          lineOf(summary, { metric, method, band: true }),
        ],
      }),
    ),
    columns: 4,
    key: paper ? [...keyOf(summary), { label: "the paper", look: PAPER_LOOK }] : keyOf(summary),
    caption: `${spreadText(summary, metric)}; band: ± 1 standard deviation of the method in the panel’s title, the others faint.${paper ? " Dotted without symbols: the paper’s values." : ""}`,
  };
}

const axesOf = (summary: GridSummary, metric: GridMetric, shown: { paper: boolean }) => ({
  x: rateAxis(summary),
  y: { label: `${metric.label} (%)`, domain: domainOf(summary, metric, shown) },
});

const spreadText = (summary: GridSummary, metric: GridMetric): string =>
  `Mean over folds and seeds (${countText(summary, metric)} per point; ${foldsAndSeeds(summary.grid)})`;

/** AP and recall by method, for grids with one or two rates. */
export function methodFigure(summary: GridSummary, { metrics, pen }: { metrics: readonly GridMetric[]; pen: Pen }): Figure {
  const panels = summary.keeps.flatMap((keep) =>
    metrics.map((metric) => {
      const { samples, cells } = summary.column(metric, keep);
      const rows = summary.methods.flatMap(({ label, index }) => {
        const { n, mean, sd } = percent(cells[index]);
        if (n === 0) return [];
        const values = [...samples[index].sample.values()].map((value) => 100 * value);
        return [{ label, look: methodLook(index), values, middle: mean, low: mean - sd, high: mean + sd }];
      });
      return pen.rows({ title: `${capital(metric.label)}, ${keepText(keep)} kept`, x: { label: `${metric.label} (%)` }, rows });
    }),
  );
  return {
    file: "ap-and-recall-by-method",
    title: "AP and recall by method",
    panels,
    columns: metrics.length,
    key: [],
    caption: `Ticks: single runs (${countText(summary, metrics[0])}; ${foldsAndSeeds(summary.grid)}); symbol and bar: mean ± 1 standard deviation.`,
  };
}

function lineOf(summary: GridSummary, { metric, method, band }: { metric: GridMetric; method: GridMethod; band: boolean }): Line {
  const points = summary.keeps.flatMap((keep) => {
    const { n, mean, sd } = percent(summary.column(metric, keep).cells[method.index]);
    if (n === 0) return [];
    return [{ x: rateX(summary, keep), y: mean, ...(band && { low: mean - sd, high: mean + sd }) }];
  });
  return { label: method.label, look: methodLook(method.index), points };
}

/** Of one run there is no spread. */
const percent = ({ n, mean, sd }: ColumnCell) => ({ n, mean: 100 * mean, sd: Number.isFinite(sd) ? 100 * sd : 0 });

function paperLine(summary: GridSummary, { metric, method }: { metric: GridMetric; method: GridMethod }): Line[] {
  const { paperDataset: dataset } = summary.grid;
  if (!dataset) return [];
  const points = summary.keeps.flatMap((keep) => {
    const value = paperValue({ dataset, metric: metric.key as PaperMetric, method: method.name, keep });
    return value === null ? [] : [{ x: rateX(summary, keep), y: 100 * value }];
  });
  return points.length === 0 ? [] : [{ label: "the paper", look: PAPER_LOOK, points }];
}

/** Around all means and bands, and the paper's values where they are shown, so that all panels share it. */
function domainOf(summary: GridSummary, metric: GridMetric, { paper }: { paper: boolean }): [number, number] {
  const values = summary.methods.flatMap((method) => [
    ...lineOf(summary, { metric, method, band: true }).points.flatMap(({ low, high }) => [low ?? 0, high ?? 0]),
    ...(paper ? paperLine(summary, { metric, method }).flatMap(({ points }) => points.map(({ y }) => y)) : []),
  ]);
  if (values.length === 0) return [0, 100];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [Math.max(0, 5 * Math.floor(low / 5)), Math.min(100, 5 * Math.ceil(high / 5 + 1e-9))];
}

export const keyOf = ({ methods }: Pick<GridSummary, "methods">): Figure["key"] =>
  methods.map(({ label, index }) => ({ label, look: methodLook(index) }));

/** "n = 3 runs": the runs behind each point of a figure. */
function countText(summary: GridSummary, metric: GridMetric): string {
  const counts = summary.keeps.flatMap((keep) => summary.column(metric, keep).cells.map(({ n }) => n)).filter((n) => n > 0);
  return counts.length === 0 ? "no run" : `n = ${rangeText(counts)} run${Math.max(...counts) === 1 ? "" : "s"}`;
}
