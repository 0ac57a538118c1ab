// Differences of paired runs as tables and a figure: BDE against its controls, and what is lost when annotations are hidden.

import { keepText } from "../../runs/grid.ts";
import type { Figure, Table } from "../document/document.ts";
import { capital, formatMean, formatPoints } from "../document/words.ts";
import { methodLook } from "../figures/looks.ts";
import type { Pen } from "../figures/panels.ts";
import { rangeText } from "../statistics/spread.ts";
import { type Contrast, type Difference, paperDatasetOf } from "./differences.ts";
import { ap, type GridMetric, mainMetrics, recall } from "./metrics.ts";
import { rateAxis, rateX } from "./rate-figures.ts";
import { type Keep, keepInWords } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** One of the summary's differences. */
export function differenceAt(
  { differences }: GridSummary,
  { method, minus, metric, keep }: Pick<Contrast, "method" | "minus"> & { metric: GridMetric; keep: Keep },
): Difference {
  return differences.find(
    (difference) =>
      difference.metric === metric.key &&
      difference.method === method.name &&
      difference.minus === minus.name &&
      difference.keep === keep,
  ) as Difference;
}

/** A group of rows for each main measure. */
export function differenceTable(summary: GridSummary): Table {
  const { contrasts, keeps } = summary;
  const rows = mainMetrics.flatMap((metric) =>
    contrasts.map((contrast) => ({
      group: capital(metric.label),
      label: contrast.label,
      method: contrast.minus.index,
      cells: keeps.map((keep) => {
        const { n, mean, interval } = differenceAt(summary, { ...contrast, metric, keep });
        if (n === 0) return { text: "–" };
        return { text: formatPoints(mean), below: interval ? interval.map(formatPoints).join(" to ") : `n = ${n}` };
      }),
    })),
  );
  return {
    title: "Differences of paired runs, percentage points",
    rowHead: "annotations kept",
    columns: keeps.map((keep) => ({ label: keepText(keep) })),
    rows,
    notes: [
      `Mean over pairs of runs on the same fold and seed (${pairsText(summary)}); below it, the 95 % interval by Student’s t. The intervals are not corrected for their number.`,
    ],
  };
}

const pairsText = ({ differences }: GridSummary): string =>
  `n = ${rangeText(differences.filter(({ metric }) => metric === ap.key).map(({ n }) => n))}`;

/** The same differences by rate, or as rows where there is one rate. */
export function differenceFigure(summary: GridSummary, pen: Pen): Figure {
  const { contrasts, keeps } = summary;
  const panels = mainMetrics.map((metric) => {
    const title = `Difference in ${metric.label}`;
    const at = (contrast: Contrast, keep: Keep) => percent(differenceAt(summary, { ...contrast, metric, keep }));
    if (keeps.length === 1) {
      const rows = contrasts.flatMap((contrast) => {
        const { n, mean, low = mean, high = mean, values } = at(contrast, keeps[0]);
        return n === 0
          ? []
          : [{ label: contrast.label, look: methodLook(contrast.minus.index), values, middle: mean, low, high }];
      });
      return pen.rows({ title, x: { label: "percentage points" }, rules: [0], rows });
    }
    return pen.lines({
      title,
      x: rateAxis(summary),
      y: { label: "percentage points" },
      rules: [{ y: 0 }],
      width: 300,
      height: 230,
      lines: contrasts.map((contrast) => ({
        label: contrast.label,
        look: methodLook(contrast.minus.index),
        points: keeps
          .map((keep) => ({ keep, ...at(contrast, keep) }))
          .filter(({ n }) => n > 0)
          .map(({ keep, mean, low, high }) => ({ x: rateX(summary, keep), y: mean, low, high })),
      })),
    });
  });
  return {
    file: "bde-against-controls",
    title: contrasts.some(({ minus }) => minus.id !== "fpn") ? "BDE against its controls" : "BDE against the plain detector",
    panels,
    columns: keeps.length === 1 ? 2 : 4,
    key: contrasts.map(({ label, minus }) => ({ label, look: methodLook(minus.index) })),
    caption: `Above 0, BDE is better. Mean difference of runs on the same fold and seed (${pairsText(summary)}) with its 95 % interval by Student’s t.`,
  };
}

const percent = ({ n, mean, interval, values }: Difference) => ({
  n,
  mean: 100 * mean,
  values: values.map((value) => 100 * value),
  ...(interval && { low: 100 * interval[0], high: 100 * interval[1] }),
});

export function dropTable({ grid, methods, keeps: [to], drops }: GridSummary): Table {
  const paper = to === "one-per-image" ? "MITOS-ATYPIA-14, all annotations to one per image" : "Ki-67, 100 % to 10 %";
  return {
    title: `What is lost from all annotations to ${keepInWords(to)}`,
    rowHead: "method",
    columns: [ap, recall].flatMap(({ label: group }) =>
      ["100 %", keepText(to), "change", "paper’s change"].map((label) => ({ group: `${group} (%)`, label })),
    ),
    rows: methods.map(({ name, label, index }) => ({
      label,
      method: index,
      cells: drops
        .filter(({ method }) => method === name)
        .flatMap(({ full, sparse, mean, interval, paper }) => [
          { text: formatMean(ap, full) },
          { text: formatMean(ap, sparse) },
          { text: formatPoints(mean), ...(interval && { below: interval.map(formatPoints).join(" to ") }) },
          { text: paper === null ? "–" : formatPoints(paper) },
        ]),
    })),
    notes: [
      `Over all detections, and over pairs of runs on the same fold and seed (n = ${rangeText(drops.map(({ n }) => n))}), with the 95 % interval of the change by Student’s t. Paper: ${paper}${grid.paperDataset === paperDatasetOf(to) ? "" : ", a different dataset"}.`,
    ],
  };
}
