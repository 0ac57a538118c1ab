// The losses of a step that several processes share. Each loss is a sum of means over things of the batch; each process has the
// means of its own images. Σ mean · count over all processes, divided by the sum of the counts, is the mean of the whole batch.

import type { Tensor } from "@sparsecell/torch";
import { DivergedError } from "../detector/diverged-error.ts";
import { UserError } from "../errors.ts";
import type { NamedArrays } from "../methods/calibration.ts";
import type { StepLosses } from "../procedures/procedure.ts";
import type { Processes } from "./processes.ts";

export interface SharedLosses {
  /** What this process adds to the sum of all losses; the sum of its gradients over all processes is the gradient of the step. */
  readonly objective: Tensor;
  /** Each loss of the whole batch. */
  readonly parts: Readonly<Record<string, number>>;
  /** What all processes saw. */
  readonly observed: NamedArrays;
}

/** `losses`: of the images of this process. Throws a DivergedError in all processes when it throws one in any. */
export function sharedLosses(processes: Processes, losses: () => StepLosses): SharedLosses {
  const own = caught(losses);
  const { means = null, observed = {} } = own instanceof DivergedError ? {} : own;
  const entries = Object.entries(means ?? {}).flatMap(([part, list]) => list.map((mean) => ({ part, ...mean })));
  const arrays = Object.entries(observed);
  const numbers = [
    ...entries.flatMap(({ mean, count }) => [count === 0 ? 0 : mean.item() * count, count]),
    ...arrays.flatMap(([, values]) => Array.from(values)),
  ];
  // First what is of one length in all of them: whether one has diverged, and whether all speak of the same things.
  const [diverged, inOne, lengths] = processes.sum([
    own instanceof DivergedError ? 1 : 0,
    means === null ? 1 : 0,
    numbers.length,
  ]);
  if (diverged > 0)
    throw own instanceof DivergedError ? own : new DivergedError("the boxes or scores of another process are not finite");
  if (inOne > 0) throw new UserError("--processes: this method's losses cannot be shared by processes; train with one");
  if (lengths !== processes.size * numbers.length) throw new Error("processes: the losses of a step are not of one kind in all");

  const sums = processes.sum(numbers);
  const parts: Record<string, number> = {};
  const terms = entries.map(({ part, mean, count }, i) => {
    const total = Math.max(1, sums[2 * i + 1]);
    parts[part] = (parts[part] ?? 0) + sums[2 * i] / total;
    return mean.mul(count / total);
  });
  let at = 2 * entries.length;
  const all = arrays.map(([name, { length }]) => [name, Float64Array.from(sums.slice(at, (at += length)))]);
  return { objective: terms.reduce((sum, term) => sum.add(term)), parts, observed: Object.fromEntries(all) };
}

function caught(losses: () => StepLosses): StepLosses | DivergedError {
  try {
    return losses();
  } catch (error) {
    if (error instanceof DivergedError) return error;
    throw error;
  }
}
