// Where an annotation of a COCO file lies: its bbox, or, where that is missing or has no size, its outline (polygons or run
// lengths) or its key points.

import type { CocoRow } from "../../data/coco/row.ts";
import { isObject, shown } from "../../files/json/value.ts";
import { area, type Box, iou } from "../../geometry/box.ts";
import { boundsOf } from "../marks.ts";
import { decodeCocoCounts } from "../masks/coco-counts.ts";
import { maskBounds, maskRings, type RunMask, runMask } from "../masks/runs.ts";
import type { Place, UnreadMark } from "../source.ts";

/** The size of the annotation's image, where the file says. */
export interface ImageSides {
  readonly width?: number;
  readonly height?: number;
}

export interface CocoPlaces {
  /** One; or of key points one each; none when there is only `unread`. */
  readonly places: readonly Place[];
  /** Why there is no place, as what cannot be read: an outline, or key points none of which is labelled. */
  readonly unread?: Pick<UnreadMark, "kind" | "place">;
  /** What the place was taken from, if not from the bbox. */
  readonly from?: "outline" | "key points";
  /** The bbox and the bounds of the outline overlap by less than half. */
  readonly disagrees?: Box;
  /** The bbox has the bounds of several key points, as it has when these are cells, each a point. */
  readonly spansPoints?: boolean;
}

/** Throws a UserError with file and line when it has none of bbox, segmentation and key points, and on malformed values. */
export function cellPlaces(row: CocoRow, image: ImageSides): CocoPlaces {
  const box = isGiven(row, "bbox") ? row.corners() : null;
  const hasArea = box !== null && Math.abs(box[2] - box[0]) * Math.abs(box[3] - box[1]) > 0; // swapped corners have one too
  const outline = outlineBounds(row, image, hasArea);
  if (hasArea) {
    const disagrees = outline !== null && typeof outline !== "string" && area(outline) > 0 && iou(box, outline) < 0.5;
    const spansPoints = outline === null && row.has("keypoints") && spans(box, keyPoints(row));
    return {
      places: [{ kind: "box", box }],
      ...(disagrees ? { disagrees: outline } : {}),
      ...(spansPoints ? { spansPoints } : {}),
    };
  }
  const unread = (kind: string): CocoPlaces => {
    const [x, y] = box ?? [0, 0]; // a box of no size at 0, 0 is none
    return { places: [], unread: { kind, ...(x === 0 && y === 0 ? {} : { place: { kind: "point", x, y } }) } };
  };
  if (typeof outline === "string") return unread(outline);
  if (outline !== null && area(outline) > 0) return { places: [{ kind: "box", box: outline }], from: "outline" };
  const points = keyPoints(row);
  if (points.length > 0) return { places: points, from: "key points" };
  if (isGiven(row, "keypoints")) return unread("cell without a labelled key point");
  if (box !== null) return { places: [{ kind: "box", box }] };
  if (outline !== null) return { places: [{ kind: "box", box: outline }] };
  if (row.has("bbox") || row.has("segmentation") || row.has("keypoints")) return unread("cell with an empty place");
  throw row.fault("bbox", "is missing, and so are segmentation and key points; an annotation needs one of them");
}

/** Neither missing nor an empty list, which some tools write for it. */
const isGiven = (row: CocoRow, key: "bbox" | "keypoints"): boolean => {
  const value = row.fields[key];
  return row.has(key) && !(Array.isArray(value) && value.length === 0);
};

/** The place of a region: its outline, or its bbox if it has none that can be read. Null when it has neither. */
export function regionPlace(row: CocoRow, image: ImageSides): Place | null {
  const rings = polygons(row);
  if (rings !== null && rings.length > 0) return { kind: "outline", rings };
  const mask = rings === null ? maskOf(row, image) : null;
  if (mask !== null && maskBounds(mask) !== null) return { kind: "outline", rings: maskRings(mask) };
  if (isGiven(row, "bbox") || !row.has("segmentation")) return { kind: "box", box: row.corners() };
  return null;
}

/** Null without an outline, a text when it cannot be read. With a bbox it is only compared with that, so anything goes. */
function outlineBounds(row: CocoRow, image: ImageSides, lenient: boolean): Box | string | null {
  if (!row.has("segmentation")) return null;
  const { segmentation } = row.fields;
  if (Array.isArray(segmentation)) {
    if (lenient && !isRings(segmentation)) return null;
    const rings = polygons(row) as number[][];
    return rings.length === 0 ? null : boundsOf({ kind: "outline", rings }, 0);
  }
  const mask = maskOf(row, image);
  return mask === null ? unreadMask(row, image) : (maskBounds(mask) ?? "mask without a pixel");
}

/** What run lengths are that cannot be read: with both sizes where they are of another size than their image. */
export function unreadMask(row: CocoRow, { width, height }: ImageSides): string {
  const { segmentation } = row.fields;
  const [rows, columns] = isObject(segmentation) && Array.isArray(segmentation.size) ? segmentation.size : [];
  const areSides = [rows, columns].every((side) => Number.isSafeInteger(side) && side > 0);
  if (!areSides || ((width ?? columns) === columns && (height ?? rows) === rows)) return "run lengths";
  return `run lengths of ${columns}×${rows} pixels for an image of ${width ?? columns}×${height ?? rows}`;
}

/** `segmentation` as a list of rings [x0, y0, x1, y1, …]; a single ring may stand without its list. Null for run lengths. */
function polygons(row: CocoRow): number[][] | null {
  const { segmentation } = row.fields;
  if (!row.has("segmentation")) return [];
  if (!Array.isArray(segmentation)) return null;
  if (isRing(segmentation) && segmentation.length > 0) return [segmentation];
  segmentation.forEach((ring, i) => {
    if (!isRing(ring))
      throw row.fault(["segmentation", i], `expected [x0, y0, x1, y1, …], finite numbers of pixels, got ${shown(ring)}`);
  });
  return (segmentation as number[][]).filter((ring) => ring.length > 0);
}

const isRings = (value: readonly unknown[]): boolean => isRing(value) || value.every(isRing);

function isRing(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length % 2 === 1) return false;
  for (const part of value) if (!(typeof part === "number" && Math.abs(part) < 1e9)) return false;
  return true;
}

/** `segmentation` as run lengths, {size: [height, width], counts}; null when they cannot be read or are of another size. */
function maskOf(row: CocoRow, image: ImageSides): RunMask | null {
  const { segmentation } = row.fields;
  if (!isObject(segmentation) || !Array.isArray(segmentation.size)) return null;
  const [height, width] = segmentation.size;
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0)) return null;
  if ((image.width ?? width) !== width || (image.height ?? height) !== height) return null;
  const { counts } = segmentation;
  const list = typeof counts === "string" ? decodeCocoCounts(counts) : Array.isArray(counts) ? counts : null;
  return list && runMask(list, { width, height, lines: "columns" });
}

function spans(box: Box, points: readonly Place[]): boolean {
  if (points.length < 2) return false;
  const rings = [points.flatMap((point) => (point.kind === "point" ? [point.x, point.y] : []))];
  return boundsOf({ kind: "outline", rings }, 0).every((side, i) => Math.abs(side - box[i]) < 0.01);
}

/** `keypoints` [x, y, v, …] that are labelled: v is 1 (hidden by something) or 2 (visible), not 0. */
function keyPoints(row: CocoRow): Place[] {
  const { keypoints } = row.fields;
  if (!Array.isArray(keypoints)) return [];
  if (keypoints.length % 3 !== 0 || !keypoints.every((part) => typeof part === "number" && Math.abs(part) < 1e9))
    throw row.fault("keypoints", `expected [x, y, visibility, …], finite numbers, got ${shown(keypoints)}`);
  const points: Place[] = [];
  for (let i = 0; i < keypoints.length; i += 3)
    if (keypoints[i + 2] > 0) points.push({ kind: "point", x: keypoints[i], y: keypoints[i + 1] });
  return points;
}
