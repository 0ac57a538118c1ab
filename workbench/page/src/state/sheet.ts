// Answering many suspects at once: what is no cell is named, and one key marks all the others. It is one step of undo.

import { signal } from "@preact/signals";
import type { Id, Sheet } from "../../../src/api.ts";
import { act } from "./marking.ts";
import { attempt, say } from "./notices.ts";
import { imageById, ledger, newId, settled } from "./project.ts";
import { at, current, glanced, go, refill, takeBack } from "./queue.ts";
import { effectOf } from "./queue-list.ts";
import { getJson } from "./server.ts";
import { askingRound } from "./view.ts";

const COUNT = 48;

export const asking = signal<"one" | "sheet">("one");
/** null: not read yet. */
export const sheet = signal<Sheet | null>(null);
/** Of the suspects those that are no cells. They stay when a sheet is taken back. */
export const wrong = signal<ReadonlySet<Id>>(new Set());

export function askIn(way: "one" | "sheet"): void {
  asking.value = way;
  glanced.value = null;
  if (way === "one" && current.value) go(at.value, false);
  say(way === "sheet" ? "many at once" : "one by one");
}

export const turnAsking = () => askIn(asking.value === "sheet" ? "one" : "sheet");

/** Reads the sheet of the shown round. */
export function readSheet(): Promise<unknown> {
  return attempt(async () => {
    await settled(); // what is answered already is on no sheet
    const round = askingRound.value?.number;
    if (round === undefined) return;
    const read = await getJson<Sheet>(`/sheet?round=${round}&count=${COUNT}`);
    if (round === askingRound.value?.number) sheet.value = read;
  });
}

export function toggleWrong(id: Id): void {
  const next = new Set(wrong.value);
  if (!next.delete(id)) next.add(id);
  wrong.value = next;
}

/** Answers all suspects of the sheet. */
export function confirmSheet(): void {
  const suspects = (sheet.value?.suspects ?? []).filter(
    ({ id, image }) => !ledger.state.answers.has(id) && imageById.value.has(image),
  );
  if (suspects.length === 0) return;
  const given = (id: Id) => (wrong.value.has(id) ? "refuse" : "accept");
  act(
    ...suspects.map((suspect) => {
      const answer = given(suspect.id);
      const effect = effectOf(answer, suspect, imageById.value.get(suspect.image)!, newId());
      return { do: "answer", round: suspect.round, suspect: suspect.id, answer, effect, sheet: true } as const;
    }),
  );
  const cells = suspects.filter(({ id }) => given(id) === "accept").length;
  say(`${cells} marked as cells, ${suspects.length - cells} as not a cell`);
  sheet.value = null;
  void readSheet();
  void refill();
}

/** Takes the last step back, and shows the sheet again that it answered. */
export function takeBackHere(): void {
  takeBack();
  if (asking.value === "one") return;
  void readSheet();
  void refill();
}
