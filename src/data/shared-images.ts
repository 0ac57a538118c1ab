// Which images two datasets have in common, by the bytes of their files: names may differ, or be equal by chance.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import type { Dataset, DatasetImage } from "./dataset.ts";
import { imagePath } from "./dataset-folder.ts";

type Images = Pick<Dataset, "dir" | "images">;

/** Those of `others` whose files are also among `images`; missing files are nobody's. */
export function sharedImages(images: Images, others: Images): DatasetImage[] {
  const lengths = new Map<number, string[]>();
  for (const file of filesOf(images)) {
    const { size } = statSync(file);
    const alike = lengths.get(size);
    if (alike) alike.push(file);
    else lengths.set(size, [file]);
  }
  const digests = new Map<number, Set<string>>(); // of files of one length, once they are needed
  return others.images.filter((image) => {
    const file = imagePath(others.dir, image);
    if (!existsSync(file)) return false;
    const { size } = statSync(file);
    const alike = lengths.get(size);
    if (alike === undefined) return false;
    const known = digests.get(size) ?? new Set(alike.map(digestOf));
    digests.set(size, known);
    return known.has(digestOf(file));
  });
}

const filesOf = ({ dir, images }: Images): string[] =>
  images.map((image) => imagePath(dir, image)).filter((file) => existsSync(file));

const digestOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");
