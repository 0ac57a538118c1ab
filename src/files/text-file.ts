// Reads a text file, whole or in pieces: UTF-8, with or without a byte order mark.

import { constants, isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { reason, UserError } from "../errors.ts";
import { type HeapCost, requireHeapRoom, requireHeapRoomInParts } from "./heap-room.ts";
import { requireOrdinaryFile } from "./ordinary-file.ts";

const MOST_BYTES = constants.MAX_STRING_LENGTH; // about 537 MB: no string is longer
const CHUNK = 1 << 20;

/**
 * The text without its byte order mark. Throws a UserError when the file is missing, unreadable, not a regular file, not UTF-8,
 * longer than a string can be, or too large to parse at `cost`.
 */
export function readTextFile(file: string, cost: HeapCost): string {
  return readUtf8(file, cost).toString("utf8");
}

/** As `readTextFile`, as bytes. */
export function readUtf8(file: string, cost: HeapCost): Buffer {
  try {
    const bytes = readBytes(file);
    requireHeapRoom(file, bytes, cost);
    if (!isUtf8(bytes)) throw notUtf8(file);
    return bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
}

const MARK = Buffer.from("\ufeff"); // of byte order

/**
 * The same text in pieces of at most a megabyte, for a file that is parsed on the way and may be longer than a string can be;
 * `cost` is that of what stays. Throws as `readTextFile` does, where the fault is.
 */
export function* textPieces(file: string, cost: HeapCost): Generator<string> {
  if (isPipe(file)) {
    yield readTextFile(file, cost);
    return;
  }
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const { size } = requireOrdinaryFile(file, "a text file");
    requireHeapRoomInParts(file, size, byteParts(file), cost);
    for (const part of byteParts(file)) yield decoder.decode(part, { stream: true });
    yield decoder.decode();
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof TypeError) throw notUtf8(file);
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
}

function* byteParts(file: string): Generator<Buffer> {
  const handle = openSync(file, "r");
  try {
    const part = Buffer.allocUnsafe(CHUNK);
    for (let count = readSync(handle, part); count > 0; count = readSync(handle, part)) yield part.subarray(0, count);
  } finally {
    closeSync(handle);
  }
}

const notUtf8 = (file: string): UserError => new UserError(`${file}: is not UTF-8 text; save it as UTF-8 and try again`);

function readBytes(file: string): Buffer {
  if (isPipe(file)) return readPipe(file);
  const { size } = requireOrdinaryFile(file, "a text file");
  if (size > MOST_BYTES) throw tooLarge(file, `has ${Math.round(size / 1e6)} MB`);
  return readFileSync(file);
}

/** How a shell passes `<(command)` and standard input: pipes that already have a writer. */
export const isPipe = (file: string): boolean => /^\/dev\/(?:stdin|fd\/\d+)$/.test(file);

/** Reads to the end, in parts, because the length is unknown. */
function readPipe(file: string): Buffer {
  const handle = openSync(file, "r");
  try {
    if (fstatSync(handle).isFile()) return readFileSync(handle);
    const parts: Buffer[] = [];
    for (let total = 0; total <= MOST_BYTES; ) {
      const part = Buffer.allocUnsafe(CHUNK);
      const count = readSync(handle, part, 0, CHUNK, null);
      if (count === 0) return Buffer.concat(parts);
      parts.push(part.subarray(0, count));
      total += count;
    }
    throw tooLarge(file, "is too long");
  } finally {
    closeSync(handle);
  }
}

const tooLarge = (file: string, what: string): UserError =>
  new UserError(`${file}: ${what}: at most ${Math.floor(MOST_BYTES / 1e6)} MB of text can be read; cut it into smaller files`);
