// Classes with few cells, and classes that training never sees.

import { marksOf } from "./measures.ts";
import { at, type Check, type SubjectMark } from "./subject.ts";

const FEW = 20;

export const rareClasses: Check = {
  title: `classes with fewer than ${FEW} cells to learn from`,
  find: (subject) => {
    const classes = new Map<string, { first: SubjectMark; visible: number }>();
    for (const { image, mark } of marksOf(subject)) {
      const known = classes.get(mark.label) ?? { first: mark, visible: 0 };
      if (image.split !== "test" && !mark.hidden) known.visible++;
      classes.set(mark.label, known);
    }
    return [...classes].flatMap(([label, { first, visible }]) =>
      visible < FEW ? [at(first, `"${label}" has ${visible === 0 ? "none" : visible}`)] : [],
    );
  },
};
