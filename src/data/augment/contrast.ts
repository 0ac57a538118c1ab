import type { ToneAugmentation } from "./augmentation.ts";

/** As torchvision's, about the mean of the image, so that dark fluorescence keeps its cells and bright fields theirs. */
export const contrast: ToneAugmentation<{ readonly factor: number }> = {
  name: "contrast",
  about: "distances from the image's mean value times 0.6 to 1.4",
  draw: (random, strength) => (strength === 0 ? null : { factor: 1 + strength * random.uniform(-0.4, 0.4) }),
  curve:
    ({ factor }, mean) =>
    (value) =>
      mean + factor * (value - mean),
};
