// Odd places and images: read-only folders, names with spaces and in other scripts, very long paths, links, datasets with no or one
// image, images of one pixel, with 16 bits, grey, with alpha, in CMYK, rotated by EXIF. Each works or is refused in one line;
// coordinates are never silently wrong.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import sharp from "sharp";
import { readDataset } from "../../dist/data/dataset-folder.js";
import { readDatasetImage } from "../../dist/data/dataset-image.js";
import { synthesizeDataset } from "../../dist/data/synthetic/synthetic.js";
import { importDataset } from "../../dist/formats/import.js";
import { importFormats } from "../../dist/formats/index.js";
import { defaultsOf } from "../../dist/settings/declarations.js";
import { schedule } from "../../dist/settings/training.js";
import { Batches } from "../../dist/train/batches.js";
import { tinyDataset, untrainedRun } from "../../dist/train/run.fixture.js";
import { faultScript } from "./fault-script.mjs";

const NOBODY = 65534;
const PROGRAM = `
  const { run } = await import(${JSON.stringify(import.meta.resolve("../../dist/cli/main.js"))});
  const print = process.stdout.write.bind(process.stdout);
  const results = [];
  for (const args of JSON.parse(process.argv[1])) {
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) process[name].write = (text) => ((texts[name] += text), true);
    process.exitCode = undefined;
    results.push({ args, status: await run(args), ...texts });
  }
  process.exitCode = 0;
  print(JSON.stringify(results));
`;

/** Runs command lines one after another in one process; returns { args, status, stdout, stderr } for each. */
function commands(cwd, lines, { user } = {}) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", PROGRAM, JSON.stringify(lines)], {
    cwd,
    env: { ...process.env, OMP_NUM_THREADS: "1" },
    ...(user === undefined ? {} : { uid: user, gid: user }),
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(stderr.slice(0, 500)))));
  });
}

const succeeded = ({ args, status, stderr }) => assert.equal(status, 0, `${args.join(" ")}\n${stderr}`);

function refused({ args, status, stdout, stderr }, message) {
  const lines = stderr.split("\n").filter((line) => line.startsWith("sparsecell: "));
  assert.deepEqual([status, stdout, lines.length], [1, "", 1], `${args.join(" ")}\n${stdout}${stderr}`);
  assert.doesNotMatch(lines[0], /unexpected: |[\p{Cc}]/u);
  assert.match(lines[0], message);
}

const TINY = ["--backbone", "resnet18", "--input-size", "32", "--steps", "1"];
/** All commands on a dataset; `run` is a model. */
const story = (data, out, run) => [
  ["data", "info", data],
  ["data", "sparsify", data, "--keep", "0.5", "--out", join(out, "sparse")],
  ["data", "view", data, "--out", join(out, "page.html")],
  ["train", data, ...TINY, "--out", join(out, "run")],
  ["predict", "--model", run ?? join(out, "run"), "--data", data, "--out", join(out, "found.json")],
  ["evaluate", "--detections", join(out, "found.json"), "--annotations", data, "--json"],
];

await faultScript({ short: 1, full: 20 }, async ({ count, seed, full, folder, trial, note }) => {
  const dataset = await tinyDataset(join(folder, "tiny"));
  const data = join(folder, "tiny/complete");
  untrainedRun(join(folder, "model"), dataset);
  const model = join(folder, "model");
  const all = async (what, place, source = data) => {
    mkdirSync(place, { recursive: true });
    for (const result of await commands(place, story(source, place))) await trial(what, () => succeeded(result));
  };

  // names
  const segment = "größe µm 測定 😀 (a) 'b' \"c\" $d & #e %2e [f]";
  const long = join(folder, ...Array.from({ length: 12 }, (_, i) => `${i}-${"long".repeat(50)}`)); // 2.5 kB
  const places = full ? { "spaces and other scripts": join(folder, segment), "a path of 2500 characters": long } : {};
  for (const [what, place] of Object.entries(places)) {
    mkdirSync(place, { recursive: true });
    cpSync(data, join(place, "data set"), { recursive: true });
    const first = JSON.parse(readFileSync(join(place, "data set/annotations.json"), "utf8"));
    const name = `${"ß 😀 ".repeat(20)}.png`;
    renameSync(join(place, "data set/images", first.images[0].file_name), join(place, "data set/images", name));
    first.images[0].file_name = name;
    writeFileSync(join(place, "data set/annotations.json"), JSON.stringify(first));
    await all(what, join(place, "out"), join(place, "data set"));
  }
  const beyond = `${long}/${long}`;
  for (const result of await commands(folder, [
    ["data", "info", beyond],
    ["data", "sparsify", data, "--keep", "1", "--out", beyond],
    ["predict", "--model", beyond, "a.png", "--out", "x"],
  ]))
    await trial("a path longer than the system allows", () => refused(result, /is not a dataset|no such|too long/));

  // links
  const linked = full ? join(folder, "linked") : join(long, segment);
  mkdirSync(join(linked, "real/images"), { recursive: true });
  for (const name of readdirSync(join(data, "images")))
    symlinkSync(join(data, "images", name), join(linked, "real/images", name));
  symlinkSync(join(data, "annotations.json"), join(linked, "real/annotations.json"));
  symlinkSync("real", join(linked, "dataset"));
  mkdirSync(join(folder, "elsewhere"));
  symlinkSync(join(folder, "elsewhere"), join(linked, "out"));
  const untouched = readFileSync(join(data, "annotations.json"), "utf8");
  if (full) await all("links to folders and files", join(linked, "out"), join(linked, "dataset"));
  else await all("links, other scripts, 2500 characters", join(linked, "out"), join(linked, "dataset"));
  await trial("links to folders and files", () => {
    assert.equal(readFileSync(join(data, "annotations.json"), "utf8"), untouched);
    assert.ok(existsSync(join(folder, "elsewhere/page.html")));
  });

  // rights
  if (process.getuid?.() === 0) await readOnly();
  else note("read-only folders: left out, this user is not root and cannot become another");
  async function readOnly() {
    const [kept, mine] = [join(folder, "read-only"), join(folder, "mine")];
    cpSync(data, kept, { recursive: true });
    mkdirSync(mine);
    chownSync(mine, NOBODY, NOBODY);
    chmodSync(folder, 0o755);
    for (const entry of readdirSync(kept, { recursive: true, withFileTypes: true }))
      chmodSync(join(entry.path, entry.name), entry.isDirectory() ? 0o555 : 0o444);
    chmodSync(kept, 0o555);
    const before = readdirSync(kept, { recursive: true });
    const lines = story(kept, mine, model).filter(([name]) => full || name !== "train");
    for (const result of await commands(mine, lines, { user: NOBODY }))
      await trial("a read-only dataset, as another user", () => succeeded(result));
    const into = ["run", "found.json", "page.html"].map((name) => join(kept, name));
    const writes = [
      ["train", kept, ...TINY, "--out", into[0]],
      ["predict", "--model", model, "--data", kept, "--out", into[1]],
      ["data", "view", kept, "--out", into[2]],
      ["data", "sparsify", kept, "--keep", "0.5", "--out", join(kept, "sparse")],
      ["data", "synth", "--kind", "ki67", "--images", "1", "--size", "64x64", "--out", join(kept, "drawn")],
    ];
    for (const result of await commands(mine, writes, { user: NOBODY }))
      await trial("writing into a read-only folder", () => refused(result, /permission denied|cannot be written/));
    await trial("writing into a read-only folder", () => assert.deepEqual(readdirSync(kept, { recursive: true }), before));
    chmodSync(join(kept, "annotations.json"), 0o000);
    for (const result of await commands(mine, [["data", "info", kept]], { user: NOBODY }))
      await trial("a file without rights", () => refused(result, /annotations\.json: cannot be read: permission denied/));
  }

  // numbers of images
  const dataOf = (name, images) => {
    const dir = join(folder, name);
    mkdirSync(join(dir, "images"), { recursive: true });
    for (const { file_name, bytes } of images) writeFileSync(join(dir, "images", file_name), bytes);
    const annotations = images.map(({ width, height }, i) => ({
      id: i + 1,
      image_id: i + 1,
      category_id: 1,
      bbox: [0, 0, Math.max(1, width / 2), Math.max(1, height / 2)],
    }));
    writeFileSync(
      join(dir, "annotations.json"),
      JSON.stringify({
        images: images.map(({ bytes, ...image }, i) => ({ id: i + 1, ...image })),
        categories: [{ id: 1, name: "cell" }],
        annotations,
      }),
    );
    return dir;
  };
  const flat = (width, height) =>
    sharp({ create: { width, height, channels: 3, background: "#a06080" } })
      .png()
      .toBuffer();
  const none = dataOf("no images", []);
  const [info, sparse, view, train, predict] = await commands(folder, story(none, join(folder, "none"), model));
  for (const result of [info, sparse]) await trial("a dataset of no image", () => succeeded(result));
  await trial("a dataset of no image", () => refused(view, /: has no images$/));
  await trial("a dataset of no image", () => refused(train, /nothing to learn from/));
  await trial("a dataset of no image", () => refused(predict, /has no images/));
  writeFileSync(join(folder, "nothing.json"), '{"images": [], "categories": [], "annotations": []}');
  const [evaluated] = await commands(folder, [["evaluate", "--detections", "nothing.json", "--annotations", none, "--json"]]);
  await trial("a dataset of no image", () => refused(evaluated, /has no images to evaluate on$/));
  const pixel = dataOf("one pixel", [{ file_name: "a.png", width: 1, height: 1, bytes: await flat(1, 1) }]);
  await all("one image of one pixel", join(folder, "pixel"), pixel);
  if (full) await largerImages();
  async function largerImages() {
    const one = dataOf("one image", [{ file_name: "a.png", width: 50, height: 40, bytes: await flat(50, 40) }]);
    await all("a dataset of one image", join(folder, "one"), one);
    const thin = dataOf("thin", [{ file_name: "a.png", width: 2000, height: 1, bytes: await flat(2000, 1) }]);
    await all("an image of 2000×1", join(folder, "thin-out"), thin);
    const width = 20_000;
    const huge = await sharp({ create: { width, height: width, channels: 3, background: "#a06080" }, limitInputPixels: false })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const large = dataOf("large", [{ file_name: "a.png", width, height: width, bytes: huge }]);
    for (const result of (await commands(folder, story(large, join(folder, "large-out"), model))).slice(2, 5))
      await trial(`an image of ${width}×${width}`, () =>
        refused(result, /: has \d+×\d+ pixels, \d+ MB decoded; at most 300 MB can be read; cut it/),
      );
  }

  // kinds of pixels: the same image in other forms must give the same detections
  const drawn = await synthesizeDataset({
    kind: "ki67",
    images: 1,
    width: 128,
    height: 128,
    seed,
    dir: join(folder, "drawn"),
    boxSize: 16,
  });
  const original = join(folder, "drawn/images", drawn.images[0].fileName);
  const forms = join(folder, "forms");
  mkdirSync(forms);
  const grey = sharp(original).greyscale();
  const made = {
    "8.png": sharp(original).png(),
    "16.png": sharp(original).toColourspace("rgb16").png(),
    "16.tif": sharp(original).toColourspace("rgb16").tiff({ compression: "lzw" }),
    "alpha.png": sharp(original).ensureAlpha(1).png(),
    "tiles.tif": sharp(original).tiff({ compression: "deflate", tile: true, tileWidth: 32, tileHeight: 32, pyramid: true }),
    "grey.png": grey.clone().toColourspace("b-w").png(),
    "grey as colour.png": sharp(await grey.clone().toColourspace("b-w").png().toBuffer())
      .toColourspace("srgb")
      .png({ palette: false }),
    "cmyk.jpg": sharp(original).toColourspace("cmyk").jpeg({ quality: 95 }),
  };
  for (const [name, image] of Object.entries(made)) await image.toFile(join(forms, name));
  const [found] = await commands(folder, [
    [
      "predict",
      "--model",
      model,
      "--score",
      "0",
      "--max-detections",
      "50",
      "--out",
      "forms.json",
      ...Object.keys(made).map((name) => join(forms, name)),
    ],
  ]);
  succeeded(found);
  const { images, annotations } = JSON.parse(readFileSync(join(folder, "forms.json"), "utf8"));
  const cellsOf = (name) => {
    const { id, width, height } = images.find(({ file_name }) => file_name.endsWith(`/${name}`));
    return [width, height, ...annotations.filter(({ image_id }) => image_id === id).map(({ bbox, score }) => [bbox, score])];
  };
  for (const [name, like] of [
    ["16.png", "8.png"],
    ["16.tif", "8.png"],
    ["alpha.png", "8.png"],
    ["tiles.tif", "8.png"],
    ["grey.png", "grey as colour.png"],
  ])
    await trial("16 bits, alpha, tiles and grey: the same detections", () =>
      assert.deepEqual(cellsOf(name), cellsOf(like), name),
    );
  await trial("CMYK: the same size", () => assert.deepEqual(cellsOf("cmyk.jpg").slice(0, 2), [128, 128]));

  // EXIF: a white dot on black, in all eight orientations, annotated as a viewer shows it
  for (let n = 0; n < count; n++)
    for (let orientation = 1; orientation <= 8; orientation++)
      await trial("EXIF orientations: the point is on the dot in training", () =>
        turned(join(folder, `exif-${n}-${orientation}`), orientation, n),
      );
});

/** Stored as 40×24 pixels; the position of the 3×3 dot depends on `n`. */
async function turned(dir, orientation, n) {
  const [width, height] = [40, 24];
  const [x, y] = [4 + ((7 * n) % 31), 3 + ((5 * n) % 17)];
  const pixels = Buffer.alloc(width * height * 3);
  for (let dy = -1; dy <= 1; dy++) pixels.fill(255, 3 * ((y + dy) * width + x - 1), 3 * ((y + dy) * width + x + 2));
  const [right, bottom] = [width - 1 - x, height - 1 - y];
  const [shownX, shownY] = [
    [x, y],
    [right, y],
    [right, bottom],
    [x, bottom],
    [y, x],
    [bottom, x],
    [bottom, right],
    [y, right],
  ][orientation - 1];
  mkdirSync(join(dir, "images"), { recursive: true });
  const stored = sharp(pixels, { raw: { width, height, channels: 3 } }).withMetadata({ orientation });
  await (n % 2 === 0 ? stored.png() : stored.tiff({ compression: "lzw" })).toFile(
    join(dir, `images/a.${n % 2 === 0 ? "png" : "tif"}`),
  );
  writeFileSync(join(dir, "points.csv"), `image,x,y\na,${shownX + 0.5},${shownY + 0.5}\n`);
  const options = { images: join(dir, "images"), annotations: join(dir, "points.csv"), box: 3, out: join(dir, "out") };
  const { report } = await importDataset({ ...options, source: await importFormats["points-csv"].read(options) });
  assert.equal(
    report.notes.some((line) => /EXIF orientation/.test(line)),
    orientation > 1,
    "it is said",
  );
  const dataset = readDataset(join(dir, "out"));
  const [image] = dataset.images;
  assert.deepEqual([image.width, image.height], orientation > 4 ? [height, width] : [width, height]);
  const detector = { input: { kind: "stretch", size: 64 } };
  const batches = new Batches(dataset, { ...defaultsOf(schedule), batch: 1, seed: 1, augment: n % 2 === 1, detector });
  const { images, known } = await batches.at(1).finally(() => batches.close());
  const [x1, y1, x2, y2] = known[0].boxes;
  const { data } = images[0];
  let white = 0;
  for (let at = 0; at < data.length; at += 3) if (data[at] === 255) white++;
  assert.equal(white, 9);
  for (let row = y1; row < y2; row++)
    for (let column = x1; column < x2; column++)
      assert.equal(data[3 * (row * images[0].width + column)], 255, `orientation ${orientation}: ${column}, ${row}`);
  // a file with the stored size has other coordinates and is refused
  const stale = join(dir, "stale.json");
  writeFileSync(
    stale,
    JSON.stringify({
      images: [{ id: 1, file_name: "a", width, height }],
      categories: [{ id: 1, name: "cell" }],
      annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [x - 1, y - 1, 3, 3] }],
    }),
  );
  if (orientation <= 4) return;
  const coco = { ...options, annotations: stale, out: join(dir, "stale") };
  await assert.rejects(
    async () => importDataset({ ...coco, source: await importFormats.coco.read(coco) }),
    /says that .* has 40×24 pixels, but it has 24×40/,
  );
  assert.equal(relative(dir, (await readDatasetImage(join(dir, "out"), image)) && dir), "");
}
