// A dataset on disk: a folder with `images/` and `annotations.json`. Images are hard-linked to save space, or copied where the
// file system has no hard links. annotations.json is written last: a folder without it is not a dataset yet.

import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UserError, unwritable } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readCocoDataset, writeCocoDataset } from "./coco/dataset-file.ts";
import type { RowOptions } from "./coco/faulty-rows.ts";
import type { Dataset, DatasetImage } from "./dataset.ts";

/** The path of an image of the dataset in `dir`. */
export function imagePath(dir: string, image: Pick<DatasetImage, "fileName">): string {
  return join(dir, "images", image.fileName);
}

/** The path of the annotations of the dataset in `dir`. */
export function annotationsPath(dir: string): string {
  return join(dir, "annotations.json");
}

/**
 * Reads the dataset in `dir`, without its pixels. Throws a UserError when `dir` is not a dataset, when its annotations.json is
 * not valid (see `readCocoDataset`), and when an image file is missing. `onNote` receives what `dropInvalid` leaves out.
 *
 * @example
 * const dataset = readDataset("data/ki67");
 * console.log(dataset.images.length, dataset.annotations.length);
 */
export function readDataset(
  dir: string,
  { onNote, ...options }: RowOptions & { readonly onNote?: (line: string) => void } = {},
): Dataset {
  const file = annotationsPath(dir);
  if (!existsSync(dir)) throw new UserError(`${dir}: no such folder; check the path`);
  if (!existsSync(file))
    throw new UserError(
      `${dir}: is not a dataset: it has no annotations.json; make one with "npx sparsecell data import" or "npx sparsecell data synth"`,
    );
  const { dataset, notes } = readCocoDataset(file, dir, options);
  for (const note of notes) onNote?.(note);
  for (const image of dataset.images) {
    const path = imagePath(dir, image);
    if (!existsSync(path)) throw new UserError(`${path}: is missing, but ${file} lists it; add the file or remove its entry`);
  }
  return dataset;
}

/** Throws a UserError when `dir` already holds a dataset; long work checks this before it starts. */
export function requireNoDataset(dir: string): void {
  if (existsSync(annotationsPath(dir)))
    throw new UserError(`${dir}: already holds a dataset; choose another folder or remove it first`);
}

/**
 * Writes `dataset` to the folder `dir` and returns it with its new `dir`. Images come from the folder `imagesFrom` (default: the
 * dataset's `images/`), or from the file that it names for each; these are never changed. Throws a UserError when `dir` already
 * holds a dataset or a different image with the same name, when an image is missing, and when the disk is full.
 *
 * @example
 * writeDataset(sparsify(readDataset("data/full"), { keep: 0.1, seed: 1 }), "data/sparse");
 */
export function writeDataset(
  dataset: Dataset,
  dir: string,
  { imagesFrom = join(dataset.dir, "images") }: { readonly imagesFrom?: string | ((image: DatasetImage) => string) } = {},
): Dataset {
  requireNoDataset(dir);
  const fileOf = typeof imagesFrom === "string" ? (image: DatasetImage) => join(imagesFrom, image.fileName) : imagesFrom;
  for (const image of dataset.images) linkOrCopy(fileOf(image), imagePath(dir, image));
  writeCocoDataset(annotationsPath(dir), dataset);
  return { ...dataset, dir };
}

/** Writes a generated image. Throws a UserError when a different one with its name exists, and when the disk is full. */
export function writeImage(path: string, bytes: Uint8Array): void {
  if (!existsSync(path)) writeFileAtomic(path, bytes);
  else if (!readFileSync(path).equals(bytes)) throw alreadyThere(path);
}

function linkOrCopy(from: string, to: string): void {
  if (!existsSync(from)) throw new UserError(`${from}: is missing; check the path`);
  const source = realpathSync(from); // a hard link to a symbolic link would dangle
  try {
    mkdirSync(dirname(to), { recursive: true });
    if (existsSync(to))
      requireSame(source, to); // left by an interrupted run
    else if (!linked(source, to)) copyWhole(source, to);
  } catch (error) {
    throw error instanceof UserError ? error : unwritable(to, error);
  }
}

/** Copies a file so that `to` is never incomplete. */
function copyWhole(source: string, to: string): void {
  const beside = join(dirname(to), `.${basename(to)}.${process.pid}.tmp`);
  try {
    copyFileSync(source, beside);
    renameSync(beside, to);
  } finally {
    rmSync(beside, { force: true });
  }
}

function linked(source: string, to: string): boolean {
  try {
    linkSync(source, to);
    return true;
  } catch {
    return false; // another file system, no hard links, or another user's file
  }
}

function requireSame(source: string, to: string): void {
  const [a, b] = [statSync(source), statSync(to)];
  if ((a.ino === b.ino && a.dev === b.dev) || (a.size === b.size && readFileSync(source).equals(readFileSync(to)))) return;
  throw alreadyThere(to);
}

const alreadyThere = (path: string): UserError =>
  new UserError(`${path}: an image of this name already exists; choose another folder`);
