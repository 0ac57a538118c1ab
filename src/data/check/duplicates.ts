// The same box twice: with one label, the cell counts twice; with two labels, one of them is wrong.

import { sides } from "./measures.ts";
import { at, type Check, type SubjectMark } from "./subject.ts";

export const duplicates: Check = {
  title: "duplicates: the same box twice",
  find: ({ images }) =>
    images.flatMap((image) => {
      const seen = new Map<string, SubjectMark>();
      return image.marks.flatMap((mark) => {
        const key = mark.box.map((value) => Math.round(1000 * value)).join();
        const before = seen.get(key);
        if (before === undefined) seen.set(key, mark);
        if (before === undefined) return [];
        const labels = before.label === mark.label ? mark.label : `${mark.label} and ${before.label}`;
        return [at(mark, `${labels} of ${sides(mark.box)} pixels on "${image.name}" at the same place`)];
      });
    }),
};
