// Marks outside their image: of another image, or in other units than pixels.

import { centre } from "../../geometry/box.ts";
import { short, sized } from "./measures.ts";
import { at, type Check } from "./subject.ts";

export const outsideImage: Check = {
  title: "marks whose centre is outside their image",
  find: ({ images }) =>
    images.flatMap((image) => {
      const size = image.picture?.size ?? image.size;
      if (!size) return [];
      return image.marks.flatMap((mark) => {
        const [x, y] = centre(mark.box);
        if (x >= 0 && y >= 0 && x <= size.width && y <= size.height) return [];
        return [at(mark, `${mark.label} at (${short(x)}, ${short(y)}) on "${image.name}" of ${sized(size)} pixels`)];
      });
    }),
};
