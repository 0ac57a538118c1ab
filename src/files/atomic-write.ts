// A user's file is either the old one or the whole new one; a fault is one line.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { replaceFile } from "@sparsecell/torch/replace-file";
import { reason, UserError } from "../errors.ts";

/**
 * Writes `chunks` one after another to `path`; folders on the way are made. Pipes and devices are written into.
 * Throws a UserError that names the path when the disk is full or the folder cannot be written; the old file stays.
 */
export function writeFileAtomic(path: string, ...chunks: (string | Uint8Array)[]): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, bytesOf(chunks));
  } catch (error) {
    throw new UserError(`${path}: cannot be written: ${reason(error)}; free some room or choose another folder`);
  }
}

function* bytesOf(chunks: readonly (string | Uint8Array)[]): Generator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
