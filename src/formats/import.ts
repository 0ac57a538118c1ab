// Makes a dataset from a source (source.ts) and a folder of images, for all formats alike: finds image files by name, reads their
// sizes from their headers, and turns marks into boxes and regions.

import { join } from "node:path";
import type { Annotation, Dataset, DatasetImage } from "../data/dataset.ts";
import { requireNoDataset, writeDataset } from "../data/dataset-folder.ts";
import type { ImageSize } from "../data/image-file.ts";
import { choiceLines, choiceOf, type PixelChoice } from "../data/pixel-choice.ts";
import { UserError } from "../errors.ts";
import { FileNameIndex, withoutExtension } from "../files/file-name-index.ts";
import { findImages } from "../files/image-folder.ts";
import type { RegionKind } from "../geometry/region.ts";
import { type CategoryOptions, categoriesOf, UNLABELLED } from "./categories.ts";
import { type CheckedImage, checkedImageSize } from "./image.ts";
import { type MarkOptions, placeMarks, refusal } from "./marks.ts";
import { foreignNote, whyMissing } from "./other-kinds.ts";
import { PixelRecord } from "./pixel-record.ts";
import { type Source, type SourceImage, where } from "./source.ts";

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

/** What was imported and what was dropped, in numbers. */
export interface ImportReport {
  readonly images: {
    readonly found: number;
    readonly imported: number;
    /** Dropped: not mentioned in the annotations. */
    readonly unmentioned: number;
    /** Dropped: in the annotations, but not in the folder. */
    readonly missing: number;
    /** Dropped: not an image, damaged or cut off. */
    readonly unreadable: number;
    /** Imported, but not matched by the group pattern: these keep the source's group or form one each. */
    readonly ungrouped: number;
    readonly groups: number;
  };
  /** read = kept + both kinds of regions + what was dropped. */
  readonly annotations: {
    readonly read: number;
    readonly kept: number;
    /** Kept boxes of `negative` categories. */
    readonly hardNegatives: number;
    /** Kept boxes that stuck out of their image and were clipped to it. */
    readonly clipped: number;
    /** Dropped: same image, place and label as another. */
    readonly duplicate: number;
    readonly outsideImage: number;
    /** Dropped: boxes without area. */
    readonly empty: number;
    readonly imageMissing: number;
    readonly imageUnreadable: number;
  };
  readonly regions: { readonly [kind in RegionKind]: number };
  /** One line each: how many images are read how, where that was decided by an option or by what the files record. */
  readonly pixels: readonly string[];
  /** One line each: the source's notes, and how many images their EXIF orientation rotates. */
  readonly notes: readonly string[];
}

/**
 * Imports images with their annotations and writes the dataset to `out`. Labels become categories in alphabetical order, hard
 * negatives last; marks without a label get the category "cell". Images keep the source's split, or become training images.
 * Throws a UserError with file and line on an image whose name is ambiguous or whose size differs from the source's and, unless
 * `dropInvalid`, on marks outside their image or without area and on images that are missing or unreadable; also when nothing is
 * left, when no mark has a class named in the options, and when `out` holds a dataset.
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
  const categories = categoriesOf(source, options);
  const categoryIds = new Map(categories.map(({ id, name }) => [name, id]));
  const negativeIds = new Set(categories.filter(({ negative }) => negative).map(({ id }) => id));
  const fileNames = findImages(folder);
  const { sourceOf, missing } = assignImages(source.images, fileNames);
  const dropped = { clipped: 0, duplicate: 0, outsideImage: 0, empty: 0, imageMissing: 0, imageUnreadable: 0 };
  for (const image of missing) {
    if (!options.dropInvalid) throw refusal(whyMissing(folder, image));
    dropped.imageMissing += image.marks.length;
  }

  const wanted = fileNames.filter((fileName) => options.keepEmpty || sourceOf.has(fileName));
  const images: DatasetImage[] = [];
  const annotations: Annotation[] = [];
  const regionCounts = { complete: 0, ignore: 0 };
  const pixels = new PixelRecord(folder, options);
  let [ungrouped, done, turned] = [0, 0, 0];
  for await (const { fileName, size } of measured(folder, wanted, options)) {
    onImage?.(++done, wanted.length);
    const from = sourceOf.get(fileName);
    if (size instanceof UserError) {
      if (!options.dropInvalid) throw refusal(size.message);
      dropped.imageUnreadable += from?.marks.length ?? 0;
      continue;
    }
    if (from?.size && (from.size.width !== size.width || from.size.height !== size.height))
      throw new UserError(
        `${where(from)}: says that "${fileName}" has ${shown(from.size)} pixels, but it has ${shown(size)}; use the annotated image`,
      );
    if (size.turned) turned++;
    const match = groupPattern?.exec(fileName);
    if (groupPattern && !match) ungrouped++;
    const { boxes, regions, ...counts } = placeMarks(from?.marks ?? [], { fileName, ...size }, options);
    const mpp = options.mpp ?? from?.mpp;
    const image: DatasetImage = {
      id: images.length + 1,
      fileName,
      width: size.width,
      height: size.height,
      group: match?.[1] || match?.[0] || from?.group || withoutExtension(fileName),
      split: from?.split ?? "train",
      ...(mpp === undefined ? {} : { mpp }),
      ...(regions.length === 0 ? {} : { regions }),
    };
    images.push(image);
    pixels.add(fileName, size);
    for (const { box, label } of boxes) {
      const categoryId = categoryIds.get(label ?? UNLABELLED) as number;
      annotations.push({ id: annotations.length + 1, imageId: image.id, categoryId, box, hidden: false });
    }
    for (const { kind } of regions) regionCounts[kind]++;
    for (const key of ["clipped", "duplicate", "outsideImage", "empty"] as const) dropped[key] += counts[key];
  }
  if (images.length === 0)
    throw new UserError(
      `${folder}: has no image that the annotations mention; check both, or import images without cells with --keep-empty`,
    );
  if (groupPattern && ungrouped === images.length)
    throw new UserError(
      `--group-pattern ${groupPattern.source} matches no image of ${folder}, for instance not "${images[0].fileName}"; correct it`,
    );

  const recorded = pixels.recordedOn(images);
  const dataset = writeDataset({ dir: out, images: recorded, annotations, categories }, out, { imagesFrom: folder });
  const report: ImportReport = {
    images: {
      found: fileNames.length,
      imported: images.length,
      unmentioned: fileNames.length - wanted.length,
      missing: missing.length,
      unreadable: wanted.length - images.length,
      ungrouped,
      groups: new Set(images.map(({ group }) => group)).size,
    },
    annotations: {
      read: source.images.reduce((sum, { marks }) => sum + marks.length, 0),
      kept: annotations.length,
      hardNegatives: annotations.filter(({ categoryId }) => negativeIds.has(categoryId)).length,
      ...dropped,
    },
    regions: regionCounts,
    pixels: choiceLines(recorded),
    notes: [...(source.notes ?? []), ...turnedNote(turned), ...pixels.notes(), ...foreignNote(folder)],
  };
  return { dataset, report };
}

/** A mirrored or square image does not show whether its annotations refer to the stored or the rotated pixels. */
const turnedNote = (count: number): string[] =>
  count === 0
    ? []
    : [
        `${count} images are rotated or mirrored by their EXIF orientation; annotations must refer to the rotated image: check a few with "data view"`,
      ];

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

/** The source's entry for each image file, and its entries for missing images. */
function assignImages(images: readonly SourceImage[], fileNames: readonly string[]) {
  const index = new FileNameIndex(fileNames, (fileName) => fileName);
  const sourceOf = new Map<string, SourceImage>();
  const missing: SourceImage[] = [];
  for (const image of images) {
    const [fileName, ...others] = index.find(image.name);
    if (fileName === undefined) {
      missing.push(image);
      continue;
    }
    if (others.length > 0)
      throw new UserError(
        `${where(image)}: the image "${image.name}" could be ${[fileName, ...others].map((name) => `"${name}"`).join(" or ")}; add its folder`,
      );
    const before = sourceOf.get(fileName);
    if (before !== undefined) {
      const place = before.file === image.file ? `line ${before.line}` : where(before);
      throw new UserError(
        `${where(image)}: "${image.name}" and ${place}'s "${before.name}" both refer to the image "${fileName}"; keep one of them`,
      );
    }
    sourceOf.set(fileName, image);
  }
  return { sourceOf, missing };
}
