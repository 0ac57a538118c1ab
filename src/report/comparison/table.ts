// The table of a comparison: its columns as texts, for the terminal here and for the page in page.ts.

import type { Comparison } from "../../runs/comparison.ts";
import { formatNumber, formatPercent } from "../document/words.ts";
import * as measures from "../measures.ts";

export interface TableColumn {
  readonly label: string;
  readonly help: string;
  /** One text per method, in their order. */
  readonly cells: readonly string[];
  /** The cells that show the best value; none when all cells show the same, or when no value is better. */
  readonly best: readonly boolean[];
}

/** The columns of measures: keys of `ComparedMethod.metrics`, all of them fractions of which more is better. */
export const comparisonMetrics = [
  { key: "ap11", ...measures.ap },
  { key: "recall", ...measures.recall },
  { key: "recallShown", ...measures.recallAtHalf },
  { key: "precisionShown", ...measures.precisionAtHalf },
  { key: "f1Shown", ...measures.f1AtHalf },
  { key: "bestF1", ...measures.bestF1 },
] as const;

/** The measures, then what was found and wrong, then the time of a step. */
export function comparisonColumns({ methods, heldOut, score }: Comparison): TableColumn[] {
  const measured = comparisonMetrics.map(({ key, label, help }): TableColumn => {
    const values = methods.map(({ metrics }) => metrics[key]);
    const cells = values.map(formatPercent);
    return { label, help, cells, best: bestCells(cells, values) };
  });
  const found = methods.map((method) => String(method.found));
  const wrong = methods.map((method) => String(method.wrong));
  return [
    ...measured,
    {
      label: "found",
      help: `How many of the ${heldOut.truths} annotated cells a detection with a score of at least ${score} matches.`,
      cells: found,
      best: bestCells(
        found,
        methods.map((method) => method.found),
      ),
    },
    {
      label: "wrong",
      help: `Detections with a score of at least ${score} where no cell is annotated.`,
      cells: wrong,
      best: bestCells(
        wrong,
        methods.map((method) => -method.wrong),
      ),
    },
    {
      label: "s/step",
      help: "Seconds for one training step on this machine.",
      cells: methods.map((method) => formatNumber(method.secondsPerStep)),
      best: methods.map(() => false),
    },
  ];
}

/** The table as aligned lines of plain text, without a final line break. */
export function renderComparisonTable(comparison: Comparison): string {
  const names = ["method", ...comparison.methods.map(({ label }) => label)];
  const columns = comparisonColumns(comparison).map(({ label, cells }) => [label, ...cells]);
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => [...text].length));
  const pad = (text: string, size: number) => " ".repeat(size - [...text].length);
  const lines = names.map((name, row) => {
    const cells = columns.map((column) => pad(column[row], widest(column)) + column[row]);
    return [name + pad(name, widest(names)), ...cells].join("  ");
  });
  return [lines[0], lines[0].replace(/./gu, "─"), ...lines.slice(1)].join("\n");
}

/** Which cells show the same as that of the highest value; none when all cells are alike. */
function bestCells(cells: readonly string[], values: readonly number[]): boolean[] {
  const best = cells[values.indexOf(Math.max(...values.filter(Number.isFinite)))];
  return cells.map((cell) => cell === best && cells.some((other) => other !== best));
}
