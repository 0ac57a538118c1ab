// Slides on a command line: files, and folders of them.

import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../errors.ts";
import { fileStems } from "../../files/file-stem.ts";
import { filesBelow } from "../../files/files-below.ts";
import { imageExtensions } from "../../files/image-folder.ts";
import { isSlide, slideExtensions } from "../../slides/is-slide.ts";

export interface NamedSlide {
  readonly file: string;
  /** In the output: a file's path as it was given, a folder's slides by their paths below it. */
  readonly name: string;
  /** For a folder of its files, without extension; each slide another. */
  readonly stem: string;
}

const IN_FOLDERS = [...slideExtensions.filter((extension) => extension !== ".dcm"), ...imageExtensions]; // a DICOM slide is many files

/**
 * The slides at the paths; null where there are images only, unless all are to be taken as slides (`always`). Beside slides, a
 * folder's other images are not slides, but files that are named are. Throws a UserError when a path is missing or given twice.
 */
export function slidesAt(paths: readonly string[], { always }: { readonly always: boolean }): NamedSlide[] | null {
  const found = paths.flatMap((path) => {
    if (!existsSync(path)) throw new UserError(`${path}: no such file or folder; check the path`);
    if (!statSync(path).isDirectory()) return [{ file: path, name: path, known: isSlide(path), named: true }];
    const names = filesBelow(path, { extensions: IN_FOLDERS, noun: "slides" });
    return names.map((name) => ({ file: join(path, name), name, known: isSlide(join(path, name)), named: false }));
  });
  const any = found.some(({ known }) => known);
  if (!any && !always) return null;
  const slides = found.filter(({ known, named }) => known || named || !any);
  if (slides.length === 0) throw new UserError(`${paths[0]}: has no slides; pass a folder that has some, or files`);
  const files = new Set<string>();
  for (const { file } of slides) {
    if (files.has(resolve(file))) throw new UserError(`${file}: is given twice; pass it once`);
    files.add(resolve(file));
  }
  const stems = fileStems(slides.map(({ name, named }) => (named && slides.length === 1 ? basenameOf(name) : name)));
  return slides.map(({ file, name }, i) => ({ file, name, stem: stems[i] }));
}

const basenameOf = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
