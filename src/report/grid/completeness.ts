// How many of the cells are marked, as trainings counted it, beside how many are.

import { keepText } from "../../runs/grid.ts";
import { type Section, tableBlock } from "../document/document.ts";
import { formatMean } from "../document/words.ts";
import { meanAndSd } from "../statistics/spread.ts";
import { type GridRun, runsOf } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** Empty where no method counts. */
export function completeness(summary: GridSummary): Section {
  const title = "How many of the cells are marked";
  const counting = summary.methods.filter(
    ({ name }) => countsOf(summary.runs.filter(({ unit }) => unit.method === name)).length > 0,
  );
  if (counting.length === 0) return { title, blocks: [] };
  const table = tableBlock({
    title: "Part of the cells that is marked (%): the truth, and as the training counted it",
    rowHead: "method",
    columns: summary.keeps.flatMap((keep) => [
      { group: keepText(keep), label: "truth" },
      { group: keepText(keep), label: "counted" },
      { group: keepText(keep), label: "off by" },
    ]),
    rows: counting.map(({ name, label, index }) => ({
      label,
      method: index,
      cells: summary.keeps.flatMap((keep) => {
        const counts = countsOf(runsOf(summary, { method: name, keep }));
        const percent = (values: readonly number[]) => ({ text: values.length === 0 ? "–" : meanText(values) });
        return [
          percent(counts.map(({ truth }) => truth)),
          percent(counts.map(({ counted }) => counted)),
          percent(counts.map(({ truth, counted }) => counted / truth - 1)),
        ];
      }),
    })),
    notes: [
      "Off by: counted / truth − 1, in percent of the truth. Counted among what the detector finds on its training images.",
    ],
  });
  return { title, blocks: [table] };
}

function meanText(values: readonly number[]): string {
  const { mean, sd } = meanAndSd(values);
  const text = (value: number) => formatMean({ percent: true }, value);
  return values.length === 1 ? text(mean) : `${text(mean)} ± ${text(sd)}`;
}

const countsOf = (runs: readonly GridRun[]) =>
  runs.flatMap(({ completeness, counts }) =>
    completeness ? [{ truth: counts.visible / (counts.visible + counts.hidden), counted: completeness.part }] : [],
  );
