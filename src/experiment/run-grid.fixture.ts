// A grid whose trainings take a second each, for tests.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { valuesWith } from "../settings/declarations.ts";
import { paperSettings, presetSettings, quickSettings, type TrainSettings } from "../settings/presets.ts";
import type { Protocol } from "./protocol.ts";

export const tinySettings: TrainSettings = valuesWith(presetSettings, {
  ...quickSettings,
  steps: 6,
  warmup: 0,
  dtype: "float32",
  anchors: { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] },
  detector: {
    ...quickSettings.detector,
    input: { kind: "stretch", size: 64 },
    rpn: { postNmsTopN: { train: 100, test: 20 } },
    roi: { batchSizePerImage: 32, representationSize: 8 },
  },
});

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
