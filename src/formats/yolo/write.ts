// Boxes as labels of YOLO (https://docs.ultralytics.com/datasets/detect): labels/NAME.txt for the image images/NAME, which is not
// copied; data.yaml with the classes; and, when the images have splits, train.txt and test.txt with the images of each.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../errors.ts";
import { writeFolderAtomic } from "../../files/atomic-folder.ts";
import { withoutExtension } from "../../files/file-name-index.ts";
import { innerPaths } from "../../files/file-stem.ts";
import { type ExportImage, type ExportSource, millionths } from "../export-source.ts";

/**
 * Writes the folder `dir`, whole or not at all. Fractions have 6 decimals; a detection's score is the sixth number. Regions are lost.
 * Throws a UserError when `dir` exists, on an image of unknown size, and on two images that differ only by their extension, which
 * would share a file.
 */
export function exportYolo({ images, categories }: ExportSource, dir: string): void {
  const paths = innerPaths(images.map(({ fileName }) => fileName));
  requireDistinct(paths);
  const classes = new Map(categories.map(({ name }, i) => [name, i]));
  writeFolderAtomic(dir, (beside) => {
    images.forEach((image, i) => {
      const file = join(beside, "labels", `${withoutExtension(paths[i])}.txt`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, labelText(image, classes));
    });
    const keys: string[] = [];
    for (const [split, key] of [
      ["train", "train"],
      ["test", "val"],
    ] as const) {
      const inSplit = paths.filter((_, i) => images[i].split === split);
      if (inSplit.length === 0) continue;
      writeFileSync(join(beside, `${split}.txt`), inSplit.map((path) => `./images/${path}\n`).join(""));
      keys.push(`${key}: ${split}.txt\n`);
    }
    const names = categories.map(({ name }, i) => `  ${i}: ${JSON.stringify(name)}\n`);
    writeFileSync(join(beside, "data.yaml"), `${keys.join("")}nc: ${categories.length}\nnames:\n${names.join("")}`);
  });
}

function requireDistinct(paths: readonly string[]): void {
  const known = new Map<string, string>();
  for (const path of paths) {
    const stem = withoutExtension(path).toLowerCase();
    const other = known.get(stem);
    if (other !== undefined)
      throw new UserError(`the images "${other}" and "${path}" would share the label file "${stem}.txt"; rename one of them`);
    known.set(stem, path);
  }
}

function labelText({ fileName, width, height, marks }: ExportImage, classes: ReadonlyMap<string, number>): string {
  if (marks.length > 0 && (width === null || height === null))
    throw new UserError(`the image "${fileName}" has no width and height, which YOLO needs for its fractions; add them`);
  const [across, down] = [width ?? 1, height ?? 1];
  return marks
    .map(({ box: [x1, y1, x2, y2], label, score }) => {
      const centre = [(x1 + x2) / 2 / across, (y1 + y2) / 2 / down];
      const size = [Math.max(1e-6, (x2 - x1) / across), Math.max(1e-6, (y2 - y1) / down)];
      const numbers = [...centre, ...size].map((value) => value.toFixed(6));
      return `${[classes.get(label), ...numbers, ...(score === undefined ? [] : [millionths(score)])].join(" ")}\n`;
    })
    .join("");
}
