// A large JSON file, an object of lists, read list by list and a few rows at a time: a million rows are never in memory at once,
// neither as text nor as values. Errors are those of file.ts.

import type { UserError } from "../../errors.ts";
import { JSON_ROWS_COST } from "../heap-room.ts";
import { isPipe, readUtf8 } from "../text-file.ts";
import { JsonFile, parseJson } from "./file.ts";
import { withQuotedNonFinite } from "./non-finite.ts";
import type { JsonPath } from "./scanner.ts";
import { isObject } from "./value.ts";

type Range = readonly [start: number, end: number];

export class JsonSections {
  readonly file: string;
  #bytes: Buffer | null;
  /** The values of the root object; null when the root is something else, which is then parsed whole. */
  readonly #ranges: ReadonlyMap<string, Range> | null;
  readonly #whole: unknown;
  #faults: JsonFile | null = null;
  readonly #itemLines = new Map<string, readonly number[]>();

  /** Throws a UserError with file and line when the file is missing or not JSON; in long lists only when they are read. */
  constructor(file: string) {
    this.file = file;
    this.#bytes = readUtf8(file, JSON_ROWS_COST);
    this.#ranges = sectionsOf(this.#bytes);
    this.#whole = this.#ranges === null ? parseJson(file, this.#bytes.toString()).value : undefined;
    for (const range of this.#ranges?.values() ?? []) if (range[1] - range[0] < SMALL) this.#parse(range); // or it is a fault
  }

  /** The root, if it is no object. */
  get other(): unknown {
    return isObject(this.#whole) ? undefined : this.#whole;
  }

  get isObject(): boolean {
    return this.#ranges !== null || isObject(this.#whole);
  }

  /** The value under `key`, parsed whole; undefined when it is missing. */
  value(key: string): unknown {
    if (this.#ranges === null) return isObject(this.#whole) ? this.#whole[key] : undefined;
    const range = this.#ranges.get(key);
    return range && this.#parse(range);
  }

  isList(key: string): boolean {
    const range = this.#ranges?.get(key);
    return range === undefined ? Array.isArray(this.value(key)) : this.#read()[range[0]] === OPEN_LIST;
  }

  /** The values of the list under `key`, in order. Throws a UserError with file and line on invalid JSON. */
  *items(key: string): Generator<unknown> {
    const range = this.#ranges?.get(key);
    if (range === undefined) {
      yield* this.value(key) as unknown[];
      return;
    }
    const bytes = this.#read();
    const end = range[1] - 1;
    if (bytes[end] !== CLOSE_LIST) throw this.#syntaxFault();
    let start = afterSpace(bytes, range[0] + 1);
    for (let at = start; start < end; ) {
      const stop = valueEnd(bytes, at);
      at = afterSpace(bytes, stop);
      const isLast = at >= end;
      if (isLast || stop - start >= BLOCK) {
        yield* this.#parse([start, stop], "[", "]") as unknown[];
        start = isLast ? end : afterSpace(bytes, at + 1);
      }
      if (isLast) return;
      if (bytes[at] !== COMMA) throw this.#syntaxFault();
      at = afterSpace(bytes, at + 1);
      if (at >= end) throw this.#syntaxFault();
    }
  }

  /** The line of an item of the list under the key `list`. The first call scans the list, later ones do not. */
  lineOfItem(list: JsonPath, index: number): number {
    const [key] = list;
    const range = this.#ranges?.get(String(key));
    if (range === undefined || list.length > 1) return this.lineOf([...list, index]);
    let lines = this.#itemLines.get(String(key));
    if (lines === undefined) this.#itemLines.set(String(key), (lines = linesOfItems(this.#read(), range)));
    return lines[index] ?? 1;
  }

  /** The line of the value at `path`. Scans the whole text. */
  lineOf(path: JsonPath): number {
    return this.#text().lineOf(path);
  }

  fault(path: JsonPath, message: string): UserError {
    return this.#text().fault(path, message);
  }

  /** Frees the memory. The file is read again when the line of an error is needed; not a pipe, which is kept. */
  release(): void {
    if (isPipe(this.file)) return;
    this.#bytes = null;
    this.#faults = null;
  }

  #read(): Buffer {
    this.#bytes ??= readUtf8(this.file, JSON_ROWS_COST);
    return this.#bytes;
  }

  #text(): JsonFile {
    if (this.#faults === null) {
      const text = this.#read().toString();
      this.#faults = new JsonFile(this.file, withQuotedNonFinite(text) ?? text, undefined);
    }
    return this.#faults;
  }

  #parse([start, end]: Range, before = "", after = ""): unknown {
    const text = `${before}${this.#read().toString("utf8", start, end)}${after}`;
    try {
      return JSON.parse(text);
    } catch {
      try {
        return JSON.parse(withQuotedNonFinite(text) ?? text);
      } catch {
        throw this.#syntaxFault();
      }
    }
  }

  /** Reads the whole text for the place of the fault. */
  #syntaxFault(): Error {
    parseJson(this.file, this.#read().toString());
    return new Error(`${this.file}: its parts are not valid JSON, but the whole is`); // a defect of this file
  }
}

const BLOCK = 1 << 16; // bytes of rows that are parsed at once
const SMALL = 1 << 20; // bytes
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const NEWLINE = 0x0a;
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The ranges of the values in the root object; null when it is none, or when something is wrong around them. */
function sectionsOf(bytes: Buffer): Map<string, Range> | null {
  const ranges = new Map<string, Range>();
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== OPEN_OBJECT) return null;
  at = afterSpace(bytes, at + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = stringEnd(bytes, at);
    const colon = afterSpace(bytes, keyEnd);
    if (bytes[colon] !== COLON) return null;
    let key: unknown;
    try {
      key = JSON.parse(bytes.toString("utf8", at, keyEnd));
    } catch {
      return null;
    }
    const start = afterSpace(bytes, colon + 1);
    const end = valueEnd(bytes, start);
    if (end <= start) return null;
    ranges.set(key as string, [start, end]);
    at = afterSpace(bytes, end);
    if (bytes[at] === CLOSE_OBJECT) break;
    if (bytes[at] !== COMMA) return null;
    at = afterSpace(bytes, at + 1);
    if (bytes[at] !== QUOTE) return null;
  }
  return bytes[at] === CLOSE_OBJECT && ranges.size > 0 && afterSpace(bytes, at + 1) === bytes.length ? ranges : null;
}

/** The lines of the values in a list. */
function linesOfItems(bytes: Buffer, [start, end]: Range): number[] {
  const lines: number[] = [];
  let [line, counted] = [1, 0];
  for (let at = afterSpace(bytes, start + 1); at < end - 1; at = afterSpace(bytes, afterSpace(bytes, valueEnd(bytes, at)) + 1)) {
    for (; counted < at; counted++) if (bytes[counted] === NEWLINE) line++;
    lines.push(line);
  }
  return lines;
}

/** Behind a value that begins at `at`, without looking whether it is one: brackets are counted, not compared. */
function valueEnd(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return stringEnd(bytes, at);
  const isOpen = first === OPEN_LIST || first === OPEN_OBJECT;
  let depth = 0;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (!isOpen) return at;
      if (--depth === 0) return at + 1;
    } else if (!isOpen && (byte === COMMA || isSpace(byte))) return at;
  }
  return at;
}

function stringEnd(bytes: Buffer, at: number): number {
  for (at++; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  return bytes.length;
}

function afterSpace(bytes: Buffer, at: number): number {
  while (at < bytes.length && isSpace(bytes[at])) at++;
  return at;
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
