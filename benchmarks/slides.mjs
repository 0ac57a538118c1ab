// What a search of a slide costs beside the network: reading, merging, writing, memory.
//   node benchmarks/slides.mjs [--size 10000] [--window 1024] [--milliseconds 1000] [--density 3000] [--cells 1000000]
// The slide is made: a tiled JPEG pyramid of SIZE² pixels at 0.25 µm/px, of one drawn tile again and again. In the place of the
// network is a finder that waits, without computing, for --milliseconds a window (0: not at all), and gives --density cells per mm².
// Then --cells cells (0: none) in rows of a slide are merged, recorded and written.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { RowMerge } from "../dist/geometry/merge-rows.js";
import { Random } from "../dist/random.js";
import { openSlide } from "../dist/slides/open-slide.js";
import { outputs } from "../dist/wsi/outputs/index.js";
import { predictSlide } from "../dist/wsi/predict-slide.js";
import { WorkFolder } from "../dist/wsi/work-folder.js";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "10000" },
    window: { type: "string", default: "1024" },
    milliseconds: { type: "string", default: "0" },
    density: { type: "string", default: "3000" },
    cells: { type: "string", default: "1000000" },
  },
});
const [size, window, milliseconds, density, cells] = ["size", "window", "milliseconds", "density", "cells"].map((name) =>
  Number(values[name]),
);
const folder = mkdtempSync(join(tmpdir(), "slides-benchmark-"));
const seconds = (since) => ((performance.now() - since) / 1000).toFixed(1);
/** Seconds of the processor: on a machine that others use, the clock says more of them than of us. */
const cpu = (since) => {
  const { user, system } = process.cpuUsage(since);
  return `${((user + system) / 1e6).toFixed(1)} s`;
};
const megabytes = (bytes) => (bytes / 2 ** 20).toFixed(0);

/** The most memory that the process had since this was called. */
function memory() {
  let most = process.memoryUsage.rss();
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 20);
  return () => {
    clearInterval(timer);
    return Math.max(most, process.memoryUsage.rss());
  };
}

try {
  if (size > 0) await search();
  if (cells > 0) await write();
} finally {
  rmSync(folder, { recursive: true });
}

async function search() {
  const file = join(folder, "slide.tif");
  const random = new Random(1);
  const side = 1000;
  const noise = Buffer.from({ length: 3 * side * side }, () => 0).map(() => 160 + random.integer(80));
  const tile = await sharp(noise, { raw: { width: side, height: side, channels: 3 } })
    .blur(2)
    .png()
    .toBuffer();
  await sharp({ create: { width: size, height: size, channels: 3, background: "white" }, limitInputPixels: false })
    .composite([{ input: tile, tile: true }])
    .tiff({
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      pyramid: true,
      bigtiff: true,
      compression: "jpeg",
      xres: 4000,
      yres: 4000,
    })
    .toFile(file);
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
  const [begun, peak, usage] = [performance.now(), memory(), process.cpuUsage()];
  const outcome = await predictSlide({
    detector,
    slide,
    name: "slide.tif",
    classes: ["cell"],
    files: [join(folder, "cells.geojson.gz")],
    settings: {},
    window,
  });
  const total = performance.now() - begun;
  const { user, system } = process.cpuUsage(usage);
  const mm2 = (size * slide.mpp.x * size * slide.mpp.y) / 1e6;
  const outside = total - inNetwork;
  console.log(
    `${size}² pixels, ${mm2.toFixed(1)} mm², ${outcome.windows} windows of ${window}, ${outcome.cells} cells: ${(total / 1000).toFixed(1)} s`,
  );
  console.log(
    `outside the network: ${(outside / 1000).toFixed(1)} s (${((100 * outside) / total).toFixed(1)} %), ${(outside / 1000 / mm2).toFixed(2)} s/mm² at 0.5 µm/px, ${((user + system) / 1e6 / mm2).toFixed(2)} CPU s/mm²; memory ${megabytes(peak() - before)} MB above what it began with`,
  );
  slide.close();
}

/** Cells in rows of a slide of 100,000 network pixels, merged, recorded, and written in each format. */
async function write() {
  const random = new Random(2);
  const rows = 100;
  const perRow = Math.round(cells / rows);
  const [begun, peak, used] = [performance.now(), memory(), process.cpuUsage()];
  const work = new WorkFolder(join(folder, "cells"), {});
  const merge = new RowMerge();
  let merged = 0;
  for (let row = 0; row < rows; row++) {
    const boxes = new Float64Array(4 * perRow);
    for (let k = 0; k < perRow; k++) {
      const [x, y] = [random.uniform(0, 100_000), 768 * row + random.uniform(0, 768)];
      boxes.set(
        [x, y, x + random.uniform(14, 30), y + random.uniform(14, 30)].map((v) => Math.round(v * 1000) / 1000),
        4 * k,
      );
    }
    const finished = merge.add(
      {
        boxes,
        scores: new Float32Array(perRow).map(() => random.uniform()),
        labels: new Int32Array(perRow).map(() => 1 + random.integer(2)),
        windows: Int32Array.from({ length: perRow }, (_, k) => 131 * row + Math.floor(boxes[4 * k] / 768)),
      },
      row === rows - 1 ? Infinity : 768 * (row + 1),
    );
    merged += finished.scores.length;
    work.add({ row, cells: finished, held: merge.held, windows: 131, badTiles: [], capped: 0, proposalsCapped: 0 });
  }
  console.log(`${merged} cells merged and recorded: ${seconds(begun)} s (${cpu(used)} of the processor)`);
  const slide = { name: "slide", width: 100_000, height: 77_000, mpp: { x: 0.5, y: 0.5 }, classes: ["a", "b"], badTiles: [] };
  for (const { extension, write: chunksOf } of outputs) {
    const [since, usage] = [performance.now(), process.cpuUsage()];
    const file = join(folder, `cells${extension}`);
    work.deliver(file, chunksOf(slide, work.cells()));
    console.log(`${extension}: ${seconds(since)} s (${cpu(usage)} of the processor), ${megabytes(statSync(file).size)} MB`);
    await new Promise((later) => setTimeout(later, 0));
  }
  work.close();
  console.log(`memory at most ${megabytes(peak())} MB in all`);
}
