type Colour = readonly [red: number, green: number, blue: number];

/** QuPath's own for the classes that it knows. */
const KNOWN: { readonly [name: string]: Colour } = {
  positive: [250, 62, 62],
  negative: [112, 112, 225],
  tumor: [200, 0, 0],
  stroma: [150, 200, 150],
  "immune cells": [160, 90, 160],
};

/** Okabe and Ito's, which people with any kind of colour vision tell apart. */
const OTHERS: readonly Colour[] = [
  [0, 158, 115],
  [230, 159, 0],
  [0, 114, 178],
  [204, 121, 167],
  [213, 94, 0],
  [86, 180, 233],
  [240, 228, 66],
];

/** Of class `index`, from 0. */
export const colourOf = (name: string, index: number): Colour => KNOWN[name.toLowerCase()] ?? OTHERS[index % OTHERS.length];
