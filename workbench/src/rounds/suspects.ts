// Where marks and model disagree on an image: a cell that was found and is not marked, a mark that the model denies.

import { createHash } from "node:crypto";
import type { Cell, Detection, Id, ImageState, Region, Suspect } from "../api.ts";
import { centre, regionAt } from "../sparsecell.ts";
import { asRings } from "./marked.ts";
import { largestSide, Places } from "./places.ts";

/** An image with what is marked on it and what was found. */
export interface SearchedImage {
  readonly image: Id;
  readonly state: ImageState;
  /** Cells, and places that are not cells. */
  readonly cells: readonly Cell[];
  readonly regions: readonly Region[];
  readonly detections: readonly Detection[];
}

export interface SuspectOptions {
  readonly round: number;
  /** The recommended score. */
  readonly score: number;
  /** Marked cells of which somebody has said that they stay. */
  readonly kept?: ReadonlySet<Id>;
}

/** Detections with a lower score are not asked about: hardly any of them is a cell. */
export const LEAST_SCORE = 0.05;

/**
 * A detection is that of a marked cell from the first IoU on, unless another one fits it better. From the second on it is taken for a
 * second one of the same cell: of 5,553 cells of MBM 5 % lie so near to another. A cell that were asked about twice would be counted twice.
 */
const [SAME, BESIDE] = [0.3, 0.25];

/** Nothing is suspected on test images, which stay as they are, nor missing where all cells are marked. */
export function suspectsOn(searched: SearchedImage, options: SuspectOptions): Suspect[] {
  if (searched.state === "test") return [];
  const { cells, detections } = searched;
  const side = Math.max(largestSide(cells), largestSide(detections));
  const marked = cells.filter(({ classId }) => classId !== null);
  const foundOf = matched(marked, detections, side);
  const suspects = [...denied(searched, marked, foundOf, options)];
  if (searched.state !== "complete") suspects.push(...missing(searched, new Set(foundOf.values()), side, options));
  return suspects;
}

/** Of each marked cell the detection that is its own: from the best score down, each takes the free mark that it overlaps most. */
function matched(marked: readonly Cell[], detections: readonly Detection[], side: number): Map<Cell, Detection> {
  const places = new Places(marked, side);
  const foundOf = new Map<Cell, Detection>();
  for (const detection of byScore(detections)) {
    let [best, most]: [Cell | null, number] = [null, SAME];
    for (const [cell, iou] of places.overlapping(detection.box))
      if (iou >= most && !foundOf.has(cell)) [best, most] = [cell, iou];
    if (best) foundOf.set(best, detection);
  }
  return foundOf;
}

function missing(
  { image, cells, regions, detections }: SearchedImage,
  taken: ReadonlySet<Detection>,
  side: number,
  { round, score }: SuspectOptions,
): Suspect[] {
  const known = new Places<{ readonly box: Cell["box"] }>(cells, side);
  const rings = asRings(regions);
  const suspects: Suspect[] = [];
  for (const detection of byScore(detections)) {
    if (detection.score < LEAST_SCORE) break;
    if (taken.has(detection) || regionAt(rings, ...centre(detection.box)) !== null) continue;
    if ([...known.overlapping(detection.box)].some(([, iou]) => iou >= BESIDE)) continue;
    known.add(detection); // the same place is not asked about twice
    const { box, classId, score: its } = detection;
    const reason =
      its >= score ? `found with a score of ${its.toFixed(2)} and not marked` : `perhaps a cell: score ${its.toFixed(2)}`;
    suspects.push({ id: idOf(round, image, "missing", box), round, kind: "missing", image, box, score: its, classId, reason });
  }
  return suspects;
}

function denied(
  { image, detections }: SearchedImage,
  marked: readonly Cell[],
  foundOf: ReadonlyMap<Cell, Detection>,
  { round, score, kept }: SuspectOptions,
): Suspect[] {
  if (detections.length === 0) return []; // a model that finds nothing denies nothing
  return marked.flatMap((cell): Suspect[] => {
    const its = foundOf.get(cell)?.score ?? 0;
    if (its >= score / 2 || kept?.has(cell.id)) return [];
    const reason = its === 0 ? "marked, and the model finds nothing here" : `marked, but the model's score is ${its.toFixed(2)}`;
    const { box, classId } = cell;
    const id = idOf(round, image, "denied", box);
    return [{ id, round, kind: "denied", image, box, score: its, classId: classId as Id, cell: cell.id, reason }];
  });
}

const byScore = (detections: readonly Detection[]): Detection[] => [...detections].sort((a, b) => b.score - a.score);

/** The same whenever it is asked. */
const idOf = (...parts: readonly (string | number | readonly number[])[]): Id =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 20);
