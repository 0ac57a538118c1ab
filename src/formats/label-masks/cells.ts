// The cells of a label mask: a number is a cell. Its areas belong together when they lie close to each other (nearby.ts); areas
// that lie apart are cells of their own, except specks beside a much larger one.

import type { Labels } from "../../data/labels.ts";
import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { groupNearby } from "../../geometry/nearby.ts";
import { type Area, findAreas } from "./areas.ts";

export interface MaskCells {
  /** By number, then from top to bottom. */
  readonly cells: readonly Area[];
  /** Numbers that are in several places, each of which became a cell. */
  readonly split: number;
  /** Areas left out: far smaller than, and apart from, the rest of their number. */
  readonly specks: number;
  /** White in several places beside other numbers: pixels that no one has labelled, as the rings around the cells of some masks. */
  readonly unlabelled: number | null;
  /** White that is one cell, though the next smaller number is far away: it may mean unlabelled pixels. */
  readonly doubtful: number | null;
}

const MOST_AREAS = 2_000_000;
const SPECK = 1 / 20; // of the pixels of the largest part
const SMALL = 4; // pixels: noise, not a cell
const MANY = 1000; // areas, of which most are small: a picture
const SPARE = 6; // places beyond two for each number: classes, not cells

/**
 * The cells of `labels`. Throws a UserError that names the file when it is a picture (most of its areas are few pixels) or a mask
 * of classes or foreground (its numbers are in many places), in which cells that touch could not be told apart, and when another
 * number than 0 is the background.
 */
export function maskCells(file: string, labels: Labels): MaskCells {
  const areas = findAreas(labels, MOST_AREAS);
  const small = areas?.filter(({ pixels }) => pixels < SMALL).length ?? 0;
  if (areas === null || (areas.length > MANY && small > areas.length / 2))
    throw new UserError(
      `${file}: has ${areas === null ? `more than ${MOST_AREAS}` : areas.length} areas of equal numbers, most of a few pixels; it is a picture, not labels; pass the masks`,
    );
  const byLabel = new Map<number, Area[]>();
  for (const area of areas) {
    const same = byLabel.get(area.label);
    if (same === undefined) byLabel.set(area.label, [area]);
    else same.push(area);
  }
  const numbers = byLabel.size;
  if (areas.length > MANY + 50 * numbers) throw classes(file, numbers, areas.length);
  const cells: Area[] = [];
  let [split, specks] = [0, 0];
  let [unlabelled, doubtful]: (number | null)[] = [null, null];
  let before = 0;
  for (const [, parts] of [...byLabel].sort(([a], [b]) => a - b)) {
    requireForeground(file, labels, parts);
    const places = groupNearby(parts.map(({ box }) => box)).map((group) => union(group.map((i) => parts[i])));
    const least = SPECK * places.reduce((most, { pixels }) => Math.max(most, pixels), 0);
    const kept = places.filter(({ pixels }) => pixels >= least);
    if (numbers > 1 && kept.length > 1 && WHITE.has(parts[0].label)) {
      unlabelled = parts[0].label;
      continue;
    }
    if (before > 0 && before < parts[0].label / 2 && WHITE.has(parts[0].label)) doubtful = parts[0].label;
    before = parts[0].label;
    specks += places.length - kept.length;
    if (kept.length > 1) split++;
    for (const cell of kept) cells.push(cell);
  }
  const isForeground = numbers === 1 && cells.length > 1 && WHITE.has(cells[0].label);
  if (isForeground || cells.length > 2 * numbers + SPARE) throw classes(file, numbers, cells.length);
  return { cells, split, specks, unlabelled, doubtful };
}

/** Throws a UserError on a number that can only be the background: its pixels reach all four borders, or it leaves no 0. */
function requireForeground(file: string, { width, height, data }: Labels, parts: readonly Area[]): void {
  if (Math.max(width, height) <= SMALL) return;
  const all = union(parts);
  const spans = ({ box: [x1, y1, x2, y2] }: Area): boolean => x1 === 0 && y1 === 0 && x2 === width && y2 === height;
  const share = all.pixels / (width * height);
  if (!parts.some(spans) && !(spans(all) && share > 1 / 4) && !(share > 1 / 2 && !data.includes(0))) return;
  throw new UserError(
    `${file}: the number ${all.label} is on ${Math.round(100 * share)} % of the pixels, up to the borders, so it is the background, which must be 0; save the mask with 0 there`,
  );
}

const classes = (file: string, numbers: number, places: number): UserError =>
  new UserError(
    `${file}: its numbers (${numbers}) are in ${places} separate places, so it is a mask of classes or foreground, in which cells that touch are one; give each cell a number of its own`,
  );

/** The only number of a mask of foreground; beside others, what no one has labelled. */
const WHITE: ReadonlySet<number> = new Set([255, 65_535, 4_294_967_295]);

function union(parts: readonly Area[]): Area {
  if (parts.length === 1) return parts[0];
  const pixels = parts.reduce((sum, part) => sum + part.pixels, 0);
  const edge = (side: 0 | 1 | 2 | 3, pick: (a: number, b: number) => number): number =>
    parts.map(({ box }) => box[side]).reduce((a, b) => pick(a, b));
  const box: Box = [edge(0, Math.min), edge(1, Math.min), edge(2, Math.max), edge(3, Math.max)];
  const mean = (of: "x" | "y"): number => parts.reduce((sum, part) => sum + part[of] * part.pixels, 0) / pixels;
  return { label: parts[0].label, box, pixels, x: mean("x"), y: mean("y") };
}
