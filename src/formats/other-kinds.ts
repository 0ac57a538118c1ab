// Files that annotations mention, or that lie among the images, but that are not PNG, JPEG or TIFF.

import { extname, join } from "node:path";
import { imageKind } from "../data/decoder.ts";
import { UserError } from "../errors.ts";
import { FileNameIndex, withoutExtension } from "../files/file-name-index.ts";
import { filesBelow } from "../files/files-below.ts";
import { slideExtensions } from "../slides/is-slide.ts";
import { type SourceImage, where } from "./source.ts";

/** Why an image that annotations mention is not among the images of `folder`, in one line. */
export function whyMissing(folder: string, image: SourceImage): string {
  const index = new FileNameIndex(filesBelow(folder, { noun: "images" }), (path) => path);
  const [found] = index.find(image.name);
  if (found !== undefined) return whyNotRead(join(folder, found));
  const missing = `${where(image)}: the image "${image.name}" is not in ${folder}`;
  const [other] = index.find(withoutExtension(image.name));
  if (other === undefined) return `${missing}; correct the name`;
  const convert = isForeign(other) ? "convert it to PNG, JPEG or TIFF and " : "";
  return `${missing}, but "${other}" is; ${convert}correct the name`;
}

function whyNotRead(file: string): string {
  try {
    const kind = imageKind(file);
    return `${file}: is a ${kind.toUpperCase()} image, but its name does not end like one; rename it to end with .${kind}`;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return / is not an image;/.test(error.message)
      ? `${file}: is not a PNG, JPEG or TIFF image; convert it to one of these`
      : error.message;
  }
}

/** How many files of `folder` are pictures of kinds that are not read, by their names, without `read`; no line when none is. */
export function foreignNote(folder: string, read: readonly string[] = []): string[] {
  const extensions = FOREIGN.filter((extension) => !read.includes(extension));
  const kinds = filesBelow(folder, { extensions, noun: "images" }).map((path) => extname(path).toLowerCase());
  if (kinds.length === 0) return [];
  const files = kinds.length === 1 ? "1 file" : `${kinds.length} files`;
  const [are, them] = kinds.length === 1 ? ["is", "it"] : ["are", "them"];
  return [
    `${files} of another kind (${[...new Set(kinds)].sort().join(", ")}) ${are} not read; convert ${them} to PNG, JPEG or TIFF`,
  ];
}

const FOREIGN = [".bmp", ".gif", ".webp", ".heic", ".avif", ".jp2", ".jpf", ".dcm"].concat(
  [".svs", ".ndpi", ".mrxs", ".scn", ".vsi", ".bif"], // slides
  [".czi", ".lif", ".lsm", ".nd2", ".oib", ".oif", ".ims", ".stk", ".zvi"], // microscopes
);

const isForeign = (path: string): boolean => {
  const extension = extname(path).toLowerCase();
  return FOREIGN.includes(extension) && !slideExtensions.includes(extension);
};
