// Answering: one suspect after another, the next one always fetched before it is needed.

import { computed, signal } from "@preact/signals";
import type { Answer, Id, Queue, Suspect } from "../../../src/api.ts";
import { tilesFor, windowInside } from "../viewer/zoom.ts";
import { load } from "./detections.ts";
import { act, undo } from "./marking.ts";
import { attempt, say } from "./notices.ts";
import { hear, imageById, ledger, loadMarks, newId, settled, version } from "./project.ts";
import { effectOf, merged, nextOpen } from "./queue-list.ts";
import { getJson } from "./server.ts";
import { askingRound, openImage, panel } from "./view.ts";

const ahead = 20;

export const queue = signal<Queue | null>(null);
export const list = signal<readonly Suspect[]>([]);
export const at = signal(-1);
export const current = computed<Suspect | null>(() => list.value[at.value] ?? null);
/** Of a sheet the suspect that has the focus; null where they are asked about one by one. */
export const glanced = signal<Suspect | null>(null);
/** What the viewer shows. */
export const inView = computed(() => glanced.value ?? current.value);
/** Counts the times that the viewer should go there. */
export const visit = signal(0);

export function answerOf(id: Id): Answer | null {
  version.value;
  return ledger.state.answers.get(id)?.answer ?? null;
}
const isAnswered = (id: Id) => ledger.state.answers.has(id);

let asked: Promise<unknown> | null = null;
let again = false;

/** Reads the queue of the shown round; one request at a time. */
export function refill(): Promise<unknown> {
  if (asked) {
    again = true;
    return asked;
  }
  const round = askingRound.value?.number;
  if (round === undefined) return Promise.resolve();
  asked = attempt(async () => {
    await settled();
    const before = balance;
    const read = await getJson<Queue>(`/queue?round=${round}&count=${ahead}`);
    const fresh = queue.value?.round !== round;
    queue.value = counted(read, balance - before);
    list.value = merged(fresh ? [] : list.value, fresh ? -1 : at.value, read.next, isAnswered);
    if (fresh || !current.value) go(nextOpen(list.value, 0, isAnswered), false);
    prepare();
  }).finally(() => {
    asked = null;
    if (again) {
      again = false;
      void refill();
    }
  });
  return asked;
}

/** Answers given less those taken back: the server's numbers may be older than what was done since it was asked. */
let balance = 0;
const counted = (known: Queue, answers: number): Queue => ({
  ...known,
  left: Math.max(0, known.left - answers),
  answered: Math.max(0, known.answered + answers),
});

function count(answers: number): void {
  balance += answers;
  if (queue.value) queue.value = counted(queue.value, answers);
}

/** Shows a suspect of a sheet in its place. */
export function glance(suspect: Suspect): void {
  glanced.value = suspect;
  openImage(suspect.image);
  visit.value++;
}

/** Shows a suspect: its image, and the viewer goes there. */
export function go(to: number, look = true): void {
  at.value = to;
  const suspect = list.value[to];
  if (!suspect || panel.value !== "answer") return;
  openImage(suspect.image);
  visit.value++;
  if (look) say(`${suspect.kind === "missing" ? "a cell that is not marked?" : "marked, and not a cell?"} ${suspect.reason}`);
  prepare();
}

export const forward = () => go(Math.min(list.value.length - 1, at.value + 1));
export const back = () => go(Math.max(0, at.value - 1));

/** `classId`: a cell, but of another class. */
export function answer(given: Answer, classId?: Id): void {
  const suspect = current.value;
  const image = suspect && imageById.value.get(suspect.image);
  if (!suspect || !image) return;
  if (isAnswered(suspect.id)) {
    say("already answered; z takes it back");
    return;
  }
  const effect = effectOf(given, suspect, image, newId(), classId);
  act({ do: "answer", round: suspect.round, suspect: suspect.id, answer: given, effect });
  count(1);
  const next = nextOpen(list.value, at.value + 1, isAnswered);
  if (next >= 0) go(next);
  else {
    at.value = list.value.length;
    say("nothing more to answer");
  }
  void refill(); // every answer changes the order and the estimate
}

/** Takes the last step back; if it was an answer, shows it again. */
export function takeBack(): void {
  const before = new Set(ledger.state.answers.keys());
  undo();
  const open = [...before].find((id) => !isAnswered(id));
  const place = list.value.findIndex(({ id }) => id === open);
  if (place < 0) return;
  count(-1);
  go(place);
}

/** The pictures and marks of the next ones, so that they are there at once. */
const fetched = new Set<string>();
function prepare(): void {
  const coming = list.value.slice(Math.max(0, at.value), at.value + 6);
  for (const suspect of coming) {
    const image = imageById.value.get(suspect.image);
    if (!image) continue;
    void loadMarks(image.id);
    const seen = viewerShape;
    for (const url of tilesFor(image, windowInside(image, suspect.box, seen.width / seen.height), seen.width)) {
      if (fetched.has(url)) continue;
      fetched.add(url);
      new Image().src = url;
    }
  }
  const round = askingRound.value?.number;
  if (round !== undefined) for (const id of new Set(coming.map(({ image }) => image))) void load(round, id);
}

/** Of the viewer, in pixels of the screen. */
export const viewerShape = { width: 800, height: 600 };

hear({
  queue({ round }) {
    if (round === askingRound.value?.number) void refill();
  },
});
