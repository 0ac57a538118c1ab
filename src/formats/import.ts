// Makes a dataset from a source (source.ts) and a folder of images, for all formats alike: finds image files by name, reads their
// sizes from their headers, and turns marks into boxes and regions.

import { join } from "node:path";
import type { Annotation, Dataset, DatasetImage } from "../data/dataset.ts";
import { requireNoDataset, writeDataset } from "../data/dataset-folder.ts";
import type { ImageSize } from "../data/image-file.ts";
import { choiceLines, choiceOf, type PixelChoice } from "../data/pixel-choice.ts";
import { UserError } from "../errors.ts";
import { withoutExtension } from "../files/file-name-index.ts";
import { findImages } from "../files/image-folder.ts";
import { assignImages } from "./assign-images.ts";
import { type CategoryOptions, categoriesOf, UNLABELLED } from "./categories.ts";
import { type CheckedImage, checkedImageSize } from "./image.ts";
import { faultyNotes, nothingLeft, repeatedNote, turnedNote } from "./import-notes.ts";
import type { ImportReport } from "./import-report.ts";
import { keptIds, keptNumbers } from "./kept-ids.ts";
import { caseNotes } from "./labels.ts";
import { type MarkOptions, placeMarks, refusal } from "./marks.ts";
import { requirePixels } from "./not-pixels.ts";
import { foreignNote, whyMissing } from "./other-kinds.ts";
import { PixelRecord } from "./pixel-record.ts";
import { type Source, type SourceId, type SourceIds, where } from "./source.ts";
import { UnreadTally } from "./unread.ts";

export type { ImportReport } from "./import-report.ts";

/** Annotations, images, and where the dataset goes. */
export interface ImportOptions extends MarkOptions, CategoryOptions, PixelChoice {
  /** What a reader of `importFormats` returns. */
  readonly source: Source;
  /** The folder of the images, including subfolders. */
  readonly images: string;
  /** Applied to an image's path below `images`; the first capture group, or the whole match, is the image's group. */
  readonly groupPattern?: RegExp;
  /** Also import images that the annotations do not mention, as images without cells. */
  readonly keepEmpty?: boolean;
  /** Microns per pixel of every image, overriding the source's. */
  readonly mpp?: number;
  /** Decode every pixel, to find damaged images now rather than in training. */
  readonly verify?: boolean;
  /** The new dataset's folder. */
  readonly out: string;
  readonly onImage?: (done: number, total: number) => void;
}

/**
 * Imports images with their annotations and writes the dataset to `out`. Labels become categories in alphabetical order, hard
 * negatives last; marks without a label get the category "cell". Images keep the source's split, or become training images.
 * Throws a UserError with file and line on an image whose name is ambiguous or whose size differs from the source's and, unless
 * `dropInvalid`, on marks outside their image or without area and on images that are missing or unreadable; also when nothing is
 * left, when no mark has a class named in the options, and when `out` holds a dataset. Marks that the reader could not read are
 * covered by regions to ignore, or their image is left out (unread.ts); so is an image all of whose marks were dropped, and one that
 * the source calls unlabelled.
 *
 * @example
 * const images = "slides";
 * const source = await importFormats.qupath.read({ images, annotations: "slides/geojson" });
 * const { dataset, report } = await importDataset({ source, images, box: 32, out: "data/cells" });
 * console.log(report.annotations.kept);
 */
export async function importDataset(options: ImportOptions): Promise<{ dataset: Dataset; report: ImportReport }> {
  const { source, images: folder, groupPattern, out, onImage } = options;
  requireNoDataset(out);
  requirePixels(source);
  const categories = categoriesOf(source, options);
  const categoryIds = new Map(categories.map(({ id, name }) => [name, id]));
  const negativeIds = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  const fileNames = findImages(folder);
  const { sourceOf, missing, unlabelled, repeated } = assignImages(source.images, fileNames);
  const dropped = {
    clipped: 0,
    swapped: 0,
    duplicate: 0,
    outsideImage: 0,
    empty: 0,
    imageMissing: 0,
    imageUnreadable: 0,
    imageUnread: 0,
  };
  for (const image of missing) {
    if (!options.dropInvalid) throw refusal(whyMissing(folder, image));
    dropped.imageMissing += image.marks.length;
  }

  const wanted = fileNames.filter((name) => sourceOf.has(name) || (options.keepEmpty && !unlabelled.has(name)));
  const images: Omit<DatasetImage, "id">[] = [];
  const imageIds: (SourceIds | undefined)[] = [];
  const annotations: { -readonly [Key in keyof Annotation]: Annotation[Key] }[] = []; // imageId: the image's place in the list
  const annotationIds: (SourceId | undefined)[] = [];
  const regionCounts = { complete: 0, ignore: 0 };
  const tally = new UnreadTally();
  const leftOut = { missing: missing.map(({ name }) => name), unreadable: [] as string[], emptied: [] as string[] };
  const pixels = new PixelRecord(folder, options);
  let [ungrouped, done, turned] = [0, 0, 0];
  for await (const { fileName, size } of measured(folder, wanted, options)) {
    onImage?.(++done, wanted.length);
    const from = sourceOf.get(fileName);
    if (size instanceof UserError) {
      if (!options.dropInvalid) throw refusal(size.message);
      leftOut.unreadable.push(fileName);
      dropped.imageUnreadable += from?.marks.length ?? 0;
      continue;
    }
    if (from?.size && (from.size.width !== size.width || from.size.height !== size.height))
      throw new UserError(
        `${where(from)}: says that "${fileName}" has ${shown(from.size)} pixels, but it has ${shown(size)}; use the annotated image`,
      );
    const covers = tally.cover(from?.unread ?? [], { fileName, ...size }, options.box);
    if (covers === null) {
      dropped.imageUnread += from?.marks.length ?? 0;
      continue;
    }
    const { boxes, regions: marked, ...counts } = placeMarks(from?.marks ?? [], { fileName, ...size }, options);
    for (const key of ["clipped", "swapped", "duplicate", "outsideImage", "empty"] as const) dropped[key] += counts[key];
    const regions = [...marked, ...covers];
    if (boxes.length + regions.length === 0 && from !== undefined && from.marks.length + (from.faulty ?? 0) > 0) {
      leftOut.emptied.push(fileName);
      continue;
    }
    if (size.turned) turned++;
    const match = groupPattern?.exec(fileName);
    if (groupPattern && !match) ungrouped++;
    const mpp = options.mpp ?? from?.mpp;
    images.push({
      fileName,
      width: size.width,
      height: size.height,
      group: match?.[1] || match?.[0] || from?.group || withoutExtension(fileName),
      split: from?.split ?? "train",
      ...(mpp === undefined ? {} : { mpp }),
      ...(regions.length === 0 ? {} : { regions }),
    });
    imageIds.push(from?.id);
    pixels.add(fileName, size);
    for (const { box, label, id } of boxes) {
      const categoryId = categoryIds.get(label ?? UNLABELLED) as number;
      annotations.push({ id: 0, imageId: images.length - 1, categoryId, box, hidden: false });
      annotationIds.push(id);
    }
    for (const { kind } of marked) regionCounts[kind]++;
  }
  const unread = tally.report();
  const faulty = source.faulty?.count ?? 0;
  const read = source.images.reduce((sum, { marks }) => sum + marks.length, faulty);
  const kept = annotations.length + regionCounts.complete + regionCounts.ignore;
  if (images.length === 0 || (kept === 0 && (read > 0 || unread.first !== null)))
    throw nothingLeft(folder, unread, {
      ...leftOut,
      read,
      faulty: source.faulty,
      unlabelled: source.images.find(({ unlabelled }) => unlabelled),
    });
  if (groupPattern && ungrouped === images.length)
    throw new UserError(
      `--group-pattern ${groupPattern.source} matches no image of ${folder}, for instance not "${images[0].fileName}"; correct it`,
    );

  const keptImageIds = keptIds(imageIds);
  const keptAnnotationIds = keptNumbers(annotationIds);
  for (const [i, annotation] of annotations.entries()) {
    annotation.id = keptAnnotationIds[i];
    annotation.imageId = keptImageIds[annotation.imageId].id;
  }
  const named = images.map((image, i): DatasetImage => ({ ...keptImageIds[i], ...image }));
  const recorded = pixels.recordedOn(named);
  const dataset = writeDataset({ dir: out, images: recorded, annotations, categories }, out, { imagesFrom: folder });
  const report: ImportReport = {
    images: {
      found: fileNames.length,
      imported: images.length,
      unmentioned: fileNames.length - wanted.length - unlabelled.size,
      unlabelled: unlabelled.size,
      missing: missing.length,
      unreadable: leftOut.unreadable.length,
      unread: unread.imagesLeftOut.length,
      emptied: leftOut.emptied.length,
      ungrouped,
      groups: new Set(images.map(({ group }) => group)).size,
    },
    annotations: {
      read,
      kept: annotations.length,
      hardNegatives: annotations.filter(({ categoryId }) => negativeIds.has(categoryId)).length,
      ...dropped,
    },
    regions: regionCounts,
    unread,
    leftOut,
    pixels: choiceLines(recorded),
    notes: [
      ...(source.notes ?? []),
      ...faultyNotes(source.faulty),
      ...repeatedNote(repeated),
      ...caseNotes(categories.map(({ name }) => name)),
      ...turnedNote(turned),
      ...pixels.notes(),
      ...foreignNote(folder),
    ],
  };
  return { dataset, report };
}

const AT_ONCE = 4; // the number of libuv's threads; more would only use memory

const shown = ({ width, height }: ImageSize): string => `${width}×${height}`;

/** The images' sizes, in order, or the error that prevented reading one. */
async function* measured(folder: string, fileNames: readonly string[], { verify, ...options }: ImportOptions) {
  const sizeOf = async (fileName: string): Promise<CheckedImage | UserError> =>
    checkedImageSize(join(folder, fileName), { verify, choice: choiceOf(options) }).catch((error) => {
      if (error instanceof UserError) return error;
      throw error;
    });
  for (let start = 0; start < fileNames.length; start += AT_ONCE) {
    const next = fileNames.slice(start, start + AT_ONCE);
    const sizes = await Promise.all(next.map(sizeOf));
    for (const [i, fileName] of next.entries()) yield { fileName, size: sizes[i] };
  }
}
