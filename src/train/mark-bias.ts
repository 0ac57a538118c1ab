// Whether marks are a fair sample of the cells, as the count of completeness takes them to be. People mark what they see first: dark
// cells, large ones, those of one corner. A detector then learns what the marks are like and where they are, its scores and its count
// are wrong, and neither shows it. But what it finds beside the marks does.

import { area, type Box, centre } from "../geometry/box.ts";
import { firstAtLeast } from "../geometry/first-at-least.ts";
import { grouped } from "../grouped.ts";

/** What is found on a training image. */
export interface FoundBesideMarks {
  readonly image: number;
  /** In pixels of the image. */
  readonly box: Box;
  /** By how much its box is darker than what surrounds it, of 255. */
  readonly darkness: number;
  readonly isMarked: boolean;
}

/** Fewer marks, or fewer cells without one, say nothing. */
const FEWEST = 20;
/** Nor do others of which fewer than this part are cells. */
const CELLS_AMONG_OTHERS = 0.5;
/** Standard errors, and by how much a part must differ from what chance makes it, for a difference to be told. */
const [ERRORS, DIFFERENCE] = [4, 0.15];
/** People differ, and so do images; this many times the variance of a draw is more than that. */
const UNEVEN = 15;
const FEWEST_IMAGES = 4;

/**
 * One line for each way in which marked cells differ from the others that are found: darker or paler, larger or smaller, side by
 * side, or on some images alone. None where marks are a fair sample, or where too few cells are found to tell. `hidden`: how many of the others are expected to be
 * cells; where nearly all cells are marked, what else is found is not one.
 *
 * @example
 * for (const line of markBias(found, 4200)) console.log(line); // "the marked cells are darker than the others that are found …"
 */
export function markBias(found: readonly FoundBesideMarks[], hidden: number): string[] {
  const marked = found.filter(({ isMarked }) => isMarked);
  const others = found.filter(({ isMarked }) => !isMarked);
  if (marked.length < FEWEST || others.length < FEWEST || hidden < CELLS_AMONG_OTHERS * others.length) return [];
  const compared = [
    { of: ({ darkness }: FoundBesideMarks) => darkness, more: "darker", fewer: "paler" },
    { of: ({ box }: FoundBesideMarks) => area(box), more: "larger", fewer: "smaller" },
  ].flatMap(({ of, more, fewer }) => {
    const part = partAbove(marked.map(of), others.map(of));
    const error = Math.sqrt((marked.length + others.length + 1) / (12 * marked.length * others.length));
    if (Math.abs(part - 0.5) < Math.max(DIFFERENCE, ERRORS * error)) return [];
    const [word, other] = part > 0.5 ? [more, fewer] : [fewer, more];
    return [
      `the marked cells are ${word} than the others that are found (in ${percent(Math.max(part, 1 - part))} of 100 pairs, by chance in 50), so cells like the others may be missed, and the count of cells is not to be trusted; mark some of the ${other} ones, too`,
    ];
  });
  const images = [...grouped(found, ({ image }) => image).values()];
  return [...compared, ...unevenImages(images), ...sideBySide(images)];
}

/** By how much more the marks of images differ than chance makes them: the variance over that of a draw. */
function unevenImages(images: readonly (readonly FoundBesideMarks[])[]): string[] {
  const counts = images.map((cells) => ({ all: cells.length, marked: cells.filter(({ isMarked }) => isMarked).length }));
  const all = counts.reduce((sum, count) => sum + count.all, 0);
  const part = counts.reduce((sum, { marked }) => sum + marked, 0) / all;
  const spread = counts.reduce((sum, count) => sum + (count.marked - part * count.all) ** 2 / (part * (1 - part) * count.all), 0);
  if (images.length < FEWEST_IMAGES || spread < UNEVEN * (images.length - 1)) return [];
  const most = counts.filter(({ marked, all: cells }) => marked > 0.5 * cells).length;
  return [
    `images are marked unevenly: on ${most} of ${images.length} most of the cells that are found are marked, on all of them ${percent(part)} of 100; the count of cells and the F1 hold at best for all together; where every cell is marked, draw a complete region`,
  ];
}

/** How often a marked cell has a marked one as its nearest, and how often it would if any cell of its image could be the marked one. */
function sideBySide(images: readonly (readonly FoundBesideMarks[])[]): string[] {
  let [marks, observed, expected, variance] = [0, 0, 0, 0];
  for (const cells of images) {
    const marked = cells.filter(({ isMarked }) => isMarked);
    if (marked.length === 0 || cells.length === 1) continue;
    const chance = (marked.length - 1) / (cells.length - 1);
    marks += marked.length;
    observed += marked.filter((cell) => nearestTo(cell, cells)?.isMarked).length;
    expected += marked.length * chance;
    variance += marked.length * chance * (1 - chance);
  }
  if (observed - expected < Math.max(DIFFERENCE * marks, ERRORS * Math.sqrt(variance))) return [];
  return [
    `marks lie side by side: the nearest cell of a marked one is marked in ${percent(observed / marks)} of 100, by chance in ${percent(expected / marks)}; if only a part of an image was looked at, a complete region there and an ignore region over the rest say so for certain`,
  ];
}

function nearestTo(cell: FoundBesideMarks, others: readonly FoundBesideMarks[]): FoundBesideMarks | null {
  const [x, y] = centre(cell.box);
  let [nearest, least]: [FoundBesideMarks | null, number] = [null, Infinity];
  for (const other of others) {
    const [ox, oy] = centre(other.box);
    const distance = Math.hypot(ox - x, oy - y);
    if (other === cell || distance >= least) continue;
    [nearest, least] = [other, distance];
  }
  return nearest;
}

/** The part of all pairs in which the first value is the greater one; half of those that are equal. */
function partAbove(first: readonly number[], second: readonly number[]): number {
  const pairs = first.length * second.length;
  return (pairs + pairsAbove(first, second) - pairsAbove(second, first)) / (2 * pairs);
}

function pairsAbove(first: readonly number[], second: readonly number[]): number {
  const sorted = Float64Array.from(second).sort();
  return first.reduce((sum, value) => sum + firstAtLeast(sorted, value), 0);
}

const percent = (part: number): number => Math.round(100 * part);
