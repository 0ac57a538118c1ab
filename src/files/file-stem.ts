// Names for files that are made one from each image: the image's path, mostly without its extension.

import { UserError } from "../errors.ts";
import { normalPath, withoutExtension } from "./file-name-index.ts";

/**
 * For each image its path as one below a folder, with / between folders: what would lead out of the folder is left out.
 * Throws a UserError when two images mean one path.
 */
export function innerPaths(fileNames: readonly string[]): string[] {
  return requireDistinct(fileNames, fileNames.map(innerPath));
}

/**
 * As `innerPaths`, without the extension; where two images differ by their extensions alone, these stay ("a.png", "a.tif").
 * Throws a UserError when two images mean one path even so.
 */
export function fileStems(fileNames: readonly string[]): string[] {
  const paths = fileNames.map(innerPath);
  const images = new Map<string, number>();
  for (const path of paths) images.set(withoutExtension(path), (images.get(withoutExtension(path)) ?? 0) + 1);
  return requireDistinct(
    fileNames,
    paths.map((path) => (images.get(withoutExtension(path)) === 1 ? withoutExtension(path) : path)),
  );
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
