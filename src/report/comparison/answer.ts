// The result of a comparison in one paragraph of plain words. Every word follows from the numbers: the method that found more is
// named first, a tie is called a tie, and false alarms are named beside what was found.

import type { Comparison } from "../../runs/comparison.ts";
import { counted, formatPercent, listed } from "../document/words.ts";
import { comparisonMetrics } from "./table.ts";

/** One paragraph: how many cells each method found, its false alarms, and its AP. */
export function comparisonAnswer({ methods, heldOut, score }: Comparison): string {
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
      sentences.push(`${place}, ${listed(methods.map(({ label }) => label))} found equally many: ${share(first.found)}.`);
    } else {
      const word = others[0].found === first.found ? "" : others.length === 1 ? "more: " : "the most: ";
      sentences.push(`${place}, ${first.label} found ${word}${share(first.found)}, ${rest}.`);
    }
  }
  sentences.push(
    `False alarms, where no cell is annotated: ${methods.map(({ label, wrong }) => `${label} ${wrong}`).join(", ")}.`,
  );
  const [{ key, label }] = comparisonMetrics;
  sentences.push(`${label}: ${methods.map((method) => `${method.label} ${formatPercent(method.metrics[key])}`).join(", ")}.`);
  return sentences.join(" ");
}
