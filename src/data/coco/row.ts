// An object in one of a COCO file's lists (https://cocodataset.org/#format-data), read key by key with errors that name file,
// line and key. Not checked by a schema library, because files with a million annotations are common.

import type { UserError } from "../../errors.ts";
import type { JsonFile } from "../../files/json/file.ts";
import type { JsonPath } from "../../files/json/scanner.ts";
import type { JsonSections } from "../../files/json/sections.ts";
import { isObject, type JsonObject, shown } from "../../files/json/value.ts";
import { type Box, centre, clip } from "../../geometry/box.ts";
import type { FileId } from "./ids.ts";

/** What tells the file and line of an error. */
type JsonErrors = Omit<JsonFile, "value">;

/** What helps where cells have no boxes. */
export const WITHOUT_BOXES =
  'make a dataset with "npx sparsecell data import --format coco", which also reads outlines, masks and key points, and use that';

export class CocoRow {
  readonly #json: JsonErrors;
  readonly #list: string | null;
  readonly index: number;
  readonly fields: JsonObject;

  /** Object number `index` of the list under the key `list`; null: the file itself is the list. */
  constructor(json: JsonErrors, list: string | null, index: number, fields: JsonObject) {
    this.#json = json;
    this.#list = list;
    this.index = index;
    this.fields = fields;
  }

  get file(): string {
    return this.#json.file;
  }

  /** An error about the value under `at` (a key, or a path of keys and indices), or about the whole row. */
  fault(at: string | JsonPath | null, message: string): UserError {
    return this.#json.fault([...this.#path, ...(typeof at === "string" ? [at] : (at ?? []))], message);
  }

  /** The line on which the row begins. The first call for a list scans the whole text. */
  get line(): number {
    return this.#json.lineOfItem(this.#list === null ? [] : [this.#list], this.index);
  }

  get #path(): JsonPath {
    return this.#list === null ? [this.index] : [this.#list, this.index];
  }

  has(key: string): boolean {
    return this.fields[key] !== undefined && this.fields[key] !== null;
  }

  /** A whole number, of any sign. */
  integer(key: string): number {
    const value = this.#required(key);
    if (!Number.isSafeInteger(value)) throw this.fault(key, `expected a whole number, got ${shown(value)}`);
    return value as number;
  }

  /** An id: a whole number, or text of at least one character. */
  id(key: string): FileId {
    const value = this.#required(key);
    if (Number.isSafeInteger(value) || (typeof value === "string" && value !== "")) return value as FileId;
    throw this.fault(key, `expected a whole number or text, got ${shown(value)}`);
  }

  /** The row's id, a whole number that `ids` lacks and now has. */
  unusedId(ids: Set<number>): number {
    const id = this.integer("id");
    if (ids.has(id)) throw this.fault("id", `${id} is already the id of another one; ids must differ`);
    ids.add(id);
    return id;
  }

  /** A side of an image in pixels: a whole number of at least 1. */
  side(key: "width" | "height"): number {
    const value = this.integer(key);
    if (value < 1) throw this.fault(key, `expected 1 pixel or more, got ${value}`);
    return value;
  }

  /** Microns per pixel, above 0; undefined when the key is missing. */
  mpp(): number | undefined {
    if (!this.has("mpp")) return undefined;
    const value = this.number("mpp");
    if (value <= 0) throw this.fault("mpp", `expected more than 0 microns, got ${value}`);
    return value;
  }

  /** A finite number. */
  number(key: string): number {
    const value = this.#required(key);
    if (!Number.isFinite(value)) throw this.fault(key, `expected a finite number, got ${shown(value)}`);
    return value as number;
  }

  /** Text of at least one character. */
  text(key: string): string {
    const value = this.#required(key);
    if (typeof value !== "string" || value === "") throw this.fault(key, `expected text, got ${shown(value)}`);
    return value;
  }

  /** true, false, 1 or 0; false when the key is missing. */
  flag(key: string): boolean {
    if (!this.has(key)) return false;
    const value = this.fields[key];
    if (value !== true && value !== false && value !== 1 && value !== 0)
      throw this.fault(key, `expected true or false, got ${shown(value)}`);
    return Boolean(value);
  }

  /** `bbox`, [x, y, width, height] in pixels, converted to [x1, y1, x2, y2]; its corners are put in order, and it is never empty. */
  box(): Box {
    if (!this.has("bbox") && !this.has("score")) throw this.fault("bbox", `is missing; ${WITHOUT_BOXES}`); // a truth, not a detection
    const box = this.ordered();
    if (box[0] < box[2] && box[1] < box[3]) return box;
    const [, , w, h] = this.fields.bbox as number[];
    throw this.fault("bbox", `is empty: its width is ${w} and its height ${h}; correct or remove it`);
  }

  /** As `box`, but possibly empty. */
  ordered(): Box {
    const [x1, y1, x2, y2] = this.corners();
    return [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
  }

  /** Whether the width or the height of `bbox` is negative: drawn from the lower right to the upper left, for instance. */
  get isSwapped(): boolean {
    const { bbox } = this.fields;
    return Array.isArray(bbox) && (bbox[2] < 0 || bbox[3] < 0);
  }

  /** As `ordered`, but with the corners in the file's order. */
  corners(): Box {
    const value = this.#required("bbox");
    if (!Array.isArray(value) || value.length !== 4 || !value.every((part) => typeof part === "number" && Math.abs(part) < 1e9))
      throw this.fault("bbox", `expected [x, y, width, height], four finite numbers of pixels, got ${shown(value)}`);
    const [x, y, w, h] = value as [number, number, number, number];
    return [x, y, sum(x, w), sum(y, h)];
  }

  /** The part of `box` inside its image. Throws when its centre is outside. */
  clipped(box: Box, image: { fileName: string; width: number; height: number }): Box {
    const [x, y] = centre(box);
    const inside = x >= 0 && x <= image.width && y >= 0 && y <= image.height ? clip(box, image.width, image.height) : null;
    if (inside !== null) return inside;
    const size = `${image.width}×${image.height} pixels`;
    throw this.fault(
      "bbox",
      `lies outside its image: its centre is (${x}, ${y}), "${image.fileName}" has ${size}; correct or remove it`,
    );
  }

  #required(key: string): unknown {
    if (!this.has(key)) throw this.fault(key, "is missing");
    return this.fields[key];
  }
}

/** The objects of the list under `key`, parsed one by one. */
export function* cocoRowsOf(json: JsonSections, key: string): Generator<CocoRow> {
  if (!json.isObject) throw json.fault([], `${EXPECTED}, got ${shown(json.other)}`);
  if (!json.isList(key)) throw noList(json, key, json.value(key));
  let index = 0;
  for (const fields of json.items(key)) {
    if (!isObject(fields)) throw json.fault([key, index], `expected an object, got ${shown(fields)}`);
    yield new CocoRow(json, key, index++, fields);
  }
}

/** The objects of the list under `key`; null: the file itself is the list. */
export function cocoRows(json: JsonFile, key: string | null): CocoRow[] {
  const list = key === null ? json.value : requireObject(json)[key];
  const path = key === null ? [] : [key];
  if (!Array.isArray(list)) throw noList(json, key, list);
  return list.map((fields, index) => {
    if (!isObject(fields)) throw json.fault([...path, index], `expected an object, got ${shown(fields)}`);
    return new CocoRow(json, key, index, fields);
  });
}

function noList(json: JsonErrors, key: string | null, value: unknown): UserError {
  const path = key === null ? [] : [key];
  if (value === undefined) return json.fault(path, "is missing; a COCO file has images, annotations and categories");
  return json.fault(path, `expected a list, got ${shown(value)}`);
}

const EXPECTED = "expected an object with images, annotations and categories";

export function requireObject(json: JsonFile): JsonObject {
  if (!isObject(json.value)) throw json.fault([], `${EXPECTED}, got ${shown(json.value)}`);
  return json.value;
}

/** Reads rows into a map by id. Throws on a duplicate id. */
export function byId<T extends { readonly id: number }>(rows: readonly CocoRow[], read: (row: CocoRow) => T): Map<number, T> {
  const items = new Map<number, T>();
  for (const row of rows) {
    const item = read(row);
    if (items.has(item.id)) throw row.fault("id", `${item.id} is already the id of another one; ids must differ`);
    items.set(item.id, item);
  }
  return items;
}

/** The item that `row` refers to by the id under `key`. */
export function referred<T>(row: CocoRow, key: string, items: ReadonlyMap<number, T>, noun: string): T {
  const id = row.integer(key);
  const item = items.get(id);
  if (item === undefined) throw row.fault(key, `unknown ${noun} id ${id}`);
  return item;
}

/** x + width without rounding noise, so that reading gives back what was written (files have 3 decimals). */
function sum(start: number, length: number): number {
  return Math.round((start + length) * 1e6) / 1e6;
}
