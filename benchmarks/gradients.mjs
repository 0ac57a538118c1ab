// Compares the gradient analysis of N images with N plain forward and backward passes of the same detector and size, alternating
// image by image in one process. Peak memory is that of a separate process that runs only the analysis.
//
//   node benchmarks/gradients.mjs [--images 6] [--size 800] [--backbone resnet50] [--heads per-level] [--boxes 100] [--threads N]
//
// Random weights, pixels and boxes; everything is trainable, so that both compute the gradients of all 80 layers. Takes about
// 3 minutes with the defaults on 2 cores.

import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { backward, memory, runtime, scope, setThreads } from "@sparsecell/torch";
import { layerGradients } from "../dist/analysis/layer-gradients.js";
import { Detector } from "../dist/detector/detector.js";
import { fpn } from "../dist/methods/fpn.js";
import { Random } from "../dist/random.js";
import { defaultConfig } from "../dist/settings/detector.js";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "6" },
    size: { type: "string", default: "800" },
    backbone: { type: "string", default: "resnet50" },
    heads: { type: "string", default: "per-level" },
    boxes: { type: "string", default: "100" },
    threads: { type: "string", default: String(availableParallelism()) },
    "analysis-alone": { type: "boolean", default: false },
  },
});
const [images, size, boxes, threads] = [values.images, values.size, values.boxes, values.threads].map(Number);
setThreads(threads);

const detector = new Detector(
  {
    ...defaultConfig,
    backbone: values.backbone,
    trainableLayers: 5,
    input: { kind: "stretch", size },
    rpn: { ...defaultConfig.rpn, heads: values.heads },
  },
  { seed: 0 },
);
const random = new Random(0);

function scene() {
  const data = Uint8Array.from({ length: 3 * size * size }, () => random.integer(256));
  const corners = Array.from({ length: boxes }, () => [random.uniform(0, size - 32), random.uniform(0, size - 32)]);
  const known = {
    boxes: Float32Array.from(corners.flatMap(([x, y]) => [x, y, x + 32, y + 32])),
    labels: new Int32Array(boxes).fill(1),
  };
  return { ids: [1], images: [{ width: size, height: size, data }], known: [known] };
}

const analysed = (batch) => layerGradients(detector, [batch], { seed: 0 });

function plain({ ids, images, known }) {
  for (const parameter of detector.parameters().values()) parameter.grad = null;
  scope(() => {
    const random = new Random(0, ids[0]);
    const options = { calibration: fpn(), progress: 0, random: () => random };
    const { rpnClass, rpnBox, roiClass, roiBox } = detector.losses(images, known, options);
    backward(roiClass.add(roiBox).add(rpnClass).add(rpnBox));
  });
}

/** Wall-clock time, and processor time, which other work on the machine affects less. */
async function seconds(work) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { clock: (performance.now() - start) / 1e3, processor: (user + system) / 1e6 };
}

if (values["analysis-alone"]) {
  const before = memory();
  for (let i = 0; i < images; i++) await analysed(scene());
  const left = memory().tensors - before.tensors;
  console.log(JSON.stringify({ peakMiB: Math.round(process.resourceUsage().maxRSS / 1024), left }));
} else {
  for (const work of [plain, analysed]) await work(scene()); // warm-up
  const times = { plain: [], analysed: [] };
  for (let i = 0; i < images; i++) {
    const batch = scene();
    const turns = [
      ["plain", plain],
      ["analysed", analysed],
    ];
    for (const [name, work] of i % 2 ? turns.reverse() : turns) times[name].push(await seconds(() => work(batch)));
    const [a, b] = [times.analysed[i], times.plain[i]];
    console.log(
      `image ${i + 1}: analysis ${a.clock.toFixed(2)} s, plain pass ${b.clock.toFixed(2)} s: ratio ${(a.clock / b.clock).toFixed(3)}`,
    );
  }
  const total = (list, key) => list.reduce((sum, value) => sum + value[key], 0);
  const layers = (await analysed(scene())).length;
  console.log(
    `${values.backbone}, ${layers} layers, ${size}×${size}, ${threads} threads, libtorch ${runtime().version}, ${images} images`,
  );
  for (const key of ["clock", "processor"]) {
    const [a, b] = [total(times.analysed, key), total(times.plain, key)];
    console.log(`analysis / plain, ${key}: ${a.toFixed(1)} s / ${b.toFixed(1)} s = ${(a / b).toFixed(3)}`);
  }
  const args = process.argv.slice(2).concat("--images", "3", "--analysis-alone");
  const { peakMiB, left } = JSON.parse(
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args], { encoding: "utf8" }),
  );
  console.log(`peak of a process that analyses 3 images: ${peakMiB} MiB; tensors left alive: ${left}`);
}
