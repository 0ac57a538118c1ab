// An evaluation as text for people: one row a category, in per cent.

import type { Evaluation, Quality } from "./evaluation.ts";

/** `names`: of the categories, by id. `iou` and `score` are those that the evaluation was made with. */
export function evaluationTable(
  evaluation: Evaluation,
  names: ReadonlyMap<number, string>,
  { iou = 0.5, score }: { iou?: number; score?: number } = {},
): string {
  const rows = evaluation.perCategory.map((category) =>
    tableRow(names.get(category.categoryId) ?? `category ${category.categoryId}`, category),
  );
  if (rows.length !== 1) rows.push(tableRow("all", evaluation));
  const header = ["", "AP", "recall", "precision", "F1", "best F1", "at score", "truths", "detections"];
  const head = `${evaluation.images} images, IoU ≥ ${iou}${score === undefined ? "" : `, score ≥ ${score}`}; in percent`;
  return [head, "", ...aligned([header, ...rows])].join("\n");
}

function tableRow(name: string, quality: Quality): string[] {
  const { ap11, recall, precision, f1, bestF1, bestF1Score, truths, detections } = quality;
  const percents = [ap11, recall, precision, f1, bestF1].map((fraction) => (100 * fraction).toFixed(1));
  return [name, ...percents, bestF1 === 0 ? "–" : String(Number(bestF1Score.toPrecision(3))), String(truths), String(detections)];
}

/** Columns as wide as their widest cell, the first to the left and numbers to the right. */
function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  "));
}
