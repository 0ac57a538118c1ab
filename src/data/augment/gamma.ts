import type { ToneAugmentation } from "./augmentation.ts";

/** How a camera maps light to values. */
export const gamma: ToneAugmentation<{ readonly exponent: number }> = {
  name: "gamma",
  about: "values to the power of 2/3 to 3/2",
  draw: (random, strength) => (strength === 0 ? null : { exponent: 1.5 ** (strength * random.uniform(-1, 1)) }),
  curve:
    ({ exponent }) =>
    (value) =>
      value ** exponent,
};
