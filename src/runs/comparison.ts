// What was measured when detectors are compared, as plain numbers: the input of the answer, of the table and of the page.

import type { Box } from "../geometry/box.ts";

export interface ComparisonReport {
  readonly title: string;
  /** What was compared and how, in short sentences. The answer itself comes from the numbers: `comparisonAnswer`. */
  readonly summary: readonly string[];
  /** Facts of the data: images, annotations kept and hidden … */
  readonly dataset: readonly Fact[];
  /** The images that no training saw, all of them, with complete annotations. */
  readonly heldOut: { readonly images: number; readonly truths: number };
  /** A detection counts as shown from this score on, in [0, 1]. */
  readonly score: number;
  readonly metrics: readonly Metric[];
  readonly methods: readonly ComparedMethod[];
  /** Which parts of `lossCurve` to draw; the first is the sum of the others. */
  readonly losses: readonly { readonly key: string; readonly label: string }[];
  /** Held-out pictures to look at. */
  readonly patches: readonly ComparedPatch[];
  /** What somebody needs to repeat it: seed, versions, machine … */
  readonly settings: readonly Fact[];
  readonly command: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A column of the table; higher is better. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  /** The values are fractions, shown as per cent. */
  readonly percent: boolean;
  /** One sentence for somebody who does not know the measure. */
  readonly help: string;
}

export interface ComparedMethod {
  readonly name: string;
  readonly label: string;
  /** By `Metric.key`; a missing or NaN value is shown as a dash. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Over all held-out images at `score`: annotated cells that were found, and detections that match none. */
  readonly found: number;
  readonly wrong: number;
  /** In the order of `step`. */
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
