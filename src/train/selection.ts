// Which of the measured weights a training ends with, and when more steps are not worth their time.
//
// A measure on some dozens of marks is noisy, and later weights are usually better: of weights that differ by less than the
// measure's error, the later ones are kept, and of one step the averaged ones.

import type { ValidationLine } from "../runs/validation-log.ts";

/** The line of the weights to keep; undefined without lines. */
export function kept(lines: readonly ValidationLine[]): ValidationLine | undefined {
  const best = bestOf(lines);
  const good = lines.filter(({ measure }) => best && measure >= best.measure * (1 - relativeError(best)));
  return good.sort((a, b) => a.step - b.step || Number(a.weights === "averaged") - Number(b.weights === "averaged")).at(-1);
}

/** Whether `patience` measurements in a row were not better than the best before them; never while nothing is found. */
export function isExhausted(lines: readonly ValidationLine[], patience: number): boolean {
  const best = bestOf(lines);
  return patience > 0 && best !== undefined && best.measure > 0 && lines.length - 1 - lines.indexOf(best) >= patience;
}

const bestOf = (lines: readonly ValidationLine[]): ValidationLine | undefined =>
  lines.reduce<ValidationLine | undefined>((best, line) => (best && best.measure >= line.measure ? best : line), undefined);

/** The standard error of the recall, as a part of it. The same marks are compared, so more would be too much for a measure. */
function relativeError({ found, marks }: ValidationLine): number {
  return found === 0 ? 1 : Math.min(1, Math.sqrt((marks - found) / (marks * found)));
}
