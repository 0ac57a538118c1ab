// What a round found on an image: detections/ID.bin, little-endian float32, 6 a detection: its box, its score, and the place of its class
// among the classes of the round.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Box, Detection, Id } from "../api.ts";
import { writeFileAtomic } from "../sparsecell.ts";

export const NUMBERS = 6;

export interface FoundCells {
  readonly boxes: readonly (readonly number[])[];
  readonly scores: readonly number[];
  /** Places among the classes of the round. */
  readonly classes: readonly number[];
}

const fileOf = (folder: string, image: Id): string => join(folder, `${image}.bin`);

export const isSearched = (folder: string, image: Id): boolean => existsSync(fileOf(folder, image));

export function writeDetections(folder: string, image: Id, { boxes, scores, classes }: FoundCells): void {
  const values = new DataView(new ArrayBuffer(4 * NUMBERS * scores.length));
  scores.forEach((score, k) =>
    [...boxes[k], score, classes[k]].forEach((value, i) => values.setFloat32(4 * (NUMBERS * k + i), value, true)),
  );
  writeFileAtomic(fileOf(folder, image), new Uint8Array(values.buffer));
}

/** Null: the image has not been searched. `places`: those of the round's classes among the project's, which may have more by now. */
export function detectionBytes(folder: string, image: Id, places: readonly number[]): Uint8Array | null {
  if (!isSearched(folder, image)) return null;
  const bytes = new Uint8Array(readFileSync(fileOf(folder, image)));
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 4 * (NUMBERS - 1); at < bytes.length; at += 4 * NUMBERS)
    values.setFloat32(at, places[values.getFloat32(at, true)] ?? -1, true);
  return bytes;
}

/** None where the image has not been searched. */
export function detectionsOn(folder: string, image: Id, classes: readonly Id[]): Detection[] {
  if (!isSearched(folder, image)) return [];
  const bytes = readFileSync(fileOf(folder, image));
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / (4 * NUMBERS)) }, (_, k) => {
    const at = (i: number): number => values.getFloat32(4 * (NUMBERS * k + i), true);
    const box: Box = [at(0), at(1), at(2), at(3)];
    return { box, score: at(4), classId: classes[at(5)] };
  });
}
