// For tests: a graph of ONNX run by ONNX Runtime, and what it finds beside what the detector finds.

import type { RawTensor } from "@sparsecell/torch";
import type { InferenceSession } from "onnxruntime-node";
import type { RgbImage } from "../../data/image-file.ts";
import type { Detections } from "../../detector/detections.ts";
import type { Detector } from "../../detector/detector.ts";

/** Null where it has no binaries. */
export const runtime = await import("onnxruntime-node").catch(() => null);

export const weightsOf = (detector: Detector): Map<string, RawTensor> =>
  new Map(
    [...detector.state()].map(([name, tensor]) => [name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.bytes() }]),
  );

export type Found = Omit<Detections, "capped">;

/** An image at the size at which the network sees it. */
export async function runOnnx(session: InferenceSession, { width, height, data }: RgbImage): Promise<Found> {
  const area = width * height;
  const planes = Float32Array.from({ length: 3 * area }, (_, i) => data[3 * (i % area) + Math.floor(i / area)]);
  const { boxes, scores, labels } = await session.run({ image: new runtime!.Tensor("float32", planes, [1, 3, height, width]) });
  return {
    boxes: boxes.data as Float32Array,
    scores: scores.data as Float32Array,
    labels: Int32Array.from(labels.data as BigInt64Array, Number),
  };
}

export interface Disagreement {
  /** Cells of either without one of the other of the same class, within a pixel. */
  readonly lost: number;
  /** The greatest distance between sides of cells that are the same, and between their scores. */
  readonly pixels: number;
  readonly score: number;
}

/** Whatever the order: near equal scores may change places. */
export function disagreement(expected: Found, found: Found): Disagreement {
  const free = new Set(found.scores.keys());
  let [lost, pixels, score] = [0, 0, 0];
  for (const k of expected.scores.keys()) {
    const distanceTo = (i: number): number =>
      expected.labels[k] !== found.labels[i]
        ? Infinity
        : Math.max(...[0, 1, 2, 3].map((side) => Math.abs(expected.boxes[4 * k + side] - found.boxes[4 * i + side])));
    const nearest = [...free].reduce((best, i) => (best === -1 || distanceTo(i) < distanceTo(best) ? i : best), -1);
    if (nearest === -1 || distanceTo(nearest) > 1) {
      lost++;
      continue;
    }
    free.delete(nearest);
    pixels = Math.max(pixels, distanceTo(nearest));
    score = Math.max(score, Math.abs(expected.scores[k] - found.scores[nearest]));
  }
  return { lost: lost + free.size, pixels, score };
}
