// A dataset in numbers: counts, sparsity, sizes, density. Sizes and distances are in pixels.

import { printable } from "../errors.ts";
import { centre, height, width } from "../geometry/box.ts";
import type { RegionKind } from "../geometry/region.ts";
import { type Annotation, cellsOf, type Dataset, imagesOf, type Split } from "./dataset.ts";
import { choiceLines } from "./pixel-choice.ts";

export interface DatasetInfo {
  readonly images: number;
  readonly groups: number;
  readonly splits: { readonly [split in Split]: SplitInfo };
  readonly categories: readonly {
    readonly id: number;
    readonly name: string;
    readonly annotations: number;
    readonly hidden: number;
    /** Its annotations are hard negatives, not cells. */
    readonly negative: boolean;
  }[];
  /** On all images together. */
  readonly regions: { readonly [kind in RegionKind]: number };
  /** Most frequent first. */
  readonly imageSizes: readonly { readonly width: number; readonly height: number; readonly images: number }[];
  /** How many images are read how, where that was decided at import: one line each. */
  readonly pixels: readonly string[];
  readonly boxWidth: Quantiles | null;
  readonly boxHeight: Quantiles | null;
  /** From a box's centre to the nearest other centre on its image; null when no image has two boxes. */
  readonly nearestNeighbour: Quantiles | null;
}

/** Counts of cells; hard negatives are counted separately. */
export interface SplitInfo {
  readonly images: number;
  readonly groups: number;
  readonly visible: number;
  readonly hidden: number;
  readonly hardNegatives: number;
  readonly imagesWithoutVisible: number;
  /** Visible cells per image; null without images. */
  readonly visiblePerImage: Quantiles | null;
}

export interface Quantiles {
  readonly min: number;
  readonly p10: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** Box sizes and distances include hidden cells but not hard negatives: they describe the cells, not the annotation. */
export function datasetInfo({ images, annotations, categories }: Dataset): DatasetInfo {
  const cells = cellsOf({ annotations, categories });
  const byImage = new Map<number, Annotation[]>(images.map(({ id }) => [id, []]));
  for (const annotation of cells) byImage.get(annotation.imageId)?.push(annotation);
  const sizes = new Map<string, { width: number; height: number; images: number }>();
  for (const { width, height } of images) {
    const key = `${width}×${height}`;
    const size = sizes.get(key) ?? { width, height, images: 0 };
    size.images++;
    sizes.set(key, size);
  }
  return {
    images: images.length,
    groups: new Set(images.map(({ group }) => group)).size,
    splits: { train: splitInfo("train"), test: splitInfo("test") },
    categories: categories.map(({ id, name, negative = false }) => {
      const ofCategory = annotations.filter(({ categoryId }) => categoryId === id);
      const hidden = ofCategory.filter(({ hidden }) => hidden).length;
      return { id, name, annotations: ofCategory.length, hidden, negative };
    }),
    regions: { complete: regions("complete"), ignore: regions("ignore") },
    imageSizes: [...sizes.values()].sort((a, b) => b.images - a.images),
    pixels: choiceLines(images),
    boxWidth: quantiles(cells.map(({ box }) => width(box))),
    boxHeight: quantiles(cells.map(({ box }) => height(box))),
    nearestNeighbour: quantiles([...byImage.values()].flatMap(nearestDistances)),
  };

  function regions(kind: RegionKind): number {
    return images.reduce((sum, { regions = [] }) => sum + regions.filter((region) => region.kind === kind).length, 0);
  }

  function splitInfo(split: Split): SplitInfo {
    const ofSplit = imagesOf({ images }, split);
    const marked = ofSplit.flatMap(({ id }) => byImage.get(id) ?? []);
    const ids = new Set(ofSplit.map(({ id }) => id));
    const all = annotations.filter(({ imageId }) => ids.has(imageId)).length;
    const visiblePerImage = ofSplit.map(({ id }) => (byImage.get(id) ?? []).filter(({ hidden }) => !hidden).length);
    const visible = marked.filter(({ hidden }) => !hidden).length;
    return {
      images: ofSplit.length,
      groups: new Set(ofSplit.map(({ group }) => group)).size,
      visible,
      hidden: marked.length - visible,
      hardNegatives: all - marked.length,
      imagesWithoutVisible: visiblePerImage.filter((n) => n === 0).length,
      visiblePerImage: quantiles(visiblePerImage),
    };
  }
}

/** The same as lines of text. */
export function datasetInfoText(info: DatasetInfo): string {
  const splits = (["train", "test"] as const).map((name) => {
    const { images, groups, visible, hidden, hardNegatives, imagesWithoutVisible, visiblePerImage } = info.splits[name];
    if (images === 0) return `${name.padEnd(12)}no images`;
    const marks = hidden === 0 ? "" : ` visible and ${hidden} hidden (${percent(visible, visible + hidden)} visible)`;
    const negatives = hardNegatives === 0 ? "" : `, ${counted(hardNegatives, "hard negative")}`;
    const without = imagesWithoutVisible === 0 ? "" : `, ${counted(imagesWithoutVisible, "image")} without any`;
    const perImage = `per image ${range(visiblePerImage)}${without}`;
    return `${name.padEnd(12)}${counted(images, "image")} in ${counted(groups, "group")}, ${counted(visible, "annotation")}${marks}${negatives}; ${perImage}`;
  });
  const categories = info.categories.map(
    ({ name, annotations, hidden, negative }) =>
      `${name} ${annotations}${hidden === 0 ? "" : ` (${hidden} hidden)`}${negative ? " (hard negatives)" : ""}`,
  );
  const { complete, ignore } = info.regions;
  const sizes = info.imageSizes.slice(0, 5).map(({ width, height, images }) => `${width}×${height} (${images})`);
  if (info.imageSizes.length > 5) sizes.push(`${info.imageSizes.length - 5} other sizes`);
  return [
    `images      ${info.images} in ${counted(info.groups, "group")}`,
    ...splits,
    `categories  ${categories.join(", ") || "none"}`,
    ...(complete + ignore === 0 ? [] : [`regions     ${complete} complete, ${ignore} ignored`]),
    `image size  ${sizes.join(", ") || "none"}`,
    ...info.pixels.map((line, i) => `${(i === 0 ? "pixels" : "").padEnd(12)}${line}`),
    `box width   ${range(info.boxWidth)}`,
    `box height  ${range(info.boxHeight)}`,
    `neighbour   ${range(info.nearestNeighbour)} (distance to the nearest other cell)`,
    "",
  ]
    .map(printable)
    .join("\n");
}

function counted(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

function range(values: Quantiles | null): string {
  if (values === null) return "none";
  const [min, median, max] = [values.min, values.median, values.max].map((value) => Number(value.toFixed(1)));
  return `${min} to ${max}, median ${median}`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

/** Linear interpolation between order statistics (R's type 7, NumPy's default). */
function quantiles(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (p: number): number => {
    const position = p * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  };
  return { min: at(0), p10: at(0.1), median: at(0.5), p90: at(0.9), max: at(1) };
}

/** Each box's distance to the nearest other centre; empty for fewer than two boxes. Searches no further along x than needed. */
export function nearestDistances(annotations: readonly Annotation[]): number[] {
  if (annotations.length < 2) return [];
  const centres = annotations.map(({ box }) => centre(box)).sort(([a], [b]) => a - b);
  return centres.map(([x, y], i) => {
    let nearest = Infinity;
    for (let j = i - 1; j >= 0 && x - centres[j][0] < nearest; j--)
      nearest = Math.min(nearest, Math.hypot(x - centres[j][0], y - centres[j][1]));
    for (let j = i + 1; j < centres.length && centres[j][0] - x < nearest; j++)
      nearest = Math.min(nearest, Math.hypot(x - centres[j][0], y - centres[j][1]));
    return nearest;
  });
}
