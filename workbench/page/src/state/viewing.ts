// What buttons and keys change of the view.

import type { Signal } from "@preact/signals";
import { say } from "./notices.ts";
import { answerOf, at, go, list, refill } from "./queue.ts";
import { nextOpen } from "./queue-list.ts";
import { chosenScore, compareRound, comparing, type Panel, panel, score, searchedRounds, shownRound } from "./view.ts";

export const toggle = (signal: Signal<boolean>) => {
  signal.value = !signal.value;
};

export function showPanel(to: Panel): void {
  panel.value = to;
  if (to !== "answer") return;
  void refill();
  if (list.value.length > 0) go(at.value >= 0 ? at.value : nextOpen(list.value, 0, (id) => answerOf(id) !== null));
}

export function nudgeScore(by: number): void {
  chosenScore.value = Math.max(0, Math.min(1, Math.round((score.value + by) * 100) / 100));
  say(`score ${chosenScore.value}`);
}

/** The shown round beside the one before it. */
export function setComparing(on = !comparing.value): void {
  const others = searchedRounds.value.filter(({ number }) => number !== shownRound.value?.number);
  if (on && others.length === 0) {
    say("a second round is needed to compare");
    return;
  }
  if (on && !others.some(({ number }) => number === compareRound.value)) compareRound.value = others.at(-1)!.number;
  comparing.value = on;
}
