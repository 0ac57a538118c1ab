// What is marked, as this page sees it: the records of the server, and after them the actions that are still on their way to it.
// A mark is on the screen before it is on the disk, so its number is a guess until the server says it.

import type { Action, ActionRecord, Cell, Id, Region } from "../../../src/api.ts";
import { ProjectState, type StartingPoint } from "../../../src/project/state.ts";

export interface ImageMarks {
  readonly cells: readonly Cell[];
  readonly regions: readonly Region[];
}

/** An action, and what became of it. */
export interface Entry {
  /** A guess until it is saved. */
  number: number;
  saved: boolean;
  readonly client: string;
  readonly action: Action;
  /** What an undo takes back, or a redo does again. */
  readonly target: Entry | null;
}

export class Ledger {
  readonly client: string;
  /** On the server's disk: the action with number n is at n - 1. */
  readonly entries: Entry[] = [];
  readonly pending: Entry[] = [];
  private readonly start: StartingPoint;
  private readonly loaded = new Map<Id, ImageMarks>();
  state: ProjectState;

  constructor(client: string, start: StartingPoint) {
    this.client = client;
    this.start = start;
    this.state = new ProjectState(start);
  }

  /** The marks of an image before any action. */
  load(image: Id, marks: ImageMarks): void {
    this.loaded.set(image, marks);
    this.state.addMarks(marks);
  }

  isLoaded(image: Id): boolean {
    return this.loaded.has(image);
  }

  marks(image: Id): ImageMarks {
    return { cells: [...this.state.cellsOf(image)], regions: [...this.state.regionsOf(image)] };
  }

  /** An action of this page: on the screen at once, sent by the outbox. */
  act(action: Action, target: Entry | null = null): Entry {
    const number = this.entries.length + this.pending.length + 1;
    const entry: Entry = { number, saved: false, client: this.client, action, target };
    this.pending.push(entry);
    this.apply(entry);
    return entry;
  }

  /** A record of the server; one that was received before changes nothing. False when an earlier one is missing. */
  receive(record: ActionRecord): boolean {
    if (record.number <= this.entries.length) return true;
    if (record.number !== this.entries.length + 1) return false;
    const mine = this.pending[0];
    if (mine && record.client === this.client && inOrder(asSent(mine)) === inOrder(record.action)) {
      mine.saved = true;
      this.pending.shift();
      this.entries.push(mine);
      return true;
    }
    const { number, client, action } = record;
    const target = isTurn(action) ? (this.entries[action.action - 1] ?? null) : null;
    this.entries.push({ number, saved: true, client, action, target });
    if (this.pending.length > 0) this.again();
    else this.state.apply(record);
    return true;
  }

  /** The server refuses it for good: it never happened, nor did what takes it back. */
  withdraw(entry: Entry): void {
    const left = this.pending.filter((other) => other !== entry && other.target !== entry);
    this.pending.splice(0, this.pending.length, ...left);
    this.again();
  }

  /** From the start, because what is not saved comes after what others did. */
  private again(): void {
    this.state = new ProjectState(this.start);
    for (const marks of this.loaded.values()) this.state.addMarks(marks);
    this.pending.forEach((entry, i) => {
      entry.number = this.entries.length + i + 1;
    });
    for (const entry of this.entries) this.apply(entry);
    for (const entry of this.pending) this.apply(entry);
  }

  private apply(entry: Entry): void {
    this.state.apply({ number: entry.number, at: "", client: entry.client, action: asSent(entry) });
  }
}

const isTurn = (action: Action): action is Extract<Action, { do: "undo" | "redo" }> =>
  action.do === "undo" || action.do === "redo";

/** The action, with the number that its target has by now. */
export const asSent = ({ action, target }: Entry): Action =>
  isTurn(action) && target ? { do: action.do, action: target.number } : action;

const inOrder = (value: unknown): string =>
  JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
