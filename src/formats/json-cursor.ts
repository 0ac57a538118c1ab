// A value in a JSON file together with its place, so that every error about it has file, line and path. Values are checked when
// they are read.

import type { UserError } from "../errors.ts";
import { type JsonFile, readJsonFile } from "../files/json/file.ts";
import type { JsonPath } from "../files/json/scanner.ts";
import { isObject, shown } from "../files/json/value.ts";

/** A place in a JSON file, small enough to keep for each of a million marks after the file itself has been released. */
export class JsonPlace {
  readonly file: string;
  readonly #parent: JsonPlace | null;
  readonly #key: string | number;

  constructor(file: string, within: { readonly parent: JsonPlace; readonly key: string | number } | null) {
    this.file = file;
    this.#parent = within?.parent ?? null;
    this.#key = within?.key ?? "";
  }

  /** Counted from 1. Reads the file again: for errors, not for every value. */
  get line(): number {
    return readJsonFile(this.file).lineOf(this.path);
  }

  get path(): JsonPath {
    const path: (string | number)[] = [];
    for (let at: JsonPlace = this; at.#parent !== null; at = at.#parent) path.push(at.#key);
    return path.reverse();
  }
}

export class JsonCursor {
  readonly value: unknown;
  readonly place: JsonPlace;
  readonly #json: JsonFile;

  constructor(json: JsonFile, value: unknown, place: JsonPlace) {
    this.#json = json;
    this.value = value;
    this.place = place;
  }

  /** The root of a file. Throws a UserError as `readJsonFile` does. */
  static ofFile(file: string): JsonCursor {
    const json = readJsonFile(file);
    return new JsonCursor(json, json.value, new JsonPlace(file, null));
  }

  fault(message: string): UserError {
    return this.#json.fault(this.place.path, message);
  }

  /** Neither missing nor null. */
  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The value under `key`, of any type; it does not exist when this is not an object or has no such key. */
  at(key: string | number): JsonCursor {
    const { value } = this;
    const known = Array.isArray(value) ? typeof key === "number" : isObject(value) && Object.hasOwn(value, key);
    const child = known ? (value as { readonly [key: string | number]: unknown })[key] : undefined;
    return new JsonCursor(this.#json, child, new JsonPlace(this.place.file, { parent: this.place, key }));
  }

  /** The values of a list. Throws a UserError when it is not a list. */
  items(): JsonCursor[] {
    if (!Array.isArray(this.value)) throw this.#unlike("a list");
    return this.value.map((_, i) => this.at(i));
  }

  /** Throws a UserError when it is not a finite number. */
  number(): number {
    if (!Number.isFinite(this.value)) throw this.#unlike("a finite number");
    return this.value as number;
  }

  /** Throws a UserError when it is not text of at least one character. */
  text(): string {
    if (typeof this.value !== "string" || this.value === "") throw this.#unlike("text");
    return this.value;
  }

  #unlike(expected: string): UserError {
    return this.fault(this.exists ? `expected ${expected}, got ${shown(this.value)}` : `is missing; expected ${expected}`);
  }
}
