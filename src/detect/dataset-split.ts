// Runs a trained model on one split of a dataset and evaluates its detections against all annotations, including hidden ones.

import type { Device, Dtype } from "@sparsecell/torch";
import { type Detection, writeCocoDetections } from "../data/coco/evaluation-files.ts";
import { cellCategories, type Dataset, type DatasetImage, imagesOf, type Split } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { loadDetector } from "../detector/weights.ts";
import { type Evaluation, evaluationOf } from "../evaluate/evaluation.ts";
import { matched } from "../evaluate/matched.ts";
import { type Measures, measuresOf } from "../evaluate/measures.ts";
import { judged, type TrueCell, truthsOf } from "../evaluate/truths.ts";
import { trainingScale } from "../runs/training-scale.ts";
import { detectionsOf } from "./detections.ts";
import { detectEach } from "./each-image.ts";
import { ViewChooser } from "./view-choice.ts";

export interface SplitResult {
  readonly images: readonly DatasetImage[];
  /** The cells, without hard negatives; those in an `ignore` region have `ignore`. */
  readonly truths: readonly TrueCell[];
  /** All detections of the model, and those outside `ignore` regions, which alone count. */
  readonly detections: readonly Detection[];
  readonly judged: readonly Detection[];
  readonly evaluation: Evaluation;
  readonly measures: Measures;
  /** Images that reached the limit of proposals or of detections. */
  readonly limitedImages: number;
}

export interface SplitOptions {
  readonly dataset: Dataset;
  readonly split: Split;
  /** A model file of this project. */
  readonly model: string;
  readonly device?: Device;
  readonly dtype?: Dtype;
  readonly onImage?: (done: number) => void;
  /** Receives a line of text for the user. */
  readonly onNote?: (line: string) => void;
}

export async function detectSplit({ dataset, split, model, device, dtype, onImage, onNote }: SplitOptions): Promise<SplitResult> {
  const images = imagesOf(dataset, split);
  const categoryIds = cellCategories(dataset).map(({ id }) => id);
  const detector = loadDetector(model, { seed: 0, device, dtype });
  const detections: Detection[] = [];
  let limited = 0;
  try {
    let done = 0;
    const read = (image: DatasetImage) => readDatasetImage(dataset.dir, image);
    const views = new ViewChooser({ choice: "whole", training: trainingScale(model), input: detector.config.input });
    const viewOf = (image: DatasetImage) => views.viewOf(image.fileName, image);
    for await (const found of detectEach(detector, images, read, { viewOf })) {
      if (found.capped || found.proposalsCapped) limited++;
      for (const detection of detectionsOf(found, { imageId: found.source.id, categoryIds })) detections.push(detection);
      onImage?.(++done);
    }
    for (const note of views.notes()) onNote?.(note);
    const { detection, rpn } = detector.config;
    const limits = `${rpn.postNmsTopN.test} first-stage proposals${detection.maxDetections === null ? "" : ` or ${detection.maxDetections} detections`}`;
    if (limited > 0) onNote?.(`${limited} of ${images.length} images reached the limit of ${limits}`);
  } finally {
    detector.release();
  }
  const truths = truthsOf(
    dataset,
    images.map(({ id }) => id),
  );
  const counted = judged(detections, images);
  const matches = matched(truths, counted);
  return {
    images,
    truths,
    detections,
    judged: counted,
    evaluation: evaluationOf(matches, { images: images.length }),
    measures: measuresOf(matches, { images }),
    limitedImages: limited,
  };
}

/** Writes a split's detections as COCO JSON. */
export function writeDetections(file: string, dataset: Dataset, { images, detections }: SplitResult): void {
  writeCocoDetections(file, { images, categories: cellCategories(dataset), detections });
}
