// Training: starting a round, and what is seen of it while it learns.

import { computed, signal } from "@preact/signals";
import type { Curves, Round, RoundPhase, TrainRequest, WindowPicture } from "../../../src/api.ts";
import { attempt, say } from "./notices.ts";
import { hear, rounds, takeRound } from "./project.ts";
import { getJson, getText, post } from "./server.ts";
import { chosenRound, chosenScore } from "./view.ts";

export interface Progress {
  readonly round: number;
  readonly curves: Curves;
  readonly pictures: readonly WindowPicture[];
  readonly log: string;
}

const busy: readonly RoundPhase[] = ["preparing", "training", "paused", "searching"];
export const isBusy = ({ phase }: Round): boolean => busy.includes(phase);

/** The round that is at work. */
export const active = computed(() => rounds.value.find(isBusy) ?? null);
/** The round of which curves are shown: the one at work, or the last, or the chosen one. */
export const watchedRound = signal<number | null>(null);
export const watched = computed(
  () => rounds.value.find(({ number }) => number === watchedRound.value) ?? active.value ?? rounds.value.at(-1) ?? null,
);
export const progress = signal<Progress | null>(null);
export const logOpen = signal(false);
export const starting = signal(false);

export async function train(request: TrainRequest): Promise<void> {
  starting.value = true;
  const round = await attempt(() => post<Round>("/rounds", request));
  starting.value = false;
  if (!round) return;
  takeRound(round);
  watchedRound.value = null;
  [chosenRound.value, chosenScore.value] = [null, null];
  say(`round ${round.number} started`);
}

export async function order(round: Round, what: "stop" | "pause" | "resume"): Promise<void> {
  const changed = await attempt(() => post<Round>(`/rounds/${round.number}/${what}`, {}));
  if (changed) takeRound(changed);
}

let reading = false;
let waiting: number | null = null;

/** Reads curves, pictures and log of a round; while that goes on, a later call waits for its turn. */
export async function watch(number: number): Promise<void> {
  if (reading) {
    waiting = number;
    return;
  }
  reading = true;
  const path = `/rounds/${number}`;
  await attempt(async () => {
    const [curves, pictures, log] = await Promise.all([
      getJson<Curves>(`${path}/curves`),
      getJson<WindowPicture[]>(`${path}/pictures`),
      logOpen.value ? getText(`${path}/log`) : Promise.resolve(progress.value?.round === number ? progress.value.log : ""),
    ]);
    progress.value = { round: number, curves, pictures, log };
  });
  reading = false;
  if (waiting !== null) {
    const next = waiting;
    waiting = null;
    void watch(next);
  }
}

hear({
  round(round) {
    if (round.number === watched.value?.number) void watch(round.number);
  },
});
