// Regions to ignore that leave nothing of an image, and marks inside them, which count for nothing.

import { centre } from "../../geometry/box.ts";
import { regionAt } from "../../geometry/region.ts";
import { short } from "./measures.ts";
import { at, type Check, type SubjectImage } from "./subject.ts";

export const ignoredImages: Check = {
  title: "images that regions to ignore cover completely",
  find: ({ images }) => images.filter(isCovered).map((image) => at(image, `"${image.name}"`)),
};

export const ignoredMarks: Check = {
  title: "marks in regions to ignore, which count for nothing",
  find: ({ images }) =>
    images.flatMap((image) =>
      image.marks.flatMap((mark) => {
        const [x, y] = centre(mark.box);
        if (image.regions.length === 0 || regionAt(image.regions, x, y) !== "ignore") return [];
        return [at(mark, `${mark.label} at (${short(x)}, ${short(y)}) on "${image.name}"`)];
      }),
    ),
};

const SAMPLES = 32; // along each side

function isCovered({ regions, size, picture }: SubjectImage): boolean {
  const { width, height } = size ?? picture?.size ?? {};
  if (!width || !height || !regions.some(({ kind }) => kind === "ignore")) return false;
  for (let i = 0; i < SAMPLES; i++)
    for (let j = 0; j < SAMPLES; j++)
      if (regionAt(regions, ((i + 0.5) * width) / SAMPLES, ((j + 0.5) * height) / SAMPLES) !== "ignore") return false;
  return true;
}
