import { filesBelow } from "./files-below.ts";

export const imageExtensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

/** Sorted paths of all PNG, JPEG and TIFF files below `folder`, with / between folders; hidden files are skipped. */
export function findImages(folder: string): string[] {
  return filesBelow(folder, { extensions: imageExtensions, noun: "images" });
}
