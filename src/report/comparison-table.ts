// The table of a comparison: its columns as text, for the terminal here and for the page in comparison-page.ts.

import type { ComparedMethod, ComparisonReport, Metric } from "./comparison.ts";

export interface TableColumn {
  readonly label: string;
  readonly help: string;
  /** One text for each method, in their order. */
  readonly cells: readonly string[];
  /** The cells that hold the column's best value as shown; none when all show the same, or when no value is better. */
  readonly best: readonly boolean[];
}

/** The report's metrics, then what was found and wrong, then the time of a step. */
export function comparisonColumns({ methods, metrics, heldOut, score }: ComparisonReport): TableColumn[] {
  const column = (label: string, help: string, better: 1 | -1 | 0, value: (m: ComparedMethod) => number, format: (v: number) => string) => {
    const cells = methods.map((method) => format(value(method)));
    return { label, help, cells, best: bestCells(cells, methods.map((method) => better * value(method)), better !== 0) };
  };
  return [
    ...metrics.map(({ key, label, help, percent }) =>
      column(label, help, 1, (method) => method.metrics[key], percent ? formatPercent : formatNumber),
    ),
    column("found", `Annotated cells of ${heldOut.truths} that a detection with a score of at least ${score} matches.`, 1, (m) => m.found, String),
    column("wrong", `Detections with a score of at least ${score} where no cell is annotated.`, -1, (m) => m.wrong, String),
    column("s/step", "Seconds for one training step on this machine.", 0, (m) => m.secondsPerStep, formatNumber),
  ];
}

/** The table as aligned lines of plain text, without a final line break. */
export function renderComparisonTable(report: ComparisonReport): string {
  const names = ["method", ...report.methods.map(({ label }) => label)];
  const columns = comparisonColumns(report).map(({ label, cells }) => [label, ...cells]);
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => [...text].length));
  const pad = (text: string, size: number) => " ".repeat(size - [...text].length);
  const lines = names.map((name, row) => {
    const cells = columns.map((column) => pad(column[row], widest(column)) + column[row]);
    return [name + pad(name, widest(names)), ...cells].join("  ");
  });
  return [lines[0], lines[0].replace(/./gu, "─"), ...lines.slice(1)].join("\n");
}

/** A metric's value of a method as the table shows it; a dash when it is missing or NaN. */
export function formatMetric({ key, percent }: Metric, { metrics }: ComparedMethod): string {
  return (percent ? formatPercent : formatNumber)(metrics[key]);
}

/** A fraction as per cent with one decimal; a dash when it is not finite. */
export function formatPercent(fraction: number): string {
  return Number.isFinite(fraction) ? `${(100 * fraction).toFixed(1)} %` : "–";
}

/** A number with three significant digits; a dash when it is not finite. */
export function formatNumber(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : "–";
}

function bestCells(cells: readonly string[], values: readonly number[], ranked: boolean): boolean[] {
  const finite = values.filter(Number.isFinite);
  const best = cells[values.indexOf(Math.max(...finite))];
  return cells.map((cell) => ranked && finite.length > 0 && cell === best && cells.some((other) => other !== best));
}
