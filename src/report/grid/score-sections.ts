// The sections of a grid's report that have tables for each rate: what scores are worth, and further measures.

import { type Block, figureBlock, type Section, tableBlock } from "../document/document.ts";
import { capital } from "../document/words.ts";
import type { Pen } from "../figures/panels.ts";
import { atScores, averagePrecisions, byDistance, countErrors, frocPoints, sideBySide } from "./metrics.ts";
import { type Keep, keepInWords } from "./runs.ts";
import { frocFigure, scoreFigures } from "./score-figures.ts";
import type { GridSummary } from "./summary.ts";
import { measureTable } from "./tables.ts";

export function scores(summary: GridSummary, pen: Pen): Section {
  const { thresholds, reliability } = scoreFigures(summary, pen);
  const tables = (keep: Keep): Block[] => [
    tableBlock(
      measureTable(summary, {
        keep,
        metrics: sideBySide,
        title: `All detections and those of a score of 0.5 or more (%), training with ${keepInWords(keep)}`,
        tested: true,
        notes: [
          summary.runs.some(({ chosen }) => chosen !== null)
            ? "Threshold of the other folds: the one with the best F1 on the runs of the same method, rate and seed on the other folds, as a validation fold would choose it; “best threshold” is chosen on the test images themselves, so its F1 is too good. ECE: expected calibration error, lower is better."
            : "With runs of one fold, no threshold can be chosen elsewhere. “best threshold” is chosen on the test images themselves, so its F1 is too good. ECE: expected calibration error, lower is better.",
        ],
      }),
    ),
    tableBlock(
      measureTable(summary, {
        keep,
        metrics: atScores,
        title: `Recall, precision and F1 (%) at fixed scores, training with ${keepInWords(keep)}`,
      }),
    ),
    tableBlock(
      measureTable(summary, {
        keep,
        metrics: countErrors,
        title: `Cells counted per image, training with ${keepInWords(keep)}`,
        notes: [
          "error: mean of |detections − cells| over the images; bias: mean of detections − cells, above 0 when too many are counted.",
        ],
      }),
    ),
  ];
  return {
    title: "All detections, or those that a user would see",
    blocks: [figureBlock(thresholds), ...byKeep(summary, tables), figureBlock(reliability)],
  };
}

export function others(summary: GridSummary, pen: Pen): Section {
  const tables = (keep: Keep): Block[] => {
    const table = (title: string, metrics: Parameters<typeof measureTable>[1]["metrics"], notes: string[] = []) =>
      tableBlock(measureTable(summary, { keep, metrics, title: `${title}, training with ${keepInWords(keep)}`, notes }));
    return [
      table("AP (%) by other rules", averagePrecisions, [limitText(summary)]),
      table("F1 (%) by distance of centres", byDistance(summary.runs)),
      table("FROC (%)", frocPoints(summary.runs)),
    ];
  };
  return { title: "Other measures", blocks: [figureBlock(frocFigure(summary, pen)), ...byKeep(summary, tables)] };
}

/** The blocks of each rate; of several rates, each folded but the lowest. */
function byKeep({ keeps }: GridSummary, blocks: (keep: Keep) => Block[]): Block[] {
  if (keeps.length === 1) return blocks(keeps[0]);
  return keeps.map((keep, i) => ({
    kind: "fold",
    label: capital(keepInWords(keep)),
    open: i === 0,
    blocks: blocks(keep),
  }));
}

const limitText = ({ runs }: GridSummary): string => {
  const limits = [...new Set(runs.map(({ measures }) => measures.maxDetections ?? "none"))];
  return `Limit of detections per image in these measures: ${limits.join(", ")}.`;
};
