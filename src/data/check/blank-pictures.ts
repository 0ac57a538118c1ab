// Pictures on which hardly anything can be seen: black, white, or of one colour.

import { LEAST_CONTRAST } from "../contrast.ts";
import { short } from "./measures.ts";
import { at, type Check } from "./subject.ts";

export const blankPictures: Check = {
  title: "images that are black, or nearly of one colour (with --pixels)",
  find: ({ images }) =>
    images.flatMap((image) => {
      const { colour, contrast } = image.picture ?? {};
      if (!colour || typeof contrast !== "number" || contrast >= LEAST_CONTRAST) return [];
      return [
        at(image, `"${image.name}": its values differ by ${contrast} of 255 at most, around ${colour.map(short).join(" ")}`),
      ];
    }),
};
