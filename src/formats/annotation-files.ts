// For formats with one annotation file per image: finds the files and the images they are named after.

import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { FileNameIndex, withoutExtension } from "../files/file-name-index.ts";
import { filesBelow } from "../files/files-below.ts";
import { findImages } from "../files/image-folder.ts";

export interface AnnotationFile {
  readonly file: string;
  /** The file's path below the folder, or its name alone when the file itself was given; without its extension. */
  readonly stem: string;
}

/**
 * The file `path`, or all files below the folder `path` with one of the `extensions` (lower case, with the dot). Throws a
 * UserError when the folder has none, and on an archive.
 */
export function annotationFiles(path: string, extensions: readonly string[]): AnnotationFile[] {
  if (/\.(zip|gz|tgz|7z|rar)$/i.test(path)) throw new UserError(`${path}: is an archive; unpack it and pass its contents`);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  if (!isFolder) return [{ file: path, stem: withoutExtension(basename(path)) }];
  const files = filesBelow(path, { extensions, noun: "annotations" });
  if (files.length === 0)
    throw new UserError(`${path}: has no ${extensions.join(" or ")} file; pass the folder that contains them`);
  return files.map((name) => ({ file: join(path, name), stem: withoutExtension(name) }));
}

/** Tells which of several possible names belongs to an image. */
export class ImageNames {
  readonly #index: FileNameIndex<string>;

  /** Looks for images below `folder`. Throws a UserError when it cannot be read. */
  constructor(folder: string) {
    this.#index = new FileNameIndex(findImages(folder), (path) => path);
  }

  /** The first of `names`, most likely first, that belongs to an image; undefined when none does. */
  find(...names: readonly string[]): string | undefined {
    return names.find((name) => this.#index.find(name).length > 0);
  }

  /** As `find`, for the name of an annotation file: its path below the folder or its name alone. */
  findStem(stem: string): string | undefined {
    return this.find(stem, basename(stem));
  }
}
