// What a grid of trainings (fold × rate × method × seed) leaves for its report: plain JSON, one object per run.

import type { Bias } from "../data/bias/biases.ts";
import type { Measures } from "../evaluate/measures.ts";
import type { GridSettings } from "../settings/presets.ts";
import type { LossStretch } from "./loss-parts.ts";

/** One training of the grid. */
export interface GridUnit {
  readonly fold: number;
  /** The retention rate: the share of the training annotations that stays visible, or one annotation per image. */
  readonly keep: number | "one-per-image";
  /** The method as `--method` takes it, options included: "bde", "constant-weight:weight=0.5". */
  readonly method: string;
  readonly seed: number;
}

/** `result.json` of a finished run. */
export interface GridResult {
  readonly unit: GridUnit;
  /** The method's name in tables: "FPN + BDE". */
  readonly label: string;
  readonly measures: Measures;
  readonly counts: {
    readonly trainImages: number;
    readonly visible: number;
    readonly hidden: number;
    readonly testImages: number;
    readonly testCells: number;
  };
  /** Mean losses over equal stretches of the training, at most 100 of them. */
  readonly losses: readonly LossStretch[];
  /** The boxes of the second stage during training (Figure 2). */
  readonly density: readonly DensityProbe[];
  /** Test images that reached the limit of proposals or of detections. */
  readonly limitedImages: number;
  /** Part of the training's cells that is marked, as the training counted it; absent where it did not. Since 0.6.0. */
  readonly completeness?: { readonly part: number; readonly low: number; readonly high: number };
  readonly trainSeconds: number;
  readonly totalSeconds: number;
}

/** Sampled RoIs of a few training images at one step, grouped by what they really lie on; null where a group has no RoI. */
export interface DensityProbe {
  readonly step: number;
  readonly groups: {
    readonly [kind in "annotated" | "hidden" | "background"]: {
      readonly rois: number;
      /** Mean Boxes Energy, Eq. (8): density over the largest distance. */
      readonly energy: number | null;
      /** Mean weight that the method gave to the RoIs' classification loss. */
      readonly weight: number | null;
      /** Mean probability of being a cell. */
      readonly score: number | null;
    };
  };
}

/** What a report needs to know of a grid. */
export interface Grid {
  readonly name: string;
  readonly title: string;
  /** "Table 2 of the paper", or what it corresponds to. */
  readonly paper: string;
  /** The name of the training settings: "quick" or "paper". */
  readonly preset: string;
  readonly command: string;
  /** Absolute path of the complete dataset. */
  readonly data: string;
  readonly folds: number;
  readonly splitSeed: number;
  readonly keeps: readonly GridUnit["keep"][];
  /** Which annotations are kept rather than others; at random where it is missing. */
  readonly bias?: Bias;
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** The settings that all trainings share, limits included: label and value. */
  readonly settings: readonly { readonly label: string; readonly value: string }[];
  readonly versions: Readonly<Record<string, string>>;
  /** Set when the dataset is one of the paper's: reports then print the paper's values beside ours. */
  readonly paperDataset: "mitos-atypia-14" | "ki67" | null;
  /** The folds that were asked for; all where it is missing, as before version 0.5.0. */
  readonly wantedFolds?: readonly number[];
}

/** How many folds a finished grid has. */
export const foldCount = ({ folds, wantedFolds }: Pick<Grid, "folds" | "wantedFolds">): number => wantedFolds?.length ?? folds;

/** `grid.json`: the grid, and everything its trainings need. */
export interface GridRecord extends Grid {
  readonly train: GridSettings;
  /** The file that the backbones start from; null for random weights. */
  readonly weights: string | null;
  /** How a dataset that the grid makes itself is drawn; null for a user's dataset. */
  readonly source: SyntheticData | null;
  /** Of the dataset's annotations.json. */
  readonly dataDigest: string;
}

export interface SyntheticData {
  readonly kind: "synthetic";
  readonly tissue: "ki67" | "mitosis";
  readonly images: number;
  readonly width: number;
  readonly height: number;
  /** Pixels; the paper's 32 when left out. Sets the magnification. */
  readonly boxSize?: number;
  readonly seed: number;
}

/**
 * The trainings of these folds, rates, methods and seeds, in the order in which they run: all methods and rates of one fold, then
 * the next fold, then the next seed. A grid that is stopped early has then compared like with like.
 */
export function unitsOf(grid: Pick<Grid, "keeps" | "methods" | "seeds"> & { readonly folds: readonly number[] }): GridUnit[] {
  const { seeds, folds, keeps, methods } = grid;
  return seeds.flatMap((seed) =>
    folds.flatMap((fold) => keeps.flatMap((keep) => methods.map((method) => ({ fold, keep, method, seed })))),
  );
}

/** The name of the unit's folder: "fold0-keep0.1-bde-seed0". */
export function unitId({ fold, keep, method, seed }: GridUnit): string {
  const kept = keep === "one-per-image" ? keep : `keep${keep}`;
  return `fold${fold}-${kept}-${method.replace(/[^\w.=,-]/g, "_")}-seed${seed}`;
}

/** The same for people: "bde, fold 0, 10 %, seed 0". */
export function unitText({ fold, keep, method, seed }: GridUnit): string {
  return `${method}, fold ${fold}, ${keepText(keep)}, seed ${seed}`;
}

/** "10 %", "1 per image". */
export const keepText = (keep: GridUnit["keep"]): string =>
  keep === "one-per-image" ? "1 per image" : `${Number((100 * keep).toPrecision(4))} %`;

/** Sorts rates: one per image first, then rising. */
export const byKeep = (a: GridUnit["keep"], b: GridUnit["keep"]): number => rank(a) - rank(b);
const rank = (keep: GridUnit["keep"]): number => (keep === "one-per-image" ? 0 : keep);
