// A JSON file, and errors about its content that name file, line and path ("a.json:12: images[3].id: …").

import { UserError } from "../../errors.ts";
import { JSON_COST } from "../heap-room.ts";
import { readTextFile } from "../text-file.ts";
import { withQuotedNonFinite } from "./non-finite.ts";
import { findSyntaxFault, type JsonPath, offsetOfPath, offsetsOfItems } from "./scanner.ts";

export class JsonFile {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  #faults = 0;
  readonly #itemLines = new Map<string, readonly number[]>();

  constructor(file: string, text: string, value: unknown) {
    this.file = file;
    this.#text = text;
    this.value = value;
  }

  /** As `lineOf` of an item of the list at `list`, for many items: the text is scanned once. */
  lineOfItem(list: JsonPath, index: number): number {
    const key = JSON.stringify(list);
    let lines = this.#itemLines.get(key);
    if (lines === undefined) this.#itemLines.set(key, (lines = linesOfOffsets(this.#text, offsetsOfItems(this.#text, list))));
    return lines[index] ?? 1;
  }

  /** The line, counted from 1, of the value at `path`. Scans the whole text: for errors, not for every value. */
  lineOf(path: JsonPath): number {
    return lineOfOffset(this.#text, offsetOfPath(this.#text, path));
  }

  /**
   * An error about the value at `path`. Where that does not exist, the line is that of its nearest ancestor. From the hundredth
   * error on the line is missing, because each search for one scans the text.
   */
  fault(path: JsonPath, message: string): UserError {
    const where = path.map((key, i) => (typeof key === "number" ? `[${key}]` : i === 0 ? key : `.${key}`)).join("");
    const line = this.#faults++ < 100 ? `:${this.lineOf(path)}` : "";
    return new UserError(`${this.file}${line}: ${where === "" ? "" : `${where}: `}${message}`);
  }
}

/**
 * Reads and parses a JSON file; a bare NaN or Infinity becomes text (non-finite.ts). Throws a UserError with file and line when
 * it is missing or not JSON.
 */
export function readJsonFile(file: string): JsonFile {
  return parseJson(file, readTextFile(file, JSON_COST));
}

/** A file's text as JSON. Throws a UserError with file and line when it is not. */
export function parseJson(file: string, text: string): JsonFile {
  try {
    return new JsonFile(file, text, JSON.parse(text));
  } catch {
    return strictly(file, withQuotedNonFinite(text) ?? text);
  }
}

function strictly(file: string, text: string): JsonFile {
  try {
    return new JsonFile(file, text, JSON.parse(text));
  } catch {
    return parsed(file, withQuotedNonFinite(text) ?? text);
  }
}

function parsed(file: string, text: string): JsonFile {
  try {
    return new JsonFile(file, text, JSON.parse(text));
  } catch (error) {
    const fault = findSyntaxFault(text);
    if (fault === null) throw error; // a defect of the scanner, which allows what JSON.parse refuses
    if (/^\s*</.test(text))
      throw new UserError(`${file}:1: is XML, not JSON; pass a JSON file, or the format that reads this one`);
    throw new UserError(`${file}:${lineOfOffset(text, fault.offset)}: is not valid JSON: ${fault.message}`);
  }
}

/** `offsets` in ascending order. */
function linesOfOffsets(text: string, offsets: readonly number[]): number[] {
  let [line, next] = [1, text.indexOf("\n")];
  return offsets.map((offset) => {
    for (; next !== -1 && next < offset; next = text.indexOf("\n", next + 1)) line++;
    return line;
  });
}

function lineOfOffset(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
