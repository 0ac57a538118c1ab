// An experiment as data: which dataset, which folds, rates and methods, and how each detector is trained. The files in
// experiments/ are protocols; anyone can write another one.

import type { Bias } from "../data/bias/biases.ts";
import { type Grid, type GridUnit, unitsOf as gridUnits, type SyntheticData } from "../runs/grid.ts";
import type { TrainSettings } from "../settings/presets.ts";

export type PresetName = "paper" | "quick";

/**
 * An experiment: `npx sparsecell experiment FILE` takes a module that exports one as `protocol`.
 *
 * @example
 * export const protocol: Protocol = {
 *   name: "mine",
 *   title: "Two rates on our own cells",
 *   paper: "After Table 2 of the paper",
 *   data: { kind: "folder", prepare: "npx sparsecell data import …" },
 *   folds: 4,
 *   splitSeed: 0,
 *   keeps: [0.1, 1],
 *   methods: ["fpn", "bde"],
 *   seeds: [0],
 *   paperDataset: null,
 *   presets: { paper: paperSettings, quick: quickSettings },
 * };
 */
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
  /** Which annotations are kept rather than others, at all rates; at random where it is left out. */
  readonly bias?: Bias;
  /** As `--method` takes them, options included. */
  readonly methods: readonly string[];
  /** Of which annotations stay visible, first weights and order of the images: a training for each. */
  readonly seeds: readonly number[];
  readonly paperDataset: Grid["paperDataset"];
  readonly presets: { readonly [name in PresetName]: TrainSettings };
}

export type DataSource =
  | {
      /** The user's dataset folder, complete: `--data DIR`. */
      readonly kind: "folder";
      /** The command that makes it from what can be downloaded. */
      readonly prepare: string;
    }
  | SyntheticData;

/** The wanted part of a protocol's grid; what is left out is wanted whole. */
export interface Selection {
  readonly folds?: readonly number[];
  readonly keeps?: Protocol["keeps"];
  readonly methods?: readonly string[];
  readonly seeds?: readonly number[];
}

/** The trainings of a protocol, or of a part of it, in their order (grid.ts). */
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
  return gridUnits({ folds, keeps, methods, seeds });
}
