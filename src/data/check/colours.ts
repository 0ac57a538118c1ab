// Images of another stain or brightness than the rest.

import { median, short } from "./measures.ts";
import { at, type Check } from "./subject.ts";

const DEVIATIONS = 6; // median absolute deviations
const LEAST = 20; // of 255: less is not seen

export const colours: Check = {
  title: "images whose mean colour is far from the others' (with --pixels)",
  find: ({ images }) => {
    const known = images.flatMap((image) => (image.picture?.colour ? [{ image, colour: image.picture.colour }] : []));
    if (known.length < 5) return [];
    const channels = [0, 1, 2].map((c) => {
      const values = known.map(({ colour }) => colour[c]);
      const middle = median(values);
      return { middle, spread: median(values.map((value) => Math.abs(value - middle))) };
    });
    return known.flatMap(({ image, colour }) => {
      const isFar = channels.some(({ middle, spread }, c) => Math.abs(colour[c] - middle) > Math.max(LEAST, DEVIATIONS * spread));
      if (!isFar) return [];
      const [is, usual] = [colour, channels.map(({ middle }) => middle)].map((rgb) => rgb.map(short).join(" "));
      return [at(image, `"${image.name}" has the mean colour ${is}, the median is ${usual}`)];
    });
  },
};
