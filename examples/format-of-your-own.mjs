// Annotations in a format that sparsecell does not know: a reader of your own gives a `Source`, which is names of images and
// marks on them, and importDataset does the rest: finds the image files, makes boxes, checks, reports, writes the dataset.
//
//   node examples/format-of-your-own.mjs [FOLDER]      about 1 s
//
// FOLDER (default: a new temporary one) gets images and their annotations in the format, and the dataset made of them. The
// format here: a file of blocks, "image NAME" and below it a line "x y radius" for each cell.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importDataset, synthesizeDataset } from "sparsecell";

/**
 * @param {string} file
 * @returns {import("sparsecell").Source}
 */
function readCircles(file) {
  const images = [];
  for (const [i, line] of readFileSync(file, "utf8").trimEnd().split("\n").entries()) {
    const at = { file, line: i + 1 }; // where a mark stands: errors begin with it
    if (line.startsWith("image ")) {
      images.push({ name: line.slice("image ".length), marks: [], ...at });
      continue;
    }
    const [x, y, radius] = line.split(" ").map(Number);
    if (![x, y, radius].every(Number.isFinite)) throw new Error(`${file}:${i + 1}: expected "x y radius", got "${line}"`);
    const box = [x - radius, y - radius, x + radius, y + radius];
    images.at(-1).marks.push({ place: { kind: "box", box }, label: "cell", ...at });
  }
  return { images };
}

// Something to read: drawn tissue, written as another tool might have.
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "sparsecell-"));
const tissue = await synthesizeDataset({
  kind: "ki67",
  images: 4,
  width: 160,
  height: 160,
  seed: 1,
  dir: join(folder, "tissue"),
});
const blocks = tissue.images.map(({ id, fileName }) => {
  const cells = tissue.annotations.filter(({ imageId }) => imageId === id);
  const lines = cells.map(({ box: [x1, y1, x2, y2] }) => `${(x1 + x2) / 2} ${(y1 + y2) / 2} 14`);
  return [`image ${fileName}`, ...lines].join("\n");
});
writeFileSync(join(folder, "circles.txt"), `${blocks.join("\n")}\n`);

const { dataset, report } = await importDataset({
  source: readCircles(join(folder, "circles.txt")),
  images: join(folder, "tissue/images"),
  box: 32, // for marks that are points
  groupPattern: /-(\d+)/, // the part in brackets is the slide or patient
  out: join(folder, "dataset"),
});
console.log(`${report.images.imported} images in ${report.images.groups} groups`);
console.log(
  `${report.annotations.kept} of ${report.annotations.read} marks kept, ${report.annotations.clipped} clipped at an edge`,
);
console.log(`categories: ${dataset.categories.map(({ name }) => name).join(", ")}`);
