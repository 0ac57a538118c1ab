// What a training sees of its dataset, in short: recorded with the run, so that a resumed run notices a changed dataset and
// prediction knows at which scale the model learned.

import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { type Annotation, cellCategories, type Dataset, type DatasetImage, imagesOf } from "./dataset.ts";
import { imagePath } from "./dataset-folder.ts";
import { median } from "./median.ts";

export interface TrainingFacts {
  /** Training images: names, sizes, sizes of their files, and how they are read. */
  readonly images: Counted;
  /** Annotations on them that are not hidden. */
  readonly annotations: Counted;
  readonly regions: Counted;
  readonly categories: Counted;
  /** Annotations that are not hidden of each class, by its name; runs of earlier versions than 0.6.0 lack it. */
  readonly classes?: Readonly<Record<string, number>>;
  /** The median sides of training images, in pixels, and their median microns per pixel, if known of all. */
  readonly imageSize: TrainingScale;
}

export interface Counted {
  readonly count: number;
  /** Equal for equal content. */
  readonly digest: string;
}

export interface TrainingScale {
  readonly width: number;
  readonly height: number;
  readonly mpp?: number;
}

export function trainingFacts(dataset: Dataset): TrainingFacts {
  const images = imagesOf(dataset, "train");
  const names = new Map(images.map(({ id, fileName }) => [id, fileName]));
  const visible = dataset.annotations.filter(({ imageId, hidden }) => !hidden && names.has(imageId));
  const mpps = images.flatMap(({ mpp }) => mpp ?? []);
  return {
    images: counted(images, (image) => [
      image.fileName,
      image.width,
      image.height,
      bytesOf(dataset.dir, image),
      ...(image.pixels ? [image.pixels] : []),
    ]),
    annotations: counted(visible, ({ imageId, categoryId, box }: Annotation) => [
      names.get(imageId),
      categoryId,
      ...box.map((value) => Math.round(1000 * value)),
    ]),
    regions: counted(
      images.flatMap(({ fileName, regions = [] }) => regions.map((region) => ({ fileName, region }))),
      ({ fileName, region }) => [
        fileName,
        region.kind,
        ...region.rings.map((ring) => ring.map((value) => Math.round(1000 * value))),
      ],
    ),
    categories: counted(dataset.categories, ({ id, name, negative = false }) => [id, name, negative]),
    classes: Object.fromEntries(
      cellCategories(dataset).map(({ id, name }) => [name, visible.filter(({ categoryId }) => categoryId === id).length]),
    ),
    imageSize: {
      width: median(images.map(({ width }) => width)),
      height: median(images.map(({ height }) => height)),
      ...(images.length > 0 && mpps.length === images.length ? { mpp: median(mpps) } : {}),
    },
  };
}

/** What has changed, in words: "annotations (442 before, 450 now)"; empty when nothing has. */
export function changedFacts(before: TrainingFacts, now: TrainingFacts): string[] {
  return (["images", "annotations", "regions", "categories"] as const)
    .filter((part) => before[part].digest !== now[part].digest)
    .map((part) => {
      const [was, is] = [before[part].count, now[part].count];
      return was === is ? `${part} (${is}, but not the same)` : `${part} (${was} before, ${is} now)`;
    });
}

function counted<T>(items: readonly T[], content: (item: T) => readonly unknown[]): Counted {
  const hash = createHash("sha256");
  for (const item of items) hash.update(JSON.stringify(content(item)));
  return { count: items.length, digest: hash.digest("hex").slice(0, 16) };
}

function bytesOf(dir: string, image: DatasetImage): number {
  const file = imagePath(dir, image);
  return existsSync(file) ? statSync(file).size : 0;
}
