// A grid's report as a document: what is in it, in which order. Every text is of what the runs have; what they lack is left out
// or said to be missing.

import { version } from "../../version.ts";
import type { Block, Document, Figure, Patches, Section, Table } from "../document/document.ts";
import type { Pen } from "../figures/panels.ts";
import { gridAnswer, gridWarnings } from "./answer.ts";
import { densityFigures, densityTable } from "./density.ts";
import { contrasts, differenceFigure, differenceTable, drops, dropTable } from "./differences.ts";
import { lossFigureByRate } from "./loss-figure.ts";
import {
  ap,
  atScores,
  averagePrecisions,
  byDistance,
  countErrors,
  frocPoints,
  paperMetrics,
  recall,
  sideBySide,
} from "./metrics.ts";
import { eachMethodFigure, methodFigure, rateFigure } from "./rate-figures.ts";
import { foldsAndSeeds, type GridRuns, type Keep, keepInWords, keepLabel, runsOf } from "./runs.ts";
import { frocFigure, scoreFigures } from "./score-figures.ts";
import { foldTable, measureTable, rateTable } from "./tables.ts";

export interface GridParts {
  readonly pen: Pen;
  /** The reason where there are no pictures. */
  readonly patches: Patches | string;
  /** Of a gradient analysis of these runs; empty without one. */
  readonly gradients: readonly Block[];
}

export function gridDocument(runs: GridRuns, { pen, patches, gradients }: GridParts): Document {
  const { grid } = runs;
  const begun = runs.runs.length > 0;
  const sections = begun
    ? [
        results(runs, pen),
        controls(runs, pen),
        scores(runs, pen),
        hypothesis(runs, pen),
        loss(runs, pen),
        { title: "Which layers improve?", blocks: gradients },
        pictures(patches),
        others(runs, pen),
      ]
    : [];
  return {
    title: grid.title,
    subtitle: `${grid.paper} · ${foldsAndSeeds(grid)}, ${counted(grid.keeps.length, "rate")}, ${counted(grid.methods.length, "method")} · preset ${grid.preset}`,
    answer: gridAnswer(runs),
    warnings: gridWarnings(runs),
    sections: [...sections.filter(({ blocks }) => blocks.length > 0), howTrained(runs)],
  };
}

const tableBlock = (table: Table): Block => ({ kind: "table", table });
const figureBlock = (figure: Figure): Block => ({ kind: "figure", figure });
const text = (line: string): Block => ({ kind: "text", text: line });

function results(runs: GridRuns, pen: Pen): Section {
  const [byRate, byFold] = [runs.keeps.length > 1, runs.keeps.length < 3];
  return {
    title: "Average precision and recall",
    blocks: [
      ...(byFold ? [figureBlock(methodFigure(runs, { metrics: [ap, recall], pen }))] : []),
      ...(byFold ? runs.keeps.map((keep) => tableBlock(foldTable(runs, keep))) : []),
      ...(byRate
        ? [
            figureBlock(rateFigure(runs, { metrics: paperMetrics, pen })),
            ...paperMetrics.map((metric) => tableBlock(rateTable(runs, metric))),
            eachMethod(runs, pen),
          ]
        : []),
    ],
  };
}

/** Where the paper's own lines are, they are for all to see. */
function eachMethod(runs: GridRuns, pen: Pen): Block {
  const figures = paperMetrics.map((metric) => figureBlock(eachMethodFigure(runs, { metric, pen })));
  const label = runs.grid.paperDataset ? "Each method with its spread and the paper’s values" : "Each method with its spread";
  return { kind: "fold", label, open: runs.grid.paperDataset !== null, blocks: figures };
}

function controls(runs: GridRuns, pen: Pen): Section {
  const pairs = contrasts(runs);
  const lost = drops(runs).length > 0 ? [tableBlock(dropTable(runs))] : [];
  if (pairs.length === 0) return { title: "What hidden annotations cost", blocks: lost };
  const controlled = pairs.some(({ minus }) => minus.id !== "fpn");
  return {
    title: controlled ? "Is BDE more than a smaller weight?" : "BDE and the plain detector",
    blocks: [
      text(
        controlled
          ? "BDE weighs background boxes by their density. “constant weight” gives all of them one weight, “shuffled energy” gives BDE’s own weights to the wrong boxes: a difference between BDE and these two is what the density itself adds."
          : "This grid has no control that weighs the background less without looking at density (constant-weight, shuffled-energy): whether BDE is more than a smaller weight cannot be told from it.",
      ),
      figureBlock(differenceFigure(runs, pen)),
      tableBlock(differenceTable(runs)),
      ...lost,
    ],
  };
}

function scores(runs: GridRuns, pen: Pen): Section {
  const { thresholds, reliability } = scoreFigures(runs, pen);
  const tables = (keep: Keep): Block[] => [
    tableBlock(
      measureTable(runs, {
        keep,
        metrics: sideBySide,
        title: `All detections and those of a score of 0.5 or more (%), training with ${keepInWords(keep)}`,
        tested: true,
        notes: [
          runs.runs.some(({ chosen }) => chosen !== null)
            ? "Threshold of the other folds: the one with the best F1 on the runs of the same method, rate and seed on the other folds, as a validation fold would choose it; “best threshold” is chosen on the test images themselves and so too good. ECE: expected calibration error, lower is better."
            : "With runs of one fold no threshold can be chosen elsewhere. “best threshold” is chosen on the test images themselves and so too good. ECE: expected calibration error, lower is better.",
        ],
      }),
    ),
    tableBlock(
      measureTable(runs, {
        keep,
        metrics: atScores,
        title: `Recall, precision and F1 (%) at fixed scores, training with ${keepInWords(keep)}`,
      }),
    ),
    tableBlock(
      measureTable(runs, {
        keep,
        metrics: countErrors,
        title: `Cells counted in an image, training with ${keepInWords(keep)}`,
        notes: [
          "error: mean of |detections − cells| over the images; bias: mean of detections − cells, above 0 where too many are counted.",
        ],
      }),
    ),
  ];
  return {
    title: "All detections, or those of a score that somebody would use",
    blocks: [figureBlock(thresholds), ...byKeep(runs, tables), figureBlock(reliability)],
  };
}

function hypothesis(runs: GridRuns, pen: Pen): Section {
  const table = densityTable(runs);
  const title = "Do boxes crowd around hidden positives?";
  if (table === null) return { title, blocks: [text("The density of the second stage’s boxes was not measured in these runs.")] };
  const [energy, ...rest] = densityFigures(runs, pen);
  return {
    title,
    blocks: [
      figureBlock(energy),
      tableBlock(table),
      { kind: "fold", label: "Weight and score during training", open: false, blocks: rest.map(figureBlock) },
    ],
  };
}

function loss(runs: GridRuns, pen: Pen): Section {
  const figure = lossFigureByRate(runs, pen);
  return { title: "Training loss", blocks: figure === null ? [] : [figureBlock(figure)] };
}

function pictures(patches: Patches | string): Section {
  return {
    title: "Held-out patches",
    blocks: [typeof patches === "string" ? text(patches) : { kind: "patches", patches }],
  };
}

function others(runs: GridRuns, pen: Pen): Section {
  const tables = (keep: Keep): Block[] => {
    const table = (title: string, metrics: Parameters<typeof measureTable>[1]["metrics"], notes: string[] = []) =>
      tableBlock(measureTable(runs, { keep, metrics, title: `${title}, training with ${keepInWords(keep)}`, notes }));
    return [
      table("AP (%) by other rules", averagePrecisions, [limitText(runs)]),
      table("F1 (%) by distance of centres", byDistance(runs.runs)),
      table("FROC (%)", frocPoints(runs.runs)),
    ];
  };
  return { title: "Other measures", blocks: [figureBlock(frocFigure(runs, pen)), ...byKeep(runs, tables)] };
}

/** Of one rate as they are; of more, each rate to unfold, the lowest unfolded. */
function byKeep({ keeps }: GridRuns, blocks: (keep: Keep) => Block[]): Block[] {
  if (keeps.length === 1) return blocks(keeps[0]);
  return keeps.map((keep, i) => ({
    kind: "fold",
    label: `${keepLabel(keep)} of the annotations`,
    open: i === 0,
    blocks: blocks(keep),
  }));
}

const limitText = ({ runs }: GridRuns): string => {
  const limits = [...new Set(runs.map(({ measures }) => measures.maxDetections ?? "none"))];
  return `Limit of detections an image in these measures: ${limits.join(", ")}.`;
};

function howTrained(runs: GridRuns): Section {
  const { grid } = runs;
  const seconds = runs.runs.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
  const versions = Object.entries({ sparsecell: version, ...grid.versions });
  return {
    title: "How it was made",
    blocks: [
      { kind: "code", text: grid.command },
      ...(runs.runs.length > 0 ? [tableBlock(dataTable(runs)), text(limitedText(runs))] : []),
      {
        kind: "facts",
        facts: [
          { label: "folds", value: `${grid.folds} by group, seed ${grid.splitSeed}` },
          { label: "seeds", value: grid.seeds.join(", ") },
          ...grid.settings,
          { label: "computing time", value: `${(seconds / 3600).toFixed(1)} h in ${counted(runs.runs.length, "run")}` },
          { label: "versions", value: versions.map(([name, value]) => `${name} ${value}`).join(", ") },
        ],
      },
    ],
  };
}

function dataTable(runs: GridRuns): Table {
  const range = (values: readonly number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return { text: values.length === 0 ? "–" : least === most ? String(most) : `${least} to ${most}` };
  };
  return {
    title: "What a run saw, and what it was tested on",
    rowHead: "annotations kept",
    columns: [
      { group: "training", label: "images" },
      { group: "training", label: "annotations" },
      { group: "training", label: "hidden" },
      { group: "test", label: "images" },
      { group: "test", label: "cells" },
    ],
    rows: runs.keeps.map((keep) => {
      const counts = runs.runs.filter(({ unit }) => unit.keep === keep).map(({ counts }) => counts);
      return {
        label: keepLabel(keep),
        cells: (["trainImages", "visible", "hidden", "testImages", "testCells"] as const).map((key) =>
          range(counts.map((count) => count[key])),
        ),
      };
    }),
    notes: ["Fewest to most of the folds and seeds. Test images keep every annotation."],
  };
}

/** How often a limit of proposals or detections was reached, by method. */
function limitedText(runs: GridRuns): string {
  const tested = (own: GridRuns["runs"]) => own.reduce((sum, { counts }) => sum + counts.testImages, 0);
  const limited = (own: GridRuns["runs"]) => own.reduce((sum, { limitedImages }) => sum + limitedImages, 0);
  const whole = `Test images that reached the limit of proposals or of detections: ${limited(runs.runs)} of ${tested(runs.runs)}`;
  if (limited(runs.runs) === 0) return `${whole}.`;
  const parts = runs.methods.map(({ name, label }) => {
    const own = runs.keeps.flatMap((keep) => runsOf(runs, { method: name, keep }));
    return `${label} ${limited(own)} of ${tested(own)}`;
  });
  return `${whole} (${parts.join(", ")}). Recall and AP of these images may be cut by the limit.`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
