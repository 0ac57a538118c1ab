// In which order suspects are asked about. Most by what an answer teaches; every third one is drawn at random, so that the answers
// also say how many cells are missing (estimate.ts): those that were chosen for their score cannot.

import type { Suspect } from "../api.ts";
import { Random } from "../sparsecell.ts";

export interface Queued {
  readonly suspect: Suspect;
  /** Its place in the order by what an answer teaches. */
  readonly rank: number;
  /** It has its place in the queue because it was drawn. */
  readonly drawn: boolean;
  /** Of scores: the number of its part; null where it is no missing cell, and none of the estimate's business. */
  readonly stratum: number | null;
}

/** What an answer teaches most. `score`: the recommended one. */
export type Order = (suspects: readonly Suspect[], score: number, random: Random) => Suspect[];

const by =
  (value: (suspect: Suspect, score: number) => number): Order =>
  (suspects, score) =>
    suspects
      .map((suspect, i) => ({ suspect, i, worth: value(suspect, score) }))
      .sort((a, b) => b.worth - a.worth || a.i - b.i)
      .map(({ suspect }) => suspect);

/** The next best of each image in turn, so that one image does not fill the queue. */
const spread =
  (order: Order): Order =>
  (suspects, score, random) => {
    const turn = new Map<string, number>();
    return order(suspects, score, random)
      .map((suspect, i) => {
        const nth = turn.get(suspect.image) ?? 0;
        turn.set(suspect.image, nth + 1);
        return { suspect, i, nth };
      })
      .sort((a, b) => a.nth - b.nth || a.i - b.i)
      .map(({ suspect }) => suspect);
  };

/** Nearest to the score from which on detections count: there an answer moves the model most, whatever it is. */
const uncertain = by(({ score }, recommended) => -Math.abs(score - recommended));

/** `node experiments/clicks.mjs --order …` compares them. */
export const orders = {
  uncertain,
  likely: by(({ score }) => score),
  "spread-uncertain": spread(uncertain),
  "spread-likely": spread(by(({ score }) => score)),
  random: (suspects, _, random) => random.shuffled(suspects),
} as const satisfies Record<string, Order>;

export type OrderName = keyof typeof orders;
export const usualOrder: OrderName = "spread-uncertain";

/** Every so many one is drawn, and every so many one is a mark that the model denies, as long as there are any. */
const [EVERY_DRAWN, EVERY_DENIED] = [3, 8];

export interface QueueOptions {
  readonly score: number;
  readonly seed: number;
  readonly order?: OrderName;
}

/** All suspects, in the order in which they are asked about. It depends on nothing else, so the answers need not be known. */
export function queueOf(suspects: readonly Suspect[], { score, seed, order = usualOrder }: QueueOptions): Queued[] {
  const missing = suspects.filter(({ kind }) => kind === "missing");
  const denied = by(({ score }) => -score)(
    suspects.filter(({ kind }) => kind === "denied"),
    score,
    new Random(seed),
  );
  const ranked = orders[order](missing, score, new Random(seed, 1));
  const rankOf = new Map(ranked.map((suspect, i) => [suspect, i]));
  const draw = new Draw(missing, score, new Random(seed, 2));
  const queue: Queued[] = [];
  const placed = new Set<Suspect>();
  const place = (suspect: Suspect, drawn: boolean): void => {
    placed.add(suspect);
    const isMissing = suspect.kind === "missing";
    const stratum = isMissing ? stratumOf(suspect.score, score) : null;
    queue.push({ suspect, rank: isMissing ? (rankOf.get(suspect) as number) : -1, drawn, stratum });
  };
  let [next, nextDenied] = [0, 0];
  while (placed.size < suspects.length) {
    const at = queue.length + 1;
    if (at % EVERY_DENIED === 0 || placed.size - nextDenied === missing.length)
      if (nextDenied < denied.length) {
        place(denied[nextDenied++], false);
        continue;
      }
    const drawn = at % EVERY_DRAWN === 0 ? draw.next(placed) : null;
    if (drawn) place(drawn, true);
    else {
      while (placed.has(ranked[next])) next++;
      place(ranked[next], false);
    }
  }
  return queue;
}

/** The parts of the scores within which suspects are drawn: two below the recommended score, two above. */
export function stratumOf(score: number, recommended: number): number {
  if (score < recommended) return score < recommended / 2 ? 0 : 1;
  return score < (1 + recommended) / 2 ? 2 : 3;
}
export const FIRST_THAT_COUNTS = 2;
export const STRATA = 4;

/** Draws from each part of the scores at random, from the parts in turn by how many they hold and how uncertain they are (Neyman 1934). */
class Draw {
  readonly #parts: { readonly items: readonly Suspect[]; readonly weight: number; next: number; drawn: number }[];

  constructor(missing: readonly Suspect[], score: number, random: Random) {
    this.#parts = Array.from({ length: STRATA }, (_, stratum) => {
      const items = random.shuffled(missing.filter((suspect) => stratumOf(suspect.score, score) === stratum));
      const mean = items.reduce((sum, item) => sum + item.score, 0) / Math.max(1, items.length);
      const counts = stratum >= FIRST_THAT_COUNTS ? 1 : 0.5; // what is below the score says something of completeness alone
      return { items, weight: counts * items.length * Math.sqrt(Math.max(0.05, mean * (1 - mean))), next: 0, drawn: 0 };
    });
  }

  /** Null: all are placed. */
  next(placed: ReadonlySet<Suspect>): Suspect | null {
    for (const part of this.#parts) while (part.next < part.items.length && placed.has(part.items[part.next])) part.next++;
    const left = this.#parts.filter(({ items, next }) => next < items.length);
    if (left.length === 0) return null;
    const part = left.reduce((best, each) => (each.weight / (each.drawn + 1) > best.weight / (best.drawn + 1) ? each : best));
    part.drawn++;
    return part.items[part.next++];
  }
}
