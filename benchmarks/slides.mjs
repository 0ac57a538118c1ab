// What a search of a slide costs beside the network: finding tissue, reading, merging, writing, memory.
//   node benchmarks/slides.mjs [--size 10000] [--tissue 100] [--window 1536] [--milliseconds 0] [--density 3000]
//   node benchmarks/slides.mjs --cells 1000000
//   node benchmarks/slides.mjs RUN SLIDE [--dtype float32] [--threads 2] [--scale 0.5] [--window 1536] [--enlarge 4]
//   node benchmarks/slides.mjs RUN SLIDE --torchvision [--threads 2] [--rounds 3]
// The slide is made (made-slide.mjs): SIZE² pixels at 0.25 µm/px, with at most --tissue mm² of tissue. In the place of the network
// is a finder that waits, without computing, for --milliseconds a window (0: not at all), and gives --density cells per mm².
// With RUN and SLIDE, the search of that slide with that model: pixels for the network, RoIs, seconds, memory. With --enlarge, of a
// made slide with so many mm² of tissue in one piece: the square of SLIDE that has the most tissue, again and again, mirrored.
// With --torchvision, the same model in both on the same windows, in turns, float32: torchvision sees a window wholly, as it must.
// With --cells, so many cells in rows of a slide are merged, recorded and written in place of that. Memory is the most that the
// process ever had.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "../dist/data/median.js";
import { RowMerge } from "../dist/geometry/merge-rows.js";
import { polygonArea } from "../dist/geometry/search-area.js";
import { Random } from "../dist/random.js";
import { openSlide } from "../dist/slides/open-slide.js";
import { findTissue } from "../dist/slides/tissue.js";
import { outputs } from "../dist/wsi/outputs/index.js";
import { predictSlide } from "../dist/wsi/predict-slide.js";
import { WorkFolder } from "../dist/wsi/work-folder.js";
import { writeMadeSlide } from "./made-slide.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dtype: { type: "string", default: "float32" },
    threads: { type: "string", default: "2" },
    scale: { type: "string" },
    torchvision: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    size: { type: "string", default: "10000" },
    tissue: { type: "string", default: "100" },
    window: { type: "string", default: "1536" },
    milliseconds: { type: "string", default: "0" },
    density: { type: "string", default: "3000" },
    cells: { type: "string", default: "0" },
    enlarge: { type: "string", default: "0" },
  },
});
const [size, tissueMm2, window, milliseconds, density, cells] = [
  "size",
  "tissue",
  "window",
  "milliseconds",
  "density",
  "cells",
].map((name) => Number(values[name]));
const folder = mkdtempSync(join(tmpdir(), "slides-benchmark-"));
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
/** Seconds of the processor: on a machine that others use, the clock says more of them than of us. */
const cpuSeconds = (since) => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
const cpu = (since) => `${cpuSeconds(since).toFixed(1)} s of the processor`;
const ROW = 768; // network pixels
const SQUARE = 768; // pixels of the slide
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);
/** Of the process since it began, in bytes. */
const mostMemory = () => process.resourceUsage().maxRSS * 1024;

try {
  if (values.torchvision) await besideTorchvision(...positionals);
  else if (positionals.length > 0) await withNetwork(...positionals);
  else if (cells > 0) write();
  else await search();
} finally {
  rmSync(folder, { recursive: true });
}

async function search() {
  const file = join(folder, "slide.tif");
  const random = new Random(1);
  await writeMadeSlide(file, { side: size, tissueHeight: Math.min(0.9 * size, (tissueMm2 * 16e6) / size), random });
  const slide = await openSlide(file);
  const before = process.memoryUsage.rss();
  let inNetwork = 0;
  const detector = {
    config: { input: { kind: "resolution", window: 448, mpp: 0.5, scale: 1 } },
    detect: ([{ width, height }]) => {
      const begun = performance.now();
      const count = Math.round((density * width * height * 0.25) / 1e6);
      const boxes = new Float32Array(4 * count);
      for (let k = 0; k < count; k++) {
        const [x, y] = [random.uniform(0, width - 20), random.uniform(0, height - 20)];
        boxes.set([x, y, x + 20, y + 20], 4 * k);
      }
      const scores = new Float32Array(count).map(() => random.uniform());
      if (milliseconds > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
      inNetwork += performance.now() - begun;
      return [{ boxes, scores, labels: new Int32Array(count).fill(1), capped: false, proposalsCapped: false }];
    },
  };
  const [begun, usage] = [performance.now(), process.cpuUsage()];
  const tissue = await findTissue(slide);
  console.log(
    `${size}² pixels, ${tissue.mm2.toFixed(1)} mm² of tissue, found in ${seconds(begun)} s (${cpu(usage)}); memory ${megabytes(mostMemory() - before)} MB above what it began with`,
  );
  const outcome = await predictSlide({
    detector,
    slide,
    name: "slide.tif",
    classes: ["cell"],
    files: [join(folder, "cells.geojson.gz")],
    settings: {},
    area: polygonArea(tissue.regions),
    tissue,
    window,
  });
  const total = performance.now() - begun;
  const outside = total - inNetwork;
  console.log(`${outcome.windows} windows of ${window}, ${outcome.cells} cells: ${(total / 1000).toFixed(1)} s (${cpu(usage)})`);
  console.log(
    `outside the network: ${((100 * outside) / total).toFixed(1)} % of the time, ${(outside / 1000 / tissue.mm2).toFixed(2)} s/mm², ${(cpuSeconds(usage) / tissue.mm2).toFixed(2)} s/mm² of the processor; memory ${megabytes(mostMemory() - before)} MB above what it began with, ${megabytes(mostMemory())} MB in all`,
  );
  slide.close();
}

/** The search of a slide with a model, in its tissue. Counts of RoIs are those that reach the second stage. */
async function withNetwork(run, file) {
  if (!file) throw new Error("expected RUN SLIDE");
  const { setThreads } = await import("@sparsecell/torch");
  const { loadDetector } = await import("../dist/detector/weights.js");
  setThreads(Number(values.threads));
  const detector = loadDetector(join(run, "model.safetensors"), { seed: 0, dtype: values.dtype });
  const mm2 = Number(values.enlarge);
  const slide = await openSlide(mm2 > 0 ? await enlarged(file, mm2) : file);
  const tissue = await findTissue(slide);
  let [windows, pixels, rois] = [0, 0, 0];
  const secondStage = detector.detections.bind(detector);
  detector.detections = (first) => {
    rois += first.proposals.reduce((sum, { boxes }) => sum + boxes.length / 4, 0);
    return secondStage(first);
  };
  const finder = {
    config: detector.config,
    detect(images, cores) {
      windows += images.length;
      pixels += images.reduce((sum, { width, height }) => sum + width * height, 0);
      return detector.detect(images, cores);
    },
  };
  const [begun, usage] = [performance.now(), process.cpuUsage()];
  const { cells } = await predictSlide({
    detector: finder,
    slide,
    name: "slide",
    classes: detector.config.classes,
    files: [join(folder, "cells.geojson.gz")],
    settings: {},
    area: polygonArea(tissue.regions),
    tissue,
    scale: values.scale && Number(values.scale),
    window,
  });
  console.log(
    `${tissue.mm2.toFixed(2)} mm² of tissue, ${windows} windows, ${(pixels / 1e6).toFixed(1)} million pixels for the network, ${rois} RoIs, ${cells} cells`,
  );
  console.log(
    `${values.dtype}, ${values.threads} threads: ${seconds(begun)} s by the clock, ${((performance.now() - begun) / 1000 / tissue.mm2).toFixed(1)} s/mm²; ${cpu(usage)}, ${(cpuSeconds(usage) / tissue.mm2).toFixed(1)} s/mm² of the processor; memory at most ${(mostMemory() / 2 ** 20).toFixed(0)} MiB`,
  );
  slide.close();
  detector.release();
}

/** A slide with so many mm² of the tissue of another one. */
async function enlarged(file, mm2) {
  const slide = await openSlide(file);
  const tissue = await findTissue(slide);
  const squares = [];
  for (let y = 0; y + SQUARE <= slide.height; y += 64)
    for (let x = 0; x + SQUARE <= slide.width; x += 64) squares.push({ x, y, width: SQUARE, height: SQUARE });
  const [best] = squares.sort((a, b) => tissue.part(b) - tissue.part(a));
  const { image } = await slide.read(best, { width: SQUARE, height: SQUARE });
  const mpp = slide.mpp.x;
  slide.close();
  const side = Math.ceil((1.05 * Math.sqrt(mm2) * 1000) / mpp);
  const large = join(folder, "large.tif");
  await writeMadeSlide(large, { side, tissueHeight: (mm2 * 1e6) / mpp ** 2 / side, mpp, picture: image, random: new Random(1) });
  console.log(`${(100 * tissue.part(best)).toFixed(0)} % of the square at ${best.x}, ${best.y} is tissue`);
  return large;
}

/** The network alone, ours and torchvision's, on the windows of a slide. */
async function besideTorchvision(run, file) {
  if (!file) throw new Error("expected RUN SLIDE");
  const { setThreads } = await import("@sparsecell/torch");
  const { loadDetector } = await import("../dist/detector/weights.js");
  const { exportModel } = await import("../dist/export/export-model.js");
  const { detectSlide } = await import("../dist/wsi/detect-slide.js");
  setThreads(Number(values.threads));
  const model = join(run, "model.safetensors");
  exportModel(model, { format: "torchvision", out: join(folder, "cells.pth") });
  const detector = loadDetector(model, { seed: 0 });
  const slide = await openSlide(file);
  const tissue = await findTissue(slide);
  const windows = [];
  const none = { boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) };
  const recorder = {
    config: detector.config,
    detect([image], [core]) {
      windows.push({ image, core });
      writeFileSync(join(folder, `${windows.length}.rgb`), image.data);
      return [{ ...none, capped: false, proposalsCapped: false }];
    },
  };
  const area = polygonArea(tissue.regions);
  for await (const _ of detectSlide(recorder, slide, { area, scale: values.scale && Number(values.scale) }));
  slide.close();
  const list = windows.map(({ image: { width, height } }, i) => ({ file: `${i + 1}.rgb`, width, height }));
  writeFileSync(join(folder, "windows.json"), JSON.stringify(list));
  const ratios = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const begun = performance.now();
    const found = windows.reduce((sum, { image, core }) => sum + detector.detect([image], [core])[0].scores.length, 0);
    const ours = (performance.now() - begun) / 1000;
    const peer = join(import.meta.dirname, "torchvision_slide.py");
    const { stdout, stderr, status } = spawnSync(
      "/usr/bin/python3",
      [peer, folder, "--rounds", "1", "--threads", values.threads],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    const theirs = JSON.parse(stdout);
    ratios.push(ours / theirs.seconds[0]);
    console.log(
      `round ${round + 1}: ours ${ours.toFixed(2)} s (${found} cells near the cores), torchvision ${theirs.seconds[0].toFixed(2)} s (${theirs.cells} cells in whole windows): ${ratios.at(-1).toFixed(3)}`,
    );
  }
  console.log(
    `${windows.length} windows, ${values.threads} threads, float32: ${median(ratios).toFixed(3)} of torchvision's time (median)`,
  );
  detector.release();
}

/** Cells in rows of a slide of 100,000 network pixels, merged, recorded, and written in each format. */
function write() {
  const random = new Random(2);
  const rows = 100;
  const perRow = Math.round(cells / rows);
  const [begun, used] = [performance.now(), process.cpuUsage()];
  const work = new WorkFolder(join(folder, "cells"), {});
  const merge = new RowMerge();
  let [merged, making] = [0, 0];
  for (let row = 0; row < rows; row++) {
    const since = process.cpuUsage();
    const found = rowOfCells(random, row, perRow);
    making += cpuSeconds(since);
    const finished = merge.add(found, row === rows - 1 ? Infinity : ROW * (row + 1));
    merged += finished.scores.length;
    work.add({ row, cells: finished, held: merge.held, windows: 131, badTiles: [], capped: 0, proposalsCapped: 0 });
  }
  console.log(
    `${merged} cells merged and recorded: ${seconds(begun)} s (${cpu(used)}, ${making.toFixed(1)} of them to make the cells)`,
  );
  const slide = { name: "slide", width: 100_000, height: 77_000, mpp: { x: 0.5, y: 0.5 }, classes: ["a", "b"], badTiles: [] };
  for (const { extension, write: chunksOf } of outputs) {
    const [since, usage] = [performance.now(), process.cpuUsage()];
    const file = join(folder, `cells${extension}`);
    work.deliver(file, chunksOf(slide, work.cells()));
    console.log(`${extension}: ${seconds(since)} s (${cpu(usage)}), ${megabytes(statSync(file).size)} MB`);
  }
  work.close();
  console.log(`memory at most ${megabytes(mostMemory())} MB in all`);
}

function rowOfCells(random, row, count) {
  const boxes = new Float64Array(4 * count);
  for (let k = 0; k < count; k++) {
    const [x, y] = [random.uniform(0, 100_000), ROW * row + random.uniform(0, ROW)];
    boxes.set(
      [x, y, x + random.uniform(14, 30), y + random.uniform(14, 30)].map((v) => Math.round(v * 1000) / 1000),
      4 * k,
    );
  }
  return {
    boxes,
    scores: new Float32Array(count).map(() => random.uniform()),
    labels: new Int32Array(count).map(() => 1 + random.integer(2)),
    windows: Int32Array.from({ length: count }, (_, k) => 131 * row + Math.floor(boxes[4 * k] / ROW)),
  };
}
