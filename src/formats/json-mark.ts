// A mark that stands in a JSON file. Its line is looked for only when an error asks.

import type { RegionKind } from "../geometry/region.ts";
import type { JsonPlace } from "./json-cursor.ts";
import type { Mark, Place } from "./source.ts";

export class JsonMark implements Mark {
  readonly place: Place;
  readonly label: string | null;
  readonly region?: RegionKind;
  readonly #at: JsonPlace;

  constructor(at: JsonPlace, { place, label, region }: Pick<Mark, "place" | "label" | "region">) {
    this.place = place;
    this.label = label;
    if (region !== undefined) this.region = region;
    this.#at = at;
  }

  get file(): string {
    return this.#at.file;
  }

  get line(): number {
    return this.#at.line;
  }
}
