// What decides which weights a training ends with: marks that are held out, an average of the weights, and when to stop.

import { number, orNull, whole } from "./setting.ts";

const since = (before: number | null) => ({ version: "0.5.0", before });

export const validation = {
  holdOut: number(0, "part of the annotations that is held out of training, to measure on", [0, 0.5], {
    flag: "--hold-out <fraction>",
    label: "annotations held out",
    since: since(0),
  }),
  averaging: number(0, "decay of the exponential average of the weights; 0: none", [0, 0.9999], {
    flag: "--averaging <decay>",
    label: "decay of averaged weights",
    since: since(0),
  }),
  patience: whole(0, "measurements in a row without a better one after which training stops; 0: never", [0], {
    flag: "--patience <n>",
    label: "measurements without a better one until training stops",
    since: since(0),
  }),
  validateEvery: orNull(
    whole(1000, "steps between measurements on held-out annotations", [1], {
      flag: "--validate-every <n>",
      label: "steps between measurements",
      since: since(null),
    }),
    "a tenth of all",
  ),
};
