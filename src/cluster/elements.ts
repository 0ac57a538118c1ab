// Work that other machines do, piece by piece: an element is one command line, and known to be done by the files that it leaves.
// A list of elements is a file with one of them a line; element i of a job array runs line i, whoever counts: Slurm, Kubernetes
// or a shell.

import { existsSync } from "node:fs";
import { UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { JSON_COST } from "../files/heap-room.ts";
import { parseJson } from "../files/json/file.ts";
import { anyText, listOf, objectOf, requireShape } from "../files/json/shape.ts";
import { readTextFile } from "../files/text-file.ts";

export interface Element {
  /** Each another; the same in every list of a folder: "fold0-keep0.1-bde-seed0". */
  readonly name: string;
  /** What `sparsecell` is called with. */
  readonly command: readonly string[];
  /** Absolute paths of what is there when it is done. */
  readonly files: readonly string[];
}

export const isDone = ({ files }: Element): boolean => files.every((file) => existsSync(file));

export function writeElements(file: string, elements: readonly Element[]): void {
  writeFileAtomic(file, elements.map((element) => `${JSON.stringify(element)}\n`).join(""));
}

/** Throws a UserError with file and line where a line is not an element. */
export function readElements(file: string): Element[] {
  const lines = readTextFile(file, JSON_COST).trimEnd().split("\n");
  return lines.map((line, i) => requireShape<Element>(parseJson(`${file}:${i + 1}`, line), elementShape, HINT));
}

/** Line `index` of the list, counted from 0. */
export function elementAt(file: string, index: number): Element {
  const elements = readElements(file);
  if (index < elements.length) return elements[index];
  throw new UserError(
    `${file}: has ${elements.length} elements; expected an index from 0 to ${elements.length - 1}, got ${index}`,
  );
}

const elementShape = objectOf({ name: anyText, command: listOf(anyText, { least: 1 }), files: listOf(anyText, { least: 1 }) });

const HINT = "this is not a list of elements; submit again";
