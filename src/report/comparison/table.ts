// The table of a comparison: its columns as text, for the terminal here and for the page in comparison-page.ts.

import type { ComparedMethod, ComparisonReport, Metric } from "../../runs/comparison.ts";

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
  const measured = metrics.map((metric): TableColumn => {
    const cells = methods.map((method) => formatMetric(metric, method));
    return {
      label: metric.label,
      help: metric.help,
      cells,
      best: bestCells(
        cells,
        methods.map(({ metrics }) => metrics[metric.key]),
      ),
    };
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

/** A number with three significant digits, whole from 100 on; a dash when it is not finite. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Which cells show the same as that of the highest value; none when all cells are alike. */
function bestCells(cells: readonly string[], values: readonly number[]): boolean[] {
  const best = cells[values.indexOf(Math.max(...values.filter(Number.isFinite)))];
  return cells.map((cell) => cell === best && cells.some((other) => other !== best));
}
