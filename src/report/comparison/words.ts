// What was compared, in words: the data, the settings, and what makes the comparison fair.

import type { Comparison } from "../../runs/comparison.ts";
import { type Declarations, linesOf, type ValuesOf } from "../../settings/declarations.ts";
import { detectorSettings } from "../../settings/detector.ts";
import { machine as machineSettings } from "../../settings/machine.ts";
import { schedule, trainingSettings } from "../../settings/training.ts";
import type { Fact } from "../document/document.ts";
import { formatPercent, versionsText } from "../document/words.ts";

export const comparisonSummary: readonly string[] = [
  "All detectors were trained alike: the same images, visible annotations, starting weights, order, schedule and number of steps. Only the weights of the loss differ.",
  "Training never saw the hidden annotations. The held-out images took no part in it and keep every annotation.",
];

export function datasetFacts({ dataset }: Comparison): Fact[] {
  const { trainImages, trainCells, visible, testImages, testCells } = dataset;
  return [
    { label: "training images", value: String(trainImages) },
    { label: "cells on them", value: String(trainCells) },
    { label: "annotations kept", value: `${visible} (${formatPercent(visible / Math.max(trainCells, 1))})` },
    { label: "annotations hidden", value: String(trainCells - visible) },
    { label: "held-out images", value: String(testImages) },
    { label: "cells on them, all annotated", value: String(testCells) },
  ];
}

const { backbone, input, anchors } = detectorSettings;
const { seed } = trainingSettings;

export function settingFacts({ config, versions, machine }: Comparison): Fact[] {
  const { detector, dtype, threads } = config;
  const { blas: _, ...programs } = versions;
  return [
    { label: "detector", value: inOneLine({ backbone, input, dtype: machineSettings.dtype }, { ...detector, dtype }) },
    { label: "training", value: inOneLine({ ...schedule, seed }, config) },
    ...linesOf({ anchors }, detector),
    { label: "versions", value: versionsText(programs) },
    { label: "machine", value: `${machine.processor}, ${machine.cores} cores, ${threads} threads` },
  ];
}

const inOneLine = <D extends Declarations>(declarations: D, values: ValuesOf<D>): string =>
  linesOf(declarations, values)
    .map(({ label, value }) => `${label}: ${value}`)
    .join("; ");
