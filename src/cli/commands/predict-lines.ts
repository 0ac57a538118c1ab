// `predict --out FILE.jsonl`: a line an image, as soon as it is searched, so that a reader can follow and a search that was stopped goes
// on. The first line says what was searched for; a file of another model or score is not continued.

import type { Detection } from "../../data/coco/evaluation-files.ts";
import { UserError } from "../../errors.ts";
import { appendLine, readLines, writeLines } from "../../files/json/lines.ts";
import { anyText, either, listOf, numberIn, objectOf } from "../../files/json/shape.ts";
import { sha256Of } from "../../files/sha256.ts";

export const isLines = (out: string): boolean => out.toLowerCase().endsWith(".jsonl");

/** What the detections depend on besides the images. */
export interface Search {
  /** SHA-256 of the model's file. */
  readonly model: string;
  readonly score: number;
  readonly classes: readonly string[];
}

/** Boxes are [left, top, right, bottom]; classes count from 0 in the order of the first line. */
export interface FoundLine {
  readonly image: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly (readonly number[])[];
  readonly scores: readonly number[];
  readonly classes: readonly number[];
}

const number = numberIn();
const first = objectOf({ model: anyText, score: number, classes: listOf(anyText) });
const numbers = listOf(number);
const line = objectOf({
  image: anyText,
  width: number,
  height: number,
  boxes: listOf(numbers),
  scores: numbers,
  classes: numbers,
});

export class FoundLines {
  readonly #file: string;
  /** Images that have a line. */
  readonly done: ReadonlySet<string>;

  private constructor(file: string, done: ReadonlySet<string>) {
    this.#file = file;
    this.done = done;
  }

  /** Begins the file, or continues it. Throws a UserError when it is of another search. */
  static async open(file: string, modelFile: string, { score, classes }: Omit<Search, "model">): Promise<FoundLines> {
    const search: Search = { model: await sha256Of(modelFile), score, classes };
    const [before, ...found] = readLines<Search & FoundLine>(file, either(first, line));
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(search))
      throw new UserError(`${file}: holds what another model or --score found; remove it, or pass another --out`);
    writeLines(file, [search, ...found]); // without half a line at its end
    return new FoundLines(file, new Set(found.map(({ image }) => image)));
  }

  add(image: { readonly name: string; readonly width: number; readonly height: number }, found: readonly Detection[]): void {
    const { name, width, height } = image;
    const value: FoundLine = {
      image: name,
      width,
      height,
      boxes: found.map(({ box }) => box.map((side) => Math.round(1000 * side) / 1000)),
      scores: found.map(({ score }) => Math.round(1e6 * score) / 1e6),
      classes: found.map(({ categoryId }) => categoryId - 1),
    };
    appendLine(this.#file, value);
  }
}
