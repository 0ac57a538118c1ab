// Is BDE more than a smaller weight? Differences of runs on the same fold and seed: BDE against the plain detector and against
// the controls that weigh the background as much, but not by density. And what each method loses when annotations are hidden.

import type { Figure, Table } from "../document/document.ts";
import { methodLook } from "../figures/method-key.ts";
import type { Pen } from "../figures/panels.ts";
import { interval95, pairedTest } from "../statistics/paired-test.ts";
import { sampleOf } from "./column.ts";
import { ap, capital, formatMean, formatPoints, type GridMetric, mainMetrics, recall } from "./metrics.ts";
import { type PaperMetric, paperDrop } from "./paper-tables.ts";
import { rateAxis, rateX } from "./rate-figures.ts";
import { type GridMethod, type GridRuns, type Keep, keepLabel, pairedDifferences } from "./runs.ts";

const SUBJECT = "bde";
const CONTROLS = ["constant-weight", "shuffled-energy", "fpn"];

export interface Difference {
  readonly method: string;
  readonly minus: string;
  readonly keep: Keep;
  readonly metric: string;
  readonly n: number;
  readonly mean: number;
  /** 95 %, Student's t; null with fewer than two pairs. */
  readonly interval: readonly [low: number, high: number] | null;
  /** Of `pairedTest`, for itself. */
  readonly p: number;
  readonly values: readonly number[];
}

/** Which methods are compared with which. */
export function contrasts({ methods }: GridRuns): { method: GridMethod; minus: GridMethod }[] {
  const subjects = methods.filter(({ id }) => id === SUBJECT);
  const controls = CONTROLS.flatMap((control) => methods.filter(({ id }) => id === control));
  return subjects.flatMap((method) => controls.map((minus) => ({ method, minus })));
}

export function differenceOf(
  runs: GridRuns,
  { method, minus, metric, keep }: { method: GridMethod; minus: GridMethod; metric: GridMetric; keep: Keep },
): Difference {
  const [a, b] = [method, minus].map(({ name }) => sampleOf(runs, metric, { method: name, keep }));
  const values = pairedDifferences(b, a);
  const { n, mean, p } = pairedTest(values);
  return { method: method.name, minus: minus.name, keep, metric: metric.key, n, mean, interval: interval95(values), p, values };
}

export function allDifferences(runs: GridRuns): Difference[] {
  return mainMetrics.flatMap((metric) =>
    contrasts(runs).flatMap((pair) => runs.keeps.map((keep) => differenceOf(runs, { ...pair, metric, keep }))),
  );
}

/** Every main measure's, a group of rows each. */
export function differenceTable(runs: GridRuns): Table {
  const rows = mainMetrics.flatMap((metric) =>
    contrasts(runs).map((pair) => ({
      group: capital(metric.label),
      label: contrastLabel(pair),
      method: pair.minus.index,
      cells: runs.keeps.map((keep) => {
        const { n, mean, interval } = differenceOf(runs, { ...pair, metric, keep });
        if (n === 0) return { text: "–" };
        return { text: formatPoints(mean), below: interval ? interval.map(formatPoints).join(" to ") : `n = ${n}` };
      }),
    })),
  );
  return {
    title: "Differences of paired runs, percentage points",
    rowHead: "annotations kept",
    columns: runs.keeps.map((keep) => ({ label: keepLabel(keep) })),
    rows,
    notes: [
      `Mean over pairs of runs on the same fold and seed (${pairsText(runs)}); below it the 95 % interval by Student’s t. The intervals are not corrected for their number.`,
    ],
  };
}

function pairsText(runs: GridRuns): string {
  const counts = contrasts(runs).flatMap((pair) => runs.keeps.map((keep) => differenceOf(runs, { ...pair, metric: ap, keep }).n));
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `n = ${least === most ? most : `${least} to ${most}`}`;
}

export const contrastLabel = ({ method, minus }: { method: GridMethod; minus: GridMethod }): string =>
  [method, minus].map(({ label }) => label.replace(/^FPN \+ /, "")).join(" − ");

/** The same differences by rate, or as rows where there is one rate. */
export function differenceFigure(runs: GridRuns, pen: Pen): Figure {
  const pairs = contrasts(runs);
  const { keeps } = runs;
  const panels = mainMetrics.map((metric) => {
    const title = `Difference in ${metric.label}`;
    const at = (pair: (typeof pairs)[number], keep: Keep) => percent(differenceOf(runs, { ...pair, metric, keep }));
    if (keeps.length === 1) {
      const rows = pairs.flatMap((pair) => {
        const { n, mean, low = mean, high = mean, values } = at(pair, keeps[0]);
        return n === 0
          ? []
          : [{ label: contrastLabel(pair), look: methodLook(pair.minus.index), values, middle: mean, low, high }];
      });
      return pen.rows({ title, x: { label: "percentage points" }, rules: [0], rows });
    }
    return pen.lines({
      title,
      x: rateAxis(runs),
      y: { label: "percentage points" },
      rules: [{ y: 0 }],
      width: 300,
      height: 230,
      lines: pairs.map((pair) => ({
        label: contrastLabel(pair),
        look: methodLook(pair.minus.index),
        points: keeps
          .map((keep) => ({ keep, ...at(pair, keep) }))
          .filter(({ n }) => n > 0)
          .map(({ keep, mean, low, high }) => ({ x: rateX(runs, keep), y: mean, low, high })),
      })),
    });
  });
  return {
    file: "bde-against-controls",
    title: pairs.some(({ minus }) => minus.id !== "fpn") ? "BDE against its controls" : "BDE against the plain detector",
    panels,
    columns: keeps.length === 1 ? 2 : 4,
    key: pairs.map((pair) => ({ label: contrastLabel(pair), look: methodLook(pair.minus.index) })),
    caption: `Above 0, BDE is better. Mean difference of runs on the same fold and seed (${pairsText(runs)}) with its 95 % interval by Student’s t.`,
  };
}

const percent = ({ n, mean, interval, values }: Difference) => ({
  n,
  mean: 100 * mean,
  values: values.map((value) => 100 * value),
  ...(interval && { low: 100 * interval[0], high: 100 * interval[1] }),
});

export interface Drop {
  readonly method: string;
  readonly metric: string;
  readonly from: Keep;
  readonly to: Keep;
  readonly n: number;
  readonly full: number;
  readonly sparse: number;
  readonly mean: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** On the paper's own dataset. */
  readonly paper: number | null;
}

/** What methods lose from all annotations to the fewest; empty for a grid without both. */
export function drops(runs: GridRuns): Drop[] {
  const [to] = runs.keeps;
  if (to === 1 || !runs.keeps.includes(1)) return [];
  return runs.methods.flatMap(({ name }) =>
    [ap, recall].map((metric) => {
      const [full, sparse] = ([1, to] as const).map((keep) => sampleOf(runs, metric, { method: name, keep }));
      const values = pairedDifferences(full, sparse);
      const both = [...sparse.keys()].filter((key) => full.has(key));
      const mean = (sample: typeof full) => both.reduce((sum, key) => sum + (sample.get(key) as number), 0) / both.length;
      return {
        method: name,
        metric: metric.key,
        from: 1,
        to,
        n: both.length,
        full: mean(full),
        sparse: mean(sparse),
        mean: mean(sparse) - mean(full),
        interval: interval95(values),
        paper: paperDrop(paperDatasetOf(to), metric.key as PaperMetric, name),
      };
    }),
  );
}

const paperDatasetOf = (to: Keep) => (to === "one-per-image" ? "mitos-atypia-14" : "ki67");

export function dropTable(runs: GridRuns): Table {
  const all = drops(runs);
  const [to] = runs.keeps;
  const paper = to === "one-per-image" ? "MITOS-ATYPIA-14, all annotations to one per image" : "Ki-67, 100 % to 10 %";
  const counts = all.map(({ n }) => n);
  return {
    title: `What is lost from 100 % to ${keepLabel(to)} of the annotations`,
    rowHead: "method",
    columns: [ap, recall].flatMap(({ label: group }) =>
      ["100 %", keepLabel(to), "change", "paper’s change"].map((label) => ({ group: `${group} (%)`, label })),
    ),
    rows: runs.methods.map(({ name, label, index }) => ({
      label,
      method: index,
      cells: all
        .filter(({ method }) => method === name)
        .flatMap(({ full, sparse, mean, interval, paper }) => [
          { text: formatMean(ap, full) },
          { text: formatMean(ap, sparse) },
          { text: formatPoints(mean), ...(interval && { below: interval.map(formatPoints).join(" to ") }) },
          { text: paper === null ? "–" : formatPoints(paper) },
        ]),
    })),
    notes: [
      `Over pairs of runs on the same fold and seed (n = ${[...new Set([Math.min(...counts), Math.max(...counts)])].join(" to ")}), with the 95 % interval of the change by Student’s t. Paper: ${paper}${runs.grid.paperDataset === paperDatasetOf(to) ? "" : ", another dataset than this one"}.`,
    ],
  };
}
