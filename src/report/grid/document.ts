// A grid's report as a document: its sections and their order. It shows what the runs have; what they lack is left out or named
// as missing.

import {
  type Block,
  type Document,
  figureBlock,
  type Patches,
  type Section,
  tableBlock,
  textBlock,
} from "../document/document.ts";
import { counted } from "../document/words.ts";
import type { Pen } from "../figures/panels.ts";
import { glossary } from "../measures.ts";
import { gridAnswer, gridWarnings } from "./answer.ts";
import { completeness } from "./completeness.ts";
import { densityFigures, densityTable } from "./density-figures.ts";
import { differenceFigure, differenceTable, dropTable } from "./difference-figures.ts";
import { howTrained } from "./how-trained.ts";
import { lossFigureByRate } from "./loss-by-rate.ts";
import { ap, paperMetrics, recall } from "./metrics.ts";
import { paperFormBlocks, paperFormInput } from "./paper-form.ts";
import { eachMethodFigure, methodFigure, rateFigure } from "./rate-figures.ts";
import { foldsAndSeeds } from "./runs.ts";
import { others, scores } from "./score-sections.ts";
import type { GridSummary } from "./summary.ts";
import { foldTable, rateTable } from "./tables.ts";

export interface GridParts {
  readonly pen: Pen;
  /** The reason where there are no pictures. */
  readonly patches: Patches | string;
  /** Of a gradient analysis of these runs; empty without one. */
  readonly gradients: readonly Block[];
}

export function gridDocument(summary: GridSummary, { pen, patches, gradients }: GridParts): Document {
  const { grid } = summary;
  const sections =
    summary.runs.length > 0
      ? [
          results(summary, pen),
          controls(summary, pen),
          scores(summary, pen),
          completeness(summary),
          hypothesis(summary, pen),
          loss(summary, pen),
          { title: "Which layers improve?", blocks: gradients },
          pictures(patches),
          others(summary, pen),
          measures,
        ]
      : [];
  return {
    title: grid.title,
    subtitle: `${grid.paper} · ${foldsAndSeeds(grid)}, ${counted(grid.keeps.length, "rate")}, ${counted(grid.methods.length, "method")}${grid.bias === undefined ? "" : ` · bias ${grid.bias}`} · preset ${grid.preset}`,
    answer: gridAnswer(summary),
    warnings: gridWarnings(summary),
    sections: [...sections.filter(({ blocks }) => blocks.length > 0), howTrained(summary)],
  };
}

/** For readers who do not know them. */
const measures: Section = {
  title: "What the measures mean",
  blocks: [{ kind: "facts", facts: glossary.map(({ label, help }) => ({ label, value: help })) }],
};

function results(summary: GridSummary, pen: Pen): Section {
  const [byRate, byFold] = [summary.keeps.length > 1, summary.keeps.length < 3];
  return {
    title: "Average precision and recall",
    blocks: [
      ...paperFormBlocks(paperFormInput(summary)),
      ...(byFold ? [figureBlock(methodFigure(summary, { metrics: [ap, recall], pen }))] : []),
      ...(byFold ? summary.keeps.map((keep) => tableBlock(foldTable(summary, keep))) : []),
      ...(byRate
        ? [
            figureBlock(rateFigure(summary, { metrics: paperMetrics, pen })),
            ...paperMetrics.map((metric) => tableBlock(rateTable(summary, metric))),
            eachMethod(summary, pen),
          ]
        : []),
    ],
  };
}

/** Unfolded where the paper's values are part of the figures. */
function eachMethod(summary: GridSummary, pen: Pen): Block {
  const figures = paperMetrics.map((metric) => figureBlock(eachMethodFigure(summary, { metric, pen })));
  const label = summary.grid.paperDataset ? "Each method with its spread and the paper’s values" : "Each method with its spread";
  return { kind: "fold", label, open: summary.grid.paperDataset !== null, blocks: figures };
}

function controls(summary: GridSummary, pen: Pen): Section {
  const lost = summary.drops.length > 0 ? [tableBlock(dropTable(summary))] : [];
  if (summary.contrasts.length === 0) return { title: "What hidden annotations cost", blocks: lost };
  const controlled = summary.contrasts.some(({ minus }) => minus.id !== "fpn");
  return {
    title: controlled ? "Is BDE more than a smaller weight?" : "BDE and the plain detector",
    blocks: [
      textBlock(
        controlled
          ? "BDE weighs background boxes by their density. “constant weight” gives all of them one weight, “shuffled energy” gives BDE’s weights to the wrong boxes. What BDE gains over these two is what the density itself adds."
          : "This grid has no control that weighs the background less whatever the density (constant-weight, shuffled-energy), so it cannot tell whether BDE is more than a smaller weight.",
      ),
      figureBlock(differenceFigure(summary, pen)),
      tableBlock(differenceTable(summary)),
      ...lost,
    ],
  };
}

function hypothesis(summary: GridSummary, pen: Pen): Section {
  const table = densityTable(summary);
  const title = "Do boxes crowd around hidden positives?";
  if (table === null)
    return { title, blocks: [textBlock("The density of the second stage’s boxes was not measured in these runs.")] };
  const [energy, ...rest] = densityFigures(summary, pen);
  return {
    title,
    blocks: [
      figureBlock(energy),
      tableBlock(table),
      { kind: "fold", label: "Weight and score during training", open: false, blocks: rest.map(figureBlock) },
    ],
  };
}

function loss(summary: GridSummary, pen: Pen): Section {
  const figure = lossFigureByRate(summary, pen);
  return { title: "Training loss", blocks: figure === null ? [] : [figureBlock(figure)] };
}

function pictures(patches: Patches | string): Section {
  return {
    title: "Held-out patches",
    blocks: [typeof patches === "string" ? textBlock(patches) : { kind: "patches", patches }],
  };
}
