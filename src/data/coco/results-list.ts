// COCO's list of results, which has no list of images and none of categories: each row says which image and category it means,
// by an id of another file, by a text as id, or by a name beside it.

import { type FileId, NumberedIds, plainId } from "./ids.ts";
import type { CocoRow } from "./row.ts";

/** What a row of results calls its image or its category. */
export interface Reference {
  readonly id: FileId;
  /** The image's file or the category's name, where the row has it. */
  readonly name: string | null;
}

/** References by the number that the detections of this file have in their place. */
export type References = ReadonlyMap<number, Reference>;

/** Collects the references of rows and numbers them. */
export class ReferenceList {
  readonly references = new Map<number, Reference>();
  readonly #ids = new NumberedIds();
  readonly #idKey: string;
  readonly #nameKey: string;

  constructor(idKey: "image_id" | "category_id", nameKey: "file_name" | "category_name") {
    this.#idKey = idKey;
    this.#nameKey = nameKey;
  }

  /** The number of what `row` refers to. A name may stand in place of the id. */
  number(row: CocoRow): number {
    const name = row.has(this.#nameKey) ? row.text(this.#nameKey) : null;
    const id = name !== null && !row.has(this.#idKey) ? name : plainId(row.id(this.#idKey));
    const number = this.#ids.number(id);
    const before = this.references.get(number);
    if (before === undefined) this.references.set(number, { id, name });
    else if (before.name !== name)
      throw row.fault(
        name === null ? this.#idKey : this.#nameKey,
        `is ${shown(name)}, but an earlier row with the ${this.#idKey} ${id} has ${shown(before.name)}`,
      );
    return number;
  }
}

const shown = (name: string | null): string => (name === null ? `missing` : `"${name}"`);
