// Boxes without area, and boxes much smaller or larger than the others: fractions of an image taken as pixels, slips of the mouse.

import type { Box } from "../../geometry/box.ts";
import { diameter, isEmpty, marksOf, median, short, sides } from "./measures.ts";
import { at, type Check, type Oddity } from "./subject.ts";

const FACTOR = 4; // from the median diameter
const LEAST = 2; // pixels: no cell can be recognised

export const boxSizes: Check = {
  title: `boxes without area, smaller than ${LEAST} pixels, or ${FACTOR} times smaller or larger than the median`,
  find: (subject) => {
    const sizes: number[] = [];
    let fractions = true;
    for (const { mark } of marksOf(subject)) {
      const size = diameter(mark.box);
      if (size > 0) sizes.push(size);
      fractions &&= mark.box.every((value) => Math.abs(value) <= 1.5);
    }
    const usual = sizes.length === 0 ? 0 : median(sizes);
    const odd: Oddity[] = [];
    for (const { image, mark } of marksOf(subject)) {
      const why = whyOdd(mark.box, { usual, fractions });
      if (why !== null) odd.push(at(mark, `${mark.label} of ${sides(mark.box)} pixels on "${image.name}": ${why}`));
    }
    return odd;
  },
};

function whyOdd(box: Box, { usual, fractions }: { readonly usual: number; readonly fractions: boolean }): string | null {
  const size = diameter(box);
  if (isEmpty(box)) return "has no area";
  if (size < LEAST) return fractions ? "are these fractions of the image?" : "is too small to be a cell";
  return size < usual / FACTOR || size > usual * FACTOR ? `the median diameter is ${short(usual)}` : null;
}
