// A sheet: many suspects side by side, taken for cells together. What is none is clicked away, and one key marks all the others. They
// come from all images, since a label teaches the less the more it looks like its neighbours.

import type { Interval, Suspect } from "../api.ts";
import { Random } from "../sparsecell.ts";

export interface SheetOptions {
  /** Suspects on it. */
  readonly count: number;
  readonly seed: number;
  /** Of as many suspects as the scores say are cells, the part with the best scores that they are drawn from: above 0. */
  readonly part?: number;
}

/** Nearly all of these are cells, and not the easiest ones alone: after ten marks a smaller part taught less (docs/background/method.md). */
const PART = 0.8;

/**
 * Suspected missing cells, drawn at random from the surest ones, each image in turn, the best score first.
 *
 * @example
 * sheetOf(suspects, { count: 24, seed: 1 }); // 24 of the suspects, or all, if there are fewer
 */
export function sheetOf(suspects: readonly Suspect[], { count, seed, part = PART }: SheetOptions): Suspect[] {
  const missing = byScore(suspects.filter(({ kind }) => kind === "missing"));
  const sure = missing.slice(0, Math.max(count, Math.round(part * sumOf(missing))));
  const turn = new Map<string, number>();
  const drawn = new Random(seed, 6)
    .shuffled(sure)
    .map((suspect, i) => {
      const nth = turn.get(suspect.image) ?? 0;
      turn.set(suspect.image, nth + 1);
      return { suspect, i, nth };
    })
    .sort((a, b) => a.nth - b.nth || a.i - b.i)
    .slice(0, count);
  return byScore(drawn.map(({ suspect }) => suspect));
}

/** What one expects of the scores before a sheet says anything, in suspects. */
const AS_SUPPOSED = 4;

/** The scores of a sheet may be more right, or less, than the others: a deviation of a quarter, on the scale of the logarithm. */
const DEVIATION = 0.25;
const Z = 1.96; // an interval holds 95 %

/**
 * How many cells there are, if the scores of all suspects are as right as those on sheets: `on` them, of which `cells` were cells.
 * `marks` are cells that were marked and no suspects. null: there was no sheet.
 */
export function cellsBySheets(
  suspects: readonly Suspect[],
  { on, cells, marks }: { readonly on: readonly Suspect[]; readonly cells: number; readonly marks: number },
): Interval | null {
  if (on.length === 0) return null;
  const missing = suspects.filter(({ kind }) => kind === "missing");
  const value = marks + (sumOf(missing) * (cells + AS_SUPPOSED)) / (sumOf(on) + AS_SUPPOSED);
  return { value, low: value * Math.exp(-Z * DEVIATION), high: value * Math.exp(Z * DEVIATION) };
}

const sumOf = (suspects: readonly Suspect[]): number => suspects.reduce((sum, { score }) => sum + score, 0);
const byScore = (suspects: readonly Suspect[]): Suspect[] => [...suspects].sort((a, b) => b.score - a.score);
