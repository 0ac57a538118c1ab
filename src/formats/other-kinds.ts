// Files that annotations mention, and that are there, but are not PNG, JPEG or TIFF.

import { join } from "node:path";
import { imageKind } from "../data/decoder.ts";
import { UserError } from "../errors.ts";
import { FileNameIndex } from "../files/file-name-index.ts";
import { filesBelow } from "../files/files-below.ts";
import type { SourceImage } from "./source.ts";

/** What is wrong with the file that `image` names, in one line; null when there is no such file either. */
export function fileOfAnotherKind(folder: string, { name }: SourceImage): string | null {
  const [fileName] = new FileNameIndex(filesBelow(folder, { noun: "images" }), (path) => path).find(name);
  if (fileName === undefined) return null;
  const file = join(folder, fileName);
  try {
    const kind = imageKind(file);
    return `${file}: is a ${kind.toUpperCase()} image, but its name does not end like one; rename it to end with .${kind}`;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}
