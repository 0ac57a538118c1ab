// How long the workbench's page takes for a frame while it is panned and zoomed over very many boxes, and until the first image is on
// the screen, in a Chromium without a window and without a graphics card. Beside the time of the clock, which is longer where other
// work goes on, stands the time that all processors spend on a frame in all processes of the browser.
//   node benchmarks/page.mjs [--cells 100000,1000000] [--frames 60]

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { findBrowser } from "../test/pages/browser.mjs";
import { fakeRounds, roundOf } from "../test/workbench/fixture.mjs";
import { ready, startChromium } from "../test/workbench/opened.mjs";
import { serve } from "../workbench/dist/index.js";

const { values } = parseArgs({
  options: { cells: { type: "string", default: "100000,1000000" }, frames: { type: "string", default: "60" } },
});
const side = 8192; // pixels of the image
const executable = findBrowser();
if (!executable) throw new Error("no Chromium or Chrome on the PATH");

const folder = mkdtempSync(join(tmpdir(), "sparsecell-page-"));
await sharp({ create: { width: side, height: side, channels: 3, background: "#e8d5e0" } })
  .jpeg()
  .toFile(join(folder, "flat.jpg"));
const served = await serve({ path: folder, project: join(folder, "project") });
const browser = await startChromium(executable);

/** Seconds of the processors that the processes below this one have used. */
function used() {
  const parents = new Map();
  const times = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)))
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /, "")
        .split(" ");
      parents.set(pid, fields[1]);
      times.set(pid, (Number(fields[11]) + Number(fields[12])) / 100);
    } catch {} // it has just ended
  const isBelow = (pid) => pid !== undefined && (parents.get(pid) === String(process.pid) || isBelow(parents.get(pid)));
  return [...times].reduce((sum, [pid, time]) => sum + (isBelow(pid) ? time : 0), 0);
}

/** Times between frames while each moves the view, after everything has come to rest. */
async function frames(page, boxSize, way) {
  return page.evaluate(
    async ([address, count, size, way]) => {
      const { mainStage } = await import(address);
      const { osd } = mainStage();
      const { viewport } = osd;
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      const imageZoom = (zoom) => viewport.zoomTo(viewport.imageToViewportZoom(zoom), undefined, true);
      const move = async (step) => {
        const times = [];
        let last = await frame();
        for (let i = 0; i < count; i++) {
          step(i);
          const now = await frame();
          times.push(now - last);
          last = now;
        }
        return times.sort((a, b) => a - b);
      };
      if (size === null) viewport.goHome(true);
      else imageZoom(size / 22);
      for (let i = 0; i < 20; i++) await frame();
      const start = viewport.getZoom(true);
      const sign = (i) => (i % 20 < 10 ? 1 : -1);
      const width = viewport.getBoundsNoRotate(true).width;
      const pan = (i) =>
        viewport.panBy(new globalThis.OpenSeadragon.Point((sign(i) * width) / 100, (sign(i) * width) / 200), true);
      const zoom = (i) => viewport.zoomTo(start * (1 + 0.02 * (i % 10)), undefined, true);
      await globalThis.startOfFrames();
      const times = await move(way === "pan" ? pan : zoom);
      await globalThis.endOfFrames();
      return [0.5, 0.95].map((part) => Math.round(times[Math.floor(part * (times.length - 1))]));
    },
    ["/page/dist/page/src/viewer/stage.js", Number(values.frames), boxSize, way],
  );
}

try {
  const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);
  row("boxes", "shown", "panning: median, 95 %, processors", "zooming");
  row("---", "---", "---", "---");
  for (const count of values.cells.split(",").map(Number)) {
    const context = await browser.newContext({ viewport: { width: 1920, height: 1080 } });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    let [before, spent] = [0, 0];
    await page.exposeFunction("startOfFrames", () => {
      before = used();
    });
    await page.exposeFunction("endOfFrames", () => {
      spent = used() - before;
    });
    await fakeRounds(page, { rounds: [roundOf(1)], count });
    await page.goto(served.address);
    await ready(page);
    await page.getByTitle(/found$/).waitFor();
    await page.evaluate(async () => {
      (await import("/page/dist/page/src/state/view.js")).chosenScore.value = 0;
    });
    for (const [size, words] of [
      [null, "the whole image"],
      [6, "boxes of 6 pixels"],
      [30, "boxes of 30 pixels"],
    ]) {
      const cells = [];
      for (const way of ["pan", "zoom"]) {
        const times = await frames(page, size, way);
        cells.push(`${[...times, Math.round((1000 * spent) / Number(values.frames))].join(", ")} ms`);
      }
      row(count.toLocaleString("en-GB"), words, ...cells);
    }
    await context.close();
  }
  const times = [];
  for (let i = 0; i < 5; i++) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const start = performance.now();
    await page.goto(served.address);
    await page.waitForFunction(async () => {
      const { mainStage } = await import("/page/dist/page/src/viewer/stage.js");
      return mainStage()?.osd.world.getItemAt(0)?.getFullyLoaded() ?? false;
    });
    times.push(Math.round(performance.now() - start));
    await context.close();
  }
  console.log(`first image after ${times.join(", ")} ms`);
} finally {
  await browser.close();
  await served.close();
  rmSync(folder, { recursive: true });
}
