// Finds the cells on every image of a folder, and prints a line per image.
//
//   node examples/detect-on-a-folder.mjs MODEL FOLDER     1 s, and the network's time per image
//   node examples/detect-on-a-folder.mjs                  first trains a model: about 12 s
//
// MODEL is a model.safetensors, or the state dict of a torchvision fasterrcnn_resnet50_fpn (.pth).

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { detectEach, loadDetector, readImage } from "sparsecell";

const [model, folder] = process.argv.length > 3 ? process.argv.slice(2) : await trainedModel();

const detector = loadDetector(model, { seed: 0 });
const files = readdirSync(folder)
  .filter((name) => /\.(png|jpe?g|tiff?)$/i.test(name))
  .sort();

// The next image is decoded while the network computes; only two are in memory.
for await (const { source, boxes, scores } of detectEach(detector, files, (name) => readImage(join(folder, name)))) {
  const sure = scores.filter((score) => score >= 0.5).length; // best first
  const place = Array.from(boxes.subarray(0, 4), (x) => x.toFixed(0)).join(" ");
  console.log(`${source}: ${sure} cells of score 0.5 or more${sure > 0 ? `; the best at ${place}` : ""}`);
}

async function trainedModel() {
  const { folder } = await import("./train-without-trainer.mjs");
  return [join(folder, "model.safetensors"), join(folder, "images")];
}
