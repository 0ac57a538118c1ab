// The opened project: its images, what is marked, its rounds. What others do arrives as events.

import { computed, signal } from "@preact/signals";
import type { ActionRecord, CellClass, Events, Id, ImageFacts, ImageState, Project, Round } from "../../../src/api.ts";
import { History } from "../marks/history.ts";
import { type ImageMarks, Ledger } from "../marks/ledger.ts";
import { Outbox } from "../marks/outbox.ts";
import { byName } from "../parts/format.ts";
import { attempt, complain } from "./notices.ts";
import { actionsOf, getJson } from "./server.ts";

export const project = signal<Project | null>(null);
export const rounds = signal<readonly Round[]>([]);
/** Counts changes of the marks: who reads it is drawn again. */
export const version = signal(0);
/** Actions that are on their way to the disk, and why the last try failed. */
export const unsaved = signal(0);
export const saveProblem = signal<string | null>(null);
/** Whether the server tells what happens. */
export const connected = signal(true);

export let ledger = new Ledger("none", { images: [], classes: [] });
export let history = new History(ledger);
let outbox: Outbox;

/** In the order in which people count. */
export const images = computed(() => [...(project.value?.images ?? [])].sort((a, b) => byName(a.name, b.name)));
export const imageById = computed(() => new Map(images.value.map((image) => [image.id, image])));
export const classes = computed<readonly CellClass[]>(() => {
  version.value;
  return ledger.state.classes;
});

export function marksOf(image: Id): ImageMarks {
  version.value;
  return ledger.marks(image);
}

/** Marked cells of each image, hard negatives and hidden ones apart; absent until they are known. */
export const markCounts = computed<ReadonlyMap<Id, number>>(() => {
  version.value;
  const counts = new Map<Id, number>();
  for (const { id } of images.value) {
    if (!ledger.isLoaded(id) && ledger.state.countOf(id) === 0) continue;
    let count = 0;
    for (const { classId, hidden } of ledger.state.cellsOf(id)) if (classId !== null && !hidden) count++;
    counts.set(id, count);
  }
  return counts;
});

/** Untouched images become those being marked by their first cell. */
export function stateOf(image: Id): ImageState {
  version.value;
  const state = ledger.state.stateOf(image);
  return state === "untouched" && ledger.state.countOf(image) > 0 ? "marking" : state;
}

/** With the microns per pixel that somebody gave it. */
export function factsOf(image: ImageFacts): ImageFacts {
  version.value;
  const mpp = ledger.state.mppOf(image.id);
  return mpp === image.mpp ? image : { ...image, mpp };
}

/** After every action of this page. */
export function save(): void {
  version.value++;
  void outbox.flush();
}

/** When the server has all that was done so far. */
export const settled = (): Promise<void> => (ledger.pending.length > 0 ? outbox.flush() : Promise.resolve());

export async function openProject(): Promise<void> {
  const [opened, records] = await Promise.all([getJson<Project>("/project"), getJson<ActionRecord[]>("/actions?after=0")]);
  const client = clientId();
  ledger = new Ledger(client, opened);
  for (const record of records) ledger.receive(record);
  history = new History(ledger);
  outbox = new Outbox(ledger, actionsOf(client), {
    saving(left) {
      unsaved.value = left;
      if (left === 0) saveProblem.value = null;
    },
    failing(message) {
      saveProblem.value = message;
    },
    refused(_, message) {
      complain(`not saved, and taken off the screen: ${message}`);
      version.value++;
    },
    changed() {
      version.value++;
    },
  });
  rounds.value = opened.rounds;
  project.value = opened;
  for (const change of opened.changes ?? []) complain(change);
  listen();
  addEventListener("beforeunload", (event) => {
    if (unsaved.value > 0) event.preventDefault();
  });
}

/** The same after a reload, so that undo goes on; another tab is another client, also when it was made as a copy. */
function clientId(): string {
  const key = "sparsecell.client";
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  const kept = navigation?.type === "reload" ? sessionStorage.getItem(key) : null;
  const client = kept ?? newId();
  sessionStorage.setItem(key, client);
  return client;
}

export const newId = (): Id => crypto.randomUUID().replaceAll("-", "");

const loading = new Map<Id, Promise<unknown>>();

/** The marks that the opened dataset has for an image. */
export function loadMarks(image: Id): Promise<unknown> {
  if (ledger.isLoaded(image)) return Promise.resolve();
  let load = loading.get(image);
  if (!load) {
    load = attempt(async () => {
      ledger.load(image, await getJson<ImageMarks>(`/images/${image}/marks`));
      version.value++;
    }).finally(() => loading.delete(image));
    loading.set(image, load);
  }
  return load;
}

/** Of all images, one after another, for the counts. */
export async function loadAllMarks(): Promise<void> {
  for (const { id } of images.value) await loadMarks(id);
}

type Listener = { [K in keyof Events]?: (event: Events[K]) => void };
const listeners: Listener[] = [];

export function hear(listener: Listener): void {
  listeners.push(listener);
}

function listen(): void {
  const source = new EventSource("/api/v1/events");
  const on = <K extends keyof Events>(kind: K, act: (event: Events[K]) => void) =>
    source.addEventListener(kind, (event) => {
      const data = JSON.parse((event as MessageEvent<string>).data);
      act(data);
      for (const listener of listeners) listener[kind]?.(data);
    });
  on("action", (record) => {
    if (ledger.receive(record)) version.value++;
    else void catchUp();
  });
  on("round", takeRound);
  on("image", takeProblem);
  on("queue", () => {});
  on("searched", () => {});
  on("problem", ({ message }) => complain(message));
  let wasOpen = false;
  source.onopen = () => {
    connected.value = true;
    if (wasOpen) void catchUp();
    wasOpen = true;
  };
  source.onerror = () => {
    connected.value = false;
  };
}

export function takeRound(round: Round): void {
  const others = rounds.value.filter(({ number }) => number !== round.number);
  rounds.value = [...others, round].sort((a, b) => a.number - b.number);
}

function takeProblem({ id, problem }: Events["image"]): void {
  const opened = project.value;
  if (!opened) return;
  const images = opened.images.map((image) => (image.id === id ? { ...image, problem: problem ?? undefined } : image));
  project.value = { ...opened, images };
}

/** What happened while nobody told. */
async function catchUp(): Promise<void> {
  await attempt(async () => {
    for (const record of await getJson<ActionRecord[]>(`/actions?after=${ledger.entries.length}`)) ledger.receive(record);
    version.value++;
    const now = await getJson<Project>("/project");
    rounds.value = now.rounds;
    project.value = now;
  });
}
