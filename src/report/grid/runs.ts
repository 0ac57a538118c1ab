// The runs of a grid as a report asks for them: by method and rate, paired by fold and seed.

import { atThreshold, type CountsByThreshold, chooseThreshold, type ThresholdMeasures } from "../../evaluate/threshold.ts";
import { byKeep, foldCount, type Grid, type GridResult, type GridUnit, keepText } from "../../runs/grid.ts";
import type { FailedRun } from "../../runs/grid-folder.ts";

export type Keep = GridUnit["keep"];

/** What a report of a grid is made from. */
export interface GridRecords {
  readonly grid: Grid;
  /** Of the finished runs. */
  readonly results: readonly GridResult[];
  readonly failed: readonly FailedRun[];
}

export interface GridMethod {
  /** As `--method` takes it. */
  readonly name: string;
  /** The name without options. */
  readonly id: string;
  readonly label: string;
  /** Its place among the grid's methods, which is also its look in figures. */
  readonly index: number;
}

export interface GridRun extends GridResult {
  /** At the threshold with the best F1 on the other folds' runs of the same method, rate and seed; null with one fold. */
  readonly chosen: ThresholdMeasures | null;
}

export interface GridRuns extends Omit<GridRecords, "results"> {
  readonly runs: readonly GridRun[];
  readonly methods: readonly GridMethod[];
  /** One per image first, then rising. */
  readonly keeps: readonly Keep[];
  /** Number of runs of the whole grid. */
  readonly total: number;
}

export function gridRuns({ grid, results, failed }: GridRecords): GridRuns {
  const labels = new Map(results.map(({ unit, label }) => [unit.method, label]));
  const foldsOf = ({ method, keep, seed }: GridUnit): string => JSON.stringify([method, keep, seed]);
  const byFolds = new Map<string, GridResult[]>();
  for (const result of results) {
    const key = foldsOf(result.unit);
    byFolds.set(key, [...(byFolds.get(key) ?? []), result]);
  }
  const runs = results.map((result) => {
    const folds = byFolds.get(foldsOf(result.unit)) ?? [];
    const others = folds.filter(({ unit }) => unit.fold !== result.unit.fold);
    return { ...result, chosen: chosenElsewhere(result, others) };
  });
  return {
    grid,
    failed,
    runs: runs.sort((a, b) => a.unit.seed - b.unit.seed || a.unit.fold - b.unit.fold),
    methods: grid.methods.map((name, index) => ({ name, id: name.split(":", 1)[0], label: labels.get(name) ?? name, index })),
    keeps: [...grid.keeps].sort(byKeep),
    total: foldCount(grid) * grid.keeps.length * grid.methods.length * grid.seeds.length,
  };
}

function chosenElsewhere({ measures }: GridResult, others: readonly GridResult[]): ThresholdMeasures | null {
  if (others.length === 0) return null;
  const truths = others.reduce((sum, { measures }) => sum + measures.truths, 0);
  const { threshold } = chooseThreshold(countsTogether(others), truths);
  return atThreshold(measures.byThreshold, measures.truths, threshold);
}

/** Counts by threshold of several runs as if their images were one set. */
export function countsTogether(runs: readonly GridResult[]): CountsByThreshold {
  const [first] = runs;
  return first.measures.byThreshold.map((_, k) => [0, 1].map((i) => sum(runs, k, i)) as [number, number]);
}
const sum = (runs: readonly GridResult[], k: number, i: number): number =>
  runs.reduce((total, { measures }) => total + measures.byThreshold[k][i], 0);

/** The finished runs of a method at a rate, by seed and fold. */
export function runsOf({ runs }: Pick<GridRuns, "runs">, { method, keep }: { method: string; keep: Keep }): GridRun[] {
  return runs.filter(({ unit }) => unit.method === method && unit.keep === keep);
}

/** Two runs with the same key are a pair. */
export const unitKey = ({ unit }: GridResult): string => `fold ${unit.fold}, seed ${unit.seed}`;

/** The rate in a sentence: "10 % of the annotations". */
export const keepInWords = (keep: Keep): string =>
  keep === "one-per-image" ? "one annotation per image" : keep === 1 ? "all annotations" : `${keepText(keep)} of the annotations`;

/** At most `most` of the rates: always the lowest and the highest, the others spread evenly. */
export function someKeeps(keeps: readonly Keep[], most: number): Keep[] {
  if (keeps.length <= most) return [...keeps];
  return Array.from({ length: most }, (_, i) => keeps[Math.round((i * (keeps.length - 1)) / (most - 1))]);
}

/** "3 folds × 2 seeds". */
export const foldsAndSeeds = ({ seeds, ...grid }: Pick<Grid, "folds" | "wantedFolds" | "seeds">): string =>
  `${foldsText(grid)} × ${seeds.length} seed${seeds.length === 1 ? "" : "s"}`;

/** "3 folds", "1 of 3 folds". */
function foldsText(grid: Pick<Grid, "folds" | "wantedFolds">): string {
  const count = foldCount(grid);
  return count < grid.folds ? `${count} of ${grid.folds} folds` : `${count} fold${count === 1 ? "" : "s"}`;
}
