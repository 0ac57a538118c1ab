// The classes of objects for QuPath. QuPath 0.4 to 0.7 refuse a whole file for one class without a colour ("Unable to parse PathClass").

type Colour = readonly [red: number, green: number, blue: number];

/** QuPath's own for the classes that it knows, and those of regions. */
const KNOWN: { readonly [name: string]: Colour } = {
  positive: [250, 62, 62],
  negative: [112, 112, 225],
  tumor: [200, 0, 0],
  stroma: [150, 200, 150],
  "immune cells": [160, 90, 160],
  complete: [86, 180, 233],
  ignore: [180, 180, 180],
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

/** The `classification` of an object; `index` of the class, from 0, chooses the colour of one that is not known. */
export const classification = (name: string, index: number): { readonly name: string; readonly color: Colour } => ({
  name,
  color: KNOWN[name.toLowerCase()] ?? OTHERS[index % OTHERS.length],
});
