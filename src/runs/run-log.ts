// The log of a run: log.jsonl has a line a step, with nothing in it that differs between two runs of the same settings; how long
// each step took is in timings.jsonl beside it.

import { join } from "node:path";
import { appendLine, readLines, syncFile, writeLines } from "../files/json/lines.ts";
import { allOf, anyText, either, numberIn, objectOf, optional, type Shape, valuesOf } from "../files/json/shape.ts";

export interface LogEntry {
  readonly step: number;
  /** The sum of the parts: what the step minimised. */
  readonly loss: number;
  /** The named losses, in their order; in the file they stand beside the other keys. */
  readonly parts: Readonly<Record<string, number>>;
  readonly lr: number;
  /** What the method says of the step that is not a loss; absent from most methods. */
  readonly report?: Readonly<Record<string, number>>;
}

/** Keys of a line that no loss may have as its name. */
export const reservedKeys = ["step", "loss", "lr", "seconds", "skipped", "report"] as const;

/** A step that changed nothing, and why. */
export interface SkippedStep {
  readonly step: number;
  readonly skipped: string;
}

export interface StepTime {
  readonly step: number;
  readonly seconds: number;
}

interface EntryLine extends Partial<StepTime> {
  readonly step: number;
  readonly loss: number;
  readonly lr: number;
  readonly report?: Readonly<Record<string, number>>;
  readonly [part: string]: number | Readonly<Record<string, number>> | undefined;
}
type SkippedLine = SkippedStep & Partial<StepTime>;
type Line = EntryLine | SkippedLine;
const isSkipped = (line: Line): line is SkippedLine => "skipped" in line;

export class RunLog {
  readonly file: string;
  readonly #timesFile: string;

  constructor(dir: string) {
    this.file = join(dir, "log.jsonl");
    this.#timesFile = join(dir, "timings.jsonl");
  }

  /** Throws a UserError when there is no room; the log is as it was then. */
  append(line: LogEntry | SkippedStep, seconds: number): void {
    appendLine(this.file, "skipped" in line ? line : lineOf(line));
    appendLine(this.#timesFile, { step: line.step, seconds });
  }

  entries(): LogEntry[] {
    return this.#lines().flatMap((line) => (isSkipped(line) ? [] : [entryOf(line)]));
  }

  skipped(): SkippedStep[] {
    return this.#lines().filter(isSkipped);
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
    const upTo = (line: StepTime | Line): boolean => line.step <= step;
    writeLines(this.#timesFile, this.times().filter(upTo));
    writeLines(
      this.file,
      this.#lines()
        .filter(upTo)
        .map(({ seconds: _, ...line }) => line),
    );
  }

  /** Has all lines on the disk, so that they outlive a power cut. */
  sync(): void {
    for (const file of [this.file, this.#timesFile]) syncFile(file);
  }

  #lines(): Line[] {
    return readLines<Line>(this.file, lineShape);
  }
}

const number = numberIn();
const step = numberIn({ least: 0, whole: true });
const timeShape = objectOf({ step, seconds: number });
const entry = objectOf({ step, loss: number, lr: number, seconds: optional(number), report: optional(valuesOf(number)) });
const parts: Shape = (line) => valuesOf(number)({ ...(line as EntryLine), report: 0 });
const lineShape = either(objectOf({ step, skipped: anyText }), allOf(entry, parts));

const lineOf = ({ step, loss, parts, lr, report }: LogEntry): EntryLine => ({
  step,
  loss,
  ...parts,
  lr,
  ...(report && { report }),
});

function entryOf({ seconds: _, step, loss, lr, report, ...parts }: EntryLine): LogEntry {
  return { step, loss, parts: parts as Record<string, number>, lr, ...(report && { report }) };
}
