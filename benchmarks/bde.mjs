// What BDE adds to a training step: the time of its calibration on 512 RoIs, beside a whole step's.
//
//   node benchmarks/bde.mjs [secondsPerStep]      secondsPerStep as `sparsecell bench step --json` printed it
//
// Takes about a second. Also the energies of 100,000 boxes.

import { bde, boxesEnergy, fpn, Random } from "../dist/index.js";

const random = new Random(1);
const rois = (count) => ({
  labels: Int32Array.from({ length: count }, (_, r) => (r < count / 4 ? 1 : 0)),
  probabilities: Float32Array.from({ length: 2 * count }, () => 0.5),
  boxes: boxesOf(count),
});
function boxesOf(count) {
  const boxes = new Float32Array(4 * count);
  for (let r = 0; r < count; r++) {
    const [x, y] = [random.uniform(0, 760), random.uniform(0, 760)];
    boxes.set([x, y, x + 32, y + 32], 4 * r);
  }
  return boxes;
}
function median(run, times) {
  const seconds = Array.from({ length: times }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return seconds.sort((a, b) => a - b)[times >> 1];
}

const image = rois(512);
const extra = median(() => bde.calibrate(image, 0), 201) - median(() => fpn.calibrate(image, 0), 201);
console.log(`BDE over no calibration, 512 RoIs: ${(1e6 * extra).toFixed(0)} µs`);
const step = Number(process.argv[2]);
if (step > 0) console.log(`that is ${((100 * extra) / step).toFixed(4)} % of a step of ${step} s`);
const centers = Float64Array.from({ length: 200_000 }, () => random.uniform(0, 1e5));
console.log(`energies of 100,000 boxes: ${(1000 * median(() => boxesEnergy(centers), 11)).toFixed(0)} ms`);
