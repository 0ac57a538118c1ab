// Figure 8 of Li et al. 2021 in numbers: for every retention rate and layer the method with the smallest μ_l, by how much, and
// whether every fold and seed agrees. Methods are compared over the same folds and seeds only.

import type { GradientRun, Gradients } from "../../runs/gradients.ts";
import { byKeep, type GridUnit } from "../../runs/grid.ts";

export interface RateWinners {
  readonly keep: GridUnit["keep"];
  /** Places in `Gradients.methods` of those that have a run at this rate, and of the others. */
  readonly methods: readonly number[];
  readonly missing: readonly number[];
  /** Folds × seeds that all of the methods have: what is compared. */
  readonly units: number;
  /** For each unit and layer the method with the smallest μ_l; null for a tie. */
  readonly byUnit: readonly (readonly (number | null)[])[];
  /** A winner for each layer; null without one: fewer than two methods, no common unit, or a tie. */
  readonly winners: readonly (LayerWinner | null)[];
}

export interface LayerWinner {
  /** Place in `Gradients.methods`. */
  readonly method: number;
  /** Mean μ_l over the units. */
  readonly mean: number;
  /** How much smaller than the second best, as a part of that: 0 … 1. */
  readonly margin: number;
  /** Units in which it also has the smallest μ_l. */
  readonly agreeing: number;
}

/** One per image first, then rising rates. */
export function rateWinners({ methods, runs }: Gradients): RateWinners[] {
  const shown = methods.map((_, i) => i).filter((i) => runs.some(({ method }) => method === methods[i].name));
  const keeps = [...new Set(runs.map(({ keep }) => keep))].sort(byKeep);
  return keeps.map((keep) => {
    const ofRate = runs.filter((run) => run.keep === keep);
    const byMethod = shown
      .map((method) => ({ method, runs: ofRate.filter((run) => run.method === methods[method].name) }))
      .filter(({ runs }) => runs.length > 0);
    const units = [...new Set(ofRate.map(unitOf))].filter((unit) =>
      byMethod.every(({ runs }) => runs.some((run) => unitOf(run) === unit)),
    );
    const compared = byMethod.map(({ method }) => method);
    /** [unit][layer][method] */
    const means = units.map((unit) => {
      const runs = byMethod.map(({ runs }) => runs.find((run) => unitOf(run) === unit) as GradientRun);
      return runs[0].layers.map((_, l) => runs.map(({ layers }) => layers[l].mean));
    });
    const byUnit = means.map((layers) => layers.map((ofMethods) => winnerOf(ofMethods, compared)?.method ?? null));
    const winners = runs[0].layers.map((_, l) => {
      if (units.length === 0) return null;
      const overUnits = compared.map((_, m) => means.reduce((sum, layers) => sum + layers[l][m], 0) / units.length);
      const winner = winnerOf(overUnits, compared);
      return winner && { ...winner, agreeing: byUnit.filter((layers) => layers[l] === winner.method).length };
    });
    const missing = shown.filter((method) => !compared.includes(method));
    return { keep, methods: compared, missing, units: units.length, byUnit, winners };
  });
}

function winnerOf(means: readonly number[], methods: readonly number[]): Omit<LayerWinner, "agreeing"> | null {
  if (methods.length < 2) return null;
  const [mean, second] = means.toSorted((a, b) => a - b);
  return mean === second ? null : { method: methods[means.indexOf(mean)], mean, margin: 1 - mean / second };
}

/** Whether there is something to compare at a rate. */
export const isCompared = ({ methods, units }: RateWinners): boolean => methods.length > 1 && units > 0;

export interface LayerBlockRange {
  readonly name: string;
  /** Layers, counted from 1, both included. */
  readonly first: number;
  readonly last: number;
}

/** stem, C2 … head, as they follow each other. */
export function blocksOf({ runs: [{ layers }] }: Gradients): LayerBlockRange[] {
  const blocks: { name: string; first: number; last: number }[] = [];
  layers.forEach(({ block }, i) => {
    const open = blocks.at(-1);
    if (open?.name === block) open.last = i + 1;
    else blocks.push({ name: block, first: i + 1, last: i + 1 });
  });
  return blocks;
}

/** The winners of some layers at all of the rates that compare. */
export const winnersWithin = (
  rates: readonly RateWinners[],
  { first, last }: Pick<LayerBlockRange, "first" | "last">,
): (LayerWinner | null)[] => rates.filter(isCompared).flatMap(({ winners }) => winners.slice(first - 1, last));

const unitOf = ({ fold, seed }: GradientRun): string => `${fold},${seed}`;
