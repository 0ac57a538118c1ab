// What a plan is made from: a dataset's cells, images and marks in numbers.

import { spread } from "../data/choose-images.ts";
import { cellCategories, type Dataset, type DatasetImage, imagesOf, visibleCells } from "../data/dataset.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import { median } from "../data/median.ts";
import { area, centre } from "../geometry/box.ts";
import { regionAt } from "../geometry/region.ts";

/** Of the training split, and of its annotations those that training sees. Sizes in pixels of the images unless they say µm. */
export interface Fingerprint {
  readonly images: number;
  /** Slides or patients. */
  readonly groups: number;
  readonly imagesWithMarks: number;
  /** The median, and the largest of either side. */
  readonly width: number;
  readonly height: number;
  readonly longestSide: number;
  readonly megapixels: number;
  readonly marks: number;
  readonly hardNegatives: number;
  readonly classes: readonly { readonly name: string; readonly marks: number }[];
  /** √area of the marked boxes: 10 %, 50 % and 90 %. */
  readonly cellSize: readonly [small: number, median: number, large: number];
  /** The same in µm, of images that say their microns per pixel; null without marks on any. */
  readonly cellSizeMicrons: readonly [small: number, median: number, large: number] | null;
  /** Marks on the image that has most of them for its size, per million pixels. */
  readonly densest: number;
  /** Images that say their microns per pixel, and the least and greatest of them. */
  readonly scaled: number;
  readonly mpp: readonly [least: number, greatest: number] | null;
  /** √area of marks on images that do not say it: 50 %; null without any. */
  readonly unscaledCellSize: number | null;
  /** Part of the marks in regions that are said to be complete. */
  readonly inComplete: number;
  /** How much the mean optical density of red, green and blue differs between images: the largest standard deviation. */
  readonly stainSpread: number;
}

const IMAGES_LOOKED_AT = 16;

/** Decodes at most 16 training images. Throws a UserError for one that cannot be read. */
export async function fingerprint(dataset: Dataset): Promise<Fingerprint> {
  const images = imagesOf(dataset, "train");
  const byId = new Map(images.map((image) => [image.id, image]));
  const marks = visibleCells(dataset);
  const imageOf = (id: number): DatasetImage => byId.get(id) as DatasetImage;
  const sizes = marks.map(({ box }) => Math.sqrt(area(box)));
  const scaled = images.filter(({ mpp }) => mpp !== undefined);
  const mpps = scaled.map(({ mpp }) => mpp as number);
  const ofScaled = marks.flatMap(({ imageId, box }) => {
    const { mpp } = imageOf(imageId);
    return mpp === undefined ? [] : [Math.sqrt(area(box)) * mpp];
  });
  const ofUnscaled = marks.flatMap(({ imageId, box }) => (imageOf(imageId).mpp === undefined ? [Math.sqrt(area(box))] : []));
  const counts = new Map<number, number>();
  for (const { imageId } of marks) counts.set(imageId, (counts.get(imageId) ?? 0) + 1);
  const megapixels = ({ width, height }: DatasetImage): number => (width * height) / 1e6;
  const complete = marks.filter(({ imageId, box }) => regionAt(imageOf(imageId).regions, ...centre(box)) === "complete");
  const classes = cellCategories(dataset);
  const negatives = new Set(dataset.categories.filter(({ negative }) => negative).map(({ id }) => id));
  return {
    images: images.length,
    groups: new Set(images.map(({ group }) => group)).size,
    imagesWithMarks: counts.size,
    width: median(images.map(({ width }) => width)),
    height: median(images.map(({ height }) => height)),
    longestSide: images.reduce((most, { width, height }) => Math.max(most, width, height), 0),
    megapixels: round(images.reduce((sum, image) => sum + megapixels(image), 0)),
    marks: marks.length,
    hardNegatives: dataset.annotations.filter(({ categoryId, imageId }) => negatives.has(categoryId) && byId.has(imageId)).length,
    classes: classes.map(({ id, name }) => ({ name, marks: marks.filter(({ categoryId }) => categoryId === id).length })),
    cellSize: quantiles(sizes),
    cellSizeMicrons: ofScaled.length === 0 ? null : quantiles(ofScaled),
    densest: round([...counts].reduce((most, [id, count]) => Math.max(most, count / megapixels(imageOf(id))), 0)),
    scaled: scaled.length,
    mpp: mpps.length === 0 ? null : [Math.min(...mpps), Math.max(...mpps)],
    unscaledCellSize: ofUnscaled.length === 0 ? null : round(median(ofUnscaled)),
    inComplete: marks.length === 0 ? 0 : round(complete.length / marks.length),
    stainSpread: await stainSpread(dataset.dir, spread(images, IMAGES_LOOKED_AT)),
  };
}

async function stainSpread(dir: string, images: readonly DatasetImage[]): Promise<number> {
  const means: number[][] = [];
  for (const image of images) {
    const { data } = await readDatasetImage(dir, image);
    const sums = [0, 0, 0];
    const step = 3 * Math.max(1, Math.floor(data.length / 3 / 20_000));
    let count = 0;
    for (let at = 0; at < data.length; at += step, count++)
      for (let c = 0; c < 3; c++) sums[c] += Math.log10(256 / (data[at + c] + 1));
    means.push(sums.map((sum) => sum / count));
  }
  const deviations = [0, 1, 2].map((c) => {
    const mean = means.reduce((sum, each) => sum + each[c], 0) / Math.max(1, means.length);
    return Math.sqrt(means.reduce((sum, each) => sum + (each[c] - mean) ** 2, 0) / Math.max(1, means.length));
  });
  return round(Math.max(...deviations));
}

function quantiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number): number => round(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
  return [at(0.1), at(0.5), at(0.9)];
}

const round = (value: number): number => Number(value.toPrecision(4));
