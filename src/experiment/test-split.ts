// A finished model on one split of a dataset: its detections, and how good they are against all annotations, hidden ones
// included.

import type { Device, Dtype } from "@sparsecell/torch";
import { type Detection, writeCocoDetections } from "../data/coco-evaluation.ts";
import type { Annotation, Dataset, DatasetImage, Split } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { detectEach } from "../detector/inference.ts";
import { loadDetector } from "../detector/weights.ts";
import { type Evaluation, evaluate } from "../evaluate/evaluation.ts";

export interface SplitResult {
  readonly images: readonly DatasetImage[];
  readonly truths: readonly Annotation[];
  readonly detections: readonly Detection[];
  readonly evaluation: Evaluation;
}

export interface SplitOptions {
  readonly dataset: Dataset;
  readonly split: Split;
  /** A model file of ours. */
  readonly model: string;
  readonly device?: Device;
  readonly dtype?: Dtype;
  readonly onImage?: (done: number) => void;
  /** One line for people. */
  readonly onNote?: (line: string) => void;
}

export async function detectSplit({ dataset, split, model, device, dtype, onImage, onNote }: SplitOptions): Promise<SplitResult> {
  const images = dataset.images.filter((image) => image.split === split);
  const ids = new Set(images.map((image) => image.id));
  const truths = dataset.annotations.filter(({ imageId }) => ids.has(imageId));
  const detector = loadDetector(model, { seed: 0, device, dtype });
  const detections: Detection[] = [];
  let limited = 0;
  try {
    let done = 0;
    for await (const { source, boxes, scores, labels, capped, proposalsCapped } of detectEach(detector, images, (image) =>
      readDatasetImage(dataset.dir, image),
    )) {
      if (capped || proposalsCapped) limited++;
      labels.forEach((label, k) => {
        const [x1, y1, x2, y2] = boxes.subarray(4 * k, 4 * k + 4);
        detections.push({
          imageId: source.id,
          categoryId: dataset.categories[label - 1].id,
          box: [x1, y1, x2, y2],
          score: scores[k],
        });
      });
      onImage?.(++done);
    }
    const { detection, rpn } = detector.config;
    const limits = `${rpn.postNmsTopN.test} first-stage proposals${detection.maxDetections === null ? "" : ` or ${detection.maxDetections} detections`}`;
    if (limited > 0) onNote?.(`${limited} of ${images.length} images reached the limit of ${limits}`);
  } finally {
    detector.release();
  }
  return { images, truths, detections, evaluation: evaluate(truths, detections, { images: images.length }) };
}

/** COCO JSON of a split's detections. */
export function writeDetections(file: string, dataset: Dataset, { images, detections }: SplitResult): void {
  writeCocoDetections(file, { images, categories: dataset.categories, detections });
}
