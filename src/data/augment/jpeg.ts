import sharp from "sharp";
import { raw, rgbOf } from "../raw-image.ts";
import type { ImageAugmentation } from "./augmentation.ts";

/** What lossy files leave behind. */
export const jpeg: ImageAugmentation<{ readonly quality: number }> = {
  name: "jpeg",
  about: "half of the images compressed as JPEG, with a quality of 30 to 95 and half the resolution of colour",
  draw(random, strength) {
    const [chosen, quality] = [random.uniform() < 0.5 * strength, Math.round(95 - strength * random.uniform(0, 65))];
    return chosen ? { quality } : null;
  },
  apply: async (image, { quality }) => rgbOf(sharp(await raw(image).jpeg({ quality, chromaSubsampling: "4:2:0" }).toBuffer())),
};
