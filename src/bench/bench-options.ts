// What a measurement runs on; its defaults are the size of the paper.

import type { Backbone } from "../settings/detector-config.ts";

export interface BenchOptions {
  readonly backbone: Backbone;
  /** Side of the network's input, pixels. */
  readonly size: number;
  /** Images of a step. */
  readonly batch: number;
  /** Annotated boxes of an image. */
  readonly boxes: number;
  /** Sampled RoIs of an image. */
  readonly rois: number;
  /** Timed repetitions, after two to warm up. */
  readonly steps: number;
  readonly method: string;
  /** Of activations. */
  readonly dtype: "float32" | "bfloat16";
  readonly device: string;
  /** The layout of activations and weights; false: PyTorch's own, channels first. */
  readonly channelsLast: boolean;
}
