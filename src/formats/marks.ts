// Converts the marks on an image to boxes of cells, clipped to the image, and regions. A point becomes a box of a given size
// around it; the outline of a cell becomes its bounding box.

import type { DatasetImage } from "../data/dataset.ts";
import type { ImageSize } from "../data/image-file.ts";
import { UserError } from "../errors.ts";
import { type Box, centre, clip } from "../geometry/box.ts";
import type { Region } from "../geometry/region.ts";
import { plainLabel } from "./labels.ts";
import { type RegionClasses, regionOfClass, regionOfMark } from "./regions.ts";
import { type Mark, type Place, type SourceId, where } from "./source.ts";

export interface MarkOptions extends RegionClasses {
  /** The side of the box around a point, in pixels. */
  readonly box: number;
  /** Drop and count invalid marks instead of throwing. */
  readonly dropInvalid?: boolean;
}

export interface PlacedBox {
  readonly box: Box;
  readonly label: string | null;
  /** The mark's id in its file. */
  readonly id: SourceId | undefined;
}

export interface MarksOnImage {
  readonly boxes: readonly PlacedBox[];
  readonly regions: readonly Region[];
  /** Boxes that stuck out of the image and were clipped to it. */
  readonly clipped: number;
  /** Boxes whose corners were in the wrong order, and were put in order. */
  readonly swapped: number;
  /** Dropped: same image, place and label as another. */
  readonly duplicate: number;
  /** Dropped: points and centres of boxes outside the image, and regions that do not overlap it. */
  readonly outsideImage: number;
  /** Dropped: boxes and outlines without area. */
  readonly empty: number;
}

/**
 * Places the marks of one image. Throws a UserError with file and line on a malformed region and, unless `dropInvalid`, on a
 * mark outside the image or without area.
 */
export function placeMarks(
  marks: readonly Mark[],
  image: Pick<DatasetImage, "fileName" | "width" | "height">,
  options: MarkOptions,
): MarksOnImage {
  const boxes: PlacedBox[] = [];
  const regions: Region[] = [];
  const counts = { clipped: 0, swapped: 0, duplicate: 0, outsideImage: 0, empty: 0 };
  const seen = new Set<string>();
  for (const mark of marks) {
    const label = plainLabel(mark.label);
    const kind = mark.region ?? regionOfClass(label, options);
    const region = kind === undefined ? null : regionOfMark(mark, kind);
    const whole = boundsOf(mark.place, options.box);
    const box = clip(whole, image.width, image.height);
    const key = JSON.stringify(kind === undefined ? [mark.place, label] : [mark.place, null, kind]);
    if (!(whole[0] < whole[2] && whole[1] < whole[3])) {
      refuse("empty", mark, `the ${mark.place.kind} has no area: ${emptyBox(whole)}`);
    } else if (box === null || (region === null && !holds(image, centreOf(mark.place)))) {
      const what =
        region === null && mark.place.kind === "point" ? "the point" : `the ${region ? "region" : mark.place.kind} around`;
      const [x, y] = centreOf(mark.place);
      const size = `${image.width}×${image.height} pixels`;
      refuse("outsideImage", mark, `${what} (${x}, ${y}) lies outside its image "${image.fileName}" of ${size}`);
    } else if (seen.has(key)) {
      counts.duplicate++;
    } else {
      seen.add(key);
      if (region !== null) regions.push(region);
      else {
        const isClipped = box.some((value, i) => value !== whole[i]);
        if (isClipped) counts.clipped++;
        if (isSwapped(mark.place)) counts.swapped++;
        boxes.push({ box: isClipped ? box : whole, label, id: mark.id });
      }
    }
  }
  return { boxes, regions, ...counts };

  function refuse(count: "outsideImage" | "empty", mark: Mark, fault: string): void {
    if (!options.dropInvalid) throw refusal(`${where(mark)}: ${fault}; correct it`);
    counts[count]++;
  }
}

/** Corners from lower right to upper left, as a mouse can draw them. */
const isSwapped = (place: Place): boolean => place.kind === "box" && (place.box[0] > place.box[2] || place.box[1] > place.box[3]);

/** The box with its upper left corner first. */
function inOrder(box: Box): Box {
  const [x1, y1, x2, y2] = box;
  return x1 > x2 || y1 > y2 ? [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)] : box;
}

function emptyBox([x1, y1, x2, y2]: Box): string {
  return [x1, y1, x2, y2].every(Number.isFinite) ? `it is ${x2 - x1} wide and ${y2 - y1} high` : "it has no points";
}

/** The error for what `dropInvalid` drops. */
export const refusal = (fault: string): UserError => new UserError(`${fault}, or drop invalid items with --drop-invalid`);

/** A point's exact position, not the centre of its box, which is rounded. */
function centreOf(place: Place): readonly [number, number] {
  if (place.kind === "point") return [place.x, place.y];
  return centre(boundsOf(place, 0));
}

/** The box around a place; a point gets a box of the given side. */
export function boundsOf(place: Place, side: number): Box {
  if (place.kind === "box") return inOrder(place.box);
  if (place.kind === "point") return [place.x - side / 2, place.y - side / 2, place.x + side / 2, place.y + side / 2];
  let [x1, y1, x2, y2] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of place.rings) {
    for (let i = 0; i < ring.length; i += 2) {
      [x1, y1, x2, y2] = [Math.min(x1, ring[i]), Math.min(y1, ring[i + 1]), Math.max(x2, ring[i]), Math.max(y2, ring[i + 1])];
    }
  }
  return [x1, y1, x2, y2];
}

function holds({ width, height }: ImageSize, [x, y]: readonly [number, number]): boolean {
  return x >= 0 && x <= width && y >= 0 && y <= height;
}
