// AP and recall by rate (the paper's Figures 5 and 6): all methods in one panel; with many of them also a panel each, where its
// spread can be seen. With one or two rates, AP and recall by method, every run a tick.

import { columnOf, sampleOf } from "./grid-column.ts";
import type { Figure } from "./grid-document.ts";
import type { GridMetric } from "./grid-metrics.ts";
import type { Axis, Line, Pen } from "./grid-plot.ts";
import { foldsAndSeeds, type GridMethod, type GridRuns, type Keep, keepLabel } from "./grid-runs.ts";
import { type LineLook, methodLook } from "./method-key.ts";
import { meanAndSd } from "./paired-test.ts";
import { type PaperMetric, paperValue } from "./paper-tables.ts";

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

/** Figure 5 with AP, Figure 6 with recall. */
export function rateFigures(runs: GridRuns, { metric, pen }: { metric: GridMetric; pen: Pen }): Figure[] {
  const number = metric.key === "ap" ? 5 : 6;
  const axes = { x: rateAxis(runs), y: { label: `${metric.label} (%)`, domain: domainOf(runs, metric) } };
  const banded = runs.methods.length <= BANDS;
  const lines = runs.methods.map((method) => lineOf(runs, { metric, method, band: banded }));
  const spread = `Mean over the finished of ${foldsAndSeeds(runs.grid)} at every rate (${countText(runs, metric)})`;
  const together: Figure = {
    file: `figure-${number}-${metric.key}-by-rate`,
    title: `${metric.label} by the part of the annotations that is kept`,
    panels: [pen.lines({ title: "", lines, ...axes, width: 560, height: 340 })],
    columns: 1,
    key: keyOf(runs),
    caption: `${spread}${banded ? "; bands: ± 1 standard deviation" : ""}. In the manner of the paper’s Figure ${number}.`,
  };
  if (banded && !runs.grid.paperDataset) return [together];
  const panels = runs.methods.map((own) =>
    pen.lines({
      title: own.label,
      ...axes,
      width: 300,
      height: 210,
      lines: [
        ...lines.filter((_, i) => i !== own.index).map((line) => ({ ...withoutBand(line), faint: true })),
        ...paperLine(runs, { metric, method: own }),
        lineOf(runs, { metric, method: own, band: true }),
      ],
    }),
  );
  const paper = panels.length > 0 && runs.grid.paperDataset ? " Dotted: the paper’s values." : "";
  return [
    together,
    {
      file: `figure-${number}-${metric.key}-each`,
      title: `${metric.label}, each method among the others`,
      panels,
      columns: 4,
      key: runs.grid.paperDataset ? [...keyOf(runs), { label: "the paper", look: PAPER_LOOK }] : keyOf(runs),
      caption: `${spread}; band: ± 1 standard deviation of the method in the panel’s title, the others faint.${paper}`,
    },
  ];
}

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
      return pen.rows({ title: `${metric.label}, ${keepLabel(keep)} kept`, x: { label: `${metric.label} (%)` }, rows });
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

const withoutBand = (line: Line): Line => ({ ...line, points: line.points.map(({ x, y }) => ({ x, y })) });

function paperLine(runs: GridRuns, { metric, method }: { metric: GridMetric; method: GridMethod }): Line[] {
  const { paperDataset: dataset } = runs.grid;
  if (!dataset) return [];
  const points = runs.keeps.flatMap((keep) => {
    const value = paperValue({ dataset, metric: metric.key as PaperMetric, method: method.name, keep });
    return value === null ? [] : [{ x: rateX(runs, keep), y: 100 * value }];
  });
  return points.length === 0 ? [] : [{ label: "the paper", look: PAPER_LOOK, points }];
}

/** Around all means and bands and the paper's values, so that all panels share it. */
function domainOf(runs: GridRuns, metric: GridMetric): [number, number] {
  const values = runs.methods.flatMap((method) => [
    ...lineOf(runs, { metric, method, band: true }).points.flatMap(({ low, high }) => [low ?? 0, high ?? 0]),
    ...paperLine(runs, { metric, method }).flatMap(({ points }) => points.map(({ y }) => y)),
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
