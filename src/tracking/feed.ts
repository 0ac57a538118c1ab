// Feeds a sink from a run's logs. A failure costs one warning; it is tried again later, with what the sink then lacks. So nothing
// has to be kept in memory, and no point comes twice.

import { reason } from "../errors.ts";
import type { Png } from "./event-file.ts";
import { Follower } from "./follower.ts";
import type { Ending, Sink } from "./sink.ts";

/** Milliseconds between a failure and the next attempt. */
const PAUSE = 30_000;

export class Feed {
  readonly #sink: Sink;
  readonly #dir: string;
  readonly #onNote: (line: string) => void;
  #follower: Follower;
  #isOpen = false;
  /** The last step of each curve that the sink has. */
  #last = new Map<string, number>();
  #notBefore = 0;
  #warned = false;

  constructor(sink: Sink, { dir, onNote }: { readonly dir: string; readonly onNote: (line: string) => void }) {
    this.#sink = sink;
    this.#dir = dir;
    this.#follower = new Follower(dir);
    this.#onNote = onNote;
  }

  /** Whether its sink takes pictures; at most one of a run does. */
  get hasPictures(): boolean {
    return this.#sink.picture !== undefined;
  }

  /** All that is new in the logs. `now`: in milliseconds. */
  async turn(now: number): Promise<void> {
    if (now >= this.#notBefore) await this.#attempt(now, () => this.#send());
  }

  async picture(tag: string, step: number, picture: Png): Promise<void> {
    if (this.#isOpen) await this.#attempt(Date.now(), () => this.#sink.picture?.(tag, step, picture));
  }

  /** What is left, in one last attempt. */
  async close(ending: Ending): Promise<void> {
    await this.#attempt(Date.now(), async () => {
      await this.#send();
      if (this.#isOpen) await this.#sink.close(ending);
    });
  }

  async #send(): Promise<void> {
    for (;;) {
      const read = this.#follower.next();
      if (read.length === 0) return;
      await this.#open();
      const fresh = read.filter(({ tag, step }) => step > (this.#last.get(tag) ?? -1));
      if (fresh.length === 0) continue;
      await this.#sink.points(fresh);
      for (const { tag, step } of fresh) this.#last.set(tag, step);
    }
  }

  /** Once there is a first point, and so all of the run's record. */
  async #open(): Promise<void> {
    if (this.#isOpen) return;
    this.#last = new Map(await this.#sink.open());
    this.#isOpen = true;
  }

  async #attempt(now: number, action: () => Promise<void> | undefined): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#follower = new Follower(this.#dir);
      this.#isOpen = false;
      this.#notBefore = now + PAUSE;
      if (!this.#warned)
        this.#onNote(`${this.#sink.name} is not reached: ${reason(error)}; the training goes on, and its log is complete`);
      this.#warned = true;
    }
  }
}
