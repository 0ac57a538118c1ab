// The answer of a comparison in one paragraph of plain words. Every word follows from the numbers: whoever found more is named
// first, equal is called equal, false alarms stand beside what was found.

import type { ComparisonReport } from "../../runs/comparison.ts";
import { formatMetric, formatPercent } from "./table.ts";

/** One paragraph: who found how many cells, the false alarms, and the first metric. */
export function comparisonAnswer({ methods, heldOut, score, metrics }: ComparisonReport): string {
  if (methods.length === 0) return "No method was evaluated.";
  const { images, truths } = heldOut;
  const cells = truths === 0 ? "no annotated cell" : counted(truths, "annotated cell");
  const place = `On ${counted(images, "held-out image")} with ${cells}, at a score of ${score} or more`;
  const sentences: string[] = [];

  if (truths === 0) sentences.push(`${place}, there was nothing to find.`);
  else {
    const share = (found: number) => `${found} (${formatPercent(found / truths)})`;
    const [first, ...others] = [...methods].sort((a, b) => b.found - a.found);
    const rest = others.map(({ label, found }) => `${label} ${share(found)}`).join(", ");
    if (others.length === 0) sentences.push(`${place}, ${first.label} found ${share(first.found)}.`);
    else if (others.every(({ found }) => found === first.found)) {
      sentences.push(`${place}, ${methods.map(({ label }) => label).join(" and ")} found equally many: ${share(first.found)}.`);
    } else {
      const word = others[0].found === first.found ? "" : others.length === 1 ? "more: " : "the most: ";
      sentences.push(`${place}, ${first.label} found ${word}${share(first.found)}, ${rest}.`);
    }
  }
  sentences.push(
    `False alarms, where no cell is annotated: ${methods.map(({ label, wrong }) => `${label} ${wrong}`).join(", ")}.`,
  );
  const [metric] = metrics;
  if (metric)
    sentences.push(`${metric.label}: ${methods.map((method) => `${method.label} ${formatMetric(metric, method)}`).join(", ")}.`);
  return sentences.join(" ");
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
