// Measures the time and memory of `data import` on a large dataset in a separate process; prints one line of JSON.
//   node benchmarks/import.mjs [images] [points]      (default: 10000 images, 1000000 points; needs about 200 MB of disk)

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const [imageCount = 10_000, pointCount = 1_000_000] = process.argv.slice(2).map(Number);
const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "import-benchmark-"));
try {
  await makeSet();
  // Reports its peak resident memory on exit.
  const script = `
    process.argv = [process.execPath, ${JSON.stringify(program)}, "data", "import", "--format", "points-csv",
      "--images", "images", "--annotations", "points.csv", "--group-pattern", "slide(\\\\d+)", "--out", "out"];
    process.on("exit", () => console.error("peak " + process.resourceUsage().maxRSS / 1024));
    await import(${JSON.stringify(new URL("../bin/sparsecell.js", import.meta.url).href)});
  `;
  const start = performance.now();
  const child = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: folder, encoding: "utf8" });
  const seconds = (performance.now() - start) / 1000;
  const peak = /^peak ([\d.]+)$/m.exec(child.stderr)?.[1];
  if (child.status !== 0 || peak === undefined) throw new Error(child.stderr);
  process.stderr.write(child.stdout);
  console.log(
    JSON.stringify({
      images: imageCount,
      points: pointCount,
      seconds: Number(seconds.toFixed(1)),
      peakMiB: Math.round(Number(peak)),
      node: process.version,
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

/** Images of 512×512 pixels in a single colour, to keep files small, and points with two decimals and two labels. */
async function makeSet() {
  const size = 512;
  const image = await sharp({ create: { width: size, height: size, channels: 3, background: "#c8a0b4" } })
    .png()
    .toBuffer();
  mkdirSync(join(folder, "images"));
  const nameOf = (i) => `slide${i % 100}_${i}`;
  for (let i = 0; i < imageCount; i++) writeFileSync(join(folder, "images", `${nameOf(i)}.png`), image);
  let lines = "image,x,y,label\n";
  const file = openSync(join(folder, "points.csv"), "w");
  for (let i = 0; i < pointCount; i++) {
    const [x, y] = [(i * 7919) % (100 * size), (i * 104729) % (100 * size)].map((value) => value / 100);
    lines += `${nameOf(i % imageCount)},${x},${y},${i % 3 === 0 ? "negative" : "positive"}\n`;
    if (lines.length > 1e6) {
      writeSync(file, lines);
      lines = "";
    }
  }
  writeSync(file, lines);
  closeSync(file);
}
