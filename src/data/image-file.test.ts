import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
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
  assert.deepEqual(await imageSize(file), { width: image.width, height: image.height });
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

test("grey becomes RGB, alpha is laid on white, 16 bits become 8", async () => {
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
  const clear = await read("clear.png", await source().ensureAlpha(0).png().toBuffer());
  assert.ok(clear.data.every((value) => value === 255));
});

test("CMYK is converted", async () => {
  const white = await sharp({ create: { width: 4, height: 4, channels: 3, background: "#ffffff" } })
    .toColourspace("cmyk")
    .jpeg()
    .toBuffer();
  assert.ok((await read("cmyk.jpg", white)).data.every((value) => value > 240));
});

test("an EXIF orientation is applied to size and pixels", async () => {
  const halves = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % width < width / 2 ? 0 : 255));
  const turned = await sharp(halves, { raw: { width, height, channels: 3 } })
    .withMetadata({ orientation: 6 })
    .png()
    .toBuffer();
  const image = await read("turned.png", turned); // 6: turn right, so that the left half comes to the top
  assert.deepEqual([image.width, image.height], [height, width]);
  assert.ok(image.data.subarray(0, image.data.length / 2).every((value) => value === 0));
  assert.ok(image.data.subarray(image.data.length / 2).every((value) => value === 255));
});

test("every cut-off file is refused with one line that names it", async () => {
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
  await rejects(dir, /cannot be decoded/);
  await rejects(write("a.png", Buffer.from("hello")), /a\.png: cannot be decoded: .*unsupported image format/);
  await rejects(write("a.webp", await source().webp().toBuffer()), /a\.webp: is a webp image; convert it to PNG, JPEG or TIFF/);
  const float = await sharp(new Float32Array(1800), { raw: { width, height, channels: 3 } })
    .toColourspace("scrgb")
    .tiff({ compression: "none" })
    .toBuffer();
  await rejects(write("f.tif", float), /f\.tif: has float pixels, whose range is unknown/);
});
