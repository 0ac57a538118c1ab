// The log of a run: log.jsonl has a line a step, with nothing in it that differs between two runs of the same settings; how long
// each step took is in timings.jsonl beside it. Lines are appended, so a kill or a full disk may leave half of the last one.

import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../atomic-write.ts";
import { anyText, either, numberIn, objectOf, optional, type Shape } from "../data/json-shape.ts";
import { reason, UserError } from "../errors.ts";

export interface LogEntry {
  readonly step: number;
  readonly loss: number;
  readonly rpnClass: number;
  readonly rpnBox: number;
  readonly roiClass: number;
  readonly roiBox: number;
  readonly lr: number;
}

/** A step that changed nothing, and why. */
export interface SkippedStep {
  readonly step: number;
  readonly skipped: string;
}

export interface StepTime {
  readonly step: number;
  readonly seconds: number;
}

type Line = (LogEntry | SkippedStep) & Partial<StepTime>;

export class RunLog {
  readonly #file: string;
  readonly #timesFile: string;

  constructor(dir: string) {
    this.#file = join(dir, "log.jsonl");
    this.#timesFile = join(dir, "timings.jsonl");
  }

  /** Throws a UserError when there is no room; the log is as it was then. */
  append(line: LogEntry | SkippedStep, seconds: number): void {
    appendLine(this.#file, line);
    appendLine(this.#timesFile, { step: line.step, seconds });
  }

  entries(): LogEntry[] {
    return this.#lines()
      .filter((line): line is LogEntry & Partial<StepTime> => !("skipped" in line))
      .map(({ seconds: _, ...entry }) => entry);
  }

  skipped(): SkippedStep[] {
    return this.#lines().filter((line) => "skipped" in line);
  }

  times(): StepTime[] {
    const earlier = this.#lines().flatMap(({ step, seconds }) => (seconds === undefined ? [] : { step, seconds })); // once in the log itself
    const times = new Map(
      [...earlier, ...readLines<StepTime>(this.#timesFile, timeShape)].map(({ step, seconds }) => [step, seconds]),
    );
    return [...times].map(([step, seconds]) => ({ step, seconds }));
  }

  /** Drops what was logged after `step`, and half lines. */
  rewind(step: number): void {
    const text = (lines: readonly StepTime[] | readonly Line[]): string =>
      lines.flatMap((line) => (line.step <= step ? `${JSON.stringify(line)}\n` : [])).join("");
    writeFileAtomic(this.#timesFile, text(this.times()));
    writeFileAtomic(this.#file, text(this.#lines().map(({ seconds: _, ...line }) => line as Line)));
  }

  /** Has all lines on the disk, so that they outlive a power cut. */
  sync(): void {
    for (const file of [this.#file, this.#timesFile].filter(existsSync)) {
      const handle = openSync(file, "r+");
      try {
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    }
  }

  #lines(): Line[] {
    return readLines<Line>(this.#file, lineShape);
  }
}

function appendLine(file: string, value: object): void {
  const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  try {
    appendFileSync(file, `${JSON.stringify(value)}\n`);
  } catch (error) {
    try {
      truncateSync(file, before);
    } catch {} // it is not there at all
    throw new UserError(`${file}: cannot be written: ${reason(error)}; free some room and resume`);
  }
}

const number = numberIn();
const step = numberIn({ least: 0, whole: true });
const timeShape = objectOf({ step, seconds: number });
const losses = { loss: number, rpnClass: number, rpnBox: number, roiClass: number, roiBox: number };
const lineShape = either(
  objectOf({ step, skipped: anyText }),
  objectOf({ step, ...losses, lr: number, seconds: optional(number) }),
);

/** Throws a UserError that names the line when a whole one is none of ours. */
function readLines<T>(file: string, shape: Shape): T[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line, i) => {
      if (!line.endsWith("}")) return []; // a killed run may leave half a line
      const value = parsed(line);
      if (shape(value) !== null)
        throw new UserError(`${file}:${i + 1}: is not the line of a step; remove that line, or put the file back as it was`);
      return [value as T];
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
