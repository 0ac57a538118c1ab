// Files of images that are missing, cannot be read, or have another size than the annotations say.

import { sized } from "./measures.ts";
import { at, type Check } from "./subject.ts";

export const imageFiles: Check = {
  title: "files of images that are missing, cannot be read, or have another size than recorded",
  find: ({ images }) =>
    images.flatMap((image) => {
      const { picture, size } = image;
      if (picture === null) return [];
      if (picture.fault !== null) return [at(image, picture.fault)];
      if (!size || !picture.size || sized(size) === sized(picture.size)) return [];
      return [at(image, `"${image.name}" has ${sized(picture.size)} pixels, but ${sized(size)} in the annotations`)];
    }),
};
