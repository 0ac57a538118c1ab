// The batch of a step whose loss or gradient is not finite, for study: a folder with the images as the step saw them (flipped,
// in the size of their files) and batch.json with their boxes, in pixels of those images.

import { rmSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { writeFolderAtomic } from "../files/atomic-folder.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { toBoxes } from "../geometry/rows.ts";
import type { TrainingBatch } from "../procedures/procedure.ts";

export interface NonfiniteBatch extends TrainingBatch {
  readonly step: number;
  readonly seed: number;
  /** What is not finite. */
  readonly what: string;
}

/** Writes `dir`/nonfinite-step-STEP and returns its path. Throws a UserError when there is not enough space. */
export async function saveNonfiniteBatch(
  dir: string,
  { step, seed, what, names, images, known }: NonfiniteBatch,
): Promise<string> {
  const folder = join(dir, `nonfinite-step-${step}`);
  const files = await Promise.all(
    images.map(({ width, height, data }) =>
      sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    ),
  );
  const described = known.map(({ boxes, labels, negatives = new Float32Array(0), regions = [] }, i) => ({
    file: `image-${i + 1}.png`,
    name: names[i],
    boxes: toBoxes(boxes),
    labels: [...labels],
    negatives: toBoxes(negatives),
    regions,
  }));
  rmSync(folder, { recursive: true, force: true }); // of the same step, before it was resumed
  writeFolderAtomic(folder, (beside) => {
    files.forEach((bytes, i) => writeFileAtomic(join(beside, described[i].file), bytes));
    writeFileAtomic(join(beside, "batch.json"), `${JSON.stringify({ step, seed, what, images: described }, null, 1)}\n`);
  });
  return folder;
}
