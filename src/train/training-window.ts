// What a step sees of an image: all of it, or, under a model with a working resolution, a window of it at that resolution.
//
// A window is placed at random; three in four hold a mark, where the image has any, so that few marks are seen often and background
// is seen, too. A cell that the window's border cuts belongs to the window that holds its centre; of others what is visible is
// ignored: it is neither a cell to find nor background.

import { turnedPoint } from "../data/loader/symmetry.ts";
import type { WindowRequest } from "../data/loader/window-request.ts";
import { type Sides, scaledSides, scaleOf } from "../data/working-resolution.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { type Box, centre, clip } from "../geometry/box.ts";
import { moveRegion, type Region, rectangleRing } from "../geometry/region.ts";
import { fromBoxes, movedBoxes, toBoxes } from "../geometry/rows.ts";
import type { Window } from "../geometry/windows.ts";
import type { Random } from "../random.ts";
import type { Resolution } from "../settings/detector.ts";

/** A rectangle of an image, in its pixels; the size that it gets; and how it is turned then. */
export type TrainingWindow = Pick<WindowRequest, "crop" | "size" | "symmetry">;
type Symmetry = TrainingWindow["symmetry"];

export const upright: Symmetry = { mirrorX: false, mirrorY: false, transpose: false };

/** Before it is turned. */
export type Place = Omit<TrainingWindow, "symmetry">;

/** All of an image, as it is. */
export const wholeImage = ({ width, height }: Sides): Place => ({
  crop: { x: 0, y: 0, width, height },
  size: { width, height },
});

/** Of windows on images with marks, the part that holds one. */
const ON_MARKS = 0.75;

/** A window of an image; where the image is smaller than a window, all of that side. `zoom`: a factor on the working resolution. */
export function windowOf(
  image: Sides & { readonly mpp?: number },
  { boxes, negatives }: KnownCells,
  { input, zoom, random }: { input: Resolution; zoom: number; random: Random },
): Place {
  const factor = scaleOf(input, image) * zoom;
  const side = Math.max(1, Math.round(input.window / factor));
  const [width, height] = [Math.min(side, image.width), Math.min(side, image.height)];
  const scaled = scaledSides({ width, height }, factor);
  const size = {
    width: width === side ? input.window : Math.min(scaled.width, input.window),
    height: height === side ? input.window : Math.min(scaled.height, input.window),
  };
  const marks = [...toBoxes(boxes), ...toBoxes(negatives ?? new Float32Array())];
  const mark = marks.length > 0 && random.uniform() < ON_MARKS ? centre(marks[random.integer(marks.length)]) : null;
  const start = (length: number, part: number, at: number | undefined): number => {
    const [first, last] =
      at === undefined
        ? [0, length - part]
        : [Math.max(0, Math.ceil(at) - part), Math.min(length - part, Math.floor(at))].map((x) => clamp(x, length - part));
    return first + random.integer(last - first + 1);
  };
  const x = start(image.width, width, mark?.[0]);
  const y = start(image.height, height, mark?.[1]);
  return { crop: { x, y, width, height }, size };
}

const clamp = (x: number, most: number): number => Math.min(Math.max(0, x), most);

/** How many windows an image fills: it is seen as often in an epoch. */
export function windowsIn(image: Sides & { readonly mpp?: number }, input: Resolution): number {
  const { width, height } = scaledSides(image, scaleOf(input, image));
  const along = (length: number): number => Math.max(1, Math.round(length / input.window));
  return along(width) * along(height);
}

/** Flips, each with probability ½, and with `turns` the other diagonal, too; cells have no upright. */
export function randomSymmetry(random: Random, turns: boolean): Symmetry {
  const mirrorX = random.uniform() < 0.5;
  const mirrorY = random.uniform() < 0.5;
  return { mirrorX, mirrorY, transpose: turns && random.uniform() < 0.5 };
}

/** What is known of the image, in pixels of the window as the network sees it. */
export function knownInWindow(known: KnownCells, image: Sides, { crop, size, symmetry }: TrainingWindow): KnownCells {
  const inside = crop.width === image.width && crop.height === image.height ? known : cut(known, crop);
  const [sx, sy] = [size.width / crop.width, size.height / crop.height];
  const move = (x: number, y: number): readonly [number, number] =>
    turnedPoint([(x - crop.x) * sx, (y - crop.y) * sy], size, symmetry);
  const moved = (boxes: Float32Array): Float32Array => movedBoxes(boxes, move);
  const { boxes, labels, negatives, regions } = inside;
  return {
    boxes: moved(boxes),
    labels,
    ...(negatives ? { negatives: moved(negatives) } : {}),
    regions: regions?.map((region) => moveRegion(region, move)),
  };
}

function cut({ boxes, labels, negatives, regions }: KnownCells, { x, y, width, height }: Window): KnownCells {
  const visible = ([x1, y1, x2, y2]: Box): Box | null => {
    const part = clip([x1 - x, y1 - y, x2 - x, y2 - y], width, height);
    return part && [part[0] + x, part[1] + y, part[2] + x, part[3] + y];
  };
  const holds = (box: Box): boolean => {
    const [cx, cy] = centre(box);
    return cx >= x && cx < x + width && cy >= y && cy < y + height;
  };
  const all = toBoxes(boxes);
  const kept = all.flatMap((box, k) => (holds(box) ? [k] : []));
  const ignored = all.flatMap((box): Region[] => {
    const part = holds(box) ? null : visible(box);
    return part ? [{ kind: "ignore", rings: [rectangleRing(...part)] }] : [];
  });
  const within = (list: readonly Box[]): Float32Array => fromBoxes(list.flatMap((box) => [visible(box) as Box]));
  const certain = negatives && toBoxes(negatives).filter(holds);
  return {
    boxes: within(kept.map((k) => all[k])),
    labels: Int32Array.from(kept, (k) => labels[k]),
    ...(certain && certain.length > 0 ? { negatives: within(certain) } : {}),
    regions: regions || ignored.length > 0 ? [...(regions ?? []), ...ignored] : undefined,
  };
}
