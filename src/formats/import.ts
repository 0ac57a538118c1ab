// Makes a dataset from a source (source.ts) and a folder of images, for all formats alike: finds image files by name, reads their
// sizes from their headers, and turns marks into boxes and regions.

import { join } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import { imagePath, requireNoDataset, writeDataset } from "../data/dataset-folder.ts";
import type { ImageSize } from "../data/image-file.ts";
import { choiceLines, type PixelChoice } from "../data/pixel-choice.ts";
import { UserError } from "../errors.ts";
import { withoutExtension } from "../files/file-name-index.ts";
import { findImagesAndSlides, isSlide, slideExtensions } from "../slides/is-slide.ts";
import { assignImages } from "./assign-images.ts";
import { type CategoryOptions, categoriesOf } from "./categories.ts";
import { DatasetDraft, type DraftImage } from "./dataset-draft.ts";
import { imageSizes } from "./image-sizes.ts";
import { faultyNotes, nothingLeft, repeatedNote, turnedNote } from "./import-notes.ts";
import type { ImportReport } from "./import-report.ts";
import { caseNotes } from "./labels.ts";
import { type MarkOptions, placeMarks, refusal } from "./marks.ts";
import { requirePixels } from "./not-pixels.ts";
import { foreignNote, whyMissing } from "./other-kinds.ts";
import { PixelRecord } from "./pixel-record.ts";
import { SlideImages } from "./slide-images.ts";
import { type Source, type SourceImage, where } from "./source.ts";
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
  /** Also import images that the annotations do not mention, as images without cells; slides are refused. */
  readonly keepEmpty?: boolean;
  /** Microns per pixel of every image, overriding the source's and the slides'. */
  readonly mpp?: number;
  /** Microns per pixel of the windows of slides; default: the slide's, at least 0.25. */
  readonly resolution?: number;
  /** Decode every pixel, to find damaged images now rather than in training. */
  readonly verify?: boolean;
  /** The new dataset's folder. */
  readonly out: string;
  readonly onImage?: (done: number, total: number) => void;
  /** As `onImage`, for the windows of slides. */
  readonly onWindow?: (done: number, total: number) => void;
}

/**
 * Imports images with their annotations and writes the dataset to `out`. A slide becomes windows around its marks
 * (slide-images.ts), in one group. Labels become categories in alphabetical order, hard negatives last; marks without a label get
 * the category "cell". Images keep the source's split, or become training images.
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
  const { source, images: folder, groupPattern, out, onImage, onWindow } = options;
  requireNoDataset(out);
  requirePixels(source);
  const categories = categoriesOf(source, options);
  const negativeIds = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  const fileNames = findImagesAndSlides(folder);
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
    windowUnreadable: 0,
  };
  for (const image of missing) {
    if (!options.dropInvalid) throw refusal(whyMissing(folder, image));
    dropped.imageMissing += image.marks.length;
  }

  const wanted = fileNames.filter((name) => sourceOf.has(name) || (options.keepEmpty && !unlabelled.has(name)));
  const slideNames = wanted.filter((name) => isSlide(join(folder, name)));
  requireMentioned(folder, slideNames, sourceOf);
  const slides = new SlideImages(folder, wanted, slideNames, options);
  const draft = new DatasetDraft(categories);
  const regionCounts = { complete: 0, ignore: 0 };
  const tally = new UnreadTally();
  const leftOut = { missing: missing.map(({ name }) => name), unreadable: [] as string[], emptied: [] as string[] };
  const pixels = new PixelRecord(folder, options);
  let [imported, ungrouped, done, turned] = [0, 0, 0, 0];
  for await (const { fileName, size } of imageSizes(folder, wanted, { ...options, slides: new Set(slideNames) })) {
    onImage?.(++done, wanted.length);
    const from = sourceOf.get(fileName);
    if (size instanceof UserError) {
      if (!options.dropInvalid) throw refusal(size.message);
      leftOut.unreadable.push(fileName);
      dropped.imageUnreadable += from?.marks.length ?? 0;
      continue;
    }
    if (from) requireSize(from, { fileName, ...size });
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
    for (const { kind } of marked) regionCounts[kind]++;
    const { width, height } = size;
    const whole: DraftImage = { fileName, width, height, mpp: options.mpp ?? from?.mpp, boxes, regions };
    const parts = "levels" in size ? slides.windowsOf(size, fileName, whole) : [whole];
    if (parts.length === 0) continue;
    imported++;
    const match = groupPattern?.exec(fileName);
    if (groupPattern && !match) ungrouped++;
    const group = match?.[1] || match?.[0] || from?.group || withoutExtension(fileName);
    const id = "levels" in size ? undefined : from?.id;
    for (const part of parts) draft.add(part, { group, split: from?.split ?? "train", id });
    if ("levels" in size) continue;
    if (size.turned) turned++;
    pixels.add(fileName, size);
  }
  const { images, annotations } = draft.finish();
  const unread = tally.report();
  const read = source.images.reduce((sum, { marks }) => sum + marks.length, source.faulty?.count ?? 0);
  const kept = annotations.length + regionCounts.complete + regionCounts.ignore;
  if (images.length === 0 || (kept === 0 && (read > 0 || unread.first !== null)))
    throw nothingLeft(folder, unread, {
      ...leftOut,
      read,
      faulty: source.faulty,
      unlabelled: source.images.find(({ unlabelled }) => unlabelled),
      bareSlides: slides.bare,
    });
  if (groupPattern && ungrouped === imported)
    throw new UserError(
      `--group-pattern ${groupPattern.source} matches no image of ${folder}, for instance not "${wanted.find((name) => !groupPattern.test(name))}"; correct it`,
    );

  const recorded = pixels.recordedOn(images);
  const lost = await slides.write(out, onWindow);
  const whole = without(lost, { images: recorded, annotations });
  if (whole.images.length === 0)
    throw new UserError(`${folder}: ${slides.notes()[0]}; no other image is left; copy the slides again`);
  dropped.windowUnreadable = annotations.length - whole.annotations.length;
  const dataset = writeDataset({ dir: out, ...whole, categories }, out, {
    imagesFrom: (image) => (slides.has(image.fileName) ? imagePath(out, image) : join(folder, image.fileName)),
  });
  const report: ImportReport = {
    images: {
      found: fileNames.length,
      imported,
      unmentioned: fileNames.length - wanted.length - unlabelled.size,
      unlabelled: unlabelled.size,
      missing: missing.length,
      unreadable: leftOut.unreadable.length,
      unread: unread.imagesLeftOut.length,
      emptied: leftOut.emptied.length,
      ungrouped,
      groups: new Set(whole.images.map(({ group }) => group)).size,
    },
    annotations: {
      read,
      kept: whole.annotations.length,
      hardNegatives: whole.annotations.filter(({ categoryId }) => negativeIds.has(categoryId)).length,
      ...dropped,
    },
    regions: regionCounts,
    unread,
    leftOut,
    ...(slides.counts.slides === 0 ? {} : { slides: slides.counts }),
    pixels: choiceLines(whole.images),
    notes: [
      ...(source.notes ?? []),
      ...faultyNotes(source.faulty),
      ...repeatedNote(repeated),
      ...caseNotes(categories.map(({ name }) => name)),
      ...turnedNote(turned),
      ...pixels.notes(),
      ...slides.notes(),
      ...foreignNote(folder, slideExtensions),
    ],
  };
  return { dataset, report };
}

/** Throws a UserError when the annotations say another size: they were made on another version of the image. */
function requireSize(from: SourceImage, { fileName, ...size }: ImageSize & { readonly fileName: string }): void {
  if (!from.size || (from.size.width === size.width && from.size.height === size.height)) return;
  throw new UserError(
    `${where(from)}: says that "${fileName}" has ${shown(from.size)} pixels, but it has ${shown(size)}; use the annotated image`,
  );
}

const shown = ({ width, height }: ImageSize): string => `${width}×${height}`;

/** Throws a UserError on a slide that only `keepEmpty` wants: all of it would be known to have no cells. */
function requireMentioned(folder: string, slides: readonly string[], sourceOf: ReadonlyMap<string, unknown>): void {
  const slide = slides.find((name) => !sourceOf.has(name));
  if (slide === undefined) return;
  throw new UserError(
    `${join(folder, slide)}: is a slide that the annotations do not mention, and --keep-empty is for images alone; leave out --keep-empty, or mark a complete region on the slide`,
  );
}

type Marked = Pick<Dataset, "images" | "annotations">;

/** All but the images of these names, with their annotations. */
function without(names: ReadonlySet<string>, dataset: Marked): Marked {
  if (names.size === 0) return dataset;
  const images = dataset.images.filter(({ fileName }) => !names.has(fileName));
  const ids = new Set(images.map(({ id }) => id));
  return { images, annotations: dataset.annotations.filter(({ imageId }) => ids.has(imageId)) };
}
