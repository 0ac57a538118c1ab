// Marks made in ImageJ and Fiji: ROIs of the ROI Manager (a .zip of an image, or .roi files, one each or in a folder of the image's
// name), or tables of results (.csv), each for one image or with the images in the column Label.

import { readFileSync } from "node:fs";
import { basename, dirname, posix } from "node:path";
import { reason, UserError } from "../../errors.ts";
import { requireOrdinaryFile } from "../../files/ordinary-file.ts";
import { zipFiles } from "../../files/zip.ts";
import { findImagesAndSlides } from "../../slides/is-slide.ts";
import { type AnnotationFile, annotationFiles, ImageNames, mergeFiles } from "../annotation-files.ts";
import { SkippedKinds } from "../skipped-kinds.ts";
import type { Mark, Source, SourceImage, SourceOptions, UnreadMark } from "../source.ts";
import { type ResultRow, type ResultsOptions, readResults } from "./results.ts";
import { readRoi } from "./roi.ts";

/**
 * Reads `annotations`, a .zip, .roi or .csv file or a folder of them. Points, rectangles, ovals, polygons and freehand shapes are
 * read; lines, angles and arrows are unread. Classes are the groups of ROIs, the counters of points and the column Type. Throws a
 * UserError with the file and the ROI or line on damaged files, on marks of several slices, on a table whose unit is not certain,
 * and when an image has both ROIs and a table, whose cells would count twice.
 */
export function readFiji({ images: folder, annotations, ...options }: SourceOptions & ResultsOptions): Source {
  const names = new ImageNames(folder);
  const single = singleImage(folder);
  const skipped = new SkippedKinds("ROIs of cells");
  const files = /\.zip$/i.test(annotations) ? [fileOf(annotations)] : annotationFiles(annotations, [".zip", ".roi", ".csv"]);
  const alone = files.length === 1 ? single : undefined;
  const rois: RoiImage[] = [];
  const tables: SourceImage[] = [];
  for (const file of files) {
    if (/\.csv$/i.test(file.file)) tables.push(...readTable(file, names, { ...options, alone }));
    else rois.push(readRois(file, nameOf(file.stem, names) ?? alone ?? file.stem, skipped));
  }
  const keyOf = ({ name }: SourceImage): string => names.paths(name)[0] ?? name;
  requireApart(rois, tables, keyOf);
  requireOneSlice(rois, keyOf);
  const { images, notes } = mergeFiles([...rois, ...tables], names);
  return { images, notes: [...notes, ...skipped.notes()] };
}

const fileOf = (file: string): AnnotationFile => ({ file, stem: basename(file).replace(/\.zip$/i, "") });

/** The only image, which RoiSet.zip and Results.csv must belong to. */
function singleImage(folder: string): string | undefined {
  const images = findImagesAndSlides(folder);
  return images.length === 1 ? images[0] : undefined;
}

const AROUND = /^(?:rois?|roisets?|results?)[_ -]+|[_ -]*(?:rois?|roisets?|results?)$/gi;

/** By the file's name without "RoiSet" or "Results" around it, or by its folder's. */
function nameOf(stem: string, names: ImageNames): string | undefined {
  const bare = posix.join(dirname(stem), basename(stem).replace(AROUND, ""));
  return (
    names.findStem(stem) ??
    (basename(bare) === "" ? undefined : names.findStem(bare)) ??
    (dirname(stem) === "." ? undefined : names.findStem(dirname(stem)))
  );
}

interface RoiImage extends SourceImage {
  readonly slices: ReadonlySet<number>;
}

function readRois({ file }: AnnotationFile, name: string, skipped: SkippedKinds): RoiImage {
  const marks: Mark[] = [];
  const unread: UnreadMark[] = [];
  const slices = new Set<number>();
  const isZip = /\.zip$/i.test(file);
  let count = 0;
  for (const { name: inner, bytes } of isZip ? zipFiles(file, [".roi"]) : [{ name: "", bytes: bytesOf(file) }]) {
    count++;
    const where = isZip ? `${file}: ${inner}` : file;
    const roi = readRoi(bytes, where);
    if (roi.decoration) skipped.add("text or picture");
    else if (roi.slice > 0) slices.add(roi.slice);
    for (const { place, label } of roi.places) marks.push({ place, label, file: where, line: 0 });
    if (roi.unread !== null) unread.push({ ...roi.unread, file: where, line: 0 });
  }
  if (count === 0) throw new UserError(`${file}: has no .roi file inside; pass the zip that the ROI Manager of Fiji saved`);
  return { name, marks, unread, slices, file, line: 0 };
}

function bytesOf(file: string): Buffer {
  try {
    requireOrdinaryFile(file, "a ROI of Fiji");
    return readFileSync(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file}: cannot be read: ${reason(error)}; check the path`);
  }
}

function readTable(
  { file, stem }: AnnotationFile,
  names: ImageNames,
  { alone, ...options }: ResultsOptions & { readonly alone: string | undefined },
): SourceImage[] {
  const byImage = new Map<string, ResultRow[]>();
  const rows = readResults(file, options);
  if (rows.length === 0) return [{ name: nameOf(stem, names) ?? alone ?? stem, marks: [], file, line: 0 }];
  const resolved = new Map<string | null, string>();
  for (const row of rows) {
    let name = resolved.get(row.image);
    if (name === undefined) {
      const labels = row.image === null ? [] : [row.image, row.image.replace(/:.*$/, "")];
      name = names.find(...labels) ?? nameOf(stem, names) ?? alone ?? labels.at(-1) ?? stem;
      resolved.set(row.image, name);
    }
    const same = byImage.get(name);
    if (same === undefined) byImage.set(name, [row]);
    else same.push(row);
  }
  return [...byImage].map(([name, marks]) => {
    const other = marks.find(({ slice }) => slice !== marks[0].slice);
    if (other !== undefined)
      throw new UserError(
        `${file}:${other.line}: is of slice ${other.slice} and line ${marks[0].line} of slice ${marks[0].slice} of "${name}"; save each slice as an image with a table of its own`,
      );
    return { name, marks, file, line: marks[0].line };
  });
}

/** Also where each ROI is a file. */
function requireOneSlice(images: readonly RoiImage[], keyOf: (image: SourceImage) => string): void {
  const sliceOf = new Map<string, number>();
  for (const image of images) {
    for (const slice of image.slices) {
      const other = sliceOf.get(keyOf(image)) ?? slice;
      if (other !== slice)
        throw new UserError(
          `${image.file}: has a ROI of slice ${slice}, and others of "${image.name}" are of slice ${other}; save each slice as an image with ROIs of its own`,
        );
      sliceOf.set(keyOf(image), slice);
    }
  }
}

function requireApart(rois: readonly SourceImage[], tables: readonly SourceImage[], keyOf: (image: SourceImage) => string): void {
  const fileOfImage = new Map(rois.map((image) => [keyOf(image), image.file]));
  for (const table of tables) {
    const other = fileOfImage.get(keyOf(table));
    if (other !== undefined)
      throw new UserError(
        `${table.file}: has cells of "${table.name}", and so has ${other}; pass the ROIs or the tables, not both`,
      );
  }
}
