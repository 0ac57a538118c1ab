// Importing slides: made ones with a coloured square for each cell, so that a window's pixels say which cell is where.

import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { imagePath } from "../data/dataset-folder.ts";
import { UserError } from "../errors.ts";
import { regionAt } from "../geometry/region.ts";
import { white } from "../slides/pixels.ts";
import { type SlideFile, writeSlide } from "../slides/slide.fixture.ts";
import { type ImportOptions, importDataset } from "./import.ts";
import { importFormats } from "./index.ts";
import { APERIO, cells, drawn, HEIGHT, requireCells, SIDE, WIDTH } from "./made-cells.fixture.ts";
import { SlideImages } from "./slide-images.ts";
import type { SourceImage } from "./source.ts";

const root = mkdtempSync(join(tmpdir(), "import-slides-"));
after(() => rmSync(root, { recursive: true }));

async function folderOf(name: string, files: { readonly [file: string]: Partial<SlideFile> }): Promise<string> {
  const folder = join(root, name);
  for (const [file, slide] of Object.entries(files)) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    await writeSlide(join(folder, file), { levels: [drawn()], compression: "deflate", description: APERIO, ...slide });
  }
  return folder;
}

const rowsOf = (name: string, marks: readonly { x: number; y: number }[] = cells): string =>
  marks.map(({ x, y }) => `${name},${x + SIDE / 2},${y + SIDE / 2}\n`).join("");

let runs = 0;
async function run(images: string, rows: string, options: Partial<ImportOptions> = {}, more: readonly SourceImage[] = []) {
  const annotations = join(root, `points${runs}.csv`);
  writeFileSync(annotations, `image,x,y\n${rows}`);
  const out = join(root, `out${runs++}`);
  const source = await importFormats["points-csv"].read({ images, annotations });
  const all = { ...source, images: [...source.images, ...more] };
  return { out, ...(await importDataset({ source: all, images, box: SIDE, out, ...options })) };
}

async function errorOf(images: string, rows: string, options: Partial<ImportOptions> = {}): Promise<string> {
  const out = join(root, "failed");
  const error = await run(images, rows, { out, ...options }).then(
    () => assert.fail("was imported"),
    (error) => error,
  );
  assert.ok(error instanceof UserError, String(error.stack));
  assert.ok(!existsSync(join(out, "annotations.json")));
  assert.ok(!error.message.includes("\n"));
  rmSync(out, { recursive: true, force: true });
  return error.message.replaceAll(`${root}/`, "");
}

let one = "";
before(async () => {
  one = await folderOf("one", { "a.svs": {} });
});

test("a slide becomes windows around its marks, each cell in one of them at its pixels", async () => {
  const windows: [number, number][] = [];
  const { out, dataset, report } = await run(one, rowsOf("a"), { onWindow: (...progress) => windows.push(progress) });
  await requireCells(out, [1, 1]);
  const { images, annotations } = dataset;
  assert.deepEqual(report.slides, { slides: 1, windows: images.length });
  assert.deepEqual([report.images.imported, report.images.groups, report.annotations.kept], [1, 1, cells.length]);
  assert.deepEqual(windows.at(-1), [images.length, images.length]);
  assert.ok(images.length > 1 && images.length < 10, `${images.length} windows`);
  assert.ok(images.every(({ mpp, group, split }) => mpp === 0.5 && group === "a" && split === "train"));
  assert.ok(images.some(({ regions }) => regions?.some(({ kind }) => kind === "ignore")));
  assert.ok(images.reduce((sum, { width, height }) => sum + width * height, 0) < 0.9 * WIDTH * HEIGHT, "not all of the slide");
  assert.equal(new Set(annotations.map(({ id }) => id)).size, cells.length);
});

test("--resolution, and pixels that are not square, scale the windows and their marks", async () => {
  const { out, dataset } = await run(one, rowsOf("a.svs"), { resolution: 1 });
  assert.ok(dataset.images.every(({ mpp }) => mpp === 1));
  await requireCells(out, [2, 2]);
  const fine = await run(one, rowsOf("a.svs"), { mpp: 0.125 });
  assert.ok(fine.dataset.images.every(({ mpp }) => mpp === 0.25));
  await requireCells(fine.out, [2, 2]);
  const given = await run(one, rowsOf("a.svs"), { mpp: 0.4 });
  assert.ok(given.dataset.images.every(({ mpp }) => mpp === 0.4));
  await requireCells(given.out, [1, 1]);
  const size = `SizeX="${WIDTH}" SizeY="${HEIGHT}"`;
  const description = `<OME><Image><Pixels ${size} PhysicalSizeX="0.5" PhysicalSizeY="0.25"/></Image></OME>`;
  const oblong = await run(await folderOf("oblong", { "a.svs": { description } }), rowsOf("a"));
  assert.ok(oblong.dataset.images.every(({ mpp }) => mpp === 0.5));
  await requireCells(oblong.out, [1, 2]);
});

test("regions are carried; a slide with a complete region alone has windows, one with a region to ignore none", async () => {
  const place = { kind: "box", box: [200, 200, 1300, 900] } as const;
  const marks = [{ place, label: "all", file: "f", line: 1 }];
  const source = { images: [{ name: "a", marks, file: "f", line: 1 }] };
  const options = { source, images: one, box: SIDE };
  const { dataset, report } = await importDataset({ ...options, completeClass: "all", out: join(root, "complete") });
  assert.deepEqual([report.regions, report.annotations.kept], [{ complete: 1, ignore: 0 }, 0]);
  for (const { fileName, width, height, regions } of dataset.images) {
    const [x0, y0] = (/-x(\d+)-y(\d+)/.exec(fileName) ?? []).slice(1).map(Number);
    for (let y = 0.5; y < height; y += 20)
      for (let x = 0.5; x < width; x += 20) {
        const kind = regionAt(regions, x, y);
        const isInside = x + x0 > 200 && x + x0 < 1300 && y + y0 > 200 && y + y0 < 900;
        if (kind !== "ignore") assert.equal(kind === "complete", isInside);
      }
  }
  await assert.rejects(importDataset({ ...options, ignoreClass: "all", out: join(root, "ignored") }), {
    message: `${one}/a.svs: has no cell and no complete region to cut a window around, and neither has any other image; mark some`,
  });
});

test("slides of one name in two folders, beside an image and a slide without marks", async () => {
  const folder = await folderOf("two", { "x/a.svs": {}, "y/a.svs": {}, "none.svs": {}, "empty.svs": {} });
  await sharp(Buffer.alloc(3 * 80 * 60, 200), { raw: { width: 80, height: 60, channels: 3 } }).toFile(join(folder, "flat.png"));
  const { out, dataset, report } = await run(folder, `${rowsOf("x/a.svs")}${rowsOf("y/a.svs")}flat,30,30\n`, {}, [
    { name: "empty", marks: [], file: "f", line: 1 },
  ]);
  assert.deepEqual(new Set(dataset.images.map(({ group }) => group)), new Set(["flat", "x/a", "y/a"]));
  assert.deepEqual(report.slides, { slides: 2, windows: dataset.images.length - 1 });
  assert.deepEqual([report.images.found, report.images.imported, report.images.unmentioned], [5, 3, 1]);
  assert.ok(
    report.notes.some((note) => note.startsWith("1 slide is left out, without any cell") && note.endsWith('"empty.svs"')),
  );
  assert.deepEqual(dataset.images.find(({ fileName }) => fileName === "flat.png")?.mpp, undefined);
  const rest = dataset.images.filter(({ fileName }) => fileName !== "flat.png");
  for (const { fileName } of rest) {
    const other = fileName.startsWith("x/") ? fileName.replace("x/", "y/") : fileName.replace("y/", "x/");
    assert.deepEqual(readFileSync(imagePath(out, { fileName })), readFileSync(imagePath(out, { fileName: other })));
  }
});

test("a window that grew around a large cell, and an image, can have the name of another window", async () => {
  const folder = await folderOf("names", { "a.svs": {} });
  await sharp(Buffer.alloc(3 * 80 * 60, 200), { raw: { width: 80, height: 60, channels: 3 } }).toFile(
    join(folder, "a-x0-y0.png"),
  );
  const place = { kind: "box", box: [0, 0, 2090, 40] } as const;
  const marks = [{ place, label: null, file: "f", line: 1 }];
  const { dataset } = await run(folder, "a-x0-y0.png,30,30\n", {}, [{ name: "a.svs", marks, file: "f", line: 1 }]);
  const names = dataset.images.map(({ fileName }) => fileName);
  assert.deepEqual(names.slice(0, 3), ["a-x0-y0.png", "a-x0-y0-2.png", "a-x0-y0-3.png"]);
  assert.deepEqual(
    dataset.annotations.map(({ imageId, box }) => [dataset.images.findIndex(({ id }) => id === imageId), box]),
    [
      [0, [24, 24, 36, 36]],
      [2, [0, 0, 2090, 40]],
    ],
  );
});

test("annotations that say another size are an error; microns that cannot be are those of the slide", async () => {
  const marks = [{ place: { kind: "point", x: 46, y: 66 }, label: null, file: "f", line: 4 }] as const;
  const imported = (more: Partial<SourceImage>, out: string) =>
    importDataset({
      source: { images: [{ name: "a", marks, file: "f", line: 3, ...more }] },
      images: one,
      box: SIDE,
      out: join(root, out),
    });
  await assert.rejects(imported({ size: { width: 1050, height: 750 } }, "small"), {
    name: "UserError",
    message: 'f:3: says that "a.svs" has 1050×750 pixels, but it has 2100×1500; use the annotated image',
  });
  const microns = async (mpp: number) => (await imported({ mpp }, `mpp${mpp}`)).dataset.images.map((image) => image.mpp);
  assert.deepEqual(await microns(0.4), [0.4]);
  assert.deepEqual(await microns(352.8), [0.5], "72 dpi");
});

test("a cell too large for a window is an error", () => {
  const facts = { reader: "tiff", format: "", vendor: null, levels: [], mpp: { x: 0.25, y: 0.25, from: "" } } as const;
  const slide = { ...facts, path: "a.svs", width: 50_000, height: 50_000 };
  const boxes = [{ box: [0, 0, 9000, 9000], label: null, id: undefined }] as const;
  assert.throws(
    () => new SlideImages(".", ["a.svs"], ["a.svs"], {}).windowsOf(slide, "a.svs", { mpp: undefined, boxes, regions: [] }),
    {
      name: "UserError",
      message:
        "a.svs: a cell of 2250 µm is too large for a window at 0.25 µm per pixel; correct it, or pass a larger --resolution",
    },
  );
});

test("tiles that cannot be decoded stop the import, or leave their windows out with all marks", async () => {
  const folder = await folderOf("bad", { "a.svs": { compression: "jpeg" } });
  const file = join(folder, "a.svs");
  const bytes = readFileSync(file);
  bytes.fill(0, bytes.indexOf(Buffer.from([0xff, 0xd8])) + 2, bytes.indexOf(Buffer.from([0xff, 0xd8])) + 400); // the first tile
  writeFileSync(file, bytes);
  assert.match(
    await errorOf(folder, rowsOf("a")),
    /^bad\/a\.svs: cannot be decoded near marks: level 0, column 0, row 0 of tiles of 256×256; copy the slide again, or drop invalid items with --drop-invalid$/,
  );
  assert.match(
    await errorOf(folder, rowsOf("a", cells.slice(0, 1)), { dropInvalid: true }),
    /^bad: 1 window is left out with all marks because tiles cannot .*; no other image is left; copy the slides again$/,
  );
  const { out, dataset, report } = await run(folder, rowsOf("a"), { dropInvalid: true });
  const { read, kept, windowUnreadable } = report.annotations;
  assert.ok(kept > 0 && windowUnreadable > 0 && kept === dataset.annotations.length && kept + windowUnreadable === read);
  assert.equal(report.slides?.windows, dataset.images.length);
  assert.equal(readdirSync(join(out, "images")).length, dataset.images.length);
  assert.ok(
    report.notes.some((note) => /^1 window is left out with all marks because tiles cannot .*"a\.svs", level 0/.test(note)),
  );
});

test("what is wrong is one line with the slide's path", async () => {
  const folder = await folderOf("wrong", {
    "unsized.tif": { description: undefined, levels: [drawn(), white({ width: 1050, height: 750 })] },
  });
  copyFileSync(join(one, "a.svs"), join(folder, "cut.svs"));
  truncateSync(join(folder, "cut.svs"), 5000);
  writeFileSync(join(folder, "text.svs"), "not a slide");
  copyFileSync(join(one, "a.svs"), join(folder, "a.svs"));
  await sharp(Buffer.alloc(3 * 80 * 60, 200), { raw: { width: 80, height: 60, channels: 3 } }).toFile(join(folder, "flat.png"));
  const rows = rowsOf("a");
  const cases: [string, Partial<ImportOptions>, RegExp][] = [
    [rowsOf("unsized"), {}, /^wrong\/unsized\.tif: does not say how many microns a pixel spans, .*--mpp 0\.25/],
    ["a,2101,40\n", {}, /^points\d+\.csv:2: the point \(2101, 40\) lies outside its image "a\.svs" of 2100×1500 pixels; /],
    [
      rows,
      { resolution: 0.3 },
      /^wrong\/a\.svs: its pixels are 0\.5 µm, so its windows cannot have 0\.3; pass --resolution 0\.5 or more$/,
    ],
    [
      "flat,30,30\n",
      { resolution: 0.5 },
      /^--resolution is for slides, and the annotations mention none in wrong; leave it out$/,
    ],
    [rows, { page: 2 }, /^--page is not for slides, such as wrong\/a\.svs; leave it out, or import the images alone$/],
    [rows, { channels: [1] }, /^--channels is not for slides, such as wrong\/a\.svs; leave it out, /],
    [rowsOf("cut"), {}, /^wrong\/cut\.svs: /],
    [rowsOf("text"), {}, /^wrong\/text\.svs: /],
    [
      rows,
      { keepEmpty: true },
      /^wrong\/cut\.svs: is a slide that the annotations do not mention, and --keep-empty is for images alone; leave out --keep-empty, /,
    ],
    [rows, { mpp: 40 }, /^--mpp: expected microns per pixel from 0\.05 to 20, got 40$/],
  ];
  for (const [rows, options, message] of cases) assert.match(await errorOf(folder, rows, options), message);
  const { report } = await run(folder, `${rows}${rowsOf("cut")}${rowsOf("text")}`, { dropInvalid: true });
  assert.deepEqual(report.leftOut.unreadable, ["cut.svs", "text.svs"]);
  assert.deepEqual([report.annotations.kept, report.annotations.imageUnreadable], [cells.length, 2 * cells.length]);
});
