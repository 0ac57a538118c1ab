// validation.jsonl of a run: a line for each measurement on held-out annotations, with nothing in it that differs between two runs
// of the same settings.

import { join } from "node:path";
import { appendLine, readLines, syncFile, writeLines } from "../files/json/lines.ts";
import { numberIn, objectOf, oneOf, valuesOf } from "../files/json/shape.ts";

/** The weights as the last step left them, or their average. */
export type WeightsKind = "last" | "averaged";

export interface ValidationLine {
  readonly step: number;
  readonly weights: WeightsKind;
  /** src/evaluate/held-out.ts says what it is. */
  readonly measure: number;
  /** The score at which it is best, and how many of the held-out marks are found there. */
  readonly score: number;
  readonly found: number;
  readonly marks: number;
  /** Recall of held-out marks at some scores. */
  readonly recall: Readonly<Record<string, number>>;
}

export class ValidationLog {
  readonly #file: string;
  readonly #writes: boolean;

  /** Without `writes` nothing changes the file. */
  constructor(dir: string, { writes = true } = {}) {
    this.#file = join(dir, "validation.jsonl");
    this.#writes = writes;
  }

  append(line: ValidationLine): void {
    if (this.#writes) appendLine(this.#file, line);
  }

  /** None when nothing was held out. */
  lines(): ValidationLine[] {
    return readLines<ValidationLine>(this.#file, shape);
  }

  /** Drops what was measured after `step`, and half lines. */
  rewind(step: number): void {
    if (!this.#writes) return;
    writeLines(
      this.#file,
      this.lines().filter((line) => line.step <= step),
    );
  }

  sync(): void {
    if (this.#writes) syncFile(this.#file);
  }
}

const count = numberIn({ least: 0, whole: true });
const fraction = numberIn({ least: 0, most: 1 });
const shape = objectOf({
  step: count,
  weights: oneOf("last", "averaged"),
  measure: numberIn({ least: 0 }),
  score: fraction,
  found: count,
  marks: count,
  recall: valuesOf(fraction),
});
