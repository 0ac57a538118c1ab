// AP and recall by rate in the form of the paper's Tables 3 and 4, twice side by side: over the detections that a user would see,
// those of score 0.5 or more, and over all of them. Made from means alone, so that the results.json of an earlier report will do.

import { type Grid, keepText } from "../../runs/grid.ts";
import type { Block, Table, TableCell } from "../document/document.ts";
import { formatMean, formatPoints } from "../document/words.ts";
import { rangeText } from "../statistics/paired-test.ts";
import { paperDatasetOf } from "./differences.ts";
import { ap, apAtHalf, recall, recallAtHalf } from "./metrics.ts";
import { type PaperMetric, paperDrop } from "./paper-tables.ts";
import { foldsAndSeeds, type Keep } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** What of a grid the tables are made from; the lists of results.json. */
export interface PaperFormInput {
  readonly grid: Pick<Grid, "folds" | "seeds" | "keeps" | "paperDataset">;
  readonly methods: readonly { readonly name: string; readonly label: string }[];
  readonly means: readonly Mean[];
}

export interface Mean {
  readonly keep: Keep;
  readonly method: string;
  readonly metric: string;
  readonly n: number;
  readonly mean: number;
  /** Null with one run. */
  readonly sd: number | null;
}

const TABLES = [
  { metric: "ap", name: "AP", table: "Table 3", halves: [apAtHalf, ap] },
  { metric: "recall", name: "Recall", table: "Table 4", halves: [recallAtHalf, recall] },
] as const;
const GROUPS = ["score ≥ 0.5", "all detections"];

/** The means of a summary as results.json has them. */
export function paperFormInput({ grid, methods, keeps, column }: GridSummary): PaperFormInput {
  const metrics = TABLES.flatMap(({ halves }) => halves);
  const means = keeps.flatMap((keep) =>
    metrics.flatMap(({ key }) => column({ key }, keep).cells.map((cell) => ({ ...cell, keep, metric: key }))),
  );
  return { grid: { ...grid, keeps }, methods, means: means.filter(({ n }) => n > 0) };
}

/** Both tables and what they mean; nothing for a grid of one rate. */
export function paperFormBlocks(input: PaperFormInput): Block[] {
  if (input.grid.keeps.length < 2) return [];
  return [
    {
      kind: "text",
      text: "The paper does not say from which score on its tables count a detection. The left half of these tables counts what a user sees: detections of score 0.5 or more. The right half counts every detection, whatever its score: it measures whether cells rank above everything else. A method that loses much on the left and little on the right still finds the cells, but gives them scores below 0.5.",
    },
    ...TABLES.map((table): Block => ({ kind: "table", table: paperFormTable(input, table) })),
  ];
}

function paperFormTable(
  { grid, methods, means }: PaperFormInput,
  { metric, name, table, halves }: (typeof TABLES)[number],
): Table {
  const { keeps } = grid;
  const [to] = keeps;
  const ends = to !== 1 && keeps.includes(1);
  const paper = paperDatasetOf(to);
  const meanOf = (key: string, method: string, keep: Keep): Mean | undefined =>
    means.find((mean) => mean.metric === key && mean.method === method && mean.keep === keep);
  const changeLabel = "change";
  const shown = means.filter(({ metric }) => halves.some(({ key }) => key === metric));
  return {
    title: `${name} (%) by retention rate, as a user sees it and over all detections (form of the paper’s ${table})`,
    rowHead: "retention rate",
    columns: [
      ...GROUPS.flatMap((group) => [...keeps.map(keepText), ...(ends ? [changeLabel] : [])].map((label) => ({ group, label }))),
      ...(ends ? [{ group: "paper", label: changeLabel }] : []),
    ],
    rows: methods.map(({ name: method, label }, index) => {
      const drop = paperDrop(paper, metric as PaperMetric, method);
      return {
        label,
        method: index,
        cells: [
          ...halves.flatMap(({ key }): TableCell[] => {
            const cells = keeps.map((keep) => cellOf(meanOf(key, method, keep)));
            const [full, sparse] = ([1, to] as const).map((keep) => meanOf(key, method, keep)?.mean ?? Number.NaN);
            return [...cells, ...(ends ? [{ text: formatPoints(sparse - full) }] : [])];
          }),
          ...(ends ? [{ text: drop === null ? "–" : formatPoints(drop) }] : []),
        ],
      };
    }),
    notes: [
      `${shown.some(({ sd }) => Number.isFinite(sd)) ? "Mean ± standard deviation" : "No spread"}: n = ${rangeText(shown.map(({ n }) => n))} of ${grid.folds * grid.seeds.length} runs (${foldsAndSeeds(grid)}).${ends ? ` Change: from 100 % to ${keepText(to)}, in percentage points. Paper: the change in its ${paper === "ki67" ? `${table}, Ki-67` : "Tables 1 and 2, MITOS-ATYPIA-14"}${grid.paperDataset === paper ? "" : ", a different dataset"}.` : ""}`,
    ],
  };
}

function cellOf(mean: Mean | undefined): TableCell {
  if (!mean) return { text: "–" };
  const text = formatMean(ap, mean.mean);
  return { text: mean.sd !== null && Number.isFinite(mean.sd) ? `${text} ± ${formatMean(ap, mean.sd)}` : text };
}
