// Tells all open pages what has happened. Whoever asks late reads the state first and listens from there.

import type { Events } from "../api.ts";

export type Listener = <Name extends keyof Events>(name: Name, data: Events[Name]) => void;

export class Announcer {
  readonly #listeners = new Set<Listener>();

  send<Name extends keyof Events>(name: Name, data: Events[Name]): void {
    for (const listener of [...this.#listeners]) listener(name, data);
  }

  /** Returns what ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
