// Measures the time and memory of `data import` on a large dataset in a separate process; prints one line of JSON.
//   node benchmarks/import.mjs [images] [points] [format]
// (default: 10000 images, 1000000 points, points-csv; also coco (outlines without boxes), yolo, imagescope and fiji; needs about 400 MB of disk)

import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const [imageCount = 10_000, pointCount = 1_000_000] = process.argv.slice(2, 4).map(Number);
const format = process.argv[4] ?? "points-csv";
const size = 512;
const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "import-benchmark-"));
try {
  const annotations = await makeSet();
  // Reports its peak resident memory on exit.
  const script = `
    process.argv = [process.execPath, ${JSON.stringify(program)}, "data", "import", "--format", ${JSON.stringify(format)},
      "--images", "images", "--annotations", ${JSON.stringify(annotations)}, ${format === "fiji" ? '"--units", "pixels",' : ""} "--group-pattern", "slide(\\\\d+)", "--out", "out"];
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
      points: pointCount,
      seconds: Number(seconds.toFixed(1)),
      peakMiB: Math.round(Number(peak)),
      node: process.version,
    }),
  );
} finally {
  rmSync(folder, { recursive: true });
}

/** Images of 512×512 pixels in a single colour, to keep files small, and marks with two labels. Returns the marks' file or folder. */
async function makeSet() {
  const image = await sharp({ create: { width: size, height: size, channels: 3, background: "#c8a0b4" } })
    .png()
    .toBuffer();
  mkdirSync(join(folder, "images"));
  for (let i = 0; i < imageCount; i++) writeFileSync(join(folder, "images", `${nameOf(i)}.png`), image);
  if (format === "points-csv")
    return writeTable("points.csv", "image,x,y,label", (i) => `${nameOf(i % imageCount)},${placeOf(i)},${labelOf(i)}`);
  if (format === "fiji")
    return writeTable(
      "Results.csv",
      " ,Label,Class,X,Y",
      (i) => `${i + 1},${nameOf(i % imageCount)}.png,${labelOf(i)},${placeOf(i)}`,
    );
  if (format === "coco") {
    const images = Array.from({ length: imageCount }, (_, i) => ({ id: i, file_name: `${nameOf(i)}.png` }));
    const categories = ["positive", "negative"].map((name, id) => ({ id, name }));
    const head = `{"images":${JSON.stringify(images)},"categories":${JSON.stringify(categories)},"annotations":[`;
    return writeTable("cells.json", head, (i) => `${JSON.stringify(outline(i))}${i === pointCount - 1 ? "]}" : ","}`);
  }
  mkdirSync(join(folder, "marks"));
  if (format === "yolo") writeFileSync(join(folder, "marks", "data.yaml"), "names: [positive, negative]\n");
  for (let i = 0; i < imageCount; i++) {
    const marks = [];
    for (let k = i; k < pointCount; k += imageCount) marks.push(format === "yolo" ? yoloLine(k) : region(k));
    if (format === "yolo") writeFileSync(join(folder, "marks", `${nameOf(i)}.txt`), marks.join(""));
    else writeFileSync(join(folder, "marks", `${nameOf(i)}.xml`), layer(marks));
  }
  return "marks";
}

function nameOf(i) {
  return `slide${i % 100}_${i}`;
}

function labelOf(i) {
  return i % 3 === 0 ? "negative" : "positive";
}

/** With two decimals: "12.34,56.78". */
function placeOf(i) {
  return [(i * 7919) % (100 * size), (i * 104729) % (100 * size)].map((value) => value / 100).join(",");
}

function yoloLine(i) {
  const [x, y] = placeOf(i)
    .split(",")
    .map((value) => (Number(value) / size).toFixed(6));
  return `${i % 3 === 0 ? 1 : 0} ${x} ${y} 0.062500 0.062500\n`;
}

/** An octagon of 20 by 16 pixels, as an annotation of COCO. */
function outline(i) {
  const [x, y] = placeOf(i).split(",").map(Number);
  const angles = Array.from({ length: 8 }, (_, k) => (k * Math.PI) / 4);
  const ring = angles.flatMap((angle) => [x + 10 * Math.cos(angle), y + 8 * Math.sin(angle)]);
  const segmentation = [ring.map((value) => Math.round(value * 100) / 100)];
  return { id: i, image_id: i % imageCount, category_id: i % 3 === 0 ? 1 : 0, iscrowd: 0, segmentation };
}

/** A square of 32 pixels, with the attributes that ImageScope writes. */
function region(i) {
  const [x, y] = placeOf(i).split(",").map(Number);
  const corners = [[x - 16, y - 16], [x + 16, y - 16], [x + 16, y + 16], [x - 16, y + 16]]; // biome-ignore format: a ring
  const vertices = corners.map(([x, y]) => `<Vertex X="${x.toFixed(2)}" Y="${y.toFixed(2)}" Z="0" />`).join("\n");
  return `<Region Id="${i}" Type="0" Zoom="0.5" Selected="0" ImageLocation="" ImageFocus="-1" Length="128.0" Area="1024.0" LengthMicrons="32.0" AreaMicrons="64.0" Text="${labelOf(i)}" NegativeROA="0" InputRegionId="0" Analyze="1" DisplayId="${i}"><Attributes /><Vertices>\n${vertices}\n</Vertices></Region>\n`;
}

function layer(regions) {
  return `<?xml version="1.0"?>\n<Annotations MicronsPerPixel="0.25"><Annotation Id="1" Name="" Type="4"><Regions>\n${regions.join("")}</Regions></Annotation></Annotations>\n`;
}

function writeTable(name, header, row) {
  let lines = `${header}\n`;
  const file = openSync(join(folder, name), "w");
  for (let i = 0; i < pointCount; i++) {
    lines += `${row(i)}\n`;
    if (lines.length > 1e6) {
      writeSync(file, lines);
      lines = "";
    }
  }
  writeSync(file, lines);
  closeSync(file);
  return name;
}
