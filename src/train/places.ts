// Where a detector is searched with during a training: the windows in which it sees some images, or a fair part of them. Windows
// with marks are preferred, since only they say anything of recall; each window has the weight of those that it stands for.

import type { DatasetImage } from "../data/dataset.ts";
import { type ImageView, usualView } from "../detect/view.ts";
import { type Box, centre } from "../geometry/box.ts";
import type { Core, CoredWindow } from "../geometry/windows.ts";
import { Random } from "../random.ts";
import type { InputSize } from "../settings/detector.ts";

export interface Place extends CoredWindow {
  readonly image: DatasetImage;
  /** All of the image, which is brought to this size before the window is cut. */
  readonly size: ImageView["size"];
  /** How many windows it stands for. */
  readonly weight: number;
}

export interface PlaceOptions {
  readonly input: InputSize;
  /** How much may be searched, in training windows or, where images are seen as a whole, in images. */
  readonly most: number;
  readonly seed: number;
}

/** How many training windows could be searched in the time of a training: a step takes about as long as searching three. */
export const detectionsIn = ({ steps, batch }: { readonly steps: number; readonly batch: number }): number => 3 * batch * steps;

/** The marks that count at each place; `imageId` becomes the number of the place. */
export const marksAt = <M extends { readonly imageId: number; readonly box: Box }>(
  places: readonly Place[],
  marks: readonly M[],
  counts: (image: DatasetImage, box: Box) => boolean,
): M[] =>
  places.flatMap((place, imageId) =>
    marks.filter((mark) => isAt(place, mark) && counts(place.image, mark.box)).map((mark) => ({ ...mark, imageId })),
  );

/** Of windows that are searched, the part with marks, where there are enough of both kinds. */
const WITH_MARKS = 0.75;

/** In the order of the images. */
export function choosePlaces(
  images: readonly DatasetImage[],
  marks: readonly { readonly imageId: number; readonly box: Box }[],
  { input, most, seed }: PlaceOptions,
): Place[] {
  const all = images.flatMap((image) => {
    const { size, windows } = usualView(input, image);
    return windows.map((window): Place => ({ ...window, image, size, weight: 1 }));
  });
  const count = Math.min(all.length, Math.max(1, Math.floor(most / meanCost(all, input))));
  if (count === all.length) return all;
  const marked = new Set(all.filter((place) => marks.some((mark) => isAt(place, mark))));
  const shuffled = new Random(seed, 1, 1).shuffled(all);
  const kinds = [true, false].map((wanted) => shuffled.filter((place) => marked.has(place) === wanted));
  const ofEmpty = Math.min(kinds[1].length, Math.max(count - kinds[0].length, Math.floor(count * (1 - WITH_MARKS))));
  const chosen = new Map(
    kinds.flatMap((kind, i) => {
      const part = kind.slice(0, i === 0 ? count - ofEmpty : ofEmpty);
      return part.map((place) => [place, kind.length / part.length] as const);
    }),
  );
  return all.flatMap((place) => (chosen.has(place) ? { ...place, weight: chosen.get(place) as number } : []));
}

/** Whether the window answers for a box, in pixels of the image. */
export function isAt({ image, size, core }: Place, { imageId, box }: { readonly imageId: number; readonly box: Box }): boolean {
  const [x, y] = centre(box);
  return imageId === image.id && isInCore(core, (x * size.width) / image.width, (y * size.height) / image.height);
}

export const isInCore = ([left, top, right, bottom]: Core, x: number, y: number): boolean =>
  x >= left && x < right && y >= top && y < bottom;

/** From pixels of the image to pixels of the window that is cut from it, resampled. */
export function windowBox({ image, size, window }: Place, [x1, y1, x2, y2]: Box): Box {
  const [fx, fy] = [size.width / image.width, size.height / image.height];
  return [x1 * fx - window.x, y1 * fy - window.y, x2 * fx - window.x, y2 * fy - window.y];
}

function meanCost(places: readonly Place[], input: InputSize): number {
  if (input.kind !== "resolution") return 1;
  return places.reduce((sum, { window }) => sum + window.width * window.height, 0) / places.length / input.window ** 2;
}
