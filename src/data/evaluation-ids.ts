// Which image and category of the truth a bare list of results means by its ids. They may be the truth's ids, those of the file
// that the truth was imported from, or the names of the images' files (ultralytics writes the name without its extension, as a
// number where it looks like one). Where two readings fit and mean different things, the user has to say which.

import { UserError } from "../errors.ts";
import { FileNameIndex, normalPath, withoutExtension } from "../files/file-name-index.ts";
import type { TruthFile } from "./coco/evaluation-files.ts";
import { type FileId, type FileIds, plainId } from "./coco/ids.ts";
import type { Reference, References } from "./coco/results-list.ts";

/** What the image ids of results are. */
export const idKinds = ["annotations", "source", "file-names"] as const;
export type IdKind = (typeof idKinds)[number];

/** The truth's id for a reference; undefined when it has none. */
type Lookup = (reference: Reference) => number | undefined;
type Listed = { readonly id: number; readonly sourceId?: FileIds };

/** From the results' numbers to the truth's ids; `unknown`: the references that the truth lacks. */
export interface PairedIds {
  readonly ids: ReadonlyMap<number, number>;
  readonly unknown: readonly FileId[];
  /** The references that it has. */
  readonly known: readonly FileId[];
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
  return chosen(readings, `${file}: its image ids`, truth, { noun: "image", twice: twiceUsed(truth.images) });
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
  return chosen(readings, `${file}: its category ids`, truth, { noun: "category", twice: twiceUsed(categories) });

  function textName({ id }: Reference): number | undefined {
    return typeof id === "string" ? names.get(id) : undefined;
  }
}

const byId = (items: readonly Listed[]): Lookup => {
  const ids = new Set(items.map(({ id }) => id));
  return ({ id }) => (typeof id === "number" && ids.has(id) ? id : undefined);
};

function bySourceId(items: readonly Listed[]): Lookup {
  const ids = new Map(items.flatMap((item) => fileIds(item).map((each) => [each, item.id])));
  return ({ id }) => ids.get(plainId(id));
}

const fileIds = ({ id, sourceId = id }: Listed): FileId[] => [sourceId].flat().map(plainId);

/** The ids that several items had in their files, as each task of a project counts from 0. */
function twiceUsed(items: readonly Listed[]): ReadonlySet<FileId> {
  const seen = new Set<FileId>();
  return new Set(items.flatMap(fileIds).filter((id) => seen.size === seen.add(id).size));
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
    if (typeof name === "number") {
      const id = numbers.get(name);
      return Number.isNaN(id) ? undefined : id; // two images have the number
    }
    const [match, ...more] = index.find(name);
    if (more.length === 0) return match?.id;
    const names = [match, ...more].map(({ fileName }) => `"${fileName}"`).join(", ");
    throw new UserError(`the image "${name}" of the results could be ${names} in ${file}; add its folder`);
  };
}

function paired(references: References, lookup: Lookup): PairedIds {
  const ids = new Map<number, number>();
  const unknown: FileId[] = [];
  const known: FileId[] = [];
  for (const [number, reference] of references) {
    const id = lookup(reference);
    if (id === undefined) unknown.push(reference.name ?? reference.id);
    else {
      ids.set(number, id);
      if (reference.name === null) known.push(plainId(reference.id));
    }
  }
  return { ids, unknown, known };
}

type Reading = PairedIds & { readonly kind: IdKind };

/** The reading that fits all references, or as many as possible. */
function chosen(
  readings: readonly Reading[],
  whose: string,
  truth: TruthFile,
  { noun, twice }: { readonly noun: "image" | "category"; readonly twice: ReadonlySet<FileId> },
): PairedIds {
  const least = Math.min(...readings.map(({ unknown }) => unknown.length));
  const [best, ...others] = readings.filter(({ unknown }) => unknown.length === least);
  const other = others.find(({ ids }) => [...ids].some(([number, id]) => best.ids.get(number) !== id));
  if (best.ids.size === 0) return best;
  const unclear = best.kind === "source" ? best.known.find((id) => twice.has(id)) : undefined;
  if (unclear !== undefined)
    throw new UserError(
      `${whose} are not clear: ${truth.file} has several ${plural[noun]} with the source_id ${JSON.stringify(unclear)}; write the ${noun === "image" ? "file_name" : "category_name"} in every row`,
    );
  if (other === undefined) return best;
  throw new UserError(
    `${whose} fit ${words[best.kind]} and ${words[other.kind]} of ${truth.file}, which mean different ${plural[noun]}; say which: --ids ${best.kind} or --ids ${other.kind}`,
  );
}

const plural = { image: "images", category: "categories" };

const words: { readonly [kind in IdKind]: string } = {
  annotations: "the ids",
  source: "the source_ids",
  "file-names": "the file names",
};
