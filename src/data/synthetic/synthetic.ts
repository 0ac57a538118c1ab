// Synthetic pathology with complete truth: every positive cell is known, so that the effect of sparse annotations on a detector
// can be measured. Ki-67 has many positives; mitoses are rare among many look-alikes.
// Everything follows from the seed; image i does not depend on the number of images.

import { UserError } from "../../errors.ts";
import { type Box, clip } from "../../geometry/box.ts";
import { Random } from "../../random.ts";
import { writeCocoDataset } from "../coco/dataset-file.ts";
import type { Annotation, Dataset, DatasetImage } from "../dataset.ts";
import { annotationsPath, imagePath, readDataset, requireNoDataset, writeImage } from "../dataset-folder.ts";
import { paintKi67 } from "./ki67.ts";
import { paintMitosis } from "./mitosis.ts";
import { develop, randomStain, type Stain, type SyntheticKind } from "./stain.ts";

export type { SyntheticKind } from "./stain.ts";

const CATEGORY: { readonly [kind in SyntheticKind]: string } = { ki67: "positive nucleus", mitosis: "mitotic figure" };
const DEFAULT_BOX = 32;

export interface Patch {
  /** [height × width × 3], red first, 0 to 255. */
  readonly rgb: Uint8Array;
  /** Around every positive cell whose centre is in the image, clipped to the image; at least one. */
  readonly boxes: Box[];
}

/**
 * Draws one field of view. `boxSize` is the side of the boxes in pixels and sets the magnification: with the paper's 32, nuclei
 * are 16 to 25 pixels wide. Width and height are 16 pixels or more. `stain` is that of the slide; by default a random one.
 *
 * @example
 * const { rgb, boxes } = synthesizePatch({ kind: "ki67", width: 512, height: 512, random: new Random(1) });
 */
export function synthesizePatch(options: {
  kind: SyntheticKind;
  width: number;
  height: number;
  random: Random;
  stain?: Stain;
  boxSize?: number;
}): Patch {
  const { kind, width, height, random, stain = randomStain(kind, random), boxSize = DEFAULT_BOX } = options;
  const section = { width, height, hematoxylin: new Float32Array(width * height), second: new Float32Array(width * height) };
  const sites = (kind === "ki67" ? paintKi67 : paintMitosis)(section, { scale: boxSize / DEFAULT_BOX, random });
  const half = boxSize / 2;
  const boxes = sites
    .filter(({ x, y }) => x >= 0 && y >= 0 && x < width && y < height)
    .map(({ x, y }) => clip([x - half, y - half, x + half, y + half], width, height))
    .filter((box) => box !== null);
  return { rgb: develop(section, { stain, random }), boxes };
}

/**
 * Writes a dataset of `images` patches to `dir`: PNG files in `images/`, then annotations.json. Every sixteen images come from
 * four slides in turn, four per slide; every fourth slide is in the test split (from two images on, at least one is).
 * `onImage` receives the number of images done. Throws a UserError when a number is out of range, when `dir` already holds a
 * dataset, and when the disk is full.
 *
 * @example
 * await synthesizeDataset({ kind: "ki67", images: 32, width: 256, height: 256, seed: 1, dir: "data/ki67" });
 */
export async function synthesizeDataset(options: {
  kind: SyntheticKind;
  images: number;
  width: number;
  height: number;
  seed: number;
  dir: string;
  boxSize?: number;
  onImage?: (done: number, total: number) => void;
}): Promise<Dataset> {
  const { kind, width, height, seed, dir, boxSize = DEFAULT_BOX, onImage } = options;
  requireWhole("images", options.images, [1, 1_000_000]);
  requireWhole("width", width, [16, 8192]);
  requireWhole("height", height, [16, 8192]);
  requireWhole("box size", boxSize, [8, 256]);
  requireWhole("seed", seed, [0, Number.MAX_SAFE_INTEGER]);
  requireNoDataset(dir);
  const { default: sharp } = await import("sharp"); // its native library is loaded only when images are written
  const images: DatasetImage[] = [];
  const annotations: Annotation[] = [];
  for (let i = 0; i < options.images; i++) {
    const slide = 4 * Math.floor(i / 16) + (i % 4);
    const stain = randomStain(kind, new Random(seed, 2 * slide + 1));
    const { rgb, boxes } = synthesizePatch({ kind, width, height, random: new Random(seed, 2 * i + 2), stain, boxSize });
    const image: DatasetImage = {
      id: i + 1,
      fileName: `${kind}-${number(i + 1)}.png`,
      width,
      height,
      group: `slide-${number(slide + 1)}`,
      split: slide % 4 === 1 ? "test" : "train",
    };
    const pixels = sharp(rgb, { raw: { width, height, channels: 3 } });
    writeImage(imagePath(dir, image), await pixels.png().toBuffer());
    images.push(image);
    for (const box of boxes) {
      annotations.push({ id: annotations.length + 1, imageId: image.id, categoryId: 1, box, hidden: false });
    }
    onImage?.(i + 1, options.images);
  }
  writeCocoDataset(annotationsPath(dir), { dir, images, annotations, categories: [{ id: 1, name: CATEGORY[kind] }] });
  return readDataset(dir); // with coordinates as they are written, so that whoever reads the folder trains on the same
}

const number = (value: number): string => String(value).padStart(4, "0");

function requireWhole(name: string, value: number, [low, high]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new UserError(`synthetic dataset: ${name}: expected a whole number from ${low} to ${high}, got ${value}`);
}
