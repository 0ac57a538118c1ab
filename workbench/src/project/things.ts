// The things of one kind (cells, say): what each started as, which actions name it, and what it is now. Like state.ts, for server and
// page.

import type { Id } from "../api.ts";
import type { PlainAction } from "./effects.ts";

export interface Done {
  readonly number: number;
  readonly action: PlainAction;
}

export class Things<T> {
  readonly now = new Map<Id, T>();
  readonly #start = new Map<Id, T>();
  readonly #actions = new Map<Id, Done[]>();
  readonly #step: (before: T | undefined, action: Done) => T | undefined;

  constructor(step: (before: T | undefined, action: Done) => T | undefined) {
    this.#step = step;
  }

  /** Whether anything has ever had this id. */
  has(id: Id): boolean {
    return this.#start.has(id) || this.#actions.has(id);
  }

  start(id: Id, value: T, isDone: (number: number) => boolean): void {
    this.#start.set(id, value);
    this.fold(id, isDone);
  }

  add(id: Id, done: Done): void {
    const actions = this.#actions.get(id);
    if (actions) actions.push(done);
    else this.#actions.set(id, [done]);
  }

  /** What it is without the actions that are taken back. */
  folded(id: Id, isDone: (number: number) => boolean): T | undefined {
    let value = this.#start.get(id);
    for (const done of this.#actions.get(id) ?? []) if (isDone(done.number)) value = this.#step(value, done);
    return value;
  }

  fold(id: Id, isDone: (number: number) => boolean): void {
    const value = this.folded(id, isDone);
    if (value === undefined) this.now.delete(id);
    else this.now.set(id, value);
  }
}
