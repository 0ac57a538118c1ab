// The windows of a slide that become training images, and what each has of its marks. A window is a core (slide-cores.ts) with a
// margin, so that a cell at the border of a core is seen whole. What of the margin is the core of another window is ignored in this one:
// nothing is taught or judged twice.

import type { Sides } from "../data/working-resolution.ts";
import { type Box, centre } from "../geometry/box.ts";
import { clipRegion } from "../geometry/clip-region.ts";
import { moveRegion, type Region, rectangleRing, ringBounds } from "../geometry/region.ts";
import type { Window } from "../geometry/windows.ts";
import { SlideCores } from "./slide-cores.ts";

/** Microns: the side of a block of the lattice, how far around a mark is seen, and the margin around a core. */
const [BLOCK, REACH, MARGIN] = [128, 64, 16];

export interface SlideMarks<Cell> {
  readonly boxes: readonly Cell[];
  readonly regions: readonly Region[];
}

export interface SlideWindow<Cell> extends SlideMarks<Cell> {
  readonly window: Window;
  readonly core: Box;
}

/**
 * The windows of a slide of `width` × `height` pixels of `mpp` µm, row by row; marks are in these pixels, those of a window in pixels
 * from its corner. Each cell is in the window whose core holds its centre, which grows around cells larger than the margin; regions are
 * cut at the window's border.
 */
export function slideWindows<Cell extends { readonly box: Box }>(
  slide: Sides,
  { boxes, regions }: SlideMarks<Cell>,
  mpp: number,
): SlideWindow<Cell>[] {
  const [block, reach, margin] = [BLOCK, REACH, MARGIN].map((microns) => Math.max(1, Math.round(microns / mpp)));
  const lattice = new SlideCores(slide, { boxes: boxes.map(({ box }) => box), regions }, { block, reach });
  const cellsOf = lattice.cores.map((): Cell[] => []);
  for (const cell of boxes) cellsOf[lattice.at(...centre(cell.box)) as number].push(cell);
  const extents = regions.map(({ rings }) => ringBounds(rings));
  return lattice.cores.map((core, i) => {
    const window = around(core, margin, cellsOf[i], slide);
    const whole: Box = [window.x, window.y, window.x + window.width, window.y + window.height];
    const others = lattice.in(whole).flatMap((other): Region[] => {
      const ring = rectangleRing(...lattice.cores[other]);
      return other === i ? [] : [{ kind: "ignore", rings: [ring] }];
    });
    return {
      window,
      core,
      boxes: cellsOf[i].map((cell) => ({ ...cell, box: shifted(cell.box, window) })),
      regions: [...regions.filter((_, k) => overlap(extents[k], whole)), ...others].flatMap((region) => {
        const part = clipRegion(region, whole);
        return part === null ? [] : [moveRegion(part, (x, y) => [x - window.x, y - window.y])];
      }),
    };
  });
}

/** The core with its margin and all of its cells, in whole pixels of the slide. */
function around([x1, y1, x2, y2]: Box, margin: number, cells: readonly { readonly box: Box }[], slide: Sides): Window {
  let [left, top, right, bottom] = [x1 - margin, y1 - margin, x2 + margin, y2 + margin];
  for (const { box } of cells) {
    [left, top] = [Math.min(left, Math.floor(box[0])), Math.min(top, Math.floor(box[1]))];
    [right, bottom] = [Math.max(right, Math.ceil(box[2])), Math.max(bottom, Math.ceil(box[3]))];
  }
  [left, top] = [Math.max(0, left), Math.max(0, top)];
  return { x: left, y: top, width: Math.min(slide.width, right) - left, height: Math.min(slide.height, bottom) - top };
}

const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

const shifted = ([x1, y1, x2, y2]: Box, { x, y }: Window): Box => [x1 - x, y1 - y, x2 - x, y2 - y];
