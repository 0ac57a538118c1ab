// A grid whose trainings take a second each, for tests.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paperSettings, quickSettings, type TrainSettings } from "../settings/train-settings.ts";
import type { Protocol } from "./protocol.ts";

const { detector } = quickSettings;

export const tinySettings: TrainSettings = {
  ...quickSettings,
  steps: 6,
  warmup: 0,
  anchors: { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] },
  detector: {
    ...detector,
    input: { kind: "stretch", size: 64 },
    rpn: { ...detector.rpn, postNmsTopN: { train: 100, test: 20 } },
    roi: { ...detector.roi, batchSizePerImage: 32, representationSize: 8 },
  },
};

/** Two folds, two rates and two methods on eight drawn patches of 64 × 64 pixels. */
export function tinyProtocol(change: Partial<Protocol> = {}): Protocol {
  return {
    name: "tiny",
    title: "Tiny",
    paper: "none of the paper",
    data: { kind: "synthetic", tissue: "ki67", images: 8, width: 64, height: 64, boxSize: 16, seed: 1 },
    folds: 2,
    splitSeed: 0,
    keeps: [0.5, 1],
    methods: ["fpn", "constant-weight:weight=1/2"],
    seeds: [0],
    paperDataset: null,
    presets: { paper: paperSettings, quick: tinySettings },
    ...change,
  };
}

/** The protocol as a file of a user's. */
export function writeProtocol(dir: string, name: string, protocol: Protocol): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, name);
  writeFileSync(file, `export const protocol = ${JSON.stringify(protocol)};\n`);
  return file;
}
