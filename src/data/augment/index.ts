// All augmentations of pixels, in the order in which they are applied, which is that of nature: the section is stained, the lens
// blurs, the camera exposes, the file compresses. A new one is a file and a line here; the contract test finds it.

import { Random } from "../../random.ts";
import type { RgbImage } from "../image-file.ts";
import type { Augmentation } from "./augmentation.ts";

export const augmentations: readonly Augmentation[] = [];

/** One change to an image: by the augmentation of this name. */
export interface NamedChange {
  readonly name: string;
  readonly change: unknown;
}

/**
 * Draws what to do to one image. Each augmentation has its own random numbers, so that the strength of one does not change what
 * another draws; one without a strength does nothing.
 *
 * @example
 * const changes = drawChanges({ stain: 0.5, blur: 1 }, new Random(1));
 * const other = await augmented(image, changes);
 */
export function drawChanges(strengths: { readonly [name: string]: number }, random: Random): NamedChange[] {
  return augmentations.flatMap((augmentation) => {
    const { name } = augmentation;
    const change = augmentation.draw(new Random(random.uint32()), strengths[name] ?? 0);
    return change === null ? [] : [{ name, change }];
  });
}

/** The image after `changes`, which are applied in the order of `augmentations`. */
export async function augmented(image: RgbImage, changes: readonly NamedChange[]): Promise<RgbImage> {
  if (changes.length > 0) throw new Error("not yet");
  return image;
}
