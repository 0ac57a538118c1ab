// What is measured when runs are compared: the record behind the table and the page of `compare` and `demo`.

import type { Box } from "../geometry/box.ts";
import type { TrainConfig } from "../settings/training.ts";

export interface Comparison {
  readonly title: string;
  readonly command: string;
  readonly dataset: {
    readonly trainImages: number;
    readonly trainCells: number;
    /** Of the cells on training images, those that training may see. */
    readonly visible: number;
    readonly testImages: number;
    readonly testCells: number;
  };
  /** The images that no training saw, all of them, with complete annotations. */
  readonly heldOut: { readonly images: number; readonly truths: number };
  /** The lowest score of a detection that is shown, in [0, 1]. */
  readonly score: number;
  readonly methods: readonly ComparedMethod[];
  /** Held-out pictures. */
  readonly patches: readonly ComparedPatch[];
  /** Of the first run. */
  readonly config: TrainConfig;
  readonly versions: Readonly<Record<string, string>>;
  readonly machine: { readonly processor: string; readonly cores: number };
}

export interface ComparedMethod {
  readonly name: string;
  readonly label: string;
  /** Fractions by measure (`comparisonMetrics`); a missing or NaN value is shown as a dash. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Over all held-out images at `score`: annotated cells that were found, and detections that match none. */
  readonly found: number;
  readonly wrong: number;
  /** The whole loss and its parts, in the order of `step`. */
  readonly lossCurve: readonly { readonly step: number; readonly [part: string]: number }[];
  readonly secondsPerStep: number;
}

export interface ComparedPatch {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** The bytes of a PNG or JPEG file of `width` × `height` pixels. */
  readonly image: Uint8Array;
  readonly truths: readonly Box[];
  readonly results: readonly PatchResult[];
}

/** One method on one patch, with the detections at `score` or above. */
export interface PatchResult {
  /** A `ComparedMethod.name`. */
  readonly method: string;
  readonly found: readonly ScoredBox[];
  readonly missed: readonly Box[];
  readonly wrong: readonly ScoredBox[];
}

export interface ScoredBox {
  readonly box: Box;
  readonly score: number;
}
