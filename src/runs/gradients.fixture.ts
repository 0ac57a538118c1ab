// Made-up gradients for tests: a mean for every method, fold, seed, rate and layer.

import type { GradientRun, Gradients } from "./gradients.ts";

export interface MadeUpGradients {
  readonly methods?: Gradients["methods"];
  readonly keeps?: readonly GradientRun["keep"][];
  readonly folds?: readonly (number | null)[];
  readonly seeds?: readonly number[];
  /** Layers of each block. */
  readonly blocks?: Readonly<Record<string, number>>;
  /** μ_l; null where there is no such run. */
  readonly mean: (run: Pick<GradientRun, "method" | "keep" | "fold" | "seed">, layer: number) => number | null;
}

export const fourMethods: Gradients["methods"] = [
  { name: "fpn", label: "FPN" },
  { name: "label-smoothing", label: "FPN + LS" },
  { name: "proselflc", label: "FPN + ProSelfLC" },
  { name: "bde", label: "FPN + BDE" },
];

export function madeUpGradients(options: MadeUpGradients): Gradients {
  const { methods = fourMethods, keeps = [1], folds = [0], seeds = [0], blocks = { stem: 1, C2: 2, head: 1 }, mean } = options;
  const names = Object.entries(blocks).flatMap(([block, count]) => new Array<string>(count).fill(block));
  const units = folds.flatMap((fold) => seeds.map((seed) => ({ fold, seed })));
  const runs = methods.flatMap(({ name: method }) =>
    keeps.flatMap((keep) =>
      units.flatMap((unit): GradientRun[] => {
        const about = { method, keep, ...unit };
        const means = names.map((_, l) => mean(about, l + 1));
        if (means.includes(null)) return [];
        const layers = names.map((block, l) => {
          const mean = means[l] as number;
          return { layer: l + 1, name: `${block}.${l + 1}.weight`, block, mean, perImage: [mean / 2, 1.5 * mean] };
        });
        return [{ run: `runs/${Object.values(about).join("-")}`, ...about, images: ["a.png", "b.png"], layers }];
      }),
    ),
  );
  return { dataset: "made-up", split: "test", loss: "all", samplingSeed: 0, versions: { libtorch: "1.13.1" }, methods, runs };
}
