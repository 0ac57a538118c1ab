// A row per method, the measures that a reader asks for first, at one rate. Made from the lists of results.json alone, so that the
// file of an earlier report will do.

import { foldCount, keepText } from "../../runs/grid.ts";
import type { Block, Table, TableCell } from "../document/document.ts";
import { formatMean } from "../document/words.ts";
import { meanAndSd, rangeText } from "../statistics/spread.ts";
import type { PaperFormInput } from "./paper-form.ts";
import { foldsAndSeeds, type Keep } from "./runs.ts";

/** The lists of results.json that the table is made from. */
export interface MeasuresInput extends PaperFormInput {
  readonly runs: readonly {
    readonly keep: Keep;
    readonly method: string;
    readonly completeness?: { readonly part: number };
  }[];
}

const COLUMNS = [
  { key: "ap", label: "AP, 11 points", percent: true },
  { key: "apVoc", label: "AP, all points", percent: true },
  { key: "recall", label: "recall", percent: true },
  { key: "bestF1", label: "best F1", percent: true },
  { key: "f1At0.5", label: "F1 at 0.5", percent: true },
  { key: "countBiasAt0.5", label: "cells too many per image at 0.5", percent: false, signed: true },
  { key: "ece", label: "calibration error", percent: true },
] as const;

/** A table for each rate. */
export const measuresByMethod = (input: MeasuresInput): Block[] =>
  input.grid.keeps.map((keep): Block => ({ kind: "table", table: tableAt(input, keep) }));

function tableAt({ grid, methods, means, runs }: MeasuresInput, keep: Keep): Table {
  const shown = methods.filter(({ name }) => means.some((mean) => mean.method === name && mean.keep === keep));
  const counts = (method: string): number[] =>
    runs.flatMap((run) => (run.method === method && run.keep === keep && run.completeness ? [run.completeness.part] : []));
  const counting = shown.some(({ name }) => counts(name).length > 0);
  const n = means.filter((mean) => mean.keep === keep && mean.metric === "ap").map(({ n }) => n);
  return {
    title: `Measures (%) with ${keep === "one-per-image" ? "one annotation in each image" : `${keepText(keep)} of the annotations`}`,
    rowHead: "method",
    columns: [...COLUMNS.map(({ label }) => ({ label })), ...(counting ? [{ label: "marked, as counted" }] : [])],
    rows: shown.map(({ name, label }) => ({
      label,
      method: methods.findIndex((method) => method.name === name),
      cells: [
        ...COLUMNS.map(({ key, ...column }): TableCell => {
          const mean = means.find((mean) => mean.metric === key && mean.method === name && mean.keep === keep);
          return { text: mean ? spreadText(column, mean) : "–" };
        }),
        ...(counting ? [{ text: spreadText({ percent: true }, meanAndSd(counts(name))) }] : []),
      ],
    })),
    notes: [
      `${n.some((count) => count > 1) ? "Mean ± standard deviation" : "No spread"}: n = ${rangeText(n)} of ${foldCount(grid) * grid.seeds.length} runs (${foldsAndSeeds(grid)}).`,
    ],
  };
}

function spreadText(
  column: { readonly percent: boolean; readonly signed?: boolean },
  { mean, sd }: { readonly mean: number; readonly sd: number | null },
): string {
  const text = `${column.signed && mean > 0 ? "+" : ""}${formatMean(column, mean)}`;
  return sd !== null && Number.isFinite(sd) ? `${text} ± ${formatMean(column, sd)}` : text;
}
