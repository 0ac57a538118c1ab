// An experiment as data: which dataset, which folds, rates and methods, and how each detector is trained. The files in
// experiments/ are protocols; anybody can write another one.

import type { Grid, GridUnit, SyntheticData } from "../runs/grid.ts";
import type { TrainSettings } from "../settings/presets.ts";

export type PresetName = "paper" | "quick";

export interface Protocol {
  /** Short, for folders: "ki67-rates". */
  readonly name: string;
  readonly title: string;
  /** "Table 2 of the paper", or what it stands for. */
  readonly paper: string;
  readonly data: DataSource;
  /** Cross-validation by group. */
  readonly folds: number;
  readonly splitSeed: number;
  readonly keeps: readonly GridUnit["keep"][];
  /** As `--method` takes them, options included. */
  readonly methods: readonly string[];
  /** Each is a training of its own: which annotations stay visible, first weights, order of the images. */
  readonly seeds: readonly number[];
  readonly paperDataset: Grid["paperDataset"];
  readonly presets: { readonly [name in PresetName]: TrainSettings };
}

export type DataSource =
  | {
      /** A dataset folder of the user's, complete: `--data DIR`. */
      readonly kind: "folder";
      /** The command that makes it out of what can be downloaded. */
      readonly prepare: string;
    }
  | SyntheticData;

/** What of a protocol's grid is wanted; all of it where nothing is said. */
export interface Selection {
  readonly folds?: readonly number[];
  readonly keeps?: Protocol["keeps"];
  readonly methods?: readonly string[];
  readonly seeds?: readonly number[];
}

/**
 * The trainings, in the order in which they run: all methods and rates of one fold, then the next fold, then the next seed.
 * So a grid that is stopped early has compared like with like.
 */
export function unitsOf(
  protocol: Pick<Protocol, "folds" | "keeps" | "methods" | "seeds">,
  selection: Selection = {},
): GridUnit[] {
  const {
    folds = Array.from({ length: protocol.folds }, (_, fold) => fold),
    keeps = protocol.keeps,
    methods = protocol.methods,
    seeds = protocol.seeds,
  } = selection;
  return seeds.flatMap((seed) =>
    folds.flatMap((fold) => keeps.flatMap((keep) => methods.map((method) => ({ fold, keep, method, seed })))),
  );
}
