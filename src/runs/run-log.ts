// The log of a run: log.jsonl has a line a step, with nothing in it that differs between two runs of the same settings; how long
// each step took is in timings.jsonl beside it.

import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { join } from "node:path";
import { appendLine, readLines, writeLines } from "../files/json/lines.ts";
import { anyText, either, numberIn, objectOf, optional } from "../files/json/shape.ts";

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
    const upTo = (line: StepTime | Line): boolean => line.step <= step;
    writeLines(this.#timesFile, this.times().filter(upTo));
    writeLines(
      this.#file,
      this.#lines()
        .filter(upTo)
        .map(({ seconds: _, ...line }) => line),
    );
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

const number = numberIn();
const step = numberIn({ least: 0, whole: true });
const timeShape = objectOf({ step, seconds: number });
const losses = { loss: number, rpnClass: number, rpnBox: number, roiClass: number, roiBox: number };
const lineShape = either(
  objectOf({ step, skipped: anyText }),
  objectOf({ step, ...losses, lr: number, seconds: optional(number) }),
);
