// Small windows that are looked through as a whole: what the model finds in one is shown, what is wrong is corrected, and one key says
// that every cell in it is marked. All of its detections are then marks, for one click together, and the rest is certain background.

import type { Box, Id, Region, Suspect } from "../api.ts";
import { centre, Random, rectangleRing, ringBounds } from "../sparsecell.ts";

export interface WindowImage {
  readonly image: Id;
  readonly width: number;
  readonly height: number;
  readonly regions: readonly Region[];
}

/** A part of an image of which nothing is known yet, but for single marks. */
export interface TissueWindow {
  readonly image: Id;
  readonly box: Box;
  /** Suspected missing cells whose centre lies in it, the best score first. */
  readonly suspects: readonly Suspect[];
}

/** In which order windows are looked through: the most cells for a click first, the most doubtful ones first, or by chance. */
export const windowOrders = ["likely", "doubtful", "random"] as const;
export type WindowOrder = (typeof windowOrders)[number];
export const usualWindowOrder: WindowOrder = "likely";

export interface WindowOptions {
  /** Pixels; windows are about as wide and high. */
  readonly side: number;
  /** Detections of this score or more are shown. */
  readonly score: number;
  readonly seed: number;
  readonly order?: WindowOrder;
}

/** So many cells side by side: about ten in a window where they lie close. */
const CELLS_ASIDE = 4.5;

/** The side of a window, from the boxes of cells, in pixels. */
export function windowSide(boxes: readonly Box[]): number {
  const sides = boxes.map(([x1, y1, x2, y2]) => Math.max(x2 - x1, y2 - y1)).sort((a, b) => a - b);
  return Math.max(32, CELLS_ASIDE * (sides[sides.length >> 1] ?? 32));
}

/**
 * All windows of the images that touch no region, in the order in which they are looked through: the next best of each image in turn,
 * so that one image does not come first as a whole. They do not overlap.
 *
 * @example
 * const [first] = windowsOf([{ image: "a", width: 600, height: 600, regions: [] }], suspects, { side: 144, score: 0.5, seed: 1 });
 * first.box; // [300, 150, 450, 300]: 600 pixels are four windows
 */
export function windowsOf(
  images: readonly WindowImage[],
  suspects: readonly Suspect[],
  { side, score, seed, order = usualWindowOrder }: WindowOptions,
): TissueWindow[] {
  const random = new Random(seed, 4);
  const byImage = new Map<Id, Suspect[]>();
  for (const suspect of suspects)
    if (suspect.kind === "missing") byImage.set(suspect.image, [...(byImage.get(suspect.image) ?? []), suspect]);
  const ranked = images.map((image) =>
    random
      .shuffled(windowsOn(image, byImage.get(image.image) ?? [], side))
      .map((window) => ({ window, worth: order === "random" ? 0 : worthOf(window, score, order) }))
      .sort((a, b) => b.worth - a.worth)
      .map((each, nth) => ({ ...each, nth, by: random.uniform() })),
  );
  return ranked
    .flat()
    .sort((a, b) => a.nth - b.nth || b.worth - a.worth || a.by - b.by)
    .map(({ window }) => window);
}

function windowsOn({ image, width, height, regions }: WindowImage, suspects: readonly Suspect[], side: number): TissueWindow[] {
  const [columns, rows] = [width, height].map((length) => Math.max(1, Math.round(length / side)));
  const [w, h] = [width / columns, height / rows];
  const known = regions.map(({ ring }) => ringBounds([ring]));
  const inside = new Map<number, Suspect[]>();
  for (const suspect of [...suspects].sort((a, b) => b.score - a.score)) {
    const [x, y] = centre(suspect.box);
    const at = Math.floor(y / h) * columns + Math.floor(x / w);
    inside.set(at, [...(inside.get(at) ?? []), suspect]);
  }
  return Array.from({ length: columns * rows }, (_, at): TissueWindow => {
    const [x, y] = [at % columns, Math.floor(at / columns)];
    return { image, box: [x * w, y * h, (x + 1) * w, (y + 1) * h], suspects: inside.get(at) ?? [] };
  }).filter(({ box }) => known.every(([x1, y1, x2, y2]) => x2 <= box[0] || x1 >= box[2] || y2 <= box[1] || y1 >= box[3]));
}

/** Cells, or doubt, for a click: one click says that it is complete, and one each takes away what is wrong and adds what is missing. */
function worthOf({ suspects }: TissueWindow, shownFrom: number, order: "likely" | "doubtful"): number {
  const clicks = suspects.reduce((sum, { score }) => sum + (score >= shownFrom ? 1 - score : score), 1);
  const taught = suspects.reduce((sum, { score }) => sum + (order === "likely" ? score : score * (1 - score)), 0);
  return taught / clicks;
}

export const shownIn = ({ suspects }: TissueWindow, score: number): readonly Suspect[] =>
  suspects.filter((suspect) => suspect.score >= score);

/** A window that was looked through: its suspects, and which of them are cells. */
export interface LookedThrough {
  readonly suspects: readonly Suspect[];
  readonly cells: ReadonlySet<Suspect>;
  /** Cells that were no suspects, and are marked by now. */
  readonly missed: number;
}

/** What one expects of a score before windows say anything, in suspects of that score. */
const AS_SUPPOSED = 2;

/** The score from which on showing detections needs the fewest clicks in what was looked through; `score` where that says nothing else. */
export function scoreToShow(looked: readonly LookedThrough[], score: number): number {
  const all = looked
    .flatMap(({ suspects, cells }) => suspects.map((suspect) => ({ score: suspect.score, isCell: cells.has(suspect) })))
    .sort((a, b) => b.score - a.score);
  let [best, gain, most] = [score, 0, -Infinity];
  all.forEach(({ score: its, isCell }, i) => {
    gain += isCell ? 1 : -1;
    const bent = gain - AS_SUPPOSED * Math.abs(its - score); // a few windows move it little
    if (all[i + 1]?.score !== its && bent > most) [most, best] = [bent, its];
  });
  return best;
}

/**
 * How many cells lie outside windows that were looked through, unmarked: their scores add up to as many, if they are as right as in
 * these windows. `null`: nothing was looked through.
 */
export function cellsLeft(looked: readonly LookedThrough[], outside: readonly Suspect[]): number | null {
  if (looked.length === 0) return null;
  const sum = (suspects: readonly Suspect[]): number => suspects.reduce((total, { score }) => total + score, 0);
  const cells = looked.reduce((total, { cells, missed }) => total + cells.size + missed, 0);
  const scores = looked.reduce((total, { suspects }) => total + sum(suspects), 0);
  return (sum(outside) * (cells + AS_SUPPOSED)) / (scores + AS_SUPPOSED);
}

/** The outline of a window, as of a complete region. */
export const outlineOf = ({ box }: TissueWindow): number[] => rectangleRing(...box);
