// The levels of a slide: how much smaller each is, and which one a window is read from.

import type { Sides } from "../data/working-resolution.ts";
import type { SlideLevel } from "./slide.ts";

/** How many pixels of the slide a pixel of a smaller copy spans: a whole number where rounding explains what differs from it. */
export function downsampleOf(slide: Sides, level: Sides): number {
  const whole = Math.round(slide.width / level.width);
  const near = (a: number, b: number) => Math.abs(a / whole - b) < 1;
  if (near(slide.width, level.width) && near(slide.height, level.height)) return whole;
  return (slide.width / level.width + slide.height / level.height) / 2;
}

/** Whether a picture can be a smaller copy of the slide: its sides are as long to one another, to the rounding of a pixel. */
export function isCopy(slide: Sides, level: Sides): boolean {
  if (level.width >= slide.width || level.height > slide.height) return false;
  const scale = slide.width / level.width;
  return Math.abs(slide.height / scale - level.height) <= 1 + level.height / level.width;
}

/** The levels of a slide from the sizes of its copies in falling order; the first is the slide. */
export const levelsOf = (sizes: readonly Sides[]): SlideLevel[] =>
  sizes.map(({ width, height }, i) => ({ width, height, downsample: i === 0 ? 1 : downsampleOf(sizes[0], { width, height }) }));

/** The number of the smallest level that need not be enlarged where a pixel shall span `wanted` pixels of level 0. */
export function levelFor(levels: readonly SlideLevel[], wanted: number): number {
  let best = 0;
  for (const [i, { downsample }] of levels.entries())
    if (downsample <= wanted * 1.001 && downsample > levels[best].downsample) best = i;
  return best;
}
