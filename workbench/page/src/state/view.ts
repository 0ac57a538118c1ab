// What this page shows: which image, which tool, which kinds of things. Nothing of it is a mark, so it stays in the browser.

import { computed, signal } from "@preact/signals";
import type { Id, ImageFacts, ImageState, Region } from "../../../src/api.ts";
import { stepped } from "./image-list.ts";
import { classes, factsOf, imageById, images, rounds, stateOf } from "./project.ts";

export type Tool = "move" | "point" | "box" | "region" | "polygon";
export type Panel = "mark" | "train" | "answer" | "results";

export const imageId = signal<Id | null>(null);
export const image = computed(() => {
  const found = imageById.value.get(imageId.value ?? "");
  return found ? factsOf(found) : null;
});
export const tool = signal<Tool>("move");
export const panel = signal<Panel>("mark");
export const selected = signal<ReadonlySet<Id>>(new Set());
/** The class of the next mark; null: not a cell. */
export const markClass = signal<Id | null | undefined>(undefined);
export const regionKind = signal<Region["kind"]>("complete");
export const show = {
  marks: signal(true),
  detections: signal(true),
  suspects: signal(true),
  regions: signal(true),
  names: signal(false),
};
/** What the list says of an image: how far it is, or that nobody can use it. */
export type ListedState = ImageState | "unusable";
export const listedState = ({ id, problem }: ImageFacts): ListedState => (problem === undefined ? stateOf(id) : "unusable");
export const filter = signal<{ readonly text: string; readonly state: ListedState | "all" }>({ text: "", state: "all" });
/** What the list shows. */
export const listed = computed<readonly ImageFacts[]>(() => {
  const { text, state } = filter.value;
  const wanted = text.trim().toLowerCase();
  return images.value.filter(
    (image) => image.name.toLowerCase().includes(wanted) && (state === "all" || listedState(image) === state),
  );
});
/** The round whose detections are shown: the last one that has any, unless somebody chose. */
export const chosenRound = signal<number | null>(null);
export const compareRound = signal<number | null>(null);
export const comparing = signal(false);
/** Detections of this score or more; null: the one that the round recommends. */
export const chosenScore = signal<number | null>(null);
/** What is open over the page. Each opening is an object of its own: a dialog that has just closed is not the one that opens next. */
export const dialog = signal<{ readonly name: "keys" | "export" } | null>(null);
export const viewerFocused = signal(false);
/** Nothing of the image can be seen yet. */
export const loading = signal(false);
/** The pointer, in pixels of the image. */
export const pointer = signal<readonly [number, number] | null>(null);
/** Pixels of CSS for one of the image. */
export const zoom = signal(1);
/** Counts the frames in which the viewer has moved. */
export const glances = signal(0);

export const searchedRounds = computed(() => rounds.value.filter(({ searched }) => searched > 0));
export const shownRound = computed(() => {
  const found = searchedRounds.value;
  return found.find(({ number }) => number === chosenRound.value) ?? found.at(-1) ?? null;
});
/** The round that is asked about: questions come when a search is done. */
export const askingRound = computed(() => {
  const done = rounds.value.filter(({ phase }) => phase === "done");
  return done.find(({ number }) => number === shownRound.value?.number) ?? done.at(-1) ?? null;
});
export const score = computed(() => chosenScore.value ?? shownRound.value?.heldOut?.score ?? 0.5);

/** The class that the next mark gets: the chosen one if it still exists, else the first. */
export const currentClass = computed<Id | null>(() => {
  const chosen = markClass.value;
  if (chosen === null) return null;
  return (classes.value.find(({ id }) => id === chosen) ?? classes.value[0])?.id ?? null;
});

export function openImage(id: Id): void {
  if (imageId.value === id) return;
  selected.value = new Set();
  imageId.value = id;
}

/** The next or previous image that the list shows. */
export function stepImage(by: 1 | -1): void {
  const next = stepped(images.value, listed.value, imageId.value, by);
  if (next) openImage(next.id);
}
