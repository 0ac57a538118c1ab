import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { UserError } from "../errors.ts";
import { imageSize, readImage } from "./image-file.ts";

const dir = mkdtempSync(join(tmpdir(), "image-file-"));
after(() => rmSync(dir, { recursive: true }));

const [width, height] = [30, 20];
const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 37) % 251);
const source = () => sharp(pixels, { raw: { width, height, channels: 3 } });

function write(name: string, bytes: Uint8Array): string {
  const file = join(dir, name);
  writeFileSync(file, bytes);
  return file;
}

async function read(name: string, bytes: Uint8Array) {
  const file = write(name, bytes);
  const image = await readImage(file);
  const size = await imageSize(file);
  assert.deepEqual([size.width, size.height], [image.width, image.height]);
  assert.equal(image.data.length, image.width * image.height * 3);
  return image;
}

test("lossless PNG and TIFF give the pixels as stored", async () => {
  for (const bytes of [await source().png().toBuffer(), await source().tiff({ compression: "lzw" }).toBuffer()]) {
    assert.deepEqual(await read("rgb", bytes), { width, height, data: pixels });
  }
});

test("a colour profile is ignored", async () => {
  const profiled = await source().withIccProfile("p3").png().toBuffer();
  const stored = await sharp(profiled, { ignoreIcc: true }).raw().toBuffer();
  assert.notDeepEqual(new Uint8Array(stored), new Uint8Array(await sharp(profiled).raw().toBuffer()));
  assert.deepEqual((await read("p3.png", profiled)).data, new Uint8Array(stored));
});

test("grey becomes RGB, alpha is blended onto white, 16 bits become 8", async () => {
  const grey = Uint8Array.from({ length: 600 }, (_, i) => i % 256);
  const greyPng = await sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png()
    .toBuffer();
  assert.deepEqual(
    (await read("grey.png", greyPng)).data,
    Uint8Array.from({ length: 1800 }, (_, i) => grey[Math.floor(i / 3)]),
  );
  assert.deepEqual((await read("rgb16.png", await source().toColourspace("rgb16").png().toBuffer())).data, pixels);
});

test("a picture of which opacity leaves nothing is refused, and its colours can be chosen", async () => {
  const transparent = /^[^\n]*: is wholly transparent: its opacity is at most \d+ of \d+, .*--channels 1(,2,3)?$/;
  const rgb = (alpha: number) => source().ensureAlpha(alpha).png().toBuffer();
  const grey = (alpha: number) => source().greyscale().ensureAlpha(alpha).png().toBuffer();
  const deep = (alpha: number) => source().toColourspace("rgb16").ensureAlpha(alpha).png().toBuffer();
  const tif = (alpha: number) => source().ensureAlpha(alpha).tiff({ compression: "lzw" }).toBuffer();
  for (const [name, made] of Object.entries({ rgb, grey, deep, tif })) {
    for (const alpha of [0, 1 / 255, 15 / 255]) {
      const file = write(`${name}-${alpha}`, await made(alpha));
      await assert.rejects(readImage(file), { name: "UserError", message: transparent });
      assert.ok((await readImage(file, { channels: [1], range: "0:65535" })).data.some((value) => value < 200));
    }
    const file = write(`${name}-half`, await made(0.5));
    assert.ok((await readImage(file, { range: "0:65535" })).data.some((value) => value < 200));
  }
  const white = sharp({ create: { width, height, channels: 4, background: "#ffffffff" } });
  assert.ok((await read("white.png", await white.png().toBuffer())).data.every((value) => value === 255));
});

test("CMYK is converted", async () => {
  const white = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#ffffff" } })
    .toColourspace("cmyk")
    .jpeg()
    .toBuffer();
  assert.ok((await read("cmyk.jpg", white)).data.every((value) => value > 240));
});

test("all eight EXIF orientations are applied to size and pixels", async () => {
  // where the stored pixel (x, y) is shown (https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.6.4 A, Orientation)
  const shown: ((x: number, y: number) => [number, number])[] = [
    (x, y) => [x, y],
    (x, y) => [width - 1 - x, y],
    (x, y) => [width - 1 - x, height - 1 - y],
    (x, y) => [x, height - 1 - y],
    (x, y) => [y, x],
    (x, y) => [height - 1 - y, x],
    (x, y) => [height - 1 - y, width - 1 - x],
    (x, y) => [y, width - 1 - x],
  ];
  for (const [i, place] of shown.entries()) {
    const marked = await source()
      .withMetadata({ orientation: i + 1 })
      .tiff({ compression: "none" })
      .toBuffer();
    const image = await read(`turned-${i + 1}.tif`, marked);
    assert.deepEqual([image.width, image.height], i < 4 ? [width, height] : [height, width]);
    assert.equal((await imageSize(join(dir, `turned-${i + 1}.tif`))).turned, i > 0);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [toX, toY] = place(x, y);
        const [from, to] = [3 * (y * width + x), 3 * (toY * image.width + toX)];
        assert.deepEqual(image.data.subarray(to, to + 3), pixels.subarray(from, from + 3), `orientation ${i + 1}: ${x}, ${y}`);
      }
  }
});

test("an image that would take too much memory is refused by its header", async () => {
  const png = await source().png().toBuffer();
  const header = Buffer.from(png.subarray(12, 29)); // IHDR: width, height, depth and more, before its checksum
  header.writeUInt32BE(60_000, 4);
  header.writeUInt32BE(60_000, 8);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(header));
  const bomb = write("bomb.png", Buffer.concat([png.subarray(0, 12), header, checksum, png.subarray(33)]));
  const message = /bomb\.png: has 60000×60000 pixels, 10800 MB decoded; at most 300 MB can be read; cut it into smaller images$/;
  for (const reading of [readImage, imageSize]) await assert.rejects(reading(bomb), { name: "UserError", message });
});

test("every truncated file is refused with one line that names it", async () => {
  const files = {
    "cut.png": await source().png().toBuffer(),
    "cut.jpg": await source().jpeg().toBuffer(),
    "cut.tif": await source().tiff({ compression: "lzw" }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    for (let tenths = 0; tenths < 10; tenths++) {
      const file = write(name, bytes.subarray(0, Math.floor((bytes.length * tenths) / 10)));
      await assert.rejects(readImage(file), (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.ok(error.message.startsWith(`${file}: cannot be decoded: `), error.message);
        return !error.message.includes("\n");
      });
    }
  }
});

test("missing files, other formats and unscaled pixels are refused", async () => {
  const rejects = async (file: string, message: RegExp) => {
    await assert.rejects(readImage(file), { name: "UserError", message });
    await assert.rejects(imageSize(file), { name: "UserError", message });
  };
  await rejects(join(dir, "none.png"), /none\.png: cannot be read: no such file or directory; check the path$/);
  await rejects(dir, /: is a folder; pass an image$/);
  await rejects(write("a.png", Buffer.from("hello")), /a\.png: cannot be decoded: it is not an image; .* PNG, JPEG or TIFF$/);
  await rejects(write("a.webp", await source().webp().toBuffer()), /a\.webp: is a WebP image; convert it to PNG, JPEG or TIFF/);
  const vector = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
  await rejects(write("vector.png", Buffer.from(vector)), /vector\.png: is a SVG image; convert/);
  const float = await sharp(new Float32Array(1800), { raw: { width, height, channels: 3 } })
    .toColourspace("scrgb")
    .tiff({ compression: "none" })
    .toBuffer();
  await rejects(write("f.tif", float), /f\.tif: has float pixels, whose range is unknown/);
});
