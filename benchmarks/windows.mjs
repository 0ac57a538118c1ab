// The same cells in whatever windows, and on images joined into one as on each alone.
//
//   node benchmarks/windows.mjs RUN DATASET [--phase] [--dtype float32]
//
// Joins up to 25 images of the dataset, all of one size, into one square; detects on it in windows of 512, 1,024 and 1,536 network
// pixels; compares the cells between the windows, away from the border of the whole, and with those of each image alone, away from
// that image's border. A cell is the same when its box is within 0.1 pixel. About 3 minutes on 2 cores.
//
// Joined, an image lies at another phase of the network's strides than alone, and a convolution with a stride does not give the same
// there. `--phase` crops the images to multiples of the coarsest stride, so that they lie at the same one: what differs then is ours.

import { parseArgs } from "node:util";
import { crop } from "../dist/data/crop.js";
import { readDataset } from "../dist/data/dataset-folder.js";
import { readDatasetImage } from "../dist/data/dataset-image.js";
import { scaleOf } from "../dist/data/working-resolution.js";
import { detectOn, viewAtResolution } from "../dist/detect/view.js";
import { loadDetector } from "../dist/detector/weights.js";
import { iou } from "../dist/geometry/box.js";
import { coarsestStride } from "../dist/settings/detector.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { phase: { type: "boolean", default: false }, dtype: { type: "string", default: "float32" } },
});
const [run, data] = positionals;
if (!data) throw new Error("expected RUN DATASET");
const AWAY = 64; // pixels of the images
const SCORE = 0.1; // of the cells that are compared; a partner may have 0.05, so that no cell is lost by a thousandth of its score
const dataset = readDataset(data);
const [first] = dataset.images;
const images = dataset.images.filter((image) => image.width === first.width && image.height === first.height);
const along = Math.min(5, Math.floor(Math.sqrt(images.length)));
const detector = loadDetector(`${run}/model.safetensors`, { seed: 0, dtype: values.dtype });
const { input } = detector.config;
const stride = values.phase ? coarsestStride / scaleOf(input, first) : 1;
const [width, height] = [first.width, first.height].map((side) => Math.floor(Math.floor(side / stride) * stride));

const joined = { width: along * width, height: along * height, data: new Uint8Array(3 * along * along * width * height) };
const tiles = [];
for (let i = 0; i < along * along; i++) {
  const pixels = crop(await readDatasetImage(dataset.dir, images[i]), { x: 0, y: 0, width, height });
  const [x, y] = [(i % along) * width, Math.floor(i / along) * height];
  for (let row = 0; row < height; row++)
    joined.data.set(pixels.data.subarray(3 * row * width, 3 * (row + 1) * width), 3 * ((y + row) * joined.width + x));
  tiles.push({ pixels, x, y });
}

const boxesOf = ({ boxes, scores }, { x = 0, y = 0 } = {}) =>
  Array.from(scores, (score, k) => ({ score, box: boxes.slice(4 * k, 4 * k + 4).map((v, i) => v + (i & 1 ? y : x)) }));
const inside = ({ box }, [x1, y1, x2, y2]) => box[0] >= x1 && box[1] >= y1 && box[2] <= x2 && box[3] <= y2;

/** Of each of `a` with a score of at least SCORE: its best partner among `b`, by IoU. */
function partners(a, b) {
  return a
    .filter(({ score }) => score >= SCORE)
    .map((cell) => {
      let best = { overlap: 0, difference: Number.POSITIVE_INFINITY };
      for (const other of b) {
        const overlap = iou(cell.box, other.box);
        if (overlap <= best.overlap) continue;
        best = { overlap, difference: Math.max(...cell.box.map((v, i) => Math.abs(v - other.box[i]))) };
      }
      return best;
    });
}

function compare(what, a, b, frame) {
  const within = (list) => list.filter((cell) => inside(cell, frame));
  const all = [...partners(within(a), b), ...partners(within(b), a)];
  const same = all.filter(({ overlap }) => overlap >= 0.5);
  const differences = same.map(({ difference }) => difference).sort((x, y) => x - y);
  const at = (q) => (differences[Math.floor(q * (differences.length - 1))] ?? 0).toFixed(3);
  const beyond = differences.filter((difference) => difference > 0.1).length;
  console.log(
    `${what}: ${all.length} cells of both; ${all.length - same.length} without a partner (IoU 0.5), ${beyond} off by more than 0.1 pixel; off by ${at(0.5)} in the median, ${at(0.99)} at 99 %, ${at(1)} at most`,
  );
}

const whole = [AWAY, AWAY, joined.width - AWAY, joined.height - AWAY];
const found = new Map();
for (const window of [512, 1024, 1536]) {
  const start = performance.now();
  found.set(window, boxesOf(detectOn(detector, joined, viewAtResolution(input, joined, { window }))));
  console.log(
    `${joined.width}×${joined.height} in windows of ${window}: ${found.get(window).length} cells, ${((performance.now() - start) / 1000).toFixed(1)} s`,
  );
}
compare("512 and 1,024", found.get(512), found.get(1024), whole);
compare("1,536 and 1,024", found.get(1536), found.get(1024), whole);

const [alone, together] = [[], []];
for (const { pixels, x, y } of tiles) {
  const frame = [x + AWAY, y + AWAY, x + width - AWAY, y + height - AWAY];
  alone.push(
    ...boxesOf(detectOn(detector, pixels, viewAtResolution(input, pixels)), { x, y }).filter((cell) => inside(cell, frame)),
  );
  together.push(...found.get(1024).filter((cell) => inside(cell, frame)));
}
compare("alone and joined", alone, together, whole);
