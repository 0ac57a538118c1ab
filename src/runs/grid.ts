// What a grid of trainings (fold × rate × method × seed) leaves for its report: plain JSON, one object a run.

import type { Measures } from "../evaluate/measures.ts";

/** One training of the grid. */
export interface GridUnit {
  readonly fold: number;
  /** The part of the training annotations that stays visible, or one in every image. */
  readonly keep: number | "one-per-image";
  /** The method as `--method` takes it, options included: "bde", "constant-weight:weight=0.5". */
  readonly method: string;
  readonly seed: number;
}

/** `result.json` of a finished run. */
export interface GridResult {
  readonly unit: GridUnit;
  /** How the method is called in tables: "FPN + BDE". */
  readonly label: string;
  readonly measures: Measures;
  readonly counts: {
    readonly trainImages: number;
    readonly visible: number;
    readonly hidden: number;
    readonly testImages: number;
    readonly testCells: number;
  };
  /** Mean losses over equal stretches of the training, at most 100 of them; `step` is a stretch's last. */
  readonly losses: readonly {
    readonly step: number;
    readonly rpnClass: number;
    readonly rpnBox: number;
    readonly roiClass: number;
    readonly roiBox: number;
  }[];
  /** What the second stage's boxes were like during training (Figure 2). */
  readonly density: readonly DensityProbe[];
  /** Test images that reached the limit of proposals or of detections. */
  readonly limitedImages: number;
  readonly trainSeconds: number;
  readonly totalSeconds: number;
}

/** Sampled RoIs of a few training images at one step, by what they really lie on; null means without RoIs of that kind. */
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

/** `grid.json`: what the grid is, and where its dataset lies for pictures of it. */
export interface Grid {
  readonly name: string;
  readonly title: string;
  /** "Table 2 of the paper", or what it stands for. */
  readonly paper: string;
  /** The key of the paper's table that this is a replication of, on the paper's own dataset only. */
  readonly preset: string;
  readonly command: string;
  /** Absolute path of the complete dataset. */
  readonly data: string;
  readonly folds: number;
  readonly splitSeed: number;
  readonly keeps: readonly GridUnit["keep"][];
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  /** Every setting of the trainings that is the same in all of them, limits included: label and value. */
  readonly settings: readonly { readonly label: string; readonly value: string }[];
  readonly versions: Readonly<Record<string, string>>;
  /** The dataset is the paper's: its own numbers stand beside ours. */
  readonly paperDataset: "mitos-atypia-14" | "ki67" | null;
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

/** A name for the unit's folder: "fold0-keep0.1-bde-seed0". */
export function unitId({ fold, keep, method, seed }: GridUnit): string {
  const kept = keep === "one-per-image" ? keep : `keep${keep}`;
  return `fold${fold}-${kept}-${method.replace(/[^\w.=,-]/g, "_")}-seed${seed}`;
}

/** The same for people: "bde, fold 0, 10 %, seed 0". */
export function unitText({ fold, keep, method, seed }: GridUnit): string {
  return `${method}, fold ${fold}, ${keepText(keep)}, seed ${seed}`;
}

export const keepText = (keep: GridUnit["keep"]): string =>
  keep === "one-per-image" ? "one per image" : `${Number((100 * keep).toPrecision(4))} %`;
