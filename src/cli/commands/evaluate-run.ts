// What `train` does with a finished model: it detects on the test images, if there are any, and says how good it is on them.

import { join } from "node:path";
import { type Dataset, imagesOf } from "../../data/dataset.ts";
import { UserError } from "../../errors.ts";
import { evaluationFile } from "../../runs/evaluation-file.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { TrainConfig } from "../../settings/training.ts";
import type { StopSignal } from "../terminal/stop-signal.ts";

/**
 * The test split of `--test`, all of its images where it has none; without --test that of the dataset. Throws a UserError when
 * --test has other classes than the run, or training images.
 */
export async function testImages(run: RunFolder, dataset: Dataset, { test, detector }: TrainConfig): Promise<Dataset> {
  if (test === null) return dataset;
  const { readDataset } = await import("../../data/dataset-folder.ts");
  const { requireClasses } = await import("../../runs/run-classes.ts");
  const { sharedImages } = await import("../../data/shared-images.ts");
  const given = readDataset(test);
  requireClasses(run.dir, detector.classes, given);
  const split = imagesOf(given, "test");
  const images = (split.length > 0 ? split : given.images).map((image) => ({ ...image, split: "test" as const }));
  const shared = sharedImages({ dir: dataset.dir, images: imagesOf(dataset, "train") }, { dir: given.dir, images });
  if (shared.length > 0)
    throw new UserError(
      `--test ${test}: ${shared.length} of its images are training images too, for instance ${shared[0].fileName}; pass images that the training does not see`,
    );
  return { ...given, images };
}

/** Thrown to end an evaluation between two images. */
class Stopped extends Error {}

interface EvaluateOptions {
  /** Its test split is complete. */
  readonly dataset: Dataset;
  readonly config: TrainConfig;
  readonly stop: StopSignal;
}

/** To `detections.json` and then `evaluation.json` in the run, and as a table. False when it was stopped. */
export async function evaluateRun(run: RunFolder, { dataset, config, stop }: EvaluateOptions): Promise<boolean> {
  const images = imagesOf(dataset, "test").length;
  if (images === 0) return true;
  if (stop.signal) return false;
  const { writeFileAtomic } = await import("../../files/atomic-write.ts");
  const { detectSplit, writeDetections } = await import("../../detect/dataset-split.ts");
  const { evaluationTable } = await import("../../evaluate/table.ts");
  const { writeModelCard } = await import("../../export/card.ts");
  const { createProgress } = await import("../terminal/progress.ts");
  const progress = createProgress({ label: "evaluate", total: images, unit: "image" });
  const result = await detectSplit({
    dataset,
    split: "test",
    model: run.modelFile,
    device: config.device,
    dtype: config.dtype,
    onImage: (done) => {
      if (stop.signal) throw new Stopped();
      progress.update(done);
    },
    onNote: (line) => progress.log(line),
  }).catch((error) => {
    if (error instanceof Stopped) return null;
    throw error;
  });
  if (result === null) return false;
  progress.finish();
  writeDetections(join(run.dir, "detections.json"), dataset, result);
  writeFileAtomic(evaluationFile(run), `${JSON.stringify(result.evaluation, null, 2)}\n`);
  writeModelCard(run, config.detector);
  console.log(evaluationTable(result.evaluation, new Map(dataset.categories.map(({ id, name }) => [id, name]))));
  return true;
}
