// Reading a whole text file of a user's: UTF-8, with or without a byte order mark.

import { constants, isUtf8 } from "node:buffer";
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { reason, UserError } from "../errors.ts";
import { type HeapCost, requireHeapRoom } from "./heap-room.ts";

const MOST_BYTES = constants.MAX_STRING_LENGTH; // about 537 MB: no string is longer
const CHUNK = 1 << 20;

/**
 * The text without its byte order mark. Throws a UserError when the file is missing, unreadable, no ordinary file, not UTF-8,
 * larger than a string can be or too large for what is made of it, which has `cost`.
 */
export function readTextFile(file: string, cost: HeapCost): string {
  let text: string;
  try {
    const bytes = readBytes(file);
    requireHeapRoom(file, bytes, cost);
    if (!isUtf8(bytes)) throw new UserError(`${file}: is not UTF-8 text; save it as UTF-8 and try again`);
    text = bytes.toString("utf8");
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function readBytes(file: string): Buffer {
  if (isOpenPipe(file)) return readPipe(file);
  const status = statSync(file); // before opening: opening a named pipe would wait for its writer
  if (!status.isFile())
    throw new UserError(`${file}: is ${status.isDirectory() ? "a folder" : "no ordinary file"}; give a text file`);
  if (status.size > MOST_BYTES) throw tooLarge(file, `has ${Math.round(status.size / 1e6)} MB`);
  return readFileSync(file);
}

/** What a shell makes of `<(command)` and of standard input: somebody writes into it already. */
const isOpenPipe = (file: string): boolean => /^\/dev\/(?:stdin|fd\/\d+)$/.test(file);

/** All that comes, in parts, since nobody knows how much it will be. */
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
    throw tooLarge(file, "goes on and on");
  } finally {
    closeSync(handle);
  }
}

const tooLarge = (file: string, what: string): UserError =>
  new UserError(`${file}: ${what}, and ${Math.floor(MOST_BYTES / 1e6)} MB of text can be read; cut it into smaller files`);
