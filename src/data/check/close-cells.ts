// Centres much nearer to each other than a cell is wide.

import { iou } from "../../geometry/box.ts";
import { diameter, distance, neighbours, short } from "./measures.ts";
import { at, type Check, type Oddity } from "./subject.ts";

const LEAST = 0.3; // of the smaller diameter

export const closeCells: Check = {
  title: `cells whose centres are nearer than ${LEAST} of a diameter`,
  find: ({ images }) =>
    images.flatMap((image) => {
      const largest = image.marks.reduce((most, { box }) => Math.max(most, diameter(box)), 0);
      const found: Oddity[] = [];
      for (const [a, b] of neighbours(image.marks, LEAST * largest)) {
        const [apart, smaller] = [distance(a.box, b.box), Math.min(diameter(a.box), diameter(b.box))];
        if (apart >= LEAST * smaller || iou(a.box, b.box) > 0.9) continue;
        const text = `${b.label} on "${image.name}": ${short(apart)} pixels from another ${a.label}, ${short(smaller)} wide`;
        found.push(at(b, text));
      }
      return found;
    }),
};
