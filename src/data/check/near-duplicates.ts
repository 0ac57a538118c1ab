// Two boxes that are almost one: a cell that was marked twice.

import { iou } from "../../geometry/box.ts";
import { diameter, neighbours, short } from "./measures.ts";
import { at, type Check, type Oddity } from "./subject.ts";

const MOST_OVERLAP = 0.9;

export const nearDuplicates: Check = {
  title: `near-duplicates: two boxes whose intersection over union is above ${MOST_OVERLAP}`,
  find: ({ images }) =>
    images.flatMap((image) => {
      const largest = image.marks.reduce((most, { box }) => Math.max(most, diameter(box)), 0);
      const found: Oddity[] = [];
      for (const [a, b] of neighbours(image.marks, largest / 5)) {
        const overlap = iou(a.box, b.box);
        if (overlap <= MOST_OVERLAP || a.box.every((value, i) => Math.abs(value - b.box[i]) < 0.0005)) continue;
        found.push(at(b, `${b.label} on "${image.name}" overlaps another ${a.label} by ${short(overlap)}`));
      }
      return found;
    }),
};
