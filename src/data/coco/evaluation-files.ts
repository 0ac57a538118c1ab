// What evaluation reads and prediction writes: COCO JSON of detections and of true cells, from any tool
// (https://cocodataset.org/#format-results). Lenient where tools differ: unknown keys are ignored, sizes may be missing.

import { writeChunksAtomic } from "../../files/atomic-write.ts";
import { readJsonFile } from "../../files/json/file.ts";
import type { Box } from "../../geometry/box.ts";
import type { Category } from "../dataset.ts";
import { byId, type CocoRow, cocoRows, referred } from "./row.ts";
import { cocoBox, cocoText } from "./text.ts";

export interface CocoImage {
  readonly id: number;
  readonly fileName: string;
  /** Pixels; null when the file does not say. */
  readonly width: number | null;
  readonly height: number | null;
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
}

export interface TruthRow {
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
  readonly categories: readonly Category[];
  readonly annotations: readonly TruthRow[];
}

/**
 * Reads detections: COCO results (a bare list of { image_id, category_id, bbox, score }) or an object with such `annotations`
 * and optional `images` and `categories`. Boxes may stick out of their image.
 * Throws a UserError with file and line on anything missing, of the wrong type, empty or not finite, and on unknown ids.
 *
 * @example
 * const { detections, images } = readCocoDetections("detections.json"); // images: null in a bare list
 */
export function readCocoDetections(file: string): CocoDetections {
  const json = readJsonFile(file);
  const bare = Array.isArray(json.value);
  const has = (key: string) => !bare && (json.value as { [key: string]: unknown } | null)?.[key] !== undefined;
  const images = has("images") ? byId(cocoRows(json, "images"), readImageRow) : null;
  const categories = has("categories") ? byId(cocoRows(json, "categories"), readCategoryRow) : null;
  const detections = cocoRows(json, bare ? null : "annotations").map((row): Detection => {
    if (!row.has("score")) throw row.fault("score", "is missing; pass a file of detections, not of annotations");
    const imageId = images === null ? row.integer("image_id") : referred(row, "image_id", images, "image").id;
    const categoryId = categories === null ? row.integer("category_id") : referred(row, "category_id", categories, "category").id;
    return { imageId, categoryId, box: row.box(), score: row.number("score") };
  });
  return { file, images: images && [...images.values()], categories: categories && [...categories.values()], detections };
}

/**
 * Reads true cells: an object with `images`, `annotations` and usually `categories`. Boxes are not clipped. Throws a UserError as
 * `readCocoDetections` does, and on a box whose centre is outside its image, if the image's size is known.
 *
 * @example
 * const { annotations } = readCocoAnnotations("truth.json");
 */
export function readCocoAnnotations(file: string): TruthFile {
  const json = readJsonFile(file);
  const images = byId(cocoRows(json, "images"), readImageRow);
  const given = (json.value as { categories?: unknown }).categories !== undefined;
  const categories = given ? byId(cocoRows(json, "categories"), readCategoryRow) : new Map<number, Category>();
  const annotations = byId(cocoRows(json, "annotations"), (row): TruthRow => {
    const { id: imageId, fileName, width, height } = referred(row, "image_id", images, "image");
    const categoryId = given ? referred(row, "category_id", categories, "category").id : row.integer("category_id");
    const box = row.box();
    // called only for its check: boxes are not clipped for evaluation
    if (width !== null && height !== null) row.clipped(box, { fileName, width, height });
    const ignore = row.flag("iscrowd") || row.flag("difficult");
    return { id: row.integer("id"), imageId, categoryId, box, hidden: row.flag("hidden"), ignore };
  });
  return { file, images: [...images.values()], categories: [...categories.values()], annotations: [...annotations.values()] };
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
  content: Omit<CocoDetections, "file" | "images" | "categories"> & {
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

function readImageRow(row: CocoRow): CocoImage {
  const sized = row.has("width") && row.has("height");
  return {
    id: row.integer("id"),
    fileName: row.text("file_name"),
    width: sized ? row.side("width") : null,
    height: sized ? row.side("height") : null,
  };
}

function readCategoryRow(row: CocoRow): Category {
  return { id: row.integer("id"), name: row.text("name") };
}
