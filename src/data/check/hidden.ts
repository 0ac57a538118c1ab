// Hidden annotations where they do harm: all cells of every training image, or cells of test images.

import { at, type Check } from "./subject.ts";

export const hiddenMarks: Check = {
  title: "images all of whose cells are hidden, and hidden cells on test images",
  find: ({ images }) =>
    images.flatMap((image) => {
      const hidden = image.marks.filter((mark) => mark.hidden).length;
      if (hidden === 0) return [];
      if (image.split === "test") return [at(image, `"${image.name}" is a test image with ${hidden} hidden cells`)];
      return hidden === image.marks.length ? [at(image, `"${image.name}": all ${hidden} cells are hidden`)] : [];
    }),
};
