// How training images are changed at random, so that a detector learns what a cell is and not how these images were stained,
// lit and scanned. Flips are `augment`, which earlier versions had alone.

import { flag, number } from "./setting.ts";

const since = { version: "0.5.0", before: 0 } as const;
const strength = (about: string, name: string) =>
  number(0, `strength of random ${about}; 1: as strong as slides of several laboratories differ`, [0, 4], {
    flag: `--${name} <strength>`,
    label: `random ${about}, strength`,
    since,
  });

export const augmentation = {
  turns: flag(false, "random quarter turns, with the flips all eight symmetries", {
    flag: "--turns",
    label: "random quarter turns",
    since: { version: "0.5.0", before: false },
  }),
  zoom: number(0, "random zoom of up to this factor less one, in or out; only of models with a working resolution", [0, 1], {
    flag: "--zoom <fraction>",
    label: "random zoom",
    since,
  }),
  brightness: strength("brightness", "brightness"),
  contrast: strength("contrast", "contrast"),
  gamma: strength("gamma", "gamma"),
  stain: strength("stain (haematoxylin, eosin, DAB)", "stain"),
  blur: strength("blur", "blur"),
  jpeg: strength("JPEG compression", "jpeg"),
};
