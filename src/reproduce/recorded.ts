// Whether what a run was made of is here: its dataset and first weights, by the hashes that it recorded.

import { existsSync } from "node:fs";
import type { Dataset } from "../data/dataset.ts";
import { annotationsPath } from "../data/dataset-folder.ts";
import { changedFacts, trainingFacts } from "../data/training-facts.ts";
import { UserError } from "../errors.ts";
import { readProvenance } from "../runs/provenance.ts";
import { inputDifferences, surroundingDifferences } from "../runs/provenance-differences.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { TrainConfig } from "../settings/training.ts";
import { gatherProvenance } from "../train/provenance.ts";

export interface Found {
  /** What is learned from and is not the same here; a run of it would be another run. */
  readonly inputs: readonly string[];
  /** What computes and is not the same here. */
  readonly surroundings: readonly string[];
}

/** `data` and `weights`: where they are on this machine, if not where the run had them. Throws a UserError when they are not here. */
export function locate<T extends Pick<TrainConfig, "data" | "weights">>(
  recorded: T,
  { data = recorded.data, weights }: { readonly data?: string; readonly weights?: string },
): T {
  if (!existsSync(annotationsPath(data)))
    throw new UserError(`${data}: the run's dataset is not here; pass its folder with --data`);
  const file = weights ?? recorded.weights;
  if (recorded.weights === null && weights) throw new UserError("--weights: the run began with random weights; leave it out");
  if (file !== null && !existsSync(file))
    throw new UserError(`${file}: the run's first weights are not here; pass their file with --weights`);
  return { ...recorded, data, weights: file };
}

/** Compares what the run recorded with what is here. `dataset`: what it would learn from here. */
export async function compareRecorded(
  run: RunFolder,
  { dataset, config }: { readonly dataset: Dataset; readonly config: TrainConfig },
): Promise<Found> {
  const then = readProvenance(run.dir);
  const record = run.record();
  const facts = record.dataset ? changedFacts(record.dataset, trainingFacts(dataset)) : [];
  if (then === null)
    return {
      inputs: facts,
      surroundings: [
        `${run.dir}: of version ${record.versions.sparsecell ?? "unknown"}, which recorded no hashes of its images, weights and program`,
      ],
    };
  const now = await gatherProvenance({ dataset, config }).provenance;
  const images = inputDifferences(then, now);
  const elsewhere = (then.resumed ?? []).length;
  return {
    inputs: images.length > 0 ? images : facts,
    surroundings: [
      ...surroundingDifferences(then, now),
      ...(then.unrounded && !now.unrounded
        ? ["the run learned from boxes in memory, before files rounded them to 0.001 pixels: do not expect equal bits"]
        : []),
      ...(elsewhere > 0 ? [`the run was resumed ${elsewhere} times with another program, library or machine`] : []),
    ],
  };
}
