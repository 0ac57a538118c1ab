import type { ToneAugmentation } from "./augmentation.ts";

/** The lamp and the exposure. */
export const brightness: ToneAugmentation<{ readonly factor: number }> = {
  name: "brightness",
  about: "values times 0.7 to 1.3",
  draw: (random, strength) => (strength === 0 ? null : { factor: 1 + strength * random.uniform(-0.3, 0.3) }),
  curve:
    ({ factor }) =>
    (value) =>
      factor * value,
};
