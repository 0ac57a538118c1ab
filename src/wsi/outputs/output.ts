// What a file of cells is: from a slide and its cells, in parts that are made again for each file, to bytes. Nothing is kept, so
// that a million cells need no more memory than a thousand.

import type { Cells } from "../detect-slide.ts";

/** A slide that was searched. */
export interface SearchedSlide {
  /** The name that it has in the file. */
  readonly name: string;
  /** Pixels of level 0. */
  readonly width: number;
  readonly height: number;
  /** Microns per pixel of level 0; null where they are unknown and a scale was given. */
  readonly mpp: { readonly x: number; readonly y: number } | null;
  /** The classes 1, 2, … */
  readonly classes: readonly string[];
  /** Names of the parts that could not be decoded. */
  readonly badTiles: readonly string[];
}

export interface CellOutput {
  /** In lower case: how a file's name ends. */
  readonly extension: string;
  /** For help. */
  readonly what: string;
  /** Text or bytes of the file, from the first to the last. */
  write(slide: SearchedSlide, cells: Iterable<Cells>): Iterable<string | Uint8Array>;
}

/** A score as written to files. */
export const millionths = (score: number): number => Math.round(score * 1e6) / 1e6;
