// A dataset's annotations.json: COCO JSON (https://cocodataset.org/#format-data) with `group`, `split`, `mpp`, `regions` and
// `pixels` on images, `hidden` on annotations, `negative` on categories, and `source_id` on images and categories. Reading is
// strict: a misspelt `hidden` would show training what
// it must not see.

import { writeChunksAtomic } from "../../files/atomic-write.ts";
import { withoutExtension } from "../../files/file-name-index.ts";
import { readJsonFile } from "../../files/json/file.ts";
import { type JsonObject, shown } from "../../files/json/value.ts";
import { isTinyImage, pixelFault, pixelFaultText } from "../../geometry/pixels.ts";
import type { Annotation, Category, Dataset, DatasetImage, Split } from "../dataset.ts";
import { FaultyRows, type RowOptions, swappedNote } from "./faulty-rows.ts";
import type { FileId, FileIds } from "./ids.ts";
import { readPixels } from "./pixels.ts";
import { cocoRegions, readRegions } from "./regions.ts";
import { byId, type CocoRow, cocoRows, referred, requireObject } from "./row.ts";
import { cocoBox, cocoText } from "./text.ts";

// The keys of the COCO standard, those that CVAT and Roboflow add, and this project's.
const KEYS = {
  file: new Set(["info", "licenses", "images", "annotations", "categories"]),
  images: new Set([
    "id",
    "source_id",
    "file_name",
    "width",
    "height",
    "group",
    "split",
    "mpp",
    "regions",
    "pixels",
    "license",
    "flickr_url",
    "coco_url",
    "date_captured",
    "extra",
  ]),
  annotations: new Set(
    ["id", "image_id", "category_id", "bbox", "area", "iscrowd", "hidden"].concat([
      "segmentation",
      "keypoints",
      "num_keypoints",
      "caption",
      "attributes",
    ]),
  ),
  categories: new Set(["id", "source_id", "name", "supercategory", "keypoints", "skeleton", "color", "isthing", "negative"]),
} as const;

export interface CocoDataset {
  readonly dataset: Dataset;
  /** The number of boxes that stuck out of their image and were clipped to it. */
  readonly clipped: number;
  /** Lines for people: what was put in order, and annotations that were left out. */
  readonly notes: readonly string[];
}

/**
 * Reads a dataset's annotations.json; `dir` is the dataset's folder. Defaults: `group` is the file name without its extension,
 * `split` is "train", `hidden` and `negative` are false. A box that sticks out of its image is clipped and counted; one
 * of negative width or height has its corners put in order.
 * Throws a UserError with file and line on invalid JSON, missing or unknown keys, wrong types, duplicate or unknown ids, a box
 * that is empty or not finite or has its centre outside its image, a crowd region, a malformed region, and a file name that is
 * used twice or leads out of the folder. With `dropInvalid`, faulty annotations are left out and named in the notes.
 */
export function readCocoDataset(file: string, dir: string, options: RowOptions = {}): CocoDataset {
  const json = readJsonFile(file);
  requireKnownKeys(requireObject(json), KEYS.file, (key, message) => json.fault([key], message));
  const fileNames = new Set<string>();
  const images = byId(rows("images"), (row) => readImageRow(row, fileNames));
  const names = new Set<string>();
  const categories = byId(rows("categories"), (row) => readCategoryRow(row, names));
  let clipped = 0;
  const faulty = new FaultyRows(options);
  const ids = new Set<number>();
  const swapped: CocoRow[] = [];
  const annotations = faulty.sound(rows("annotations"), (row): Annotation => {
    const image = referred(row, "image_id", images, "image");
    const category = referred(row, "category_id", categories, "category");
    const whole = row.box();
    const box = row.clipped(whole, image);
    if (row.isSwapped) swapped.push(row);
    if (row.flag("iscrowd")) throw row.fault("iscrowd", "crowd regions cannot be trained on; remove the annotation");
    if (box.some((value, i) => value !== whole[i])) clipped++;
    return { id: row.unusedId(ids), imageId: image.id, categoryId: category.id, box, hidden: row.flag("hidden") };
  });
  const fault = [...images.values()].every(isTinyImage) ? null : pixelFault(boxesOf(annotations.values()));
  if (fault !== null) {
    const { id } = annotations[fault.first];
    throw rows("annotations")
      .filter((row) => row.fields.id === id)[0]
      .fault("bbox", pixelFaultText(fault));
  }
  const dataset = {
    dir,
    images: [...images.values()],
    annotations,
    categories: [...categories.values()],
  };
  return { dataset, clipped, notes: [...swappedNote(swapped), ...faulty.notes(file)] };

  function rows(list: "images" | "annotations" | "categories"): CocoRow[] {
    const all = cocoRows(json, list);
    for (const row of all) requireKnownKeys(row.fields, KEYS[list], (key, message) => row.fault(key, message));
    return all;
  }
}

/** Writes a dataset's annotations.json atomically. Reading it gives the dataset back, with coordinates rounded to 0.001 pixels. */
export function writeCocoDataset(file: string, dataset: Dataset): void {
  const images = dataset.images.map(({ id, sourceId, fileName, width, height, group, split, mpp, regions, pixels }) => ({
    id,
    source_id: sourceId,
    file_name: fileName,
    width,
    height,
    group,
    split,
    mpp,
    regions: regions && cocoRegions(regions),
    pixels,
  }));
  function* annotations() {
    for (const { id, imageId, categoryId, box, hidden } of dataset.annotations)
      yield { id, image_id: imageId, category_id: categoryId, ...cocoBox(box), iscrowd: 0, hidden };
  }
  const categories = dataset.categories.map(({ id, sourceId, ...category }) => ({ id, source_id: sourceId, ...category }));
  writeChunksAtomic(file, cocoText({ images, annotations: annotations(), categories }));
}

function* boxesOf(annotations: Iterable<Annotation>) {
  for (const { box } of annotations) yield box;
}

function readImageRow(row: CocoRow, fileNames: Set<string>): DatasetImage {
  const fileName = row.text("file_name");
  if (/^([A-Za-z]:|\/)|\\|\0|(^|\/)\.{0,2}(\/|$)/.test(fileName))
    throw row.fault(
      "file_name",
      `${JSON.stringify(fileName)} must be a plain path below images/, with / and without "." and ".."`,
    );
  if (fileNames.has(fileName)) throw row.fault("file_name", `"${fileName}" is already the file of another image`);
  fileNames.add(fileName);
  const group = row.has("group") ? row.text("group") : withoutExtension(fileName);
  const [mpp, regions] = [row.mpp(), readRegions(row)];
  return {
    id: row.integer("id"),
    ...sourceIdOf(row),
    fileName,
    width: row.side("width"),
    height: row.side("height"),
    group,
    split: readSplit(row),
    ...(mpp === undefined ? {} : { mpp }),
    ...(regions === undefined ? {} : { regions }),
    ...readPixels(row),
  };
}

function sourceIdOf(row: CocoRow): { sourceId?: FileIds } {
  if (!row.has("source_id")) return {};
  const { source_id: value } = row.fields;
  const isId = (each: unknown): each is FileId => Number.isSafeInteger(each) || (typeof each === "string" && each !== "");
  if (isId(value) || (Array.isArray(value) && value.length > 0 && value.every(isId))) return { sourceId: value };
  throw row.fault("source_id", `expected a whole number, text, or a list of them, got ${shown(value)}`);
}

function readSplit(row: CocoRow): Split {
  if (!row.has("split")) return "train";
  const split = row.text("split");
  if (split !== "train" && split !== "test") throw row.fault("split", `expected "train" or "test", got "${split}"`);
  return split;
}

function readCategoryRow(row: CocoRow, names: Set<string>): Category {
  const name = row.text("name");
  if (names.has(name)) throw row.fault("name", `"${name}" is already the name of another category`);
  names.add(name);
  return { id: row.integer("id"), ...sourceIdOf(row), name, ...(row.flag("negative") ? { negative: true } : {}) };
}

function requireKnownKeys(fields: JsonObject, known: ReadonlySet<string>, fault: (key: string, message: string) => Error): void {
  for (const key in fields) {
    if (!known.has(key)) throw fault(key, `is an unknown key; correct or remove it (known: ${[...known].join(", ")})`);
  }
}
