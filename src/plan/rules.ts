// What a training needs to be told, each with the rule that chooses it and the reason in words. A new choice is a rule in `rules`.

import { scaledSides } from "../data/working-resolution.ts";
import type { SomeOf } from "../settings/declarations.ts";
import { coarsestStride } from "../settings/detector.ts";
import type { PlannedSettings } from "../settings/planned.ts";
import type { Fingerprint } from "./fingerprint.ts";

/** What the choices depend on besides the dataset. */
export interface PlanMachine {
  readonly device: string;
  /** Seconds that the training may take. */
  readonly budget: number;
}

/** Somebody waits: a first model, not the best one. Its steps are small, so that there are many of them. */
const isQuick = ({ budget }: PlanMachine): boolean => budget < 180;

export interface Choice {
  /** "working resolution" */
  readonly what: string;
  /** What was chosen, in words. */
  readonly chosen: string;
  readonly reason: string;
  readonly settings: SomeOf<PlannedSettings>;
}

export type Rule = (facts: Fingerprint, machine: PlanMachine) => Choice;

/** Of a cell, in network pixels: of 12, 16 and 24, 16 is what MBM is learned best at (docs/how-to/plan.md). */
const CELL = 16;
/** Cells of this size are left as they are, without resampling. */
const [LEAST_CELL, MOST_CELL] = [13, 22];
const [LEAST_WINDOW, MOST_WINDOW] = [256, 640];
/** Of a first model: eight cells wide, so that a step is short and there are many. */
const QUICK_WINDOW = 128;

/** Network pixels per pixel of an image whose cells have that size. */
function factorFor(cell: number): number {
  if (cell >= LEAST_CELL && cell <= MOST_CELL) return 1;
  return Number((CELL / cell).toPrecision(3));
}

/** Where images say their microns per pixel, microns per network pixel; and network pixels per pixel of an image that does not. */
function workingResolution({ cellSize, cellSizeMicrons, unscaledCellSize, mpp }: Fingerprint) {
  const pixels = unscaledCellSize ?? cellSize[1];
  const scale = factorFor(pixels);
  if (cellSizeMicrons === null || mpp === null)
    return { mpp: null, scale, factor: scale, cells: `cells of ${pixels} pixels become ${inWords(pixels * scale)}` };
  const [, microns] = cellSizeMicrons;
  const typical = Math.sqrt(mpp[0] * mpp[1]); // microns per pixel of a training image
  const resolution = Number((typical / factorFor(microns / typical)).toPrecision(3));
  const cells = `cells of ${microns} µm become ${inWords(microns / resolution)} pixels`;
  return { mpp: resolution, scale, factor: typical / resolution, cells };
}

/** A window of 20 large cells, within limits; no larger than the largest image. */
function windowFor({ cellSize, longestSide }: Fingerprint, factor: number, machine: PlanMachine): number {
  const wanted = Math.ceil((20 * cellSize[2] * factor) / coarsestStride) * coarsestStride;
  const longest = Math.ceil(scaledSides({ width: longestSide, height: longestSide }, factor).width / 32) * 32;
  const usual = Math.min(Math.max(LEAST_WINDOW, Math.min(MOST_WINDOW, wanted)), Math.max(coarsestStride, longest));
  return isQuick(machine) ? Math.min(QUICK_WINDOW, usual) : usual;
}

const resolution: Rule = (facts, machine) => {
  const { mpp, scale, factor, cells } = workingResolution(facts);
  const window = windowFor(facts, factor, machine);
  const unscaled = facts.images - facts.scaled;
  const unknown = `microns per pixel of ${unscaled} of ${facts.images} images unknown`;
  return {
    what: "working resolution",
    chosen: `${mpp === null ? `${scale} network pixels per image pixel` : `${mpp} µm per network pixel`}, windows of ${window}`,
    reason:
      unscaled === 0
        ? cells
        : mpp === null
          ? `${cells}; ${unknown}`
          : `${cells}; ${unknown}: ${scale} network pixels per pixel of those`,
    settings: { detector: { input: { kind: "resolution", window, mpp, scale } } },
  };
};

const backbone: Rule = (_, { device }) => {
  const small = device === "cpu";
  return {
    what: "backbone",
    chosen: small ? "resnet18" : "resnet50",
    reason: small ? "a processor takes long for a larger one" : `${device} has the speed for it`,
    settings: { detector: { backbone: small ? "resnet18" : "resnet50" }, trainableLayers: small ? 3 : 4 },
  };
};

const batch: Rule = (_, machine) => {
  const [quick, onProcessor] = [isQuick(machine), machine.device === "cpu"];
  const images = onProcessor ? (quick ? 2 : 1) : 4;
  const reason = quick
    ? "a window of a first model is small"
    : onProcessor
      ? "a processor takes as long for two windows as for two steps of one"
      : "keeps the card busy";
  return {
    what: "batch",
    chosen: `${images} window${images === 1 ? "" : "s"} a step`,
    reason,
    settings: {
      batch: images,
      lr: 0.01 * Math.sqrt(images),
      warmup: quick ? 20 : 50,
      clipGradient: 10,
      momentum: 0.9,
      weightDecay: 1e-4,
    },
  };
};

const anchors: Rule = ({ cellSize: [small, , large] }) => ({
  what: "anchors",
  chosen: "from the marks",
  reason: `80 % of the marked cells are ${inWords(small)} to ${inWords(large)} pixels wide, at the working resolution what P2 looks for`,
  settings: { anchors: "from-data" },
});

/** Less gives the second stage places that it takes for cells; what this leaves does not depend on the size of a window. */
const LEAST_PROPOSAL = 0.03;

const limits: Rule = (facts, machine) => {
  const window = windowFor(facts, workingResolution(facts).factor, machine);
  const proposals = 2000; // of 1,000 more lie on hidden cells, and scores of sparse labels fall below 0.5
  const rois = isQuick(machine)
    ? { batchSizePerImage: 64, representationSize: 256 }
    : { batchSizePerImage: 256, representationSize: 512 };
  return {
    what: "limits",
    chosen: `${proposals} proposals a window of probability ${LEAST_PROPOSAL} or more, no limit of detections`,
    reason: `a window of ${window} pixels holds fewer cells; detection says when a limit is reached`,
    settings: {
      detector: {
        rpn: {
          scoreThreshold: LEAST_PROPOSAL,
          preNmsTopN: { train: proposals, test: 2 * proposals },
          postNmsTopN: { train: proposals, test: 2 * proposals },
        },
        roi: rois,
        detection: { maxDetections: null },
      },
    },
  };
};

const augmentations: Rule = ({ stainSpread, images }) => ({
  what: "augmentation",
  chosen: "eight symmetries, zoom 0.2, brightness, contrast, gamma, stain at strength 0.5",
  reason: `what earned its place on bone marrow; ${images} images whose mean optical density differs by ${stainSpread}`,
  settings: { augment: true, turns: true, zoom: 0.2, brightness: 0.5, contrast: 0.5, gamma: 0.5, stain: 0.5 },
});

/** Fewer than that many held-out marks mislead more than they tell (docs/how-to/know-when-it-is-good.md). */
const LEAST_HELD_OUT = 50;
const MOST_OF_THE_MARKS = 0.15;

/** The part of the marks that can be spared; 0 where it would be too few. */
function sparedMarks({ marks }: Fingerprint, machine: PlanMachine): number {
  const fraction = Math.min(MOST_OF_THE_MARKS, Math.max(LEAST_HELD_OUT, 0.05 * marks) / Math.max(1, marks));
  return isQuick(machine) || fraction * marks < LEAST_HELD_OUT - 1 ? 0 : Number(fraction.toPrecision(2));
}

const method: Rule = () => ({
  what: "method",
  chosen: "completeness",
  reason: "what nobody marked may be a cell; it counts how many are marked, and sets the scores by it",
  settings: { method: "completeness" },
});

const heldOut: Rule = (facts, machine) => {
  const { marks } = facts;
  const fraction = sparedMarks(facts, machine);
  const enough = fraction > 0;
  return {
    what: "held-out marks",
    chosen: enough ? `${inWords(100 * fraction)} % of the marks` : "none",
    reason: enough
      ? "they choose the weights and the score to recommend"
      : isQuick(machine)
        ? "the search for them would take a part of the time"
        : `${marks} marks are too few to spare ${LEAST_HELD_OUT} of them`,
    settings: { holdOut: fraction, averaging: 0, patience: 0 },
  };
};

export const rules: readonly Rule[] = [resolution, backbone, batch, anchors, limits, augmentations, method, heldOut];

const inWords = (value: number): string => String(Number(value.toPrecision(3)));
