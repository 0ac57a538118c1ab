// A sheet: many suspects side by side, taken for cells together. What is none is clicked away, and one key marks all the others. They
// come from all images, since a label teaches the less the more it looks like its neighbours.

import type { Suspect } from "../api.ts";
import { Random } from "../sparsecell.ts";

export interface SheetOptions {
  /** Suspects on it. */
  readonly count: number;
  readonly seed: number;
  /** Of as many suspects as the scores say are cells, the part with the best scores that they are drawn from. */
  readonly part?: number;
}

/** Most of these are cells, and not the easiest ones alone. */
const PART = 0.8;

/**
 * Suspected missing cells, drawn at random from the surest ones, each image in turn, the best score first.
 *
 * @example
 * sheetOf(suspects, { count: 24, seed: 1 }); // 24 of the suspects, or all, if there are fewer
 */
export function sheetOf(suspects: readonly Suspect[], { count, seed, part = PART }: SheetOptions): Suspect[] {
  const missing = suspects.filter(({ kind }) => kind === "missing").sort((a, b) => b.score - a.score);
  const cells = missing.reduce((sum, { score }) => sum + score, 0);
  const sure = missing.slice(0, Math.max(count, Math.round(part * cells)));
  const turn = new Map<string, number>();
  return new Random(seed, 6)
    .shuffled(sure)
    .map((suspect, i) => {
      const nth = turn.get(suspect.image) ?? 0;
      turn.set(suspect.image, nth + 1);
      return { suspect, i, nth };
    })
    .sort((a, b) => a.nth - b.nth || a.i - b.i)
    .slice(0, count)
    .map(({ suspect }) => suspect)
    .sort((a, b) => b.score - a.score);
}

/** What one expects of the scores before a sheet says anything, in suspects. */
const AS_SUPPOSED = 4;

/**
 * How many cells a round's suspects are, if the scores of all are as right as those on the sheet: `on` it, of which `cells` were cells.
 */
export function cellsSuspected(suspects: readonly Suspect[], { on, cells }: { on: readonly Suspect[]; cells: number }): number {
  const sum = (some: readonly Suspect[]): number => some.reduce((total, { score }) => total + score, 0);
  return (sum(suspects.filter(({ kind }) => kind === "missing")) * (cells + AS_SUPPOSED)) / (sum(on) + AS_SUPPOSED);
}
