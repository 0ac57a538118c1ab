import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crop } from "../data/crop.ts";
import { readTiff, tags } from "../data/tiff-directories.ts";
import { openSlide } from "./open-slide.ts";
import { openslideSlide, scannedPart } from "./openslide.ts";
import { openslideVersion } from "./openslide-process.ts";
import { readWindow } from "./read-window.ts";
import { ndpiBytes, picture, pyramid, writeSlide } from "./slide.fixture.ts";
import type { SlideFormat } from "./slide-format.ts";

const dir = mkdtempSync(join(tmpdir(), "openslide-"));
after(() => rmSync(dir, { recursive: true }));

const levels = pyramid(picture(700, 530), 200);
const aperio = "Aperio Image Library v11\r\n700x530 (64x64) JPEG/RGB Q=30|AppMag = 20|MPP = 0.499";
const file = (name: string) => writeSlide(join(dir, name), { levels, tile: 64, description: aperio });
const format: SlideFormat = { format: "Aperio SVS", vendor: "aperio", reader: "openslide" };
const skip = openslideVersion() === null && "OpenSlide is not installed (Debian: apt-get install libopenslide0)";

/** A slide that libvips reads, too, read by OpenSlide. */
const opened = async (path: string) => {
  const slide = await openslideSlide(path, format);
  return {
    ...slide,
    read: (...args: [Parameters<typeof readWindow>[1], Parameters<typeof readWindow>[2]]) => readWindow(slide, ...args),
  };
};

test("the scanned part of a slide is the slide; bounds that cannot be are none", () => {
  const all = { x: 0, y: 0, width: 1000, height: 800 };
  assert.deepEqual(scannedPart([100, 50, 600, 400], [1000, 800, 1]), { x: 100, y: 50, width: 600, height: 400 });
  for (const bounds of [
    [Number.NaN, 0, 10, 10],
    [0, 0, 0, 10],
    [-1, 0, 10, 10],
    [500, 0, 501, 10],
    [0, 0, 1000, 800],
  ])
    assert.deepEqual(scannedPart(bounds, [1000, 800, 1]), all);
});

test("OpenSlide and libvips read the same pixels, levels and microns", { skip }, async () => {
  const path = await file("same.svs");
  const [one, other] = [await opened(path), await openSlide(path)];
  assert.deepEqual([one.width, one.height, one.vendor], [700, 530, "aperio"]);
  assert.deepEqual(one.levels, other.levels);
  assert.deepEqual(one.mpp, { x: 0.499, y: 0.499, from: "openslide.mpp-x" });
  for (const [window, size] of [
    [
      { x: 101, y: 33, width: 300, height: 200 },
      { width: 300, height: 200 },
    ],
    [
      { x: -20, y: 400, width: 396, height: 198 },
      { width: 200, height: 100 },
    ],
    [
      { x: 0, y: 0, width: 700, height: 530 },
      { width: 100, height: 75 },
    ],
  ] as const) {
    const [a, b] = [await one.read(window, size), await other.read(window, size)];
    assert.deepEqual(a.badTiles, []);
    const farthest = a.image.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.image.data[i])), 0);
    assert.ok(farthest <= 4, `${farthest}`); // two decoders of JPEG
  }
  one.close();
});

test("reads that run at the same time get their own pixels", { skip }, async () => {
  const slide = await opened(await file("many.svs"));
  const windows = Array.from({ length: 12 }, (_, i) => ({ x: 50 * i, y: 30 * i, width: 64, height: 64 }));
  const one = [];
  for (const window of windows) one.push(await slide.read(window, window));
  assert.deepEqual(await Promise.all(windows.map((window) => slide.read(window, window))), one);
  slide.close();
  await assert.rejects(slide.pixels(0, windows[0]), { name: "UserError", message: /many\.svs: was closed; open it again$/ });
});

test("a bad tile is white and named, and the slide is read on", { skip }, async () => {
  const path = await file("bad.svs");
  const bytes = readFileSync(path);
  const [offset] = readTiff(path, ([directory]) => directory.values(tags.tileOffsets));
  bytes.fill(0xff, offset, offset + 60);
  writeFileSync(path, bytes);
  const slide = await opened(path);
  const all = { x: 0, y: 0, width: 700, height: 530 };
  const { image, badTiles } = await slide.read(all, all);
  assert.deepEqual(badTiles, ["level 0, column 0, row 0 of tiles of 256×256"]);
  assert.ok(image.data.subarray(0, 300).every((value) => value === 255));
  assert.ok(image.data.subarray(3 * 300, 3 * 700).some((value) => value !== 255));
  slide.close();
});

const childrenFile = `/proc/self/task/${process.pid}/children`;
test("a process that ends is started again", {
  skip: skip || (!existsSync(childrenFile) && `needs ${childrenFile}`),
}, async () => {
  const children = () => readFileSync(childrenFile, "utf8").split(" ").filter(Boolean);
  const before = new Set(children());
  const slide = await opened(await file("killed.svs"));
  const window = { x: 0, y: 0, width: 64, height: 64 };
  const first = await slide.read(window, window);
  const [child] = children().filter((id) => !before.has(id));
  process.kill(Number(child), "SIGSEGV");
  assert.deepEqual(await slide.read(window, window), first);
  assert.deepEqual(await slide.read(window, window), first);
  slide.close();
});

test("without OpenSlide, a line says which format a file is and what to install", async () => {
  const path = join(dir, "scanner");
  const message = (name: string) => new RegExp(`is a ${name} slide, which needs OpenSlide.*libopenslide0`);
  const before = process.env.SPARSECELL_OPENSLIDE;
  process.env.SPARSECELL_OPENSLIDE = join(dir, "nowhere.so");
  try {
    const tiffs = {
      "Hamamatsu NDPI": { more: { 65420: 1 } },
      "Leica SCN": { description: "<scn xmlns='http://www.leica-microsystems.com/scn/2010/10/01'>" },
      "Ventana BIF": { more: { 700: "<?xml?><iScan ScanRes='0.25'/>" } },
      "Philips TIFF": { more: { 305: "Philips DP v1.0" } },
      "Trestle TIFF": { more: { 305: "MedScan" } },
      "Aperio SVS \\(JPEG 2000\\)": { description: aperio, more: { 259: 33_005 } },
    };
    for (const [name, options] of Object.entries(tiffs))
      await assert.rejects(openSlide(await writeSlide(path, { levels, ...options })), {
        name: "UserError",
        message: message(name),
      });
    const others = {
      DICOM: ["x.dcm", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")])],
      "Zeiss CZI": ["x.czi", Buffer.from("ZISRAWFILE\0\0\0\0\0\0")],
      "Hamamatsu VMS": ["x.vms", Buffer.from("[Virtual Microscope Specimen]\r\nNoLayers=1")],
      MIRAX: ["x.mrxs", Buffer.from("ffd8ffe0", "hex")],
    } as const;
    for (const [name, [file, bytes]] of Object.entries(others)) {
      writeFileSync(join(dir, file), bytes);
      await assert.rejects(openSlide(join(dir, file)), { name: "UserError", message: message(name) });
    }
  } finally {
    if (before === undefined) delete process.env.SPARSECELL_OPENSLIDE;
    else process.env.SPARSECELL_OPENSLIDE = before;
  }
});

test("what OpenSlide does not know is refused with its version and the format's", { skip }, async () => {
  const files = {
    "Zeiss CZI": ["none.czi", Buffer.from("ZISRAWFILE but no more"), "4.0.1"],
    DICOM: ["none.dcm", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM but no more")]), "4.0.0"],
  } as const;
  for (const [format, [name, bytes, since]] of Object.entries(files)) {
    const path = join(dir, name);
    writeFileSync(path, bytes);
    const version = openslideVersion() ?? "";
    await assert.rejects(openSlide(path), {
      name: "UserError",
      message: `${path}: is a ${format} slide, but OpenSlide cannot read it: version ${version} does not know this file; ${format} needs version ${since} or later: libopenslide1 of Debian 13, or brew install openslide`,
    });
  }
});

test("NDPI: levels, microns, vendor and pixels", { skip }, async () => {
  const path = join(dir, "made.ndpi");
  const image = picture(400, 300);
  writeFileSync(path, await ndpiBytes(pyramid(image, 150)));
  const slide = await openSlide(path);
  try {
    assert.deepEqual([slide.format, slide.vendor, slide.width, slide.height], ["Hamamatsu NDPI", "hamamatsu", 400, 300]);
    assert.deepEqual(
      slide.levels.map(({ downsample }) => downsample),
      [1, 2, 4],
    );
    assert.ok(Math.abs((slide.mpp?.x ?? 0) - 0.5) < 1e-6, `${slide.mpp?.x}`);
    const window = { x: 100, y: 80, width: 120, height: 90 };
    const { image: read } = await slide.read(window, { width: 120, height: 90 });
    const expected = crop(image, window).data;
    const off = read.data.reduce((sum, value, i) => sum + Math.abs(value - expected[i]), 0) / expected.length;
    assert.ok(off < 2, `${off} of 255`);
  } finally {
    slide.close();
  }
});
