// Measures the time and memory of `data import` on a large dataset in a separate process; prints one line of JSON.
//   node benchmarks/import.mjs [images] [marks] [format]      (default: 10000 images, 1000000 marks, points-csv; needs about 500 MB of disk)

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const [imageCount = 10_000, markCount = 1_000_000] = process.argv.slice(2, 4).map(Number);
const format = process.argv[4] ?? "points-csv";
const SIZE = 512;
const nameOf = (i) => `slide${i % 100}_${i}`;
const octagon = ({ x, y }) =>
  Array.from({ length: 8 }, (_, k) => [x + 10 * Math.cos((k * Math.PI) / 4), y + 8 * Math.sin((k * Math.PI) / 4)])
    .flat()
    .map((value) => Math.round(value * 100) / 100);

/** What each format's file has before, for and after the marks; `image` is the image's number. */
const formats = {
  "points-csv": {
    head: () => "image,x,y,label\n",
    mark: ({ image, x, y, label }) => `${nameOf(image)},${x},${y},${label}\n`,
    foot: "",
  },
  /** Outlines without boxes. */
  coco: {
    head: () => {
      const images = Array.from({ length: imageCount }, (_, i) => ({ id: i + 1, file_name: `${nameOf(i)}.png` }));
      const categories = ["negative", "positive"].map((name, i) => ({ id: i + 1, name }));
      return `{"images":${JSON.stringify(images)},\n"categories":${JSON.stringify(categories)},\n"annotations":[\n`;
    },
    mark: ({ i, image, x, y, label }) =>
      `${i === 0 ? "" : ",\n"}${JSON.stringify({ id: i + 1, image_id: image + 1, category_id: label === "negative" ? 1 : 2, iscrowd: 0, segmentation: [octagon({ x, y })] })}`,
    foot: "\n]}\n",
  },
};

const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "import-benchmark-"));
try {
  await makeSet(formats[format]);
  // Reports its peak resident memory on exit.
  const script = `
    process.argv = [process.execPath, ${JSON.stringify(program)}, "data", "import", "--format", ${JSON.stringify(format)},
      "--images", "images", "--annotations", "marks", "--group-pattern", "slide(\\\\d+)", "--out", "out"];
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
      format,
      images: imageCount,
      marks: markCount,
      seconds: Number(seconds.toFixed(1)),
      peakMiB: Math.round(Number(peak)),
      node: process.version,
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

/** Images of 512×512 pixels in a single colour, to keep files small, and marks with two decimals and two labels. */
async function makeSet({ head, mark, foot }) {
  const image = await sharp({ create: { width: SIZE, height: SIZE, channels: 3, background: "#c8a0b4" } })
    .png()
    .toBuffer();
  mkdirSync(join(folder, "images"));
  for (let i = 0; i < imageCount; i++) writeFileSync(join(folder, "images", `${nameOf(i)}.png`), image);
  let text = head();
  const file = openSync(join(folder, "marks"), "w");
  for (let i = 0; i < markCount; i++) {
    const [x, y] = [(i * 7919) % (100 * SIZE), (i * 104729) % (100 * SIZE)].map((value) => value / 100);
    text += mark({ i, image: i % imageCount, x, y, label: i % 3 === 0 ? "negative" : "positive" });
    if (text.length > 1e6) {
      writeSync(file, text);
      text = "";
    }
  }
  writeSync(file, text + foot);
  closeSync(file);
}
