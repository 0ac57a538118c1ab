// What `data check` looks for in the files of images: their size, whether two are the same, and their colour.

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { seenOn } from "../contrast.ts";
import { type ImageSize, imageSize, readImage } from "../image-file.ts";
import type { PixelChoice } from "../pixel-choice.ts";
import type { Picture, Subject } from "./subject.ts";

export interface PictureOptions {
  /** The folder below which the images' names are. */
  readonly folder: string;
  /** The path below it of an image's file; null when there is none. Default: the image's name. */
  readonly find?: (name: string) => string | null;
  /** The size of a slide, of which nothing else is checked; null for an image. */
  readonly slideSize?: (file: string) => Promise<ImageSize | null>;
  /** Decode every image for its mean colour. */
  readonly pixels: boolean;
  readonly onImage?: (done: number, total: number) => void;
}

/** The subject with what is known of its images' files. */
export async function withPictures(subject: Subject, options: PictureOptions): Promise<Subject> {
  const { folder, find = (name: string) => name, slideSize, pixels, onImage } = options;
  const files = subject.images.map(({ name }) => {
    const path = find(name);
    return path === null ? null : join(folder, path);
  });
  const lengths = files.map((file) => (file === null ? -1 : (statSync(file, { throwIfNoEntry: false })?.size ?? -1)));
  const shared = new Map<number, number>();
  for (const length of lengths) shared.set(length, (shared.get(length) ?? 0) + 1);
  const images = [];
  for (const [i, image] of subject.images.entries()) {
    onImage?.(i + 1, files.length);
    const file = files[i];
    const missing = `"${image.name}" is not in ${folder}`;
    const isThere = file !== null && lengths[i] >= 0;
    const picture = isThere
      ? await pictureOf(file, { choice: image.pixels, slideSize, pixels, hashed: (shared.get(lengths[i]) ?? 0) > 1 })
      : unusable(missing);
    images.push({ ...image, picture, file: image.file, line: 0 });
    Object.defineProperty(images[i], "line", { get: () => image.line, enumerable: true });
  }
  return { ...subject, images };
}

const unusable = (fault: string): Picture => ({ fault, size: null, digest: null, colour: null, contrast: null });

interface Wanted extends Pick<PictureOptions, "slideSize"> {
  readonly choice: PixelChoice | undefined;
  readonly pixels: boolean;
  readonly hashed: boolean;
}

async function pictureOf(file: string, { choice = {}, slideSize, pixels, hashed }: Wanted): Promise<Picture> {
  try {
    const slide = await slideSize?.(file);
    if (slide)
      return { fault: null, size: { width: slide.width, height: slide.height }, digest: null, colour: null, contrast: null };
    const { width, height } = await imageSize(file, choice);
    const digest = hashed ? createHash("sha256").update(readFileSync(file)).digest("hex") : null;
    const seen = pixels ? seenOn(await readImage(file, choice)) : { colour: null, contrast: null };
    return { fault: null, size: { width, height }, digest, ...seen };
  } catch (error) {
    if (error instanceof UserError) return unusable(error.message);
    throw error;
  }
}
