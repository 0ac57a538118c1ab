// Everything that a training depends on, resolved: what `config.json` in a run folder holds.

import type { DetectorConfig } from "./detector-config.ts";

export interface TrainConfig {
  /** The dataset's folder. */
  readonly data: string;
  /** The calibration's name. */
  readonly method: string;
  readonly steps: number;
  /** Images of a step. */
  readonly batch: number;
  readonly lr: number;
  readonly warmup: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Largest norm of all gradients together; null for no limit. */
  readonly clipGradient: number | null;
  /** Random flips. */
  readonly augment: boolean;
  readonly seed: number;
  /** The file that the weights start from; null for random ones. */
  readonly weights: string | null;
  /** That file may lack layers. */
  readonly partialWeights: boolean;
  /** "cpu", "cuda" or "cuda:1". */
  readonly device: string;
  /** Of activations; weights and losses stay float32. */
  readonly dtype: "float32" | "bfloat16";
  /** The layout of activations and convolutions' weights; false: channels first. */
  readonly channelsLast: boolean;
  readonly threads: number;
  readonly checkpointEvery: number;
  /** How many checkpoints stay. */
  readonly keepCheckpoints: number;
  /** A step whose loss or gradient is not finite ends the training, or is left out. */
  readonly onNonfinite: "stop" | "skip";
  readonly detector: DetectorConfig;
}

/** Of settings that came later than the first runs. */
export const earlierDefaults = {
  channelsLast: true,
  keepCheckpoints: 1,
  onNonfinite: "stop",
} as const satisfies Partial<TrainConfig>;
