// Ids of images and categories. COCO's are whole numbers; other tools write text, for instance the name of the image's file.
// Inside the program every id is a whole number.

/** As a file has it. */
export type FileId = number | string;

/** One id, or those of several entries that describe the same thing. */
export type FileIds = FileId | readonly FileId[];

/** A file's ids as whole numbers: numbers stay what they are ("7" is 7), other texts get numbers below all that files use. */
export class NumberedIds {
  readonly #texts = new Map<string, number>();

  number(id: FileId): number {
    const plain = plainId(id);
    if (typeof plain === "number") return plain;
    const before = this.#texts.get(plain);
    if (before !== undefined) return before;
    const next = LOWEST - this.#texts.size;
    this.#texts.set(plain, next);
    return next;
  }
}

const LOWEST = -1e12;

/** "7" → 7; "mouse_a" and "007" stay as they are. */
export function plainId(id: FileId): FileId {
  if (typeof id === "number") return id;
  const number = Number(id);
  return Number.isSafeInteger(number) && String(number) === id ? number : id;
}
