// The images in a user's folder and its subfolders.

import { type Dirent, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { reason, UserError } from "../errors.ts";

const EXTENSIONS = new Set([".png", ".jpg", ".jpeg", ".tif", ".tiff"]);

/** Paths of all PNG, JPEG and TIFF files below `folder`, with / between folders, sorted; hidden files are passed over. */
export function findImages(folder: string): string[] {
  return below(folder).sort((a, b) => (a < b ? -1 : 1));
}

function below(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new UserError(`${folder}: cannot be read: ${reason(error)}; check the path of the images`);
  }
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    if (entry.isDirectory()) return below(join(folder, entry.name)).map((path) => `${entry.name}/${path}`);
    return EXTENSIONS.has(extname(entry.name).toLowerCase()) ? [entry.name] : [];
  });
}
