// A dataset on disk: a folder with `images/` and `annotations.json`. Images come in by hard link, so that they take no room
// twice; where the file system has none, by copy. annotations.json comes last: a folder without it is no dataset yet.

import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { reason, UserError } from "../errors.ts";
import { writeFileAtomic } from "../files/atomic-write.ts";
import { readCocoDataset, writeCocoDataset } from "./coco/dataset-file.ts";
import type { Dataset, DatasetImage } from "./dataset.ts";

/** Where an image of the dataset in `dir` is. */
export function imagePath(dir: string, image: Pick<DatasetImage, "fileName">): string {
  return join(dir, "images", image.fileName);
}

/** Where the annotations of the dataset in `dir` are. */
export function annotationsPath(dir: string): string {
  return join(dir, "annotations.json");
}

/**
 * Reads the dataset in `dir`, without its pixels. Throws a UserError when `dir` is no dataset folder, when its
 * annotations.json is wrong (see `readCocoDataset`) and when the file of an image is missing.
 */
export function readDataset(dir: string): Dataset {
  const file = annotationsPath(dir);
  if (!existsSync(dir)) throw new UserError(`${dir}: no such folder; check the path`);
  if (!existsSync(file))
    throw new UserError(
      `${dir}: is not a dataset: it has no annotations.json; make one with "npx sparsecell data import" or "npx sparsecell data synth"`,
    );
  const { dataset } = readCocoDataset(file, dir);
  for (const image of dataset.images) {
    const path = imagePath(dir, image);
    if (!existsSync(path)) throw new UserError(`${path}: is missing, but ${file} lists it; add the file or remove its entry`);
  }
  return dataset;
}

/** Throws a UserError when `dir` already holds a dataset. For long work to ask before it begins. */
export function requireNoDataset(dir: string): void {
  if (existsSync(annotationsPath(dir)))
    throw new UserError(`${dir}: already holds a dataset; choose another folder or remove it first`);
}

/**
 * Writes `dataset` to the folder `dir` and returns it as it is there. The images are taken from the folder `imagesFrom`
 * (default: the dataset's own `images/`), whose files are never changed. Throws a UserError when `dir` already holds a
 * dataset or another image of the same name, when an image is missing, and when the disk is full.
 */
export function writeDataset(dataset: Dataset, dir: string, { imagesFrom = join(dataset.dir, "images") } = {}): Dataset {
  requireNoDataset(dir);
  for (const image of dataset.images) linkOrCopy(join(imagesFrom, image.fileName), imagePath(dir, image));
  writeCocoDataset(annotationsPath(dir), dataset);
  return { ...dataset, dir };
}

/** Writes an image that was made. Throws a UserError when another one of its name is there, and when the disk is full. */
export function writeImage(path: string, bytes: Uint8Array): void {
  if (!existsSync(path)) writeFileAtomic(path, bytes);
  else if (!readFileSync(path).equals(bytes)) throw alreadyThere(path);
}

function linkOrCopy(from: string, to: string): void {
  if (!existsSync(from)) throw new UserError(`${from}: is missing; check the path`);
  const source = realpathSync(from); // a link to a symbolic link would point nowhere
  try {
    mkdirSync(dirname(to), { recursive: true });
    if (existsSync(to))
      requireSame(source, to); // left by a run that was interrupted
    else if (!linked(source, to)) copyWhole(source, to);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${to}: cannot be written: ${reason(error)}; free some space or choose another folder`);
  }
}

/** Copies a file so that `to` is never a part of it. */
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
    return false; // another file system, or one without hard links, or a file of another user's
  }
}

function requireSame(source: string, to: string): void {
  const [a, b] = [statSync(source), statSync(to)];
  if ((a.ino === b.ino && a.dev === b.dev) || (a.size === b.size && readFileSync(source).equals(readFileSync(to)))) return;
  throw alreadyThere(to);
}

const alreadyThere = (path: string): UserError =>
  new UserError(`${path}: an image of this name already exists; choose another folder`);
