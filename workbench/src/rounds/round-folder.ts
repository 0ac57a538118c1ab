// What the project's folder keeps of a round: rounds/N/. Everything is a file; round.json is written whole at each change.

import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Id, Interval, Round, RoundPhase } from "../api.ts";
import { RunFolder, readJsonFile, UserError, writeFileAtomic } from "../sparsecell.ts";

/** What round.json has. */
export interface RoundRecord extends Round {
  /** The images that it learned from. */
  readonly images: readonly Id[];
  /** The method that it was told, where that was more than a name. */
  readonly method: string | null;
  /** How many cells there are on `images`, as the answers to its suspects said when the next round began. */
  readonly cells: (Interval & { readonly images: readonly Id[] }) | null;
  /** The classes as they were when it trained, in the order in which detections/*.bin counts them. */
  readonly classes: readonly RoundClass[];
}

export interface RoundClass {
  readonly id: Id;
  readonly name: string;
}

/** Phases of which nothing is left when the server is gone. */
const RUNNING: readonly RoundPhase[] = ["preparing", "training", "searching"];
export const isRunning = ({ phase }: Round): boolean => RUNNING.includes(phase);

export class RoundFolder {
  readonly dir: string;
  readonly run: RunFolder;

  constructor(project: string, number: number) {
    this.dir = join(project, "rounds", String(number));
    this.run = new RunFolder(join(this.dir, "run"));
  }
  get dataset(): string {
    return join(this.dir, "dataset");
  }
  get log(): string {
    return join(this.dir, "log.txt");
  }
  get detections(): string {
    return join(this.dir, "detections");
  }
  get pictures(): string {
    return join(this.run.dir, "pictures");
  }
  get queue(): string {
    return join(this.dir, "queue.json");
  }

  write(record: RoundRecord): void {
    mkdirSync(this.dir, { recursive: true });
    writeFileAtomic(join(this.dir, "round.json"), `${JSON.stringify(record, null, 1)}\n`);
  }

  read(): RoundRecord {
    return readJsonFile(join(this.dir, "round.json")).value as RoundRecord;
  }
}

/** All rounds of a project, in their order. Those that ran when the server ended are paused: their checkpoint is there. */
export function roundsIn(project: string): RoundRecord[] {
  const folder = join(project, "rounds");
  if (!existsSync(folder)) return [];
  const numbers = readdirSync(folder)
    .filter((name) => /^[1-9]\d*$/.test(name) && existsSync(join(folder, name, "round.json")))
    .map(Number)
    .sort((a, b) => a - b);
  return numbers.map((number) => {
    const record = new RoundFolder(project, number).read();
    if (record.number !== number) throw new UserError(`${join(folder, String(number))}: its round.json is another round's`);
    return isRunning(record) ? { ...record, phase: "paused", secondsLeft: null } : record;
  });
}
