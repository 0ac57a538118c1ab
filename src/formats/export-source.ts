// What an export writes, whatever its format: images with the boxes on them, of a dataset or of detections. The formats'
// readers give the same back (import-source.ts).

import type { CocoDetections } from "../data/coco/evaluation-files.ts";
import { type Category, type Dataset, imagesOf, type Split } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import type { Region } from "../geometry/region.ts";

export interface ExportMark {
  readonly box: Box;
  readonly label: string;
  /** Of a detection. */
  readonly score?: number;
  /** Hidden by `sparsify`. */
  readonly hidden?: true;
}

export interface ExportImage {
  readonly fileName: string;
  /** Pixels; null where detections do not say. */
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
  /** Only this split's images; default all. */
  readonly split?: Split;
  /** Also what `sparsify` has hidden. */
  readonly hidden: boolean;
}

/** A dataset's images with their annotations. Throws a UserError when the split has no image. */
export function exportOfDataset(dataset: Dataset, { split, hidden }: DatasetExport): ExportSource {
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  const shown = dataset.annotations.filter((annotation) => hidden || !annotation.hidden);
  const marks = byImage(shown, ({ box, categoryId, hidden }): ExportMark => {
    return { box, label: names.get(categoryId) as string, ...(hidden ? { hidden } : {}) };
  });
  const images = imagesOf(dataset, split).map(({ id, ...image }) => ({ ...image, marks: marks.get(id) ?? [] }));
  if (images.length === 0) throw new UserError(`${dataset.dir}: has no images${split ? ` of the ${split} split` : ""}`);
  return { images, categories: dataset.categories };
}

/**
 * Detections of a score of `score` or more. Throws a UserError when the file does not carry images and categories, whose
 * names every format needs.
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
  return { images: images.map(({ id, ...image }) => ({ ...image, marks: marks.get(id) ?? [] })), categories };
}

function byImage<T extends { readonly imageId: number }>(
  items: readonly T[],
  mark: (item: T) => ExportMark,
): Map<number, ExportMark[]> {
  const marks = new Map<number, ExportMark[]>();
  for (const item of items) {
    const own = marks.get(item.imageId);
    if (own === undefined) marks.set(item.imageId, [mark(item)]);
    else own.push(mark(item));
  }
  return marks;
}

/** A score as it stands in a file. */
export const millionths = (score: number): number => Math.round(score * 1e6) / 1e6;
