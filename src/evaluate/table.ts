// An evaluation as text, in percent: short, with one row per category, or with all measures.

import type { Evaluation } from "./evaluation.ts";
import type { Measures } from "./measures.ts";
import type { Quality } from "./tally.ts";

/** `names`: of the categories, by id. `iou`, `score` and `maxDetections`: those of the evaluation. */
export function evaluationTable(
  evaluation: Evaluation,
  names: ReadonlyMap<number, string>,
  { iou = 0.5, score, maxDetections }: { iou?: number; score?: number; maxDetections?: number } = {},
): string {
  const rows = evaluation.perCategory.map((category) =>
    tableRow(names.get(category.categoryId) ?? `category ${category.categoryId}`, category),
  );
  if (rows.length !== 1) rows.push(tableRow("all", evaluation));
  const header = ["", "AP", "recall", "precision", "F1", "best F1", "at score", "truths", "detections"];
  const least = score === undefined ? "" : `, score ≥ ${score}`;
  const head = `${evaluation.images} images, IoU ≥ ${iou}${least}${limit(maxDetections)}; in percent`;
  return [head, "", ...aligned([header, ...rows])].join("\n");
}

/** All measures, in five or six small tables. `iou`: that of the measures. */
export function measuresTable(measures: Measures, { iou = 0.5 }: { iou?: number } = {}): string {
  const { images, truths, detections, maxDetections, apCocoByArea, distanceRule, froc, reliability } = measures;
  const sized = (value: number | null) => (value === null ? "–" : percent(value));
  const { bins } = reliability;
  const tables: string[][][] = [
    [
      ["average precision", ""],
      ["11 levels (Eqs 12, 13)", percent(measures.ap11)],
      ["11 levels, scores ≥ 0.5 only", percent(measures.ap11AtHalf)],
      ["VOC's matching, 11 levels", percent(measures.apVoc11)],
      ["VOC's matching, all points", percent(measures.apVoc)],
      ["COCO, IoU 0.5", percent(measures.apCoco50)],
      ["COCO, IoU 0.5 to 0.95", percent(measures.apCoco)],
      ...(["small", "medium", "large"] as const).map((size) => [`COCO, ${size} boxes`, sized(apCocoByArea[size])]),
    ],
    [
      ["", "recall", "precision", "F1", "found", "wrong", "count error", "count bias"],
      ...measures.atScore.map(({ score, recall, precision, f1, found, wrong, countError, countBias }) => [
        `score ≥ ${score}`,
        ...[recall, precision, f1].map(percent),
        ...[found, wrong].map(String),
        ...[countError, countBias].map((cells) => cells.toFixed(1)),
      ]),
      ["all", percent(measures.recall)],
      [bestAt(measures), "", "", percent(measures.bestF1)],
    ],
    [
      ["distance of centres", "F1 at 0.5", "best F1", "at score"],
      ...measures.byDistance.map(({ rule, radius, f1AtHalf, bestF1, bestF1Score }) => [
        `≤ ${rule}${rule.endsWith("px") ? "" : ` (${short(radius)} px)`}, ${distanceRule}`,
        percent(f1AtHalf),
        percent(bestF1),
        bestF1 === 0 ? "–" : short(bestF1Score),
      ]),
    ],
    [
      ["false positives an image", ...froc.points.map((point) => String(point.falsePositivesPerImage)), "mean"],
      ["recall", ...[...froc.points.map(({ sensitivity }) => sensitivity), froc.mean].map(percent)],
    ],
    [
      ["scores", ...bins.map(({ low, high }) => `${low}–${high}`)],
      ["detections", ...bins.map(({ count }) => String(count))],
      ["mean score", ...bins.map(({ count, meanScore }) => (count === 0 ? "–" : percent(meanScore)))],
      ["right", ...bins.map(({ count, precision }) => (count === 0 ? "–" : percent(precision)))],
      ["expected calibration error", percent(reliability.ece)],
    ],
  ];
  if (froc.perMm2) {
    const { points, mean } = froc.perMm2;
    tables.splice(4, 0, [
      ["false positives per mm²", ...points.map((point) => String(point.falsePositivesPerMm2)), "mean"],
      ["recall", ...[...points.map(({ sensitivity }) => sensitivity), mean].map(percent)],
    ]);
  }
  const head = `${images} images, ${truths} cells, ${detections} detections${limit(maxDetections ?? undefined)}, IoU ≥ ${iou}; in percent`;
  return [head, ...tables.flatMap((table) => ["", ...aligned(table)])].join("\n");
}

const bestAt = ({ bestF1, bestF1Score }: Measures): string => `score ≥ ${bestF1 === 0 ? "–" : short(bestF1Score)}, best F1`;
const percent = (fraction: number): string => (100 * fraction).toFixed(1);
const short = (value: number): string => String(Number(value.toPrecision(3)));
const limit = (maxDetections: number | undefined): string =>
  maxDetections === undefined ? "" : `, at most ${maxDetections} of an image and category`;

function tableRow(name: string, quality: Quality): string[] {
  const { ap11, recall, precision, f1, bestF1, bestF1Score, truths, detections } = quality;
  const percents = [ap11, recall, precision, f1, bestF1].map(percent);
  return [name, ...percents, bestF1 === 0 ? "–" : short(bestF1Score), String(truths), String(detections)];
}

/** Columns as wide as their widest cell, the first left-aligned and numbers right-aligned. */
function aligned(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd(),
  );
}
