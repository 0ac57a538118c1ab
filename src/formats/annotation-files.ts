// For formats with one annotation file per image: finds the files and the images they are named after, and puts the files of one
// image together.

import { existsSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../errors.ts";
import { FileNameIndex, withoutExtension } from "../files/file-name-index.ts";
import { filesBelow } from "../files/files-below.ts";
import { findImagesAndSlides } from "../slides/is-slide.ts";
import { mergedImage } from "./merged-image.ts";
import type { SourceImage } from "./source.ts";

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

  /** Looks for images and slides below `folder`. Throws a UserError when it cannot be read. */
  constructor(folder: string) {
    this.#index = new FileNameIndex(findImagesAndSlides(folder), (path) => path);
  }

  /** The first of `names`, most likely first, that belongs to an image; undefined when none does. */
  find(...names: readonly string[]): string | undefined {
    return names.find((name) => this.#index.find(name).length > 0);
  }

  /** The paths below the folder of the images that `name` may belong to. */
  paths(name: string): string[] {
    return this.#index.find(name);
  }

  /** As `find`, for the name of an annotation file: its path below the folder or its name alone. */
  findStem(stem: string): string | undefined {
    return this.find(stem, basename(stem));
  }
}

/**
 * Images that several files describe, such as points in one and regions in another, become one with the marks of all; a note
 * names them. Throws a UserError when the files differ in the image's size or split.
 */
export function mergeFiles(images: readonly SourceImage[], names: ImageNames): { images: SourceImage[]; notes: string[] } {
  const merged = new Map<string, SourceImage[]>();
  for (const image of images) {
    const [path, ...others] = names.paths(image.name);
    const key = path === undefined || others.length > 0 ? `name ${image.name}` : `path ${path}`;
    const same = merged.get(key);
    if (same === undefined) merged.set(key, [image]);
    else same.push(image);
  }
  const groups = [...merged.values()];
  const [first, ...more] = groups.filter(({ length }) => length > 1);
  if (first === undefined) return { images: groups.map(([image]) => image), notes: [] };
  const shown = first.slice(0, 3).map(({ file }) => basename(file));
  const files = `${shown.join(", ")}${first.length > 3 ? ` and ${first.length - 3} more` : ""}`;
  const note = `${more.length + 1} images have several files, whose marks were put together, for instance "${first[0].name}": ${files}`;
  return { images: groups.map(together), notes: [note] };
}

function together([first, ...others]: readonly SourceImage[]): SourceImage {
  for (const other of others) {
    const unlike = (["size", "split", "mpp", "group"] as const).find(
      (key) => first[key] !== undefined && other[key] !== undefined && JSON.stringify(first[key]) !== JSON.stringify(other[key]),
    );
    if (unlike !== undefined)
      throw new UserError(
        `${other.file}: gives "${other.name}" another ${unlike} than ${first.file}; correct it or remove one of the two files`,
      );
  }
  return mergedImage([first, ...others]);
}
