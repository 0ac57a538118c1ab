// A balanced sample of matched candidates: the loss of an image is taken on these alone.

import type { Random } from "../random.ts";
import { background } from "./matcher.ts";

export interface Sample {
  readonly positive: number[];
  readonly negative: number[];
  /** How many there were of each kind to choose from. */
  readonly from: { readonly positives: number; readonly negatives: number };
}

/**
 * `matches` [K] of matcher.ts → at most `count` indices, at most `positiveFraction` of them positive, each chosen
 * uniformly without replacement; negatives fill what positives leave.
 */
export function sample(
  matches: Int32Array,
  { count, positiveFraction }: { count: number; positiveFraction: number },
  random: Random,
): Sample {
  const positives: number[] = [];
  const negatives: number[] = [];
  matches.forEach((match, k) => {
    if (match >= 0) positives.push(k);
    else if (match === background) negatives.push(k);
  });
  const positive = choose(positives, Math.floor(count * positiveFraction), random);
  const negative = choose(negatives, count - positive.length, random);
  return { positive, negative, from: { positives: positives.length, negatives: negatives.length } };
}

/** `count` of the items (all, when there are fewer), in random order; a Fisher–Yates shuffle that stops early. */
function choose(items: number[], count: number, random: Random): number[] {
  const chosen = Math.min(count, items.length);
  for (let i = 0; i < chosen; i++) {
    const j = i + random.integer(items.length - i);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items.slice(0, chosen);
}
