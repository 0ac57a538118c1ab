// A file is replaced as a whole or not at all.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "@sparsecell/torch/replace-file";
import { unwritable } from "../errors.ts";

/**
 * Writes `chunks`, one after another, to `path` and creates its parent folders. Pipes and devices are written to directly.
 * Throws a UserError that names the path when the disk is full or the folder cannot be written; the old file then stays.
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): void {
  writeChunksAtomic(path, chunks);
}

/** The same for chunks that are made while they are written, so that a long text is never whole in memory. */
export function writeChunksAtomic(path: string, chunks: Iterable<string | Uint8Array>): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, bytesOf(chunks));
  } catch (error) {
    throw unwritable(path, error);
  }
}

function* bytesOf(chunks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
