// How many folds, seeds and images a gradient analysis has, in words.

import type { GradientRun, Gradients } from "../../runs/gradients.ts";
import { counted } from "../document/words.ts";

/** "3 folds", "2 seeds", "3 folds × 2 seeds". */
export function unitsInWords(runs: readonly GradientRun[]): string {
  const folds = new Set(runs.flatMap(({ fold }) => fold ?? [])).size;
  const seeds = new Set(runs.map(({ seed }) => seed)).size;
  return [folds > 0 && counted(folds, "fold"), (folds === 0 || seeds > 1) && counted(seeds, "seed")].filter(Boolean).join(" × ");
}

/** "12 test images per run". */
export function imagesInWords({ runs, split }: Pick<Gradients, "runs" | "split">): string {
  const counts = runs.map(({ images }) => images.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `${least === most ? "" : `${least} to `}${counted(most, `${split === "test" ? "test" : "training"} image`)} per run`;
}
