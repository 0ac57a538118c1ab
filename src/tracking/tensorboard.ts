// A run's curves and pictures for TensorBoard: event files in the run folder. Each process writes a file of its own.

import { appendFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { firstRecord, type Png, pictureRecord, scalarRecord } from "./event-file.ts";
import { lastSteps } from "./event-reader.ts";
import type { Point } from "./points.ts";
import type { Sink } from "./sink.ts";

export class TensorBoard implements Sink {
  readonly name = "TensorBoard";
  readonly #dir: string;
  #file: string | null = null;
  #last = new Map<string, number>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  async open(): Promise<ReadonlyMap<string, number>> {
    this.#last = lastSteps(this.#dir);
    return this.#last;
  }

  async points(points: readonly Point[]): Promise<void> {
    const wallTime = Date.now() / 1000;
    this.#append(points.map(({ tag, value, step }) => scalarRecord(tag, value, { wallTime, step })));
  }

  async picture(tag: string, step: number, picture: Png): Promise<void> {
    if (step <= (this.#last.get(tag) ?? -1)) return; // of a step that comes again
    this.#append([pictureRecord(tag, picture, { wallTime: Date.now() / 1000, step })]);
  }

  async close(): Promise<void> {}

  #append(records: readonly Buffer[]): void {
    const now = Date.now() / 1000;
    const isNew = this.#file === null;
    this.#file ??= join(this.#dir, `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.0`);
    appendFileSync(this.#file, Buffer.concat([...(isNew ? [firstRecord(now)] : []), ...records]));
  }
}
