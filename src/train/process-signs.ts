// Signs of the processes of a training: a small hidden file of each in the run's folder, which says how far it has come, so that
// those that wait for one can say which it is. A killed process leaves its file; the next training in the folder removes it.

import { closeSync, constants, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { isAlive, isStopped } from "../files/process-state.ts";

interface Sign {
  /** How many sums it has begun. */
  readonly count: number;
  readonly pid: number;
  readonly host: string;
}

export class ProcessSigns {
  readonly #dir: string;
  readonly #rank: number;
  readonly #size: number;
  #count = 0;

  constructor(dir: string, { rank, size }: { rank: number; size: number }) {
    [this.#dir, this.#rank, this.#size] = [dir, rank, size];
  }

  /** Called before each sum. */
  advance(): void {
    this.#count++;
    try {
      const file = openSync(this.#file(this.#rank), constants.O_WRONLY | constants.O_CREAT); // never empty, whenever it is killed
      writeSync(file, `${this.#count} ${process.pid} ${hostname()}\n`, 0);
      closeSync(file);
    } catch {} // a full disk ends the training at its next checkpoint; without the sign only a name is missing
  }

  /** Of the others those that have ended or are stopped, else those that are behind; with what is known of each. */
  missing(): { readonly rank: number; readonly what: "has ended" | "is stopped" | "does not go on" }[] {
    const others = Array.from({ length: this.#size }, (_, rank) => rank).filter((rank) => rank !== this.#rank);
    const seen = others.map((rank) => ({ rank, sign: this.#read(rank) }));
    const here = seen.flatMap(({ rank, sign }) => (sign?.host === hostname() ? [{ rank, pid: sign.pid }] : []));
    const ended = here.filter(({ pid }) => !isAlive(pid));
    if (ended.length > 0) return ended.map(({ rank }) => ({ rank, what: "has ended" }));
    const stopped = here.filter(({ pid }) => isStopped(pid));
    if (stopped.length > 0) return stopped.map(({ rank }) => ({ rank, what: "is stopped" }));
    const behind = seen.filter(({ sign }) => sign === null || sign.count < this.#count);
    return behind.map(({ rank }) => ({ rank, what: "does not go on" }));
  }

  /** Removes those of all. */
  clear(): void {
    for (const name of readdirSync(this.#dir))
      if (/^\.rank\.\d+\.tmp$/.test(name)) rmSync(join(this.#dir, name), { force: true });
  }

  #read(rank: number): Sign | null {
    try {
      const [count, pid, host] = readFileSync(this.#file(rank), "utf8").split("\n")[0].split(" ");
      return host ? { count: Number(count), pid: Number(pid), host } : null;
    } catch {
      return null;
    }
  }

  #file(rank: number): string {
    return join(this.#dir, `.rank.${rank}.tmp`); // a name that RunFolder.removeUnfinishedFiles removes
  }
}
