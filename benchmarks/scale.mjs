// The same model on its test images shown at half and at double size, with their scale given: AP and F1 of each.
//
//   node benchmarks/scale.mjs RUN DATASET [DTYPE]
//
// RUN was trained on DATASET, which has a test split. The scale is what `predict --mpp` says of a model that knows its microns per
// pixel, and `predict --scale` of others. Boxes found on the resized images are compared with the annotations at the images' own size.
// About a minute on 2 cores.

import { imagesOf } from "../dist/data/dataset.js";
import { readDataset } from "../dist/data/dataset-folder.js";
import { readDatasetImage } from "../dist/data/dataset-image.js";
import { resampled } from "../dist/data/resampled.js";
import { scaleOf } from "../dist/data/working-resolution.js";
import { detectionsOf } from "../dist/detect/detections.js";
import { detectOn, viewAtResolution } from "../dist/detect/view.js";
import { loadDetector } from "../dist/detector/weights.js";
import { matched } from "../dist/evaluate/matched.js";
import { measuresOf } from "../dist/evaluate/measures.js";
import { truthsOf } from "../dist/evaluate/truths.js";

const [run, data, dtype = "float32"] = process.argv.slice(2);
if (!data) throw new Error("expected RUN DATASET");
const dataset = readDataset(data);
const images = imagesOf(dataset, "test");
const detector = loadDetector(`${run}/model.safetensors`, { seed: 0, dtype });
const { input } = detector.config;
console.log(`working resolution: ${JSON.stringify(input)}`);
const categoryIds = dataset.categories.map(({ id }) => id);

for (const factor of [1, 0.5, 2]) {
  const detections = [];
  for (const image of images) {
    const size = { width: Math.round(image.width * factor), height: Math.round(image.height * factor) };
    const shown = resampled(await readDatasetImage(dataset.dir, image), size);
    const view = viewAtResolution(input, size, { factor: scaleOf(input, image) / factor });
    const found = detectOn(detector, shown, view);
    const boxes = found.boxes.map((value) => value / factor);
    detections.push(...detectionsOf({ ...found, boxes }, { imageId: image.id, categoryIds }));
  }
  const truths = truthsOf(
    dataset,
    images.map(({ id }) => id),
  );
  const { apVoc, bestF1, recall } = measuresOf(matched(truths, detections), { images });
  const percent = (value) => (100 * value).toFixed(2);
  console.log(`size × ${factor}: AP ${percent(apVoc)}, best F1 ${percent(bestF1)}, recall ${percent(recall)}`);
}
