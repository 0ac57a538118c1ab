// Do folds and seeds agree on the winner of a layer more often than chance would make them? Chance is simulated by reassigning the
// methods' names at random in every fold and seed. The layers of a training stay together, because neighbours tend to have the
// same winner.

import { Random } from "../../random.ts";
import type { RateWinners } from "./winners.ts";

export interface Agreement {
  /** Layers on which every fold and seed has the same winner. */
  readonly layers: number;
  /** The mean number when names are assigned at random. */
  readonly byChance: number;
  /** How often random names agree on as many layers or more. */
  readonly p: number;
}

const DEALS = 2000;

/** Null with fewer than two units or methods: nothing to agree on. `p` comes from 2000 random assignments with a fixed seed. */
export function agreementOf({ methods, byUnit }: Pick<RateWinners, "methods" | "byUnit">): Agreement | null {
  if (byUnit.length < 2 || methods.length < 2) return null;
  const places = byUnit.map((layers) => layers.map((winner) => (winner === null ? -1 : methods.indexOf(winner))));
  const [first, ...others] = places;
  const agreed = (deals: readonly (readonly number[])[]): number =>
    first.filter((place, l) => place >= 0 && others.every((layers, u) => layers[l] >= 0 && deals[u][layers[l]] === place)).length;
  const asTheyAre = methods.map((_, i) => i);
  const layers = agreed(others.map(() => asTheyAre));
  const random = new Random(0);
  let asMany = 0;
  for (let deal = 0; deal < DEALS; deal++) if (agreed(others.map(() => random.shuffled(asTheyAre))) >= layers) asMany++;
  const decided = first.filter((_, l) => places.every((unit) => unit[l] >= 0)).length;
  return { layers, byChance: decided * methods.length ** -others.length, p: (asMany + 1) / (DEALS + 1) };
}
