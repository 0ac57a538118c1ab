import { raw, rgbOf } from "../raw-image.ts";
import type { ImageAugmentation } from "./augmentation.ts";

const LEAST = 0.3; // a smaller deviation changes next to nothing, and libvips refuses it

/** A lens out of focus, or a resampling of the past. */
export const blur: ImageAugmentation<{ readonly sigma: number }> = {
  name: "blur",
  about: "half of the images blurred, by a Gaussian of up to 1.5 pixels standard deviation",
  draw(random, strength) {
    const [chosen, sigma] = [random.uniform() < 0.5, strength * random.uniform(0, 1.5)];
    return chosen && sigma >= LEAST ? { sigma } : null;
  },
  // With libvips' default of 0.2 the Gaussian is cut so short that the deviation falls to 0.8 of what was asked for.
  apply: (image, { sigma }) => rgbOf(raw(image).blur({ sigma, minAmplitude: 0.02 })),
};
