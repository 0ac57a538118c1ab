// Images of another size than the rest: a thumbnail, an overview, a tile at another magnification.

import { median, sized } from "./measures.ts";
import { at, type Check } from "./subject.ts";

const FACTOR = 1.5; // beyond it a detector misses cells

export const imageSizes: Check = {
  title: `images ${FACTOR} times smaller or larger than the median`,
  find: ({ images }) => {
    const known = images.flatMap((image) => {
      const size = image.size ?? image.picture?.size ?? null;
      return size === null ? [] : [{ image, size, side: Math.sqrt(size.width * size.height) }];
    });
    if (known.length < 3) return [];
    const usual = median(known.map(({ side }) => side));
    const typical = known.find(({ side }) => side === usual)?.size as { width: number; height: number };
    return known
      .filter(({ side }) => side > FACTOR * usual || side < usual / FACTOR)
      .map(({ image, size }) => at(image, `"${image.name}" has ${sized(size)} pixels, most have about ${sized(typical)}`));
  },
};
