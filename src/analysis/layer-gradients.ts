// Which layers a method trains better: the mean gradient of a test loss for every layer (Li et al. 2021, Eqs (14)–(16)):
//   G_{l,k} = 1/N Σ_i |∂L_i / ∂W_{l,k}|          mean over N images, element by element
//   μ_l     = 1/K Σ_k 1/(d·w·h) Σ G_{l,k}        mean over the K kernels of layer l and their elements
// The absolute value comes first: gradients of two images, or of two elements, must not cancel. After it all means commute, so
// that one image's is a number per layer, and no more than one image's activations and gradients are ever alive.

import { grad, scope, type Tensor } from "@sparsecell/torch";
import type { RgbImage } from "../data/image-file.ts";
import type { Detector, DetectorLosses } from "../detector/detector.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { fpn } from "../methods/fpn.ts";
import { Random } from "../random.ts";
import { type LayerBlock, layersOf } from "./layers.ts";

/** `second-stage`: Eq. (1) alone; `all`: with the first stage's two losses. Neither is calibrated. */
export type TestLoss = "all" | "second-stage";

/** Images to measure gradients on, with their truth. */
export interface TestBatch {
  /** One of each image, which its sampling depends on. */
  readonly ids: readonly number[];
  readonly images: readonly RgbImage[];
  /** All that is true of each image: nothing is hidden from a test. */
  readonly known: readonly KnownCells[];
}

/** The mean gradient of one layer. */
export interface LayerGradient {
  /** From 1 on, in forward order. */
  readonly layer: number;
  /** torchvision's, of the layer's kernels. */
  readonly name: string;
  readonly block: LayerBlock;
  /** μ_l of Eq. (14); 0 for a layer that the loss does not depend on. */
  readonly mean: number;
  /** Of each image, in their order: `mean` is their mean. */
  readonly perImage: readonly number[];
}

/** What `layerGradients` takes beside detector and images. */
export interface LayerGradientOptions {
  /** Default: `all`. */
  readonly loss?: TestLoss;
  /** Seed of the sampling of anchors and RoIs: with the same one, two detectors sample alike, as far as their proposals agree. */
  readonly seed: number;
  /** After every image. */
  readonly onImage?: (done: number) => void;
}

/**
 * μ_l of every layer over the images of all batches, in the detector's dtype. How images are spread over batches makes no
 * difference. Frozen layers have gradients here, too; the detector stays as it is. Throws a RangeError without images, and a
 * DivergedError when a gradient is not finite.
 *
 * @example
 * const batches = [{ ids: [1], images: [await readImage("test.png")], known: [known] }];
 * for (const { name, mean } of await layerGradients(detector, batches, { seed: 1 })) console.log(name, mean);
 */
export async function layerGradients(
  detector: Detector,
  batches: Iterable<TestBatch> | AsyncIterable<TestBatch>,
  { loss = "all", seed, onImage }: LayerGradientOptions,
): Promise<LayerGradient[]> {
  const layers = layersOf(detector);
  const weights = layers.map(({ weight }) => weight);
  const perImage: number[][] = [];
  for await (const { ids, images, known } of batches)
    ids.forEach((id, n) => {
      const random = new Random(seed, id);
      const options = { calibration: fpn(), progress: 0, random: () => random };
      const means = meanAbsoluteGradients(() => lossOf(detector.losses([images[n]], [known[n]], options), loss), weights);
      const diverged = means.findIndex((mean) => !Number.isFinite(mean));
      if (diverged !== -1) throw new DivergedError(`the gradient of ${layers[diverged].name} is not finite`);
      perImage.push(means);
      onImage?.(perImage.length);
    });
  if (perImage.length === 0) throw new RangeError("layerGradients: expected at least one image, got none");
  return layers.map(({ layer, name, block }, l) => {
    const ofLayer = perImage.map((means) => means[l]);
    return { layer, name, block, mean: ofLayer.reduce((sum, value) => sum + value, 0) / ofLayer.length, perImage: ofLayer };
  });
}

function lossOf({ rpnClass, rpnBox, roiClass, roiBox }: DetectorLosses, loss: TestLoss): Tensor {
  const secondStage = roiClass.add(roiBox);
  return loss === "all" ? secondStage.add(rpnClass).add(rpnBox) : secondStage;
}

/**
 * Mean |∂loss/∂weight| over the elements of each weight, which are all kernels of one size; 0 where the loss does not depend
 * on it. `loss` computes a scalar; whether weights require a gradient is afterwards as it was.
 */
export function meanAbsoluteGradients(loss: () => Tensor, weights: readonly Tensor[]): number[] {
  const frozen = weights.filter((weight) => !weight.requiresGrad);
  for (const weight of frozen) weight.requiresGrad = true;
  try {
    return scope(() => grad([loss()], weights).map((gradient) => gradient?.abs().mean().item() ?? 0));
  } finally {
    for (const weight of frozen) weight.requiresGrad = false;
  }
}
