// Which images there are at the path that was opened, and what is known of each without its pixels.

import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Id, ImageFacts } from "../api.ts";
import {
  annotationsPath,
  type Dataset,
  type DatasetImage,
  findImagesAndSlides,
  imagePath,
  isSlide,
  openSlide,
  type PixelChoice,
  readDataset,
  reason,
  UserError,
} from "../sparsecell.ts";
import { levelsOf, TILE } from "./levels.ts";

/** What the project keeps of an image. */
export interface StoredImage extends Omit<ImageFacts, "problem"> {
  /** Of its file when its facts were read. */
  readonly bytes: number;
  readonly mtimeMs: number;
  /** How its pixels are read, where its dataset says it. */
  readonly pixels?: PixelChoice;
}

export type Kind = "dataset" | "folder" | "file";

/** An image that is there. */
export interface FoundImage {
  readonly name: string;
  readonly file: string;
  readonly entry?: DatasetImage;
}

export interface Found {
  readonly kind: Kind;
  readonly images: readonly FoundImage[];
  readonly dataset: Dataset | null;
}

/** Throws a UserError when nothing is there that can be opened. */
export function imagesAt(path: string): Found {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) throw new UserError(`${path}: no such file or folder; check the path`);
  if (!status.isDirectory()) return { kind: "file", images: [{ name: basename(path), file: path }], dataset: null };
  if (statSync(annotationsPath(path), { throwIfNoEntry: false })?.isFile()) {
    const dataset = readDataset(path);
    const images = dataset.images.map((entry) => ({ name: entry.fileName, file: imagePath(path, entry), entry }));
    return { kind: "dataset", images, dataset };
  }
  const images = findImagesAndSlides(path).map((name) => ({ name, file: join(path, name) }));
  if (images.length === 0)
    throw new UserError(`${path}: has no images and no slides; pass a folder of PNG, JPEG or TIFF files or slides, or a dataset`);
  return { kind: "folder", images, dataset: null };
}

/** The same for the same name, so that a folder that was moved keeps its marks. */
export const imageId = (name: string): Id => `i${createHash("sha256").update(name).digest("hex").slice(0, 15)}`;

/** Reads the header. Throws a UserError when it is damaged or its pixels leave open how they are read. */
export async function storedImage({ name, file, entry }: FoundImage): Promise<StoredImage> {
  const { size: bytes, mtimeMs } = statusOf(file);
  const slide = await openSlide(file, { pixels: entry?.pixels });
  try {
    const sides = entry ?? { width: slide.width, height: slide.height };
    if (sides.width !== slide.width || sides.height !== slide.height)
      throw new UserError(
        `${file}: has ${slide.width}×${slide.height} pixels, but its dataset says ${sides.width}×${sides.height}; restore the annotated image`,
      );
    return {
      id: imageId(name),
      name,
      width: sides.width,
      height: sides.height,
      mpp: entry?.mpp ?? slide.mpp?.x ?? null,
      slide: isSlide(file),
      group: entry?.group ?? withoutExtension(name),
      state: entry?.split === "test" ? "test" : "untouched",
      tileSize: TILE,
      levels: levelsOf(sides),
      bytes,
      mtimeMs,
      ...(entry?.pixels && { pixels: entry.pixels }),
    };
  } finally {
    slide.close();
  }
}

export function statusOf(file: string) {
  try {
    return statSync(file);
  } catch (error) {
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
}

/** What is wrong with an image, for people, who know it by its name: without its name in front, and without its place on the disk. */
export function problemWith({ name, file }: Pick<FoundImage, "name" | "file">, error: unknown): string {
  const why = reason(error).replaceAll(file, name);
  return why.startsWith(`${name}: `) ? why.slice(name.length + 2) : why;
}

const withoutExtension = (name: string): string => join(dirname(name), basename(name).replace(/(?<=.)\.[^.]*$/, ""));
