// Measures another tool's detections: COCO JSON, a list of results or an object with images and annotations. What
// `npx sparsecell evaluate` does, as code.
//
//   node examples/measure-coco-file.mjs DETECTIONS ANNOTATIONS     1 s for some thousand detections
//   node examples/measure-coco-file.mjs                            on a small pair that it makes
//
// Images are paired by file name and categories by name where the detections have them, otherwise by id.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluate, pairWithTruth, readCocoAnnotations, readCocoDetections } from "sparsecell";

const [found, truth] = process.argv.length > 3 ? process.argv.slice(2) : smallPair();

const { images, annotations, detections } = pairWithTruth(readCocoDetections(found), readCocoAnnotations(truth));
const percent = (part) => `${(100 * part).toFixed(1)} %`;
const all = evaluate(annotations, detections, { images: images.length });
console.log(`${all.images} images, ${all.truths} cells, ${all.detections} detections`);
console.log(`average precision ${percent(all.ap11)}, recall ${percent(all.recall)}, best F1 ${percent(all.bestF1)}`);
const shown = evaluate(annotations, detections, { images: images.length, score: 0.5 });
console.log(`at score 0.5: recall ${percent(shown.recall)}, precision ${percent(shown.precision)}`);

/** Two images with three cells; a tool that found two of them, one with a low score, and one that is not there. */
function smallPair() {
  const folder = mkdtempSync(join(tmpdir(), "sparsecell-"));
  const truth = {
    images: [
      { id: 1, file_name: "a.png", width: 100, height: 100 },
      { id: 2, file_name: "b.png", width: 100, height: 100 },
    ],
    categories: [{ id: 1, name: "cell" }],
    annotations: [
      { id: 1, image_id: 1, category_id: 1, bbox: [10, 10, 30, 30] }, // x, y, width, height
      { id: 2, image_id: 1, category_id: 1, bbox: [60, 60, 30, 30] },
      { id: 3, image_id: 2, category_id: 1, bbox: [40, 40, 30, 30] },
    ],
  };
  const results = [
    { image_id: 1, category_id: 1, bbox: [12, 11, 30, 30], score: 0.9 },
    { image_id: 2, category_id: 1, bbox: [0, 0, 30, 30], score: 0.6 },
    { image_id: 1, category_id: 1, bbox: [58, 62, 30, 30], score: 0.4 },
  ];
  writeFileSync(join(folder, "truth.json"), JSON.stringify(truth));
  writeFileSync(join(folder, "results.json"), JSON.stringify(results));
  return [join(folder, "results.json"), join(folder, "truth.json")];
}
