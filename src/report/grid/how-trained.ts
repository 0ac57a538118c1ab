// The last section of a grid's report: the command, the data, the settings and the versions.

import { biasText } from "../../data/bias/biases.ts";
import { keepText } from "../../runs/grid.ts";
import { version } from "../../version.ts";
import type { Section, Table } from "../document/document.ts";
import { counted, versionsText } from "../document/words.ts";
import { rangeText } from "../statistics/spread.ts";
import { runsOf } from "./runs.ts";
import type { GridSummary } from "./summary.ts";

export function howTrained(summary: GridSummary): Section {
  const { grid } = summary;
  const seconds = summary.runs.reduce((sum, { totalSeconds }) => sum + totalSeconds, 0);
  return {
    title: "How it was made",
    blocks: [
      { kind: "code", text: grid.command },
      ...(summary.runs.length > 0
        ? [{ kind: "table", table: dataTable(summary) } as const, { kind: "text", text: limitedText(summary) } as const]
        : []),
      {
        kind: "facts",
        facts: [
          { label: "folds", value: `${grid.folds} by group, seed ${grid.splitSeed}` },
          { label: "seeds", value: grid.seeds.join(", ") },
          ...(grid.bias === undefined ? [] : [{ label: "annotations kept", value: `not at random: ${biasText(grid.bias)}` }]),
          ...grid.settings,
          { label: "computing time", value: `${(seconds / 3600).toFixed(1)} h in ${counted(summary.runs.length, "run")}` },
          { label: "versions", value: versionsText({ sparsecell: version, ...grid.versions }) },
        ],
      },
    ],
  };
}

function dataTable(summary: GridSummary): Table {
  const range = (values: readonly number[]) => ({ text: values.length === 0 ? "–" : rangeText(values) });
  return {
    title: "What a run was trained and tested on",
    rowHead: "annotations kept",
    columns: [
      { group: "training", label: "images" },
      { group: "training", label: "annotations" },
      { group: "training", label: "hidden" },
      { group: "test", label: "images" },
      { group: "test", label: "cells" },
    ],
    rows: summary.keeps.map((keep) => {
      const counts = summary.runs.filter(({ unit }) => unit.keep === keep).map(({ counts }) => counts);
      return {
        label: keepText(keep),
        cells: (["trainImages", "visible", "hidden", "testImages", "testCells"] as const).map((key) =>
          range(counts.map((count) => count[key])),
        ),
      };
    }),
    notes: ["Fewest to most over folds and seeds. Test images keep every annotation."],
  };
}

/** How often the limit of proposals or of detections was reached, by method. */
function limitedText(summary: GridSummary): string {
  const tested = (list: GridSummary["runs"]) => list.reduce((sum, { counts }) => sum + counts.testImages, 0);
  const limited = (list: GridSummary["runs"]) => list.reduce((sum, { limitedImages }) => sum + limitedImages, 0);
  const whole = `Test images that reached the limit of proposals or of detections: ${limited(summary.runs)} of ${tested(summary.runs)}`;
  if (limited(summary.runs) === 0) return `${whole}.`;
  const parts = summary.methods.map(({ name, label }) => {
    const ofMethod = summary.keeps.flatMap((keep) => runsOf(summary, { method: name, keep }));
    return `${label} ${limited(ofMethod)} of ${tested(ofMethod)}`;
  });
  return `${whole} (${parts.join(", ")}). The limit may lower recall and AP of these images.`;
}
