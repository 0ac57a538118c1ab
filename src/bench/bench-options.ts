// The settings of a measurement; the defaults have the paper's sizes.

import type { Backbone } from "../settings/detector-config.ts";

export interface BenchOptions {
  readonly backbone: Backbone;
  /** Side of the network's input in pixels. */
  readonly size: number;
  /** Images per step. */
  readonly batch: number;
  /** Annotated boxes per image. */
  readonly boxes: number;
  /** Sampled RoIs per image. */
  readonly rois: number;
  /** Timed repetitions, after two warm-up ones. */
  readonly steps: number;
  readonly method: string;
  /** Of activations. */
  readonly dtype: "float32" | "bfloat16";
  readonly device: string;
  /** The layout of activations and weights; false: channels first, PyTorch's default. */
  readonly channelsLast: boolean;
}
