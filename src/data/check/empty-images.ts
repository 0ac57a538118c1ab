// Images without cells: right for a true negative, wrong for an image that nobody has annotated yet.

import { at, type Check } from "./subject.ts";

export const emptyImages: Check = {
  title: "images without cells, which training takes as background",
  find: ({ images }) =>
    images
      .filter(({ marks, regions }) => marks.length === 0 && regions.length === 0)
      .map((image) => at(image, `"${image.name}"`)),
};
