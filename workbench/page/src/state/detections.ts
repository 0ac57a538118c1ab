// What the rounds found, an image at a time. The last few images are kept whole, of the others only how many have which score.

import { effect, signal } from "@preact/signals";
import type { Id } from "../../../src/api.ts";
import { type Boxes, countByClass, readDetections } from "../canvas/boxes.ts";
import { complain } from "./notices.ts";
import { hear, images, rounds } from "./project.ts";
import { getBytes, getJson, ServerError } from "./server.ts";

const keptWhole = 12;
const whole = new Map<string, Boxes>();
const loading = new Set<string>();
const missing = new Set<string>();
/** Scores of each class, lowest first. */
const scores = new Map<string, readonly Float32Array[]>();
/** Counts what arrives. */
export const arrived = signal(0);

const keyOf = (round: number, image: Id) => `${round} ${image}`;

/** Images that a round has searched, as far as this page knows; of a round that is done, it has searched all. */
const searched = new Map<number, Set<Id>>();
const isSearched = (round: number, image: Id): boolean =>
  searched.get(round)?.has(image) === true || rounds.value.some(({ number, phase }) => number === round && phase === "done");

function take(round: number, images: readonly Id[]): void {
  const known = searched.get(round) ?? new Set();
  searched.set(round, known);
  for (const image of images) {
    known.add(image);
    const key = keyOf(round, image);
    for (const kept of [whole, scores, missing]) kept.delete(key);
  }
  arrived.value++;
}

/** Rounds whose list of searched images is on its way. */
const asking = new Set<number>();

// What was searched before this page was opened, or while it was not connected, nobody tells it.
effect(() => {
  for (const { number, phase, searched: count } of rounds.value)
    if (phase !== "done" && count > (searched.get(number)?.size ?? 0) && !asking.has(number)) void askFor(number);
});

async function askFor(round: number): Promise<void> {
  asking.add(round);
  try {
    const known = searched.get(round);
    const all = await getJson<Id[]>(`/rounds/${round}/searched`);
    take(
      round,
      all.filter((image) => !known?.has(image)),
    );
    void loadAllDetections(round); // who asked for the counts before was told that nothing was searched
  } catch (error) {
    complain((error as Error).message);
  } finally {
    asking.delete(round);
  }
}

/** Of an image, once they are here; asks for them otherwise. */
export function detectionsOf(round: number | undefined, image: Id | undefined): Boxes | null {
  arrived.value;
  if (round === undefined || image === undefined) return null;
  const key = keyOf(round, image);
  const found = whole.get(key);
  if (found) {
    whole.delete(key);
    whole.set(key, found); // the last used at the end
  } else void load(round, image);
  return found ?? null;
}

/** `counting`: the boxes themselves are not needed. */
export async function load(round: number, image: Id, counting = false): Promise<void> {
  const key = keyOf(round, image);
  if (!isSearched(round, image) || loading.has(key) || missing.has(key) || whole.has(key)) return;
  loading.add(key);
  try {
    const boxes = readDetections(await getBytes(`/rounds/${round}/images/${image}/detections.bin`));
    if (!counting) whole.set(key, boxes);
    scores.set(key, sortedScores(boxes));
    for (const old of [...whole.keys()].slice(0, -keptWhole)) whole.delete(old);
  } catch (error) {
    missing.add(key);
    if (!(error instanceof ServerError && error.status === 404)) complain((error as Error).message); // 404: not searched yet
  } finally {
    loading.delete(key);
    arrived.value++;
  }
}

hear({
  searched({ round, image }) {
    take(round, [image]);
  },
});

function sortedScores(boxes: Boxes): Float32Array[] {
  const kinds = boxes.classes.reduce((most, kind) => Math.max(most, kind + 1), 0);
  const lists = countByClass(boxes, 0, kinds).map((count) => new Float32Array(count));
  const ends = new Array<number>(kinds).fill(0);
  for (let i = 0; i < boxes.count; i++) {
    const kind = boxes.classes[i];
    if (boxes.scores![i] >= 0) lists[kind][ends[kind]++] = boxes.scores![i];
  }
  return lists.map((list) => list.sort());
}

/** How many detections of each class an image has from a score on; null until they are here. */
export function countsOf(round: number | undefined, image: Id, score: number): readonly number[] | null {
  arrived.value;
  if (round === undefined) return null;
  return scores.get(keyOf(round, image))?.map((list) => list.length - firstFrom(list, score)) ?? null;
}

/** The index of the first number that is not smaller. */
export function firstFrom(list: Float32Array, least: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of all images, for the counts. */
export async function loadAllDetections(round: number): Promise<void> {
  for (const { id } of images.value) {
    if (!rounds.value.some(({ number }) => number === round)) return;
    if (!scores.has(keyOf(round, id))) await load(round, id, true);
  }
}
