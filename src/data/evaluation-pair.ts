// Detections and truth from two files, with the truth's ids. Tools number images and categories in their own ways; the two
// files share only names, or ids that one of them took from the other (evaluation-ids.ts).

import { UserError } from "../errors.ts";
import { FileNameIndex, normalPath } from "../files/file-name-index.ts";
import type { Box } from "../geometry/box.ts";
import { isTinyImage, NOT_PIXELS, pixelFault } from "../geometry/pixels.ts";
import type { CocoDetections, CocoImage, Detection, TruthFile, TruthRow } from "./coco/evaluation-files.ts";
import { type RowOptions, refusal } from "./coco/faulty-rows.ts";
import type { FileId, FileIds } from "./coco/ids.ts";
import type { References } from "./coco/results-list.ts";
import type { Category } from "./dataset.ts";
import { categoryIds, type IdKind, imageIds, type PairedIds } from "./evaluation-ids.ts";

/** Detections and truth that can be compared. */
export interface EvaluationPair {
  /** The images to evaluate on: those on which cells were detected or searched for, with the truth's ids. */
  readonly images: readonly CocoImage[];
  /** The truth's annotations on these images. */
  readonly annotations: readonly TruthRow[];
  /** With the truth's image and category ids. */
  readonly detections: readonly Detection[];
  /** Lines for people: what was left out. */
  readonly notes: readonly string[];
}

export interface PairOptions extends RowOptions {
  /** What the ids of a bare list of results are; default: what fits. */
  readonly ids?: IdKind;
}

/**
 * Pairs images by file name and categories by name, if the detections have them (a single category on each side is the same,
 * whatever its name). Otherwise ids are those of the truth, of the file it was imported from, or file names, and all images of
 * the truth count.
 * Throws a UserError that names the file when the truth lacks an image or a category of the detections (with `dropInvalid`, such
 * detections are left out) or when it is ambiguous which one they mean.
 *
 * @example
 * const pair = pairWithTruth(readCocoDetections("detections.json"), readCocoAnnotations("truth.json"));
 * evaluate(pair.annotations, pair.detections, { images: pair.images.length }).ap11;
 */
export function pairWithTruth(found: CocoDetections, truth: TruthFile, { ids, dropInvalid }: PairOptions = {}): EvaluationPair {
  if (!truth.images.every(isTinyImage)) {
    requirePixels(found.file, found.detections);
    requirePixels(truth.file, truth.annotations);
  }
  const imageOf = found.images
    ? pairImages(found, found.images, truth)
    : imageIds(found.imageReferences ?? NONE, found.file, truth, ids);
  const categoryOf =
    found.categories && truth.categories.length > 0
      ? pairCategories(found, found.categories, truth)
      : categoryIds(found.categoryReferences ?? ownIds(found), found.file, truth, ids);
  const unknown = [...unknownIds(imageOf, "image", truth.images), ...unknownIds(categoryOf, "category", truth.categories)].map(
    (fault) => `${found.file}: ${fault} ${truth.file}`,
  );
  if (unknown.length > 0 && !dropInvalid) {
    const fault = `${unknown[0]}; pass the annotations of the same images`;
    throw dropInvalid === false ? refusal(fault) : new UserError(fault);
  }
  const detections: Detection[] = [];
  const repeats = new Repeats(imageOf);
  let left = 0;
  for (const detection of found.detections) {
    const imageId = imageOf.ids.get(detection.imageId);
    const categoryId = categoryOf.ids.get(detection.categoryId);
    if (imageId === undefined || categoryId === undefined) left++;
    else if (!repeats.has(detection, imageId)) detections.push({ ...detection, imageId, categoryId });
  }
  if (left > 0 && detections.length === 0) throw new UserError(`${unknown[0]}; nothing is left to measure`);
  const searched = new Set(found.images ? imageOf.ids.values() : truth.images.map(({ id }) => id));
  return {
    images: truth.images.filter(({ id }) => searched.has(id)),
    annotations: truth.annotations.filter(({ imageId }) => searched.has(imageId)),
    detections,
    notes: [
      ...(left === 0 ? [] : [`left out ${left} of ${found.detections.length} detections: ${unknown.join("; ")}`]),
      ...repeats.notes(found.file),
    ],
  };
}

/** Of an image that was imported under two ids, a detector gives the same detections twice, once for each id. */
class Repeats {
  readonly #several: ReadonlySet<number>;
  readonly #seen = new Map<string, number>();
  #count = 0;

  constructor({ ids }: PairedIds) {
    const once = new Set<number>();
    const several = new Set<number>();
    for (const id of ids.values()) {
      if (once.has(id)) several.add(id);
      once.add(id);
    }
    this.#several = several;
  }

  /** Whether another of the image's ids has this detection. */
  has({ imageId: number, categoryId, box, score }: Detection, imageId: number): boolean {
    if (!this.#several.has(imageId)) return false;
    const key = JSON.stringify([imageId, categoryId, box, score]);
    const first = this.#seen.get(key) ?? number;
    this.#seen.set(key, first);
    if (first !== number) this.#count++;
    return first !== number;
  }

  notes(file: string): string[] {
    if (this.#count === 0) return [];
    return [`${file}: ${this.#count} detections are given again under another id of their image, and count once`];
  }
}

function requirePixels(file: string, marks: readonly { readonly box: Box }[]): void {
  const fault = pixelFault(marks.map(({ box }) => box));
  if (fault === null) return;
  const boxes = fault.count === fault.of ? `all ${fault.of}` : `${fault.count} of ${fault.of}`;
  throw new UserError(`${file}: ${boxes} boxes ${NOT_PIXELS[fault.fault]}`);
}

const NONE: References = new Map();

/** Where neither the results nor the truth name categories. */
const ownIds = ({ detections }: CocoDetections) =>
  new Map(detections.map(({ categoryId }) => [categoryId, { id: categoryId, name: null }]));

/** "3 of 10 image ids are unknown (1, 7, …) in", or nothing. */
function unknownIds(
  { ids, unknown }: PairedIds,
  noun: string,
  known: readonly { readonly id: number; readonly sourceId?: FileIds }[],
): string[] {
  if (unknown.length === 0) return [];
  const all = ids.size + unknown.length;
  const are = unknown.length === 1 ? "is" : "are";
  return [
    `${unknown.length} of ${all} ${noun} ids ${are} unknown (${someOf(unknown)}; known: ${someOf(known.flatMap(({ id, sourceId = id }) => sourceId))}) in`,
  ];
}

const someOf = (ids: readonly FileId[]): string =>
  [...ids.slice(0, 3).map((id) => JSON.stringify(id)), ...(ids.length > 3 ? ["…"] : [])].join(", ");

/** From the detections' image ids to the truth's. */
function pairImages(found: CocoDetections, images: readonly CocoImage[], truth: TruthFile): PairedIds {
  const index = new FileNameIndex(truth.images, ({ fileName }) => normalPath(fileName));
  const pairs = new Map<number, number>();
  const taken = new Map<number, string>();
  for (const image of images) {
    const { id, fileName } = image;
    const refuse = (what: string) => new UserError(`${found.file}: the image "${fileName}" ${what}`);
    const [match, ...more] = index.find(fileName);
    if (match === undefined) throw refuse(`is not in ${truth.file}; pass the annotations of the same images`);
    if (more.length > 0) {
      const names = quoted([match, ...more].map((image) => image.fileName));
      throw refuse(`could be ${names} in ${truth.file}; add its folder`);
    }
    if (sizeOf(image) !== null && sizeOf(match) !== null && sizeOf(image) !== sizeOf(match))
      throw refuse(`has ${sizeOf(image)} pixels, but ${sizeOf(match)} in ${truth.file}; detect on the annotated images`);
    const other = taken.get(match.id);
    if (other !== undefined) throw refuse(`and "${other}" are both "${match.fileName}" in ${truth.file}; detect on it once`);
    taken.set(match.id, fileName);
    pairs.set(id, match.id);
  }
  return { ids: pairs, unknown: [], known: [] };
}

/** Null when the file does not say. */
const sizeOf = ({ width, height }: CocoImage): string | null => (width && height ? `${width}×${height}` : null);

/** From the detections' category ids to the truth's; a category without detections may be unknown. */
function pairCategories(found: CocoDetections, categories: readonly Category[], truth: TruthFile): PairedIds {
  const lone = categories.length === 1 && truth.categories.length === 1 ? truth.categories[0].id : undefined;
  const idOf = new Map(truth.categories.map(({ id, name }) => [name, id]));
  const used = new Set(found.detections.map(({ categoryId }) => categoryId));
  const pairs = new Map<number, number>();
  for (const { id, name } of categories) {
    const paired = lone ?? idOf.get(name);
    if (paired !== undefined) pairs.set(id, paired);
    else if (used.has(id))
      throw new UserError(`${found.file}: the category "${name}" is not in ${truth.file}, which has ${quoted([...idOf.keys()])}`);
  }
  return { ids: pairs, unknown: [], known: [] };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
