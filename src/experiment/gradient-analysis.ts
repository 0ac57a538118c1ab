// The gradient analysis of trained runs, one after another: model → test loss → mean gradient of every layer.

import type { Device } from "@sparsecell/torch";
import { layerGradients, type TestLoss } from "../analysis/layer-gradients.ts";
import { testBatches } from "../analysis/test-batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { DivergedError } from "../detector/diverged-error.ts";
import { loadDetector } from "../detector/weights.ts";
import { UserError } from "../errors.ts";
import type { GradientRun } from "../runs/gradients.ts";
import type { AnalysedRun } from "./gradient-runs.ts";

/** The same for all runs, so that they see the same of an image. */
export const samplingSeed = 0;

export interface GradientAnalysisOptions {
  readonly dataset: Dataset;
  readonly loss: TestLoss;
  readonly device: Device;
  /** After every image of every run. */
  readonly onImage: (done: number) => void;
}

/** In float32. Throws a UserError when a model or an image cannot be read, and when a model gives no finite gradients. */
export async function analyseGradients(
  runs: readonly AnalysedRun[],
  { dataset, loss, device, onImage }: GradientAnalysisOptions,
): Promise<GradientRun[]> {
  const analysed: GradientRun[] = [];
  let earlier = 0;
  for (const { modelFile, images, ...run } of runs) {
    const detector = loadDetector(modelFile, { seed: 0, device, dtype: "float32" });
    try {
      const layers = await layerGradients(detector, testBatches(dataset, images, detector.config.input), {
        loss,
        seed: samplingSeed,
        onImage: (done) => onImage(earlier + done),
      });
      analysed.push({ ...run, images: images.map(({ fileName }) => fileName), layers });
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      throw new UserError(`${run.run}: ${error.message}: its training has diverged; leave it out, or train it again`);
    } finally {
      detector.release();
    }
    earlier += images.length;
  }
  return analysed;
}
