// Soft sampling (Wu et al., BMVC 2019, https://arxiv.org/abs/1806.06986): background is weighted by its overlap with an annotated
// box. Near one it is certain; far from all, it may be an unmarked cell.
//   w(o) = a + (1 − a) exp(−b exp(−c o)), o the largest IoU with an annotated box (Gompertz); a 0.25, b 50, c 20.
// The weight applies unchanged to a softmax over any number of classes. Their variant based on the score is left out.

import { number } from "../settings/setting.ts";
import { oneHot } from "./calibration.ts";
import { method } from "./method.ts";

export const softSampling = method({
  name: "soft-sampling",
  label: "FPN + soft sampling",
  meaning: "background counts less far from annotated cells",
  options: {
    a: number(0.25, "weight of background far from every annotated box", [0, 1]),
    b: number(50, "how late the weight rises with IoU", [0, 1000]),
    c: number(20, "how fast the weight rises with IoU", [0, 1000]),
  },
  calibration: ({ a, b, c }) => ({
    calibrate(rois) {
      const weight = Float32Array.from(rois.labels, (label, r) =>
        label === 0 ? a + (1 - a) * Math.exp(-b * Math.exp(-c * rois.overlaps[r])) : 1,
      );
      return { distribution: oneHot(rois), classWeight: weight, boxWeight: weight };
    },
  }),
});
