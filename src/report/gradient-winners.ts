// Figure 8 of Li et al. 2021 in numbers: for every retention rate and layer the method with the smallest μ_l, by how much, and
// whether every fold and seed says the same. Methods are compared over the same folds and seeds only.

import type { GradientRun, Gradients } from "./gradients.ts";
import type { Keep } from "./grid-runs.ts";

export interface RateWinners {
  readonly keep: Keep;
  /** Places in `Gradients.methods` of those that have a run at this rate, and of the others. */
  readonly methods: readonly number[];
  readonly missing: readonly number[];
  /** Folds × seeds that all of the methods have: what is compared. */
  readonly units: number;
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
  /** Units in which it has the smallest μ_l, too. */
  readonly agreeing: number;
}

/** Rates that fall, one per image last. */
export function rateWinners({ methods, runs }: Gradients): RateWinners[] {
  const shown = methods.map((_, i) => i).filter((i) => runs.some(({ method }) => method === methods[i].name));
  const keeps = [...new Set(runs.map(({ keep }) => keep))].sort((a, b) => rank(b) - rank(a));
  return keeps.map((keep) => {
    const own = runs.filter((run) => run.keep === keep);
    const byMethod = shown
      .map((method) => ({ method, runs: own.filter((run) => run.method === methods[method].name) }))
      .filter(({ runs }) => runs.length > 0);
    const units = [...new Set(own.map(unitOf))].filter((unit) =>
      byMethod.every(({ runs }) => runs.some((run) => unitOf(run) === unit)),
    );
    /** [unit][method][layer] */
    const means = units.map((unit) =>
      byMethod.map(({ runs }) => (runs.find((run) => unitOf(run) === unit) as GradientRun).layers.map(({ mean }) => mean)),
    );
    const compared = byMethod.map(({ method }) => method);
    return {
      keep,
      methods: compared,
      missing: shown.filter((method) => !compared.includes(method)),
      units: units.length,
      winners: runs[0].layers.map((_, l) =>
        winnerOf(
          means.map((unit) => unit.map((layers) => layers[l])),
          compared,
        ),
      ),
    };
  });
}

/** means: [unit][method] */
function winnerOf(means: readonly (readonly number[])[], methods: readonly number[]): LayerWinner | null {
  if (means.length === 0 || methods.length < 2) return null;
  const overUnits = methods.map((_, m) => means.reduce((sum, unit) => sum + unit[m], 0) / means.length);
  const [mean, second] = overUnits.toSorted((a, b) => a - b);
  if (mean === second) return null;
  const best = overUnits.indexOf(mean);
  const agreeing = means.filter((unit) => unit.every((value, m) => m === best || value > unit[best])).length;
  return { method: methods[best], mean, margin: 1 - mean / second, agreeing };
}

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

/** The part of layers on which all of `units` would agree if each drew its winner by lot; layers of a run are not independent, so that real chance is greater. */
export const agreementByChance = ({ units, methods }: Pick<RateWinners, "units" | "methods">): number =>
  methods.length ** (1 - units);

const unitOf = ({ fold, seed }: GradientRun): string => `${fold},${seed}`;
const rank = (keep: Keep): number => (keep === "one-per-image" ? 0 : keep);
