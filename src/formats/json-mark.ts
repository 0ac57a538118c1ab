// A mark in a JSON file. Its line is searched for only when an error asks for it.

import type { RegionKind } from "../geometry/region.ts";
import type { Mark, Place, SourceId, UnreadMark } from "./source.ts";

export class JsonMark implements Mark {
  readonly place: Place;
  readonly label: string | null;
  readonly region?: RegionKind;
  readonly id?: SourceId;
  readonly #at: Pick<Mark, "file" | "line">;

  /** `at`: a row or a place of the file, which knows its line. */
  constructor(at: Pick<Mark, "file" | "line">, { place, label, region, id }: Pick<Mark, "place" | "label" | "region" | "id">) {
    this.place = place;
    this.label = label;
    if (region !== undefined) this.region = region;
    if (id !== undefined) this.id = id;
    this.#at = at;
  }

  get file(): string {
    return this.#at.file;
  }

  get line(): number {
    return this.#at.line;
  }
}

/** A mark in a JSON file that cannot be read; its line is searched for only when it is reported. */
export function jsonUnread(at: Pick<Mark, "file" | "line">, mark: Pick<UnreadMark, "kind" | "place">): UnreadMark {
  return {
    ...mark,
    file: at.file,
    get line() {
      return at.line;
    },
  };
}
