// Areas of a label mask: pixels of one number that touch, even at a corner. Found row by row from runs of equal numbers, so that
// beside the mask only the areas are in memory.

import type { Labels } from "../../data/labels.ts";
import type { Box } from "../../geometry/box.ts";

export interface Area {
  readonly label: number;
  readonly box: Box;
  readonly pixels: number;
  /** The mean of its pixels' centres. */
  readonly x: number;
  readonly y: number;
}

/** What is known of an area while the rows are read; one that turned out to be part of another points to it. */
interface Growing {
  into: Growing | null;
  readonly label: number;
  x1: number;
  readonly y1: number;
  x2: number;
  y2: number;
  pixels: number;
  sumX: number;
  sumY: number;
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly area: Growing;
}

/** All areas of numbers above 0, from top to bottom; null when there are more than `most`. */
export function findAreas({ width, height, data }: Labels, most: number): Area[] | null {
  const areas: Growing[] = [];
  let joined = 0;
  let above: Run[] = [];
  for (let y = 0; y < height; y++) {
    const runs: Run[] = [];
    let first = 0; // of the runs above that reach this far
    const row = y * width;
    for (let x = 0; x < width; ) {
      const label = data[row + x];
      const start = x;
      while (x < width && data[row + x] === label) x++;
      if (label === 0) continue;
      while (first < above.length && above[first].end < start) first++;
      let area: Growing | null = null;
      for (let i = first; i < above.length && above[i].start <= x; i++) {
        if (above[i].area.label !== label) continue;
        const touched = rootOf(above[i].area);
        if (area === null) area = touched;
        else if (area !== touched) {
          area = join(area, touched);
          joined++;
        }
      }
      if (area === null) {
        area = { into: null, label, x1: start, y1: y, x2: x, y2: y + 1, pixels: 0, sumX: 0, sumY: 0 };
        areas.push(area);
        if (areas.length - joined > most) return null;
      }
      const pixels = x - start;
      area.x1 = Math.min(area.x1, start);
      area.x2 = Math.max(area.x2, x);
      area.y2 = y + 1;
      area.pixels += pixels;
      area.sumX += ((start + x) / 2) * pixels;
      area.sumY += (y + 0.5) * pixels;
      runs.push({ start, end: x, area });
    }
    above = runs;
  }
  return areas
    .filter(({ into }) => into === null)
    .map(({ label, x1, y1, x2, y2, pixels, sumX, sumY }) => {
      return { label, box: [x1, y1, x2, y2], pixels, x: sumX / pixels, y: sumY / pixels };
    });
}

function rootOf(area: Growing): Growing {
  let root = area;
  while (root.into !== null) root = root.into;
  for (let at = area; at.into !== null; ) {
    const next = at.into;
    at.into = root;
    at = next;
  }
  return root;
}

/** The one that began higher takes the other. */
function join(a: Growing, b: Growing): Growing {
  const [into, from] = a.y1 <= b.y1 ? [a, b] : [b, a];
  from.into = into;
  into.x1 = Math.min(into.x1, from.x1);
  into.x2 = Math.max(into.x2, from.x2);
  into.y2 = Math.max(into.y2, from.y2);
  into.pixels += from.pixels;
  into.sumX += from.sumX;
  into.sumY += from.sumY;
  return into;
}
