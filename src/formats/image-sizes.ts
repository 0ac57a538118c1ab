// The sizes of the images of an import: from their headers, and of slides from their first level.

import { join } from "node:path";
import { choiceOf, type PixelChoice } from "../data/pixel-choice.ts";
import { UserError } from "../errors.ts";
import { openSlide } from "../slides/open-slide.ts";
import type { SlideFacts } from "../slides/slide.ts";
import { type CheckedImage, checkedImageSize } from "./image.ts";

export interface SizeOptions extends PixelChoice {
  readonly verify?: boolean;
  /** Which of the files are slides. */
  readonly slides: ReadonlySet<string>;
}

const AT_ONCE = 4; // the number of libuv's threads; more would only use memory

/** The images' sizes, in order, or the error that prevented reading one. */
export async function* imageSizes(folder: string, fileNames: readonly string[], { verify, slides, ...options }: SizeOptions) {
  const sizeOf = (fileName: string): Promise<CheckedImage | SlideFacts> => {
    const file = join(folder, fileName);
    return slides.has(fileName) ? slideFacts(file) : checkedImageSize(file, { verify, choice: choiceOf(options) });
  };
  const orError = (error: unknown): UserError => {
    if (error instanceof UserError) return error;
    throw error;
  };
  for (let start = 0; start < fileNames.length; start += AT_ONCE) {
    const next = fileNames.slice(start, start + AT_ONCE);
    const sizes = await Promise.all(next.map((fileName) => sizeOf(fileName).catch(orError)));
    for (const [i, fileName] of next.entries()) yield { fileName, size: sizes[i] };
  }
}

/** What a slide is, without its pixels. */
export async function slideFacts(file: string): Promise<SlideFacts> {
  const slide = await openSlide(file);
  slide.close();
  return slide;
}
