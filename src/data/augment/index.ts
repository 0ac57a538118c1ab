// All augmentations of pixels, in the order in which they are applied, which is that of nature: the section is stained, the lens
// blurs, the camera exposes, the file compresses. A new one is a file and a line here; the contract test finds it.

import { Random } from "../../random.ts";
import type { RgbImage } from "../image-file.ts";
import type { Augmentation } from "./augmentation.ts";
import { blur } from "./blur.ts";
import { brightness } from "./brightness.ts";
import { contrast } from "./contrast.ts";
import { gamma } from "./gamma.ts";
import { jpeg } from "./jpeg.ts";
import { stain } from "./stain.ts";
import { type Curve, toned } from "./tone-table.ts";

export const augmentations: readonly Augmentation[] = [stain, blur, brightness, contrast, gamma, jpeg];

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

/** The image after `changes`, whatever their order; unchanged, the image itself. */
export async function augmented(image: RgbImage, changes: readonly NamedChange[]): Promise<RgbImage> {
  const unknown = changes.find(({ name }) => !augmentations.some((augmentation) => augmentation.name === name));
  if (unknown) throw new Error(`unknown augmentation "${unknown.name}"`);
  let result = image;
  let curves: Curve[] = []; // not yet applied to it
  for (const augmentation of augmentations) {
    for (const { change } of changes.filter(({ name }) => name === augmentation.name)) {
      if ("curve" in augmentation) curves.push((mean) => augmentation.curve(change, mean));
      else {
        result = await augmentation.apply(tonedBy(curves, result), change);
        curves = [];
      }
    }
  }
  return tonedBy(curves, result);
}

const tonedBy = (curves: readonly Curve[], image: RgbImage): RgbImage => (curves.length === 0 ? image : toned(image, curves));
