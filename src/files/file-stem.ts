// Names for files written one per image: the image's path, usually without its extension.

import { UserError } from "../errors.ts";
import { normalPath, withoutExtension } from "./file-name-index.ts";

/**
 * Each image's path below a folder, with / between folders; parts that would lead out of the folder are removed, and the
 * folders that all of them share if all are absolute.
 * Throws a UserError when two images get the same path.
 */
export function innerPaths(fileNames: readonly string[]): string[] {
  return requireDistinct(fileNames, belowFolder(fileNames));
}

/**
 * As `innerPaths`, without extensions, except where two images differ only by them ("a.png", "a.tif").
 * Throws a UserError when two images get the same path.
 */
export function fileStems(fileNames: readonly string[]): string[] {
  const paths = belowFolder(fileNames);
  const images = new Map<string, number>();
  for (const path of paths) images.set(withoutExtension(path), (images.get(withoutExtension(path)) ?? 0) + 1);
  return requireDistinct(
    fileNames,
    paths.map((path) => (images.get(withoutExtension(path)) === 1 ? withoutExtension(path) : path)),
  );
}

/** "/data/slides/a.png", "/data/slides/b/c.png" → "a.png", "b/c.png". */
function belowFolder(fileNames: readonly string[]): string[] {
  const paths = fileNames.map((fileName) => innerPath(fileName).split("/"));
  const isAbsolute = (fileName: string): boolean => /^([A-Za-z]:)?[\\/]/.test(fileName);
  let shared = fileNames.every(isAbsolute) ? Math.min(...paths.map((path) => path.length - 1)) : 0;
  for (const path of paths) while (path.slice(0, shared).some((part, i) => part !== paths[0][i])) shared--;
  return paths.map((path) => path.slice(shared).join("/"));
}

const innerPath = (fileName: string): string =>
  normalPath(fileName)
    .split("/")
    .filter((part) => !/^(\.{0,2}|[A-Za-z]:)$/.test(part))
    .join("/");

function requireDistinct(fileNames: readonly string[], paths: string[]): string[] {
  const taken = new Map<string, string>();
  paths.forEach((path, i) => {
    const other = taken.get(path);
    if (other !== undefined)
      throw new UserError(`the images "${other}" and "${fileNames[i]}" would both become "${path}"; rename one of them`);
    taken.set(path, fileNames[i]);
  });
  return paths;
}
