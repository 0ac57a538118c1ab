// Boxes without area, and boxes much smaller or larger than the others: fractions of an image taken as pixels, slips of the mouse.

import { diameter, isEmpty, marksOf, median, short, sides } from "./measures.ts";
import { at, type Check } from "./subject.ts";

const FACTOR = 4; // from the median diameter
const LEAST = 2; // pixels: no cell can be recognised

export const boxSizes: Check = {
  title: `boxes without area, smaller than ${LEAST} pixels, or ${FACTOR} times smaller or larger than the median`,
  find: (subject) => {
    const marks = marksOf(subject).map(({ image, mark }) => ({ image, mark, size: diameter(mark.box) }));
    const sizes = marks.flatMap(({ size }) => (size > 0 ? [size] : []));
    if (sizes.length === 0 && marks.length === 0) return [];
    const usual = sizes.length === 0 ? 0 : median(sizes);
    const fractions = usual > 0 && usual < LEAST && marks.every(({ mark }) => mark.box.every((value) => Math.abs(value) <= 1.5));
    return marks
      .filter(({ mark, size }) => isEmpty(mark.box) || size < LEAST || size < usual / FACTOR || size > usual * FACTOR)
      .map(({ image, mark, size }) => {
        const why = isEmpty(mark.box)
          ? "has no area"
          : fractions
            ? "are these fractions of the image?"
            : size < LEAST
              ? "is too small to be a cell"
              : `the median diameter is ${short(usual)}`;
        return at(mark, `${mark.label} of ${sides(mark.box)} pixels on "${image.name}": ${why}`);
      });
  },
};
