// Detections and truth from two files, with the truth's ids. Tools number images and categories in their own ways; the two
// files share only names.

import { UserError } from "../errors.ts";
import { FileNameIndex, normalPath } from "../files/file-name-index.ts";
import type { Box } from "../geometry/box.ts";
import { NOT_PIXELS, notPixels } from "../geometry/pixels.ts";
import type { CocoDetections, CocoImage, Detection, TruthFile, TruthRow } from "./coco/evaluation-files.ts";

/** Detections and truth that can be compared. */
export interface EvaluationPair {
  /** The images to evaluate on: those on which cells were detected or searched for, with the truth's ids. */
  readonly images: readonly CocoImage[];
  /** The truth's annotations on these images. */
  readonly annotations: readonly TruthRow[];
  /** With the truth's image and category ids. */
  readonly detections: readonly Detection[];
}

/**
 * Pairs images by file name and categories by name, if the detections have them (a single category on each side is the same,
 * whatever its name). Otherwise ids are those of the truth, and all its images count.
 * Throws a UserError that names the file when the truth lacks an image or a category of the detections.
 *
 * @example
 * const pair = pairWithTruth(readCocoDetections("detections.json"), readCocoAnnotations("truth.json"));
 * evaluate(pair.annotations, pair.detections, { images: pair.images.length }).ap11;
 */
export function pairWithTruth(found: CocoDetections, truth: TruthFile): EvaluationPair {
  requirePixels(found.file, found.detections);
  requirePixels(truth.file, truth.annotations);
  const imageOf = pairImages(found, truth);
  const categoryOf = pairCategories(found, truth);
  const detections = found.detections.map((detection): Detection => {
    const imageId = imageOf.get(detection.imageId);
    if (imageId === undefined)
      throw new UserError(`${found.file}: a detection has the image id ${detection.imageId}, which ${truth.file} does not have`);
    return { ...detection, imageId, categoryId: categoryOf(detection.categoryId) };
  });
  const looked = new Set(imageOf.values());
  return {
    images: truth.images.filter(({ id }) => looked.has(id)),
    annotations: truth.annotations.filter(({ imageId }) => looked.has(imageId)),
    detections,
  };
}

function requirePixels(file: string, marks: readonly { readonly box: Box }[]): void {
  const fault = notPixels(marks.map(({ box }) => box));
  if (fault !== null) throw new UserError(`${file}: all ${marks.length} boxes ${NOT_PIXELS[fault]}`);
}

/** From the detections' image ids to the truth's. */
function pairImages(found: CocoDetections, truth: TruthFile): Map<number, number> {
  if (found.images === null) return new Map(truth.images.map(({ id }) => [id, id]));
  const index = new FileNameIndex(truth.images, ({ fileName }) => normalPath(fileName));
  const pairs = new Map<number, number>();
  const taken = new Map<number, string>();
  for (const image of found.images) {
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
  return pairs;
}

/** Null when the file does not say. */
const sizeOf = ({ width, height }: CocoImage): string | null => (width && height ? `${width}×${height}` : null);

/** From the detections' category ids to the truth's. */
function pairCategories(found: CocoDetections, truth: TruthFile): (id: number) => number {
  if (found.categories === null || truth.categories.length === 0) {
    const known = new Set(truth.categories.map(({ id }) => id));
    return (id) => {
      if (known.size > 0 && !known.has(id))
        throw new UserError(`${found.file}: a detection has the category id ${id}, which ${truth.file} does not have`);
      return id;
    };
  }
  if (found.categories.length === 1 && truth.categories.length === 1) return () => truth.categories[0].id;
  const idOf = new Map(truth.categories.map(({ id, name }) => [name, id]));
  const pairs = new Map(found.categories.map(({ id, name }) => [id, idOf.get(name)]));
  return (id) => {
    const paired = pairs.get(id);
    if (paired !== undefined) return paired;
    const name = found.categories?.find((category) => category.id === id)?.name;
    throw new UserError(`${found.file}: the category "${name}" is not in ${truth.file}, which has ${quoted([...idOf.keys()])}`);
  };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
