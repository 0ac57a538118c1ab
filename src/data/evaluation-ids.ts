// Which image and category of the truth a bare list of results means by its ids. They may be the truth's ids, those of the file
// that the truth was imported from, or the names of the images' files (ultralytics writes the name without its extension, as a
// number where it looks like one). Where two readings fit and mean different things, the user has to say which.

import { UserError } from "../errors.ts";
import { FileNameIndex, normalPath, withoutExtension } from "../files/file-name-index.ts";
import type { TruthFile } from "./coco/evaluation-files.ts";
import { type FileId, plainId } from "./coco/ids.ts";
import type { Reference, References } from "./coco/results-list.ts";

/** What the image ids of results are. */
export const idKinds = ["annotations", "source", "file-names"] as const;
export type IdKind = (typeof idKinds)[number];

/** The truth's id for a reference; undefined when it has none. */
type Lookup = (reference: Reference) => number | undefined;
type Listed = { readonly id: number; readonly sourceId?: FileId };

/** From the results' numbers to the truth's ids; `unknown`: the references that the truth lacks. */
export interface PairedIds {
  readonly ids: ReadonlyMap<number, number>;
  readonly unknown: readonly FileId[];
}

/** Of images, the kind that is given or the one that fits. Throws a UserError when two kinds fit and mean different images. */
export function imageIds(references: References, file: string, truth: TruthFile, kind: IdKind | undefined): PairedIds {
  const named = fileNames(truth);
  const lookups: { readonly [kind in IdKind]: Lookup } = {
    annotations: byId(truth.images),
    source: bySourceId(truth.images),
    "file-names": ({ id }) => named(id),
  };
  const readings = (kind === undefined ? idKinds : [kind]).map((each) => ({
    kind: each,
    ...paired(references, (reference) => (reference.name === null ? lookups[each](reference) : named(reference.name))),
  }));
  return chosen(readings, `${file}: its image ids`, truth, "image");
}

/** Of categories: by name where the truth has the names of all, otherwise by id. */
export function categoryIds(references: References, file: string, truth: TruthFile, kind: IdKind | undefined): PairedIds {
  const { categories } = truth;
  if (categories.length === 0) return paired(references, ({ id }) => (typeof id === "number" ? id : undefined));
  const names = new Map(categories.map(({ id, name }) => [name, id]));
  const nameOf = ({ id, name }: Reference) => names.get(name ?? (typeof id === "string" ? id : "")) ?? undefined;
  const byName = paired(references, nameOf);
  if (references.size > 0 && byName.unknown.length === 0) return byName;
  const [annotations, source] = [byId(categories), bySourceId(categories)];
  const readings = [
    { kind: "annotations" as const, ...paired(references, (reference) => annotations(reference) ?? textName(reference)) },
    { kind: "source" as const, ...paired(references, (reference) => source(reference) ?? textName(reference)) },
  ].filter((reading) => kind === undefined || kind === "file-names" || reading.kind === kind);
  return chosen(readings, `${file}: its category ids`, truth, "category");

  function textName({ id }: Reference): number | undefined {
    return typeof id === "string" ? names.get(id) : undefined;
  }
}

const byId = (items: readonly Listed[]): Lookup => {
  const ids = new Set(items.map(({ id }) => id));
  return ({ id }) => (typeof id === "number" && ids.has(id) ? id : undefined);
};

function bySourceId(items: readonly Listed[]): Lookup {
  const ids = new Map(items.map(({ id, sourceId = id }) => [plainId(sourceId), id]));
  return ({ id }) => ids.get(plainId(id));
}

/** By name, or by the number that a file's name is. */
function fileNames({ images, file }: TruthFile): (name: FileId) => number | undefined {
  const index = new FileNameIndex(images, ({ fileName }) => normalPath(fileName));
  const numbers = new Map<number, number>();
  for (const { id, fileName } of images) {
    const stem = withoutExtension(normalPath(fileName)).replace(/^.*\//, "");
    if (!/^\d+$/.test(stem)) continue;
    numbers.set(Number(stem), numbers.has(Number(stem)) ? Number.NaN : id);
  }
  return (name) => {
    if (typeof name === "number") return numbers.get(name) || undefined; // NaN: two images have the number
    const [match, ...more] = index.find(name);
    if (more.length === 0) return match?.id;
    const names = [match, ...more].map(({ fileName }) => `"${fileName}"`).join(", ");
    throw new UserError(`the image "${name}" of the results could be ${names} in ${file}; add its folder`);
  };
}

function paired(references: References, lookup: Lookup): PairedIds {
  const ids = new Map<number, number>();
  const unknown: FileId[] = [];
  for (const [number, reference] of references) {
    const id = lookup(reference);
    if (id === undefined) unknown.push(reference.name ?? reference.id);
    else ids.set(number, id);
  }
  return { ids, unknown };
}

type Reading = PairedIds & { readonly kind: IdKind };

/** The reading that fits all references, or as many as possible. */
function chosen(readings: readonly Reading[], whose: string, truth: TruthFile, noun: "image" | "category"): PairedIds {
  const least = Math.min(...readings.map(({ unknown }) => unknown.length));
  const [best, ...others] = readings.filter(({ unknown }) => unknown.length === least);
  const other = others.find(({ ids }) => [...ids].some(([number, id]) => best.ids.get(number) !== id));
  if (other === undefined || best.ids.size === 0) return best;
  throw new UserError(
    `${whose} fit ${words[best.kind]} and ${words[other.kind]} of ${truth.file}, which mean different ${noun === "image" ? "images" : "categories"}; say which: --ids ${best.kind} or --ids ${other.kind}`,
  );
}

const words: { readonly [kind in IdKind]: string } = {
  annotations: "the ids",
  source: "the source_ids",
  "file-names": "the file names",
};
