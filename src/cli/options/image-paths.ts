// Images on a command line: files, and folders of them.

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { findImages } from "../../files/image-folder.ts";

export interface NamedImage {
  readonly file: string;
  /** In the output: a file's path as it was given, a folder's images by their paths below it. */
  readonly name: string;
  /** Microns per pixel, if known. */
  readonly mpp?: number;
}

/** Throws a UserError when a path is missing, a folder has no images, or two images cannot be told apart by name. */
export function imagesAt(paths: readonly string[]): NamedImage[] {
  const images = paths.flatMap(imagesOfPath);
  const [files, names] = [new Set<string>(), new Map<string, string>()];
  for (const { file, name } of images) {
    if (files.has(resolve(file))) throw new UserError(`${file}: is given twice; pass it once`);
    const other = names.get(name);
    if (other !== undefined)
      throw new UserError(
        `${other} and ${file} would both be "${name}" in the output; pass the folder above both, or one at a time`,
      );
    files.add(resolve(file));
    names.set(name, file);
  }
  return images;
}

function imagesOfPath(path: string): NamedImage[] {
  if (!existsSync(path)) throw new UserError(`${path}: no such file or folder; check the path`);
  if (!statSync(path).isDirectory()) return [{ file: path, name: path }];
  const names = findImages(path);
  if (names.length === 0)
    throw new UserError(`${path}: has no slides and no PNG, JPEG or TIFF images; pass a folder that has some, or files`);
  return names.map((name) => ({ file: join(path, name), name }));
}
