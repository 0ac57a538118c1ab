import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import sharp from "sharp";
import { crop } from "../data/crop.ts";
import type { RgbImage } from "../data/image-file.ts";
import { resampled } from "../data/resampled.ts";
import { readTiff, tags } from "../data/tiff-directories.ts";
import { requireMicrons } from "./microns.ts";
import { openSlide } from "./open-slide.ts";
import { picture, pyramid, type SlideFile, writeSlide } from "./slide.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "slides-"));
after(() => rmSync(dir, { recursive: true }));

const image = picture(700, 530);
const levels = pyramid(image, 100);
let files = 0;
const slide = (options: Partial<SlideFile> = {}): Promise<string> =>
  writeSlide(join(dir, `${files++}.tif`), { levels, tile: 64, compression: "deflate", resolution: 40_000, ...options });

const farthest = (a: RgbImage, b: RgbImage): number => {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
};

const variants: { readonly [name: string]: Partial<SlideFile> } = {
  classic: {},
  "classic, big-endian": { bigEndian: true },
  BigTIFF: { big: true },
  "BigTIFF, big-endian": { big: true, bigEndian: true },
  SubIFDs: { subIfds: true },
  "BigTIFF with SubIFDs": { big: true, subIfds: true },
  uncompressed: { compression: "none" },
  "with a label": { label: picture(80, 90) },
};

for (const [name, options] of Object.entries(variants))
  test(`tiled TIFF, ${name}: levels, microns and pixels`, async () => {
    const opened = await openSlide(await slide(options));
    assert.deepEqual([opened.reader, opened.format, opened.vendor], ["tiff", "tiled TIFF", null]);
    assert.deepEqual([opened.width, opened.height], [700, 530]);
    assert.deepEqual(
      opened.levels.map(({ width, height, downsample }) => [width, height, downsample]),
      [
        [700, 530, 1],
        [350, 265, 2],
        [175, 132, 4],
        [87, 66, 8],
      ],
    );
    assert.deepEqual(opened.mpp, { x: 0.25, y: 0.25, from: "TIFF XResolution" });
    const window = { x: 101, y: 33, width: 300, height: 200 };
    assert.deepEqual(await opened.read(window, { width: 300, height: 200 }), { image: crop(image, window), badTiles: [] });
    const half = { x: 50, y: 16, width: 150, height: 100 };
    const { image: read } = await opened.read({ x: 100, y: 32, width: 300, height: 200 }, half);
    assert.deepEqual(read, crop(levels[1], half));
    opened.close();
  });

test("JPEG tiles are those of the picture, to the loss of JPEG", async () => {
  const opened = await openSlide(await slide({ compression: "jpeg" }));
  const { image: read } = await opened.read({ x: 0, y: 0, width: 700, height: 530 }, image);
  assert.ok(farthest(read, image) <= 12);
});

test("windows between levels, at any place and scale, are those of the whole picture", async () => {
  const opened = await openSlide(await slide({ levels: [image] }));
  for (const scale of [0.6, 1, 1.37, 1.98]) {
    const sides = { width: Math.floor(700 / scale), height: Math.floor(530 / scale) };
    const whole = resampled(image, sides, { x: 0, y: 0, width: sides.width * scale, height: sides.height * scale });
    const part = { x: 20, y: 30, width: 120, height: 90 };
    const window = { x: 20 * scale, y: 30 * scale, width: 120 * scale, height: 90 * scale };
    assert.ok(farthest((await opened.read(window, part)).image, crop(whole, part)) <= 1, `scale ${scale}`);
  }
});

test("windows that overlap on one lattice agree, whatever level and factor they are read by", async () => {
  for (const pages of [levels, [image]]) {
    const opened = await openSlide(await slide({ levels: pages }));
    for (const scale of [1.98, 2, 3.3, 4, 7.9]) {
      const at = (x: number, y: number, side: number) =>
        opened.read({ x: x * scale, y: y * scale, width: side * scale, height: side * scale }, { width: side, height: side });
      const [large, small] = [(await at(5, 3, 50)).image, (await at(16, 14, 20)).image];
      assert.ok(farthest(small, crop(large, { x: 11, y: 11, width: 20, height: 20 })) <= 1, `scale ${scale}`);
    }
  }
});

test("what is shrunk by a whole factor stays in place", async () => {
  const opened = await openSlide(await slide({ levels: [image] }));
  for (const factor of [2, 3, 5, 10]) {
    const size = { width: Math.floor(600 / factor), height: Math.floor(400 / factor) };
    const window = { x: 40, y: 50, width: size.width * factor, height: size.height * factor };
    const expected = resampled(image, size, window);
    assert.ok(farthest((await opened.read(window, size)).image, expected) <= 2, `factor ${factor}`);
  }
});

test("outside of the slide it is white, also where a window is far off", async () => {
  const opened = await openSlide(await slide());
  const window = { x: -30, y: 500, width: 100, height: 100 };
  const { image: read } = await opened.read(window, { width: 100, height: 100 });
  assert.deepEqual(crop(read, { x: 30, y: 0, width: 70, height: 30 }), crop(image, { x: 0, y: 500, width: 70, height: 30 }));
  for (const part of [
    { x: 0, y: 0, width: 30, height: 100 },
    { x: 0, y: 30, width: 100, height: 70 },
  ])
    assert.ok(crop(read, part).data.every((value) => value === 255));
  const far = await opened.read({ x: 1e6, y: -1e7, width: 5e5, height: 5 }, { width: 3, height: 4 });
  assert.ok(far.image.data.every((value) => value === 255));
  for (const scale of [1e4, 1e9]) {
    const wide = { x: -scale, y: -scale, width: 2.5 * scale, height: 2.5 * scale };
    assert.equal((await opened.read(wide, { width: 5, height: 5 })).badTiles.length, 0);
  }
});

test("a window without area, or of too many pixels, is refused", async () => {
  const opened = await openSlide(await slide());
  for (const [window, size] of [
    [
      { x: 0, y: 0, width: 0, height: 5 },
      { width: 5, height: 5 },
    ],
    [
      { x: 0, y: Number.NaN, width: 5, height: 5 },
      { width: 5, height: 5 },
    ],
    [
      { x: 0, y: 0, width: 5, height: 5 },
      { width: 5.5, height: 5 },
    ],
    [
      { x: 0, y: 0, width: 5, height: 5 },
      { width: 5000, height: 5000 },
    ],
  ])
    await assert.rejects(opened.read(window as never, size as never), { name: "UserError", message: /cannot be read in/ });
});

const aperio = (mpp: string) =>
  `Aperio Image Library v11.2.1\r\n46000x32914 (240x240) JPEG/RGB Q=30|AppMag = 20|${mpp}|Left = 25`;
const ome = (attributes: string) =>
  `<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image><Pixels SizeX="9" SizeY="9" PhysicalSizeX="7" PhysicalSizeY="7"/></Image><Image ID="1"><Pixels SizeX="700" SizeY="530" SizeC="3" ${attributes}/></Image></OME>`;

test("microns per pixel by format", async () => {
  const cases: readonly (readonly [Partial<SlideFile>, string, number | null, string?])[] = [
    [{ description: aperio("MPP = 0.4990") }, "Aperio SVS", 0.499, "Aperio MPP"],
    [{ description: aperio("MPP = 0,2325") }, "Aperio SVS", 0.2325, "Aperio MPP"],
    [{ description: aperio("MPP = 0"), resolution: undefined }, "Aperio SVS", null],
    [{ description: ome('PhysicalSizeX="0.5" PhysicalSizeY="0.5"') }, "OME-TIFF", 0.5, "OME PhysicalSizeX"],
    [
      { description: ome('PhysicalSizeX="500" PhysicalSizeXUnit="nm" PhysicalSizeY="0.0005" PhysicalSizeYUnit="mm"') },
      "OME-TIFF",
      0.5,
      "OME PhysicalSizeX",
    ],
    [{ description: ome('PhysicalSizeX="5" PhysicalSizeXUnit="pixel"'), resolution: 1 }, "OME-TIFF", null],
    [{ resolution: 20_000 }, "tiled TIFF", 0.5, "TIFF XResolution"],
    [{ resolution: 28.35 }, "tiled TIFF", null], // 72 dpi
    [{ resolution: undefined }, "tiled TIFF", null],
  ];
  for (const [options, format, mpp, from] of cases) {
    const file = await slide(options);
    const opened = await openSlide(file);
    assert.equal(opened.format, format);
    if (mpp === null) {
      assert.equal(opened.mpp, null, JSON.stringify(options));
      assert.throws(() => requireMicrons(opened), {
        name: "UserError",
        message: /^[^\n]*tif: does not say how many .*--mpp 0\.25/,
      });
    } else {
      assert.equal(opened.mpp?.from, from);
      for (const value of [opened.mpp?.x, opened.mpp?.y]) assert.ok(Math.abs((value ?? 0) - mpp) < 1e-9, JSON.stringify(options));
    }
    assert.deepEqual((await openSlide(file, { mpp: 0.31 })).mpp, { x: 0.31, y: 0.31, from: "given" });
    await assert.rejects(openSlide(file, { mpp: 250 }), {
      message: "--mpp: expected microns per pixel from 0.05 to 20, got 250",
    });
  }
});

test("levels whose sides are rounded have whole downsamples", async () => {
  const odd = picture(703, 401);
  const opened = await openSlide(await slide({ levels: [odd, resampled(odd, { width: 175, height: 100 })] }));
  assert.equal(opened.levels[1].downsample, 4);
});

test("flat images are slides of one level", async () => {
  const file = join(dir, "flat.png");
  await sharp(image.data, { raw: { width: 700, height: 530, channels: 3 } })
    .withMetadata({ density: 25_400 / 0.5 })
    .png()
    .toFile(file);
  const opened = await openSlide(file);
  assert.deepEqual([opened.reader, opened.format, opened.levels.length], ["flat", "PNG image", 1]);
  assert.ok(Math.abs((opened.mpp?.x ?? 0) - 0.5) < 0.01);
  const size = { width: 333, height: 250 };
  assert.ok(farthest((await opened.read({ x: 0, y: 0, width: 700, height: 530 }, size)).image, resampled(image, size)) <= 2);
  opened.close();
});

for (const compression of ["jpeg", "deflate"] as const)
  test(`a bad tile of ${compression} is white and named, its neighbours are read`, async () => {
    const options = { levels: [image], tile: 64, compression, resolution: 40_000 };
    const clean = await openSlide(await slide(options));
    const file = await slide(options);
    const bytes = readFileSync(file);
    const offsets = readTiff(file, ([directory]) => directory.values(tags.tileOffsets));
    if (compression === "jpeg") bytes.writeUInt16BE(0xffc0, offsets[40] + 900);
    else bytes.fill(0xff, offsets[40], offsets[40] + 40);
    bytes.fill(0, offsets[0], offsets[0] + 100);
    writeFileSync(file, bytes);
    const opened = await openSlide(file);
    const whole = { x: 0, y: 0, width: 700, height: 530 };
    const { image: read, badTiles } = await opened.read(whole, image);
    assert.deepEqual(badTiles, ["level 0, column 0, row 0 of tiles of 64×64", "level 0, column 7, row 3 of tiles of 64×64"]);
    const expected = (await clean.read(whole, image)).image;
    const differing = new Set<string>();
    for (let i = 0; i < read.data.length; i += 3)
      if (read.data[i] !== expected.data[i]) {
        assert.equal(read.data[i], 255);
        const pixel = i / 3;
        differing.add(`level 0, column ${Math.floor((pixel % 700) / 64)}, row ${Math.floor(pixel / 700 / 64)} of tiles of 64×64`);
      }
    assert.deepEqual([...differing].sort(), [...badTiles].sort());
  });

test("tiles that are left out on purpose are white and not bad", async () => {
  const opened = await openSlide(await slide({ levels: [image], leftOut: (column, row) => column === 2 && row === 1 }));
  const { image: read, badTiles } = await opened.read({ x: 0, y: 0, width: 700, height: 530 }, image);
  assert.deepEqual(badTiles, []);
  assert.ok(crop(read, { x: 128, y: 64, width: 64, height: 64 }).data.every((value) => value === 255));
  const right = { x: 192, y: 64, width: 64, height: 64 };
  assert.deepEqual(crop(read, right), crop(image, right));
});

test("a slide that changes or vanishes while it is read is an error, not bad tiles", async () => {
  const file = await slide({ levels: [image] });
  const opened = await openSlide(file);
  truncateSync(file, 3000);
  const window = { x: 300, y: 300, width: 100, height: 100 };
  await assert.rejects(opened.read(window, window), { name: "UserError", message: /has changed since it was opened/ });
  rmSync(file);
  await assert.rejects(opened.read(window, window), { name: "UserError", message: /is missing since it was opened/ });
});

test("what cannot be a slide is refused in a line that says what to do", async () => {
  const write = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(join(dir, name), bytes);
    return join(dir, name);
  };
  const refuses = (file: string, message: RegExp) => assert.rejects(openSlide(file), { name: "UserError", message });
  await refuses(join(dir, "none.svs"), /none\.svs: cannot be read: no such file or directory; check the path$/);
  await refuses(dir, /: is a folder; pass a slide's file$/);
  await refuses(write("text.svs", "hello"), /text\.svs: cannot be decoded: it is not an image/);
  const whole = readFileSync(await slide());
  await refuses(
    write("cut.tif", whole.subarray(0, whole.length / 2)),
    /cut\.tif: cannot be read: a directory lies beyond its end/,
  );
  await refuses(await slide({ more: { 259: 34_887 } }), /compressed by LERC, .* vips tiffsave/);
  await refuses(await slide({ more: { 256: 60_000 } }), /60000×530 pixels have 8442 tiles, but it lists 99; it may be damaged/);
  const fluorescence = await slide({ description: ome("").replace(/SizeX="9" SizeY="9"/, 'SizeC="5"') });
  await refuses(fluorescence, /is a fluorescence image of 5 channels/);
});

test("a table of more tiles than the file can hold is an error at the first read", async () => {
  const file = await slide({ levels: [picture(70, 50)] });
  const bytes = readFileSync(file);
  const [directory, side] = [bytes.readUInt32LE(4), 65_535 * 64]; // 65,535 × 65,535 tiles can be counted in 32 bits
  for (let entry = directory + 2; entry < directory + 2 + 12 * bytes.readUInt16LE(directory); entry += 12) {
    const tag = bytes.readUInt16LE(entry);
    if (tag === tags.width || tag === tags.height) bytes.writeUInt32LE(side, entry + 8);
    if (tag === tags.tileOffsets || tag === tags.tileByteCounts) bytes.writeUInt32LE(65_535 ** 2, entry + 4);
  }
  writeFileSync(file, bytes);
  const opened = await openSlide(file);
  const overview = opened.read({ x: 0, y: 0, width: side, height: side }, { width: 64, height: 64 });
  await assert.rejects(overview, { name: "UserError", message: /cannot be read: its table of 4294836225 tiles is missing/ });
});

test("memory does not grow over many reads", async () => {
  const opened = await openSlide(await slide({ compression: "jpeg" }));
  const read = (i: number) =>
    opened.read({ x: i % 300, y: (7 * i) % 200, width: 256 * 1.5, height: 256 * 1.5 }, { width: 128, height: 128 });
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const held = async (): Promise<number> => {
    collect();
    await new Promise(setImmediate); // in which pixels of native code are let go
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  for (let i = 0; i < 50; i++) await read(i);
  const before = await held();
  for (let i = 0; i < 500; i++) await read(i); // 25 MB of pixels
  const more = (await held()) - before;
  assert.ok(more < 5e6, `${more / 1e6} MB more`);
});
