// AP and recall by rate in the form of the paper's Tables 3 and 4, twice side by side: over the detections that a user would see,
// those of score 0.5 or more, and over all of them. Made from means alone, so that the results.json of an earlier report will do.

import { foldCount, type Grid, keepText } from "../../runs/grid.ts";
import type { Block, Table, TableCell } from "../document/document.ts";
import { formatMean, formatPoints } from "../document/words.ts";
import { rangeText } from "../statistics/spread.ts";
import { paperDatasetOf } from "./differences.ts";
import { ap, apAtHalf, recall, recallAtHalf } from "./metrics.ts";
import { type PaperMetric, paperDrop } from "./paper-tables.ts";
import { foldsAndSeeds, type Keep } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

/** What of a grid the tables are made from; the lists of results.json. */
export interface PaperFormInput {
  readonly grid: Pick<Grid, "folds" | "wantedFolds" | "seeds" | "keeps" | "paperDataset">;
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
  { metric: "ap", name: "AP", table: "Table 3", seen: apAtHalf, all: ap },
  { metric: "recall", name: "Recall", table: "Table 4", seen: recallAtHalf, all: recall },
] as const;

/** With more rates, each half is a table by itself. */
const SIDE_BY_SIDE = 4;

interface Half {
  readonly group: string;
  /** For the title of a table with this half alone. */
  readonly inWords: string;
  /** Of the metric. */
  readonly key: string;
}

/** The means of a summary as results.json has them. */
export function paperFormInput({ grid, methods, keeps, column }: GridSummary): PaperFormInput {
  const metrics = TABLES.flatMap(({ seen, all }) => [seen, all]);
  const means = keeps.flatMap((keep) =>
    metrics.flatMap(({ key }) => column({ key }, keep).cells.map((cell) => ({ ...cell, keep, metric: key }))),
  );
  return { grid: { ...grid, keeps }, methods, means: means.filter(({ n }) => n > 0) };
}

/** The tables and what they mean; nothing for a grid of one rate. */
export function paperFormBlocks(input: PaperFormInput): Block[] {
  if (input.grid.keeps.length < 2) return [];
  const tables = TABLES.flatMap(({ seen, all, ...about }) => {
    const halves: Half[] = [
      { group: "score ≥ 0.5", inWords: "detections of score 0.5 or more", key: seen.key },
      { group: "all detections", inWords: "all detections", key: all.key },
    ];
    const together = input.grid.keeps.length <= SIDE_BY_SIDE ? [halves] : halves.map((half) => [half]);
    return together.map((shown) => paperFormTable(input, { ...about, halves: shown }));
  });
  return [
    {
      kind: "text",
      text: "Detections of score 0.5 or more are those that a user sees. Over all detections, whatever their score, AP and recall measure whether cells rank above everything else. A method that loses much at score 0.5 and little over all detections still finds the cells, but gives them scores below 0.5. The paper does not say from which score on its tables count a detection.",
    },
    ...tables.map((table): Block => ({ kind: "table", table })),
  ];
}

interface PaperFormTable {
  readonly metric: PaperMetric;
  readonly name: string;
  /** The paper's. */
  readonly table: string;
  readonly halves: readonly Half[];
}

function paperFormTable({ grid, methods, means }: PaperFormInput, { metric, name, table, halves }: PaperFormTable): Table {
  const { keeps } = grid;
  const [to] = keeps;
  const hasChange = to !== 1 && keeps.includes(1);
  const isAlone = halves.length === 1; // then its title says what it counts
  const meanOf = (key: string, method: string, keep: Keep): Mean | undefined =>
    means.find((mean) => mean.metric === key && mean.method === method && mean.keep === keep);
  const shown = means.filter(({ metric }) => halves.some(({ key }) => key === metric));
  return {
    title: `${name} (%) by retention rate, ${halves.map(({ inWords }) => inWords).join(" and ")} (form of the paper’s ${table})`,
    rowHead: "retention rate",
    columns: [
      ...halves.flatMap(({ group }) =>
        [...keeps.map(keepText), ...(hasChange ? ["change"] : [])].map((label) => (isAlone ? { label } : { group, label })),
      ),
      ...(hasChange ? [isAlone ? { label: "paper’s change" } : { group: "paper", label: "change" }] : []),
    ],
    rows: methods.map(({ name: method, label }, index) => {
      const drop = paperDrop(paperDatasetOf(to), metric, method);
      return {
        label,
        method: index,
        cells: [
          ...halves.flatMap(({ key }): TableCell[] => {
            const cells = keeps.map((keep) => cellOf(meanOf(key, method, keep)));
            const [full, sparse] = ([1, to] as const).map((keep) => meanOf(key, method, keep)?.mean ?? Number.NaN);
            return [...cells, ...(hasChange ? [{ text: formatPoints(sparse - full) }] : [])];
          }),
          ...(hasChange ? [{ text: drop === null ? "–" : formatPoints(drop) }] : []),
        ],
      };
    }),
    notes: [`${spreadNote(grid, shown)}${hasChange ? ` ${changeNote(grid, table)}` : ""}`],
  };
}

const spreadNote = (grid: PaperFormInput["grid"], means: readonly Mean[]): string =>
  `${means.some(({ sd }) => Number.isFinite(sd)) ? "Mean ± standard deviation" : "No spread"}: n = ${rangeText(means.map(({ n }) => n))} of ${foldCount(grid) * grid.seeds.length} runs (${foldsAndSeeds(grid)}).`;

function changeNote({ keeps: [to], paperDataset }: PaperFormInput["grid"], table: string): string {
  const paper = paperDatasetOf(to);
  const where = paper === "ki67" ? `${table}, Ki-67` : "Tables 1 and 2, MITOS-ATYPIA-14";
  return `Change: from 100 % to ${keepText(to)}, in percentage points. Paper: the change in its ${where}${paperDataset === paper ? "" : ", a different dataset"}.`;
}

function cellOf(mean: Mean | undefined): TableCell {
  if (!mean) return { text: "–" };
  const text = formatMean(ap, mean.mean);
  return { text: mean.sd !== null && Number.isFinite(mean.sd) ? `${text} ± ${formatMean(ap, mean.sd)}` : text };
}
