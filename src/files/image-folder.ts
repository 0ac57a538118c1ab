import { filesBelow } from "./files-below.ts";

/** Sorted paths of all PNG, JPEG and TIFF files below `folder`, with / between folders; hidden files are skipped. */
export function findImages(folder: string): string[] {
  return filesBelow(folder, { extensions: [".png", ".jpg", ".jpeg", ".tif", ".tiff"], noun: "images" });
}
