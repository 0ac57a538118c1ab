// Ids in COCO files of other tools: whole numbers, or text. 7 and "7" are one id.

import type { CocoRow } from "../../data/coco/row.ts";
import { shown } from "../../files/json/value.ts";
import { plainLabel } from "../labels.ts";
import { severalIds } from "../merged-image.ts";
import type { SourceId, SourceIds } from "../source.ts";

/** The id under `key`. Throws a UserError on anything but a whole number or text of at least one character. */
export function idOf(row: CocoRow, key: string): SourceId {
  const value = row.fields[key];
  if (Number.isSafeInteger(value) || (typeof value === "string" && value !== "")) return value as SourceId;
  throw row.fault(key, row.has(key) ? `expected a whole number or text, got ${shown(value)}` : "is missing");
}

/** What `read` makes of the rows, by id. Throws a UserError when two rows have one id. */
export function listed<T>(rows: Iterable<CocoRow>, read: (row: CocoRow) => T): Map<string, T> {
  const items = new Map<string, T>();
  for (const row of rows) {
    const id = String(idOf(row, "id"));
    if (items.has(id)) throw row.fault("id", `${id} is already the id of another one; ids must differ`);
    items.set(id, read(row));
  }
  return items;
}

/** The ids of classes; of those whose names are the same class, all. */
export function idsByLabel(categories: Iterable<{ readonly id: SourceId; readonly name: string }>): Map<string, SourceIds> {
  const ids = new Map<string, SourceId[]>();
  for (const { id, name } of categories) {
    const label = plainLabel(name);
    if (label !== null) ids.set(label, [...(ids.get(label) ?? []), id]);
  }
  return new Map([...ids].map(([label, several]) => [label, severalIds(several)]));
}

/** The item whose id `row` has under `key`. */
export function referredTo<T>(row: CocoRow, key: string, items: ReadonlyMap<string, T>, noun: string): T {
  const id = idOf(row, key);
  const item = items.get(String(id));
  if (item === undefined) throw row.fault(key, `unknown ${noun} id ${id}`);
  return item;
}
