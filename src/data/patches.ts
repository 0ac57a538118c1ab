// Cuts large frames into patches with a sliding window. A box cut by the window's border is clipped and kept when enough of it is
// inside; otherwise the visible rest of the cell becomes a region to ignore, because it is neither a cell to learn nor background.

import { UserError } from "../errors.ts";
import { fileStems } from "../files/file-stem.ts";
import { area, type Box, clip } from "../geometry/box.ts";
import { moveRegion, type Region, rectangleRing, ringBounds } from "../geometry/region.ts";
import { slidingWindows, type Window, type WindowSize } from "../geometry/windows.ts";
import { writeCocoDataset } from "./coco/dataset-file.ts";
import type { Annotation, Dataset, DatasetImage } from "./dataset.ts";
import { annotationsPath, imagePath, requireNoDataset, writeImage } from "./dataset-folder.ts";
import { readDatasetImage } from "./dataset-image.ts";

export interface PatchOptions extends WindowSize {
  /** The smallest fraction of a cut box's area that must be inside for it to stay a cell, in (0, 1]. */
  readonly minVisible: number;
}

export interface FramePatch {
  readonly window: Window;
  readonly boxes: readonly Pick<Annotation, "box" | "categoryId" | "hidden">[];
  readonly regions: readonly Region[];
}

/**
 * What a window shows of a frame, in pixels of the patch. Hidden cells and hard negatives that are cut off leave no region:
 * training must not learn of the former, and the latter are background anyway.
 */
export function patchOf(
  { boxes, regions = [] }: { boxes: readonly Annotation[]; regions?: readonly Region[] },
  window: Window,
  { minVisible, negatives }: { minVisible: number; negatives: ReadonlySet<number> },
): FramePatch {
  const kept: FramePatch["boxes"][number][] = [];
  const rests: Region[] = [];
  for (const { box, categoryId, hidden } of boxes) {
    const moved: Box = [box[0] - window.x, box[1] - window.y, box[2] - window.x, box[3] - window.y];
    const inside = clip(moved, window.width, window.height);
    if (inside === null) continue;
    if (area(inside) >= minVisible * area(moved)) kept.push({ box: inside, categoryId, hidden });
    else if (!hidden && !negatives.has(categoryId)) rests.push({ kind: "ignore", rings: [rectangleRing(...inside)] });
  }
  const carried = regions
    .filter((region) => touches(region, window))
    .map((region) => moveRegion(region, (x, y) => [x - window.x, y - window.y]));
  return { window, boxes: kept, regions: [...carried, ...rests] };
}

/**
 * Writes a dataset of the patches of `dataset` to `out`: PNG files named after their frame and place ("a-x512-y0.png"),
 * annotations.json last. Group, split and mpp are the frame's; a cell in overlapping windows is in each of them. Throws a
 * UserError when the overlap is too large, when an image is missing or has the wrong size, when `out` holds a dataset, and when
 * the disk is full.
 */
export async function writePatches(
  dataset: Dataset,
  { out, onImage, ...options }: PatchOptions & { out: string; onImage?: (done: number, total: number) => void },
): Promise<Dataset> {
  const { width, height, overlap, minVisible } = options;
  if (overlap >= Math.min(width, height))
    throw new UserError(`an overlap of ${overlap} pixels is too large for patches of ${width}×${height}; choose a smaller one`);
  requireNoDataset(out);
  const { default: sharp } = await import("sharp"); // its native library is loaded only when images are written
  const negatives = new Set(dataset.categories.filter(({ negative }) => negative).map(({ id }) => id));
  const boxesOf = new Map<number, Annotation[]>(dataset.images.map(({ id }) => [id, []]));
  for (const annotation of dataset.annotations) boxesOf.get(annotation.imageId)?.push(annotation);
  const stems = fileStems(dataset.images.map(({ fileName }) => fileName));
  const images: DatasetImage[] = [];
  const annotations: Annotation[] = [];
  for (const [i, frame] of dataset.images.entries()) {
    const pixels = await readDatasetImage(dataset.dir, frame);
    const content = { boxes: boxesOf.get(frame.id) as Annotation[], regions: frame.regions };
    for (const window of slidingWindows(frame, options)) {
      const { boxes, regions } = patchOf(content, window, { minVisible, negatives });
      const image: DatasetImage = {
        id: images.length + 1,
        fileName: `${stems[i]}-x${window.x}-y${window.y}.png`,
        width: window.width,
        height: window.height,
        group: frame.group,
        split: frame.split,
        ...(frame.mpp === undefined ? {} : { mpp: frame.mpp }),
        ...(regions.length === 0 ? {} : { regions }),
      };
      images.push(image);
      for (const box of boxes) annotations.push({ id: annotations.length + 1, imageId: image.id, ...box });
      const part = sharp(pixels.data, { raw: { width: frame.width, height: frame.height, channels: 3 } });
      const { x: left, y: top, ...size } = window;
      writeImage(
        imagePath(out, image),
        await part
          .extract({ left, top, ...size })
          .png()
          .toBuffer(),
      );
    }
    onImage?.(i + 1, dataset.images.length);
  }
  const patches = { dir: out, images, annotations, categories: dataset.categories };
  writeCocoDataset(annotationsPath(out), patches);
  return patches;
}

/** By the bounds of its rings; a region outside the window may be kept too and does no harm. */
function touches({ rings }: Region, { x, y, width, height }: Window): boolean {
  const [x1, y1, x2, y2] = ringBounds(rings);
  return x1 < x + width && x2 > x && y1 < y + height && y2 > y;
}
