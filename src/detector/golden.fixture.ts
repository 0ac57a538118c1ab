// torchvision's values for the tests of this folder, and the formulas behind them: weights and images are computed from a
// hash of a name and an index, here and in test/golden/make-golden.py alike.

import { readFileSync } from "node:fs";
import { type Module, Tensor } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import type { Backbone } from "../settings/detector.ts";

export interface GoldenDetector {
  readonly classes: number;
  readonly min_size: number;
  readonly max_size: number;
  readonly images: readonly (readonly [height: number, width: number])[];
  readonly truths: readonly (readonly [boxes: number[][], labels: number[]])[];
  readonly settings: Readonly<
    Record<`rpn_${"pre" | "post"}_nms_top_n_${"train" | "test"}` | "box_detections_per_img", number | undefined>
  >;
  readonly proposals: readonly { readonly count: number; readonly first: number[][] }[];
  readonly detections: readonly { readonly boxes: number[][]; readonly scores: number[]; readonly labels: number[] }[];
  readonly losses: Readonly<Record<"loss_classifier" | "loss_box_reg" | "loss_objectness" | "loss_rpn_box_reg", number>>;
  readonly gradients: Readonly<Record<string, number>>;
}

interface GoldenParts {
  /** Part of every name that is hashed. */
  readonly salt: string;
  /** height, width, min, max → height, width */
  readonly networkSizes: readonly (readonly [number, number, number, number, number, number])[];
  readonly transform: {
    readonly shape: number[];
    readonly sizes: number[][];
    readonly at: number[][];
    readonly values: number[];
  };
  readonly anchors: {
    readonly sizes: number[][];
    readonly aspectRatios: number[];
    readonly imageSize: [number, number];
    readonly levels: [number, number][];
    readonly boxes: number[];
  };
  readonly codec: Readonly<Record<"rpn" | "roi", { readonly encoded: number[]; readonly decoded: number[] }>>;
  readonly nms: { readonly plain: number[]; readonly grouped: number[] };
  readonly matcher: { readonly proposals: number[]; readonly exact: number[] };
  readonly roiAlign: { readonly boxes: number[][][]; readonly values: number[] };
}

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../test/golden/${name}`, import.meta.url), "utf8"));

export const goldenParts = read("parts.json") as GoldenParts;
export const goldenDetectors = read("detector.json") as Record<Extract<Backbone, "resnet18" | "resnet50">, GoldenDetector>;
/** Names and shapes of `fasterrcnn_resnet50_fpn`. */
export const goldenStateDict = read("state-dict.json") as Record<string, number[]>;

/** `count` numbers in [−1, 1). */
export function uniform(name: string, count: number): Float64Array {
  let seed = 2166136261;
  for (const byte of new TextEncoder().encode(`${goldenParts.salt}:${name}`)) seed = Math.imul(seed ^ byte, 16777619);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b9) + seed) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = ((h ^ (h >>> 16)) >>> 8) / 2 ** 23 - 1;
  }
  return values;
}

function weight(name: string, shape: readonly number[]): Float32Array {
  const u = uniform(
    name,
    shape.reduce((product, size) => product * size, 1),
  );
  const [middle, spread] = rangeOf(name, shape);
  return new Float32Array(u.length).map((_, i) => middle + spread * u[i]);
}

function rangeOf(name: string, shape: readonly number[]): [middle: number, spread: number] {
  if (name.endsWith("running_var")) return [1, 0.5];
  if (name.endsWith("running_mean") || name.endsWith("bias")) return [0, 0.1];
  if (shape.length === 1) return [0.6, 0.2];
  const gain = name.includes("backbone.body") ? 1.4 : name.includes("cls_score") ? 2 : 1;
  return [0, gain * Math.sqrt(3 / shape.slice(1).reduce((product, size) => product * size, 1))];
}

/** Gives every tensor of a detector its golden weights. */
export function loadGoldenWeights(detector: Module): void {
  for (const [name, { shape }] of detector.state())
    detector.loadState(new Map([[name, Tensor.from(weight(name, shape), shape)]]), { only: (other) => other === name });
}

export function goldenImage(name: string, height: number, width: number): RgbImage {
  const blocks = [
    [32, 64],
    [8, 40],
    [1, 16],
  ].map(([block, amplitude]) => ({ block, amplitude, noise: uniform(`${name}/${block}`, 64 * 64 * 3) }));
  const data = Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return blocks.reduce((sum, { block, amplitude, noise }) => {
      const at = ((Math.floor(y / block) % 64) * 64 + (Math.floor(x / block) % 64)) * 3 + c;
      return sum + Math.floor(amplitude * noise[at]);
    }, 128);
  });
  return { width, height, data };
}

/** [count, 4] boxes in eighths of a pixel. */
export function goldenBoxes(name: string, count: number, extent: number): Float32Array {
  const u = uniform(name, 4 * count).map((v) => (v + 1) / 2);
  const eighths = (v: number): number => Math.floor(8 * v) / 8;
  return Float32Array.from(u, (_, i) => {
    const corner = eighths(u[i - (i % 4) + (i % 2)] * extent);
    return i % 4 < 2 ? corner : corner + 0.125 + eighths((u[i] * extent) / 4);
  });
}

/** |a − b| where it is largest; infinite when the lists are not of one length. */
export function largestDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return Array.from(actual).reduce((worst, value, i) => {
    const difference = Math.abs(value - expected[i]);
    return difference <= worst ? worst : difference; // NaN is no smaller than anything
  }, 0);
}
