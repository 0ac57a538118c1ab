// The images in a user's folder and its subfolders.

import { filesBelow } from "./files-below.ts";

/** Paths of all PNG, JPEG and TIFF files below `folder`, with / between folders, sorted; hidden files are passed over. */
export function findImages(folder: string): string[] {
  return filesBelow(folder, { extensions: [".png", ".jpg", ".jpeg", ".tif", ".tiff"], noun: "images" });
}
