// What an export writes, whatever the format: images and their boxes, from a dataset or from detections. source.ts is the
// counterpart for reading.

import type { CocoDetections } from "../data/coco/evaluation-files.ts";
import { type Category, type Dataset, imagesOf, type Split } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import type { Region } from "../geometry/region.ts";

export interface ExportMark {
  /** Of an annotation; a detection has none. */
  readonly id?: number;
  readonly box: Box;
  readonly label: string;
  /** Only for detections. */
  readonly score?: number;
  /** Hidden by `sparsify`. */
  readonly hidden?: true;
}

export interface ExportImage {
  readonly id: number;
  readonly fileName: string;
  /** Pixels; null when a file of detections does not say. */
  readonly width: number | null;
  readonly height: number | null;
  readonly group?: string;
  readonly split?: Split;
  readonly mpp?: number;
  readonly regions?: readonly Region[];
  readonly marks: readonly ExportMark[];
}

export interface ExportSource {
  readonly images: readonly ExportImage[];
  readonly categories: readonly Category[];
}

export interface DatasetExport {
  /** Only the images of this split; default: all. */
  readonly split?: Split;
  /** Include annotations hidden by `sparsify`. */
  readonly hidden: boolean;
}

/** A dataset's images with their annotations. Throws a UserError when the split has no image. */
export function exportOfDataset(dataset: Dataset, { split, hidden }: DatasetExport): ExportSource {
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  const shown = dataset.annotations.filter((annotation) => hidden || !annotation.hidden);
  const marks = byImage(shown, ({ id, box, categoryId, hidden }): ExportMark => {
    return { id, box, label: names.get(categoryId) as string, ...(hidden ? { hidden } : {}) };
  });
  const images = imagesOf(dataset, split).map((image) => ({ ...image, marks: marks.get(image.id) ?? [] }));
  if (images.length === 0) throw new UserError(`${dataset.dir}: has no images${split ? ` of the ${split} split` : ""}`);
  return { images, categories: dataset.categories };
}

/**
 * Detections with a score of at least `score`. Throws a UserError when the file lacks images or categories, whose names every
 * format needs.
 */
export function exportOfDetections({ file, images, categories, detections }: CocoDetections, score: number): ExportSource {
  if (images === null || categories === null)
    throw new UserError(
      `${file}: has no ${images === null ? "images" : "categories"}, which an export needs; pass a file written by "npx sparsecell predict"`,
    );
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const marks = byImage(
    detections.filter((detection) => detection.score >= score),
    ({ box, categoryId, score }): ExportMark => ({ box, label: names.get(categoryId) as string, score }),
  );
  return { images: images.map((image) => ({ ...image, marks: marks.get(image.id) ?? [] })), categories };
}

function byImage<T extends { readonly imageId: number }>(
  items: readonly T[],
  mark: (item: T) => ExportMark,
): Map<number, ExportMark[]> {
  const marks = new Map<number, ExportMark[]>();
  for (const item of items) {
    const ofImage = marks.get(item.imageId);
    if (ofImage === undefined) marks.set(item.imageId, [mark(item)]);
    else ofImage.push(mark(item));
  }
  return marks;
}

/** A score as written to files. */
export const millionths = (score: number): number => Math.round(score * 1e6) / 1e6;
