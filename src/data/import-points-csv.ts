// A dataset from a folder of images and key points in CSV: every point becomes a box of one size around it, clipped to the
// image. Points are places on the image: (0, 0) its top left corner, (width, height) its bottom right corner.

import { join } from "node:path";
import { UserError } from "../errors.ts";
import { type Box, clip } from "./boxes.ts";
import type { Annotation, Category, Dataset, DatasetImage } from "./dataset.ts";
import { requireNoDataset, writeDataset } from "./dataset-folder.ts";
import { FileNameIndex, withoutExtension } from "./file-name-index.ts";
import { readImage } from "./image-file.ts";
import { findImages } from "./image-folder.ts";
import { type CsvPoint, readPointsCsv } from "./points-csv.ts";

export interface PointsCsvImport {
  /** The folder of the images, searched with its subfolders. */
  readonly images: string;
  /** The CSV file. */
  readonly points: string;
  /** Side of the boxes in pixels. */
  readonly box: number;
  /** Its first capture group (or the whole match) in an image's path below `images` is the image's group. */
  readonly groupPattern?: RegExp;
  /** Also take images that the file does not mention, as images without any cell. */
  readonly keepEmpty?: boolean;
  /** Drop and count what is wrong with a point or an image, in place of an error. */
  readonly dropInvalid?: boolean;
  /** The new dataset's folder. */
  readonly out: string;
  readonly onImage?: (done: number, total: number) => void;
}

export interface ImportReport {
  readonly images: {
    readonly found: number;
    readonly imported: number;
    /** Dropped: the file has no point on them. */
    readonly withoutPoints: number;
    /** Dropped: no image, damaged or cut off. */
    readonly unreadable: number;
    /** Imported, but not matched by the group pattern: each is a group of its own. */
    readonly ungrouped: number;
    readonly groups: number;
  };
  readonly annotations: {
    readonly read: number;
    readonly kept: number;
    /** Among the kept: the box stuck out of the image and was cut at its edge. */
    readonly clipped: number;
    /** Dropped: the same image, place and label once more. */
    readonly duplicate: number;
    readonly outsideImage: number;
    readonly imageMissing: number;
    readonly imageUnreadable: number;
  };
  readonly ignoredColumns: readonly string[];
}

/**
 * Imports images with points. Labels become categories, in alphabetical order; without labels the category is "cell". All
 * images start as training images. Every image is decoded once, so that a damaged one shows now and not in training.
 * Throws a UserError with file and line on a malformed file, and unless `dropInvalid` on a point outside its image, of an
 * image that is not there, or of an image that cannot be read; also when nothing is left, and when `out` holds a dataset.
 */
export async function importPointsCsv(options: PointsCsvImport): Promise<{ dataset: Dataset; report: ImportReport }> {
  const { images: folder, points: file, groupPattern, keepEmpty = false, out, onImage } = options;
  requireNoDataset(out);
  const { points, ignoredColumns } = readPointsCsv(file);
  const fileNames = findImages(folder);
  const dropped = { clipped: 0, duplicate: 0, outsideImage: 0, imageMissing: 0, imageUnreadable: 0 };
  const refuse: Refuse = (count, fault) => {
    if (!options.dropInvalid) throw new UserError(`${fault}, or leave such out with --drop-invalid`);
    return count;
  };

  const { pointsOf, missing } = assignPoints(points, fileNames, file);
  for (const { line, image } of missing) {
    dropped.imageMissing += refuse(1, `${file}:${line}: the image "${image}" is not in ${folder}; correct the name`);
  }
  const wanted = fileNames.filter((fileName) => keepEmpty || pointsOf.has(fileName));
  const categories = categoriesOf(points);
  const images: DatasetImage[] = [];
  const annotations: Annotation[] = [];
  let ungrouped = 0;
  for (const [done, fileName] of wanted.entries()) {
    const own = pointsOf.get(fileName) ?? [];
    const size = await readImage(join(folder, fileName)).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      dropped.imageUnreadable += refuse(own.length, error.message);
      return null;
    });
    onImage?.(done + 1, wanted.length);
    if (size === null) continue;
    const match = groupPattern?.exec(fileName);
    if (groupPattern && !match) ungrouped++;
    const group = match?.[1] || match?.[0] || withoutExtension(fileName);
    const image: DatasetImage = {
      id: images.length + 1,
      fileName,
      width: size.width,
      height: size.height,
      group,
      split: "train",
    };
    images.push(image);
    const placed = placePoints(own, image, { file, side: options.box, refuse });
    for (const { box, label } of placed.boxes) {
      const categoryId = 1 + categories.findIndex(({ name }) => name === label);
      annotations.push({ id: annotations.length + 1, imageId: image.id, categoryId, box, hidden: false });
    }
    for (const key of ["clipped", "duplicate", "outsideImage"] as const) dropped[key] += placed[key];
  }
  if (images.length === 0)
    throw new UserError(
      `${file}: has no point on an image of ${folder}; check both, or take images without cells with --keep-empty`,
    );
  if (groupPattern && ungrouped === images.length)
    throw new UserError(
      `--group-pattern ${groupPattern.source} matches no image of ${folder}, for instance not "${images[0].fileName}"; correct it`,
    );

  const dataset = writeDataset({ dir: out, images, annotations, categories }, out, { imagesFrom: folder });
  const report: ImportReport = {
    images: {
      found: fileNames.length,
      imported: images.length,
      withoutPoints: fileNames.length - wanted.length,
      unreadable: wanted.length - images.length,
      ungrouped,
      groups: new Set(images.map(({ group }) => group)).size,
    },
    annotations: { read: points.length, kept: annotations.length, ...dropped },
    ignoredColumns,
  };
  return { dataset, report };
}

const UNLABELLED = "cell";

/** Gives `count` back, or throws the fault where faults are not dropped. */
type Refuse = (count: number, fault: string) => number;

/** The points of each image, and the points whose image is not there. */
function assignPoints(points: readonly CsvPoint[], fileNames: readonly string[], file: string) {
  const index = new FileNameIndex(fileNames, (fileName) => fileName);
  const pointsOf = new Map<string, CsvPoint[]>();
  const fileNameOf = new Map<string, string | null>();
  const missing: CsvPoint[] = [];
  for (const point of points) {
    let fileName = fileNameOf.get(point.image);
    if (fileName === undefined) {
      fileName = meantImage(point);
      fileNameOf.set(point.image, fileName);
    }
    if (fileName === null) missing.push(point);
    else pointsOf.get(fileName)?.push(point);
  }
  return { pointsOf, missing };

  function meantImage({ image, line }: CsvPoint): string | null {
    const [fileName, ...more] = index.find(image);
    if (fileName === undefined) return null;
    if (more.length > 0)
      throw new UserError(
        `${file}:${line}: the image "${image}" may be ${[fileName, ...more].map((name) => `"${name}"`).join(" or ")}; write which`,
      );
    const before = pointsOf.get(fileName)?.[0];
    if (before !== undefined)
      throw new UserError(
        `${file}:${line}: "${image}" and line ${before.line}'s "${before.image}" both mean the image "${fileName}"; write one name`,
      );
    pointsOf.set(fileName, []);
    return fileName;
  }
}

function categoriesOf(points: readonly CsvPoint[]): Category[] {
  const names = new Set(points.map(({ label }) => label ?? UNLABELLED));
  if (names.size === 0) names.add(UNLABELLED);
  return [...names].sort().map((name, i) => ({ id: i + 1, name }));
}

/** Boxes with the given `side` around the points of one image, clipped to it. */
function placePoints(
  points: readonly CsvPoint[],
  image: DatasetImage,
  { file, side, refuse }: { file: string; side: number; refuse: Refuse },
) {
  const boxes: { box: Box; label: string }[] = [];
  const counts = { clipped: 0, duplicate: 0, outsideImage: 0 };
  const seen = new Set<string>();
  for (const { line, x, y, label } of points) {
    const key = JSON.stringify([x, y, label]);
    const whole: Box = [x - side / 2, y - side / 2, x + side / 2, y + side / 2];
    const box = x >= 0 && x <= image.width && y >= 0 && y <= image.height ? clip(whole, image.width, image.height) : null;
    if (box === null) {
      const where = `the point (${x}, ${y}) lies outside its image "${image.fileName}" of ${image.width}×${image.height} pixels`;
      counts.outsideImage += refuse(1, `${file}:${line}: ${where}; correct it`);
    } else if (seen.has(key)) {
      counts.duplicate++;
    } else {
      seen.add(key);
      boxes.push({ box, label: label ?? UNLABELLED });
      if (box.some((value, i) => value !== whole[i])) counts.clipped++;
    }
  }
  return { boxes, ...counts };
}
