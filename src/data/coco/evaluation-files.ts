// What evaluation reads and prediction writes: COCO JSON of detections and of true cells, from any tool
// (https://cocodataset.org/#format-results). Lenient where tools differ: unknown keys are ignored, sizes may be missing.

import { writeChunksAtomic } from "../../files/atomic-write.ts";
import { readJsonFile } from "../../files/json/file.ts";
import { area, type Box } from "../../geometry/box.ts";
import type { Category } from "../dataset.ts";
import { FaultyRows, type RowOptions, swappedNote } from "./faulty-rows.ts";
import { type FileIds, NumberedIds } from "./ids.ts";
import { ReferenceList, type References } from "./results-list.ts";
import { type CocoRow, cocoRows, WITHOUT_BOXES } from "./row.ts";
import { cocoBox, cocoText } from "./text.ts";

export interface CocoImage {
  readonly id: number;
  readonly fileName: string;
  /** Pixels; null when the file does not say. */
  readonly width: number | null;
  readonly height: number | null;
  /** What another file calls it: the file from which a dataset was imported, or this file where its ids are text. */
  readonly sourceId?: FileIds;
}

/** A detected box on an image. */
export interface Detection {
  readonly imageId: number;
  readonly categoryId: number;
  /** Pixels of the image. */
  readonly box: Box;
  /** Finite; those of this project are in [0, 1]. */
  readonly score: number;
}

/** The content of a file of detections. */
export interface CocoDetections {
  readonly file: string;
  /** Null in a bare list of results, which does not say which images have no detections. */
  readonly images: readonly CocoImage[] | null;
  readonly categories: readonly Category[] | null;
  readonly detections: readonly Detection[];
  /** What the detections' image ids and category ids stand for where the file has no list of them. */
  readonly imageReferences?: References;
  readonly categoryReferences?: References;
  /** Lines for people: what is odd and what was left out. */
  readonly notes?: readonly string[];
}

export interface TruthRow {
  /** Its place in the file, from 1: ids of annotations may be missing, or the same twice. */
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  readonly box: Box;
  /** Hidden by `sparsify`, but still a true cell. */
  readonly hidden: boolean;
  /** COCO's `iscrowd` or Pascal VOC's `difficult`: neither a detection of it nor a miss counts. */
  readonly ignore: boolean;
}

/** The content of a file of true cells. */
export interface TruthFile {
  readonly file: string;
  readonly images: readonly CocoImage[];
  /** Empty when the file has none; the annotations' category ids then need no entry. */
  readonly categories: readonly (Category & { readonly sourceId?: FileIds })[];
  readonly annotations: readonly TruthRow[];
  /** Lines for people: what was left out. */
  readonly notes?: readonly string[];
}

export interface DetectionOptions extends RowOptions {
  /** Refuse boxes without area. By default they are read, and match no cell. */
  readonly refuseEmpty?: boolean;
}

/**
 * Reads detections: COCO results (a bare list of { image_id, category_id, bbox, score }) or an object with such `annotations`
 * and optional `images` and `categories`. Boxes may stick out of their image; the corners of one of negative
 * width or height are put in order. Ids may be text, and a row of a bare list may name
 * its image (`file_name`) and its category (`category_name`).
 * Throws a UserError with file and line on anything missing, of the wrong type or not finite, and on unknown ids; with
 * `dropInvalid` such rows are left out and named in the notes.
 *
 * @example
 * const { detections, images } = readCocoDetections("detections.json"); // images: null in a bare list
 */
export function readCocoDetections(file: string, { refuseEmpty = false, ...options }: DetectionOptions = {}): CocoDetections {
  const json = readJsonFile(file);
  const bare = Array.isArray(json.value);
  const has = (key: string) => !bare && (json.value as { [key: string]: unknown } | null)?.[key] !== undefined;
  const images = has("images") ? listed(cocoRows(json, "images"), readImageRow) : null;
  const categories = has("categories") ? listed(cocoRows(json, "categories"), readCategoryRow) : null;
  const [imageList, categoryList] = [
    new ReferenceList("image_id", "file_name"),
    new ReferenceList("category_id", "category_name"),
  ];
  const faulty = new FaultyRows(options);
  const empty: CocoRow[] = [];
  const swapped: CocoRow[] = [];
  const rows = cocoRows(json, bare ? null : "annotations");
  const unscored = rows.find((row) => !row.has("score"));
  if (unscored && !(options.dropInvalid && rows.some((row) => row.has("score"))))
    throw unscored.fault("score", "is missing; pass a file of detections, not of annotations");
  const detections = faulty.sound(rows, (row): Detection => {
    const score = row.number("score");
    const box = refuseEmpty || options.dropInvalid ? row.box() : row.ordered();
    const imageId = images ? images.referred(row, "image_id").id : imageList.number(row);
    const categoryId = categories ? categories.referred(row, "category_id").id : categoryList.number(row);
    if (area(box) === 0) empty.push(row);
    if (row.isSwapped) swapped.push(row);
    return { imageId, categoryId, box, score };
  });
  const notes = [...swappedNote(swapped), ...emptyNote(empty), ...faulty.notes(file)];
  return {
    file,
    images: images?.items ?? null,
    categories: categories?.items ?? null,
    detections,
    ...(images ? {} : { imageReferences: imageList.references }),
    ...(categories ? {} : { categoryReferences: categoryList.references }),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function emptyNote(rows: readonly CocoRow[]): string[] {
  if (rows.length === 0) return [];
  const count = rows.length === 1 ? "1 detection without area counts" : `${rows.length} detections without area count`;
  return [`${rows[0].file}:${rows[0].line}: ${count} as wrong; leave out such rows with --drop-invalid`];
}

/**
 * Reads true cells: an object with `images`, `annotations` and usually `categories`. Boxes are not clipped; the
 * corners of one of negative width or height are put in order. Ids may be text.
 * Throws a UserError with file and line on anything missing, of the wrong type, empty or not finite, on unknown ids, and on a box
 * whose centre is outside its image, if the image's size is known; with `dropInvalid` such annotations are left out and named.
 *
 * @example
 * const { annotations } = readCocoAnnotations("truth.json");
 */
export function readCocoAnnotations(file: string, options: RowOptions = {}): TruthFile {
  const json = readJsonFile(file);
  const images = listed(cocoRows(json, "images"), readImageRow);
  const given = (json.value as { categories?: unknown }).categories !== undefined;
  const categories = given ? listed(cocoRows(json, "categories"), readCategoryRow) : null;
  const faulty = new FaultyRows(options);
  const swapped: CocoRow[] = [];
  const rows = cocoRows(json, "annotations");
  requireBoxes(rows);
  const annotations = faulty.sound(rows, (row): TruthRow => {
    const { id: imageId, fileName, width, height } = images.referred(row, "image_id");
    const categoryId = categories ? categories.referred(row, "category_id").id : row.integer("category_id");
    const box = row.box();
    // called only for its check: boxes are not clipped for evaluation
    if (width !== null && height !== null) row.clipped(box, { fileName, width, height });
    if (row.isSwapped) swapped.push(row);
    const ignore = row.flag("iscrowd") || row.flag("difficult");
    return { id: row.index + 1, imageId, categoryId, box, hidden: row.flag("hidden"), ignore };
  });
  const notes = [...swappedNote(swapped), ...faulty.notes(file)];
  return {
    file,
    images: images.items,
    categories: categories ? categories.items : [],
    annotations,
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Throws a UserError when no row has a box: leaving rows out, as `dropInvalid` does, would then leave nothing. */
function requireBoxes(rows: readonly CocoRow[]): void {
  if (rows.length > 0 && !rows.some((row) => row.has("bbox")))
    throw rows[0].fault("bbox", `is missing, as in all annotations; ${WITHOUT_BOXES}`);
}

/**
 * Writes detections atomically as COCO JSON with `images`, `categories` and `annotations`; boxes are rounded to 0.001 pixels,
 * scores to 6 decimals. `images` lists every image that was searched, including those without detections.
 *
 * @example
 * writeCocoDetections("cells.json", {
 *   images: [{ id: 1, fileName: "a.png", width: 100, height: 100 }],
 *   categories: [{ id: 1, name: "cell" }],
 *   detections: [{ imageId: 1, categoryId: 1, box: [10, 10, 42, 42], score: 0.9 }],
 * });
 */
export function writeCocoDetections(
  file: string,
  content: Pick<CocoDetections, "detections"> & {
    readonly images: readonly CocoImage[];
    readonly categories: readonly Category[];
  },
): void {
  const images = content.images.map(({ id, fileName, width, height }) => ({ id, file_name: fileName, width, height }));
  const annotations = content.detections.map(({ imageId, categoryId, box, score }, i) => {
    return { id: i + 1, image_id: imageId, category_id: categoryId, ...cocoBox(box), score: Math.round(score * 1e6) / 1e6 };
  });
  const categories = content.categories.map(({ sourceId: _, ...category }) => category);
  writeChunksAtomic(file, cocoText({ images, categories, annotations }));
}

/** The rows of a list that others refer to. Ids may be text; two rows with one id are refused. */
function listed<T extends object>(rows: readonly CocoRow[], read: (row: CocoRow) => T) {
  const ids = new NumberedIds();
  const byId = new Map<number, T & { readonly id: number; readonly sourceId?: string }>();
  const seen = new Set<number>();
  for (const row of rows) {
    const fileId = row.id("id");
    const id = unused(row, ids.number(fileId), seen);
    byId.set(id, { id, ...read(row), ...(typeof fileId === "string" && id < 0 ? { sourceId: fileId } : {}) });
  }
  return {
    items: [...byId.values()],
    referred(row: CocoRow, key: "image_id" | "category_id"): T & { readonly id: number } {
      const fileId = row.id(key);
      const item = byId.get(ids.number(fileId));
      if (item === undefined) throw row.fault(key, `unknown ${key === "image_id" ? "image" : "category"} id ${fileId}`);
      return item;
    },
  };
}

function unused(row: CocoRow, id: number, seen: Set<number>): number {
  if (seen.has(id)) throw row.fault("id", `${row.fields.id} is already the id of another one; ids must differ`);
  seen.add(id);
  return id;
}

function readImageRow(row: CocoRow): Omit<CocoImage, "id"> {
  const sized = row.has("width") && row.has("height");
  return {
    fileName: row.text("file_name"),
    width: sized ? row.side("width") : null,
    height: sized ? row.side("height") : null,
  };
}

function readCategoryRow(row: CocoRow): Omit<Category, "id"> {
  return { name: row.text("name") };
}
