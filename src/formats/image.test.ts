import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp, { type Sharp } from "sharp";
import { UserError } from "../errors.ts";
import { Random } from "../random.ts";
import { checkedImageSize } from "./image.ts";

const dir = mkdtempSync(join(tmpdir(), "import-image-"));
after(() => rmSync(dir, { recursive: true }));

const random = new Random(1);
const noise = Uint8Array.from({ length: 90 * 70 * 3 }, () => random.integer(256));
const formats: { readonly [name: string]: (image: Sharp) => Sharp } = {
  png: (image) => image.png(),
  jpeg: (image) => image.jpeg(),
  tiff: (image) => image.tiff({ compression: "lzw" }),
  "tiles.tiff": (image) => image.tiff({ compression: "lzw", tile: true, tileWidth: 32, tileHeight: 32 }),
  "big.tiff": (image) => image.tiff({ compression: "none", bigtiff: true }),
};

function write(name: string, bytes: Uint8Array): string {
  const file = join(dir, name);
  writeFileSync(file, bytes);
  return file;
}

async function size(file: string, options = {}) {
  const { width, height, turned } = await checkedImageSize(file, options);
  return { width, height, turned };
}

test("complete files give their size, and data after an image do no harm", async () => {
  for (const [name, save] of Object.entries(formats)) {
    const bytes = await save(sharp(noise, { raw: { width: 90, height: 70, channels: 3 } })).toBuffer();
    for (const tail of [0, 1, 100]) {
      const file = write(name, Buffer.concat([bytes, Buffer.alloc(tail)]));
      for (const verify of [false, true])
        assert.deepEqual(await size(file, { verify }), { width: 90, height: 70, turned: false });
    }
  }
});

test("a wholly transparent picture is refused without verify", async () => {
  const image = sharp(noise, { raw: { width: 90, height: 70, channels: 3 } });
  const file = write("clear.png", await image.clone().ensureAlpha(0).png().toBuffer());
  await assert.rejects(checkedImageSize(file), { name: "UserError", message: /clear\.png: is wholly transparent: .*--channels/ });
  assert.equal((await checkedImageSize(file, { choice: { channels: [1, 2, 3] } })).width, 90);
  const deep = write("deep.png", await image.clone().toColourspace("rgb16").ensureAlpha(0).png().toBuffer());
  await assert.rejects(checkedImageSize(deep), { name: "UserError", message: /deep\.png: is wholly transparent/ });
});

test("every cut-off file is refused without verify", async () => {
  for (const [name, save] of Object.entries(formats)) {
    const bytes = await save(sharp(noise, { raw: { width: 90, height: 70, channels: 3 } })).toBuffer();
    for (let part = 0; part < 20; part++) {
      const file = write(`cut.${name}`, bytes.subarray(0, Math.floor((bytes.length * part) / 20)));
      await assert.rejects(checkedImageSize(file), (error) => {
        assert.ok(error instanceof UserError, String(error));
        return error.message.startsWith(`${file}: cannot be decoded: `);
      });
    }
  }
});

test("pixels are decoded only where asked: damage in the middle shows with verify", async () => {
  for (const name of ["png", "tiff"]) {
    const bytes = await formats[name](sharp(noise, { raw: { width: 90, height: 70, channels: 3 } })).toBuffer();
    const middle = Math.floor(bytes.length / 2);
    const file = write(name, bytes.fill(0xff, middle - 500, middle + 500));
    assert.deepEqual(await size(file), { width: 90, height: 70, turned: false });
    await assert.rejects(checkedImageSize(file, { verify: true }), UserError, name);
  }
});

test("a TIFF whose directory stands before its pixels is refused when cut off, and taken when whole", async () => {
  const [width, height] = [8, 4];
  const tags = [256, 257, 258, 259, 262, 273, 277, 278, 279];
  const values = [width, height, 8, 1, 1, 8 + 2 + 12 * tags.length + 4, 1, height, width * height];
  for (const little of [true, false]) {
    const head = Buffer.alloc(8 + 2 + 12 * tags.length + 4);
    const put = (value: number, at: number, size: 2 | 4) =>
      little ? head.writeUIntLE(value, at, size) : head.writeUIntBE(value, at, size);
    head.write(little ? "II" : "MM", 0, "latin1");
    put(42, 2, 2);
    put(8, 4, 4);
    put(tags.length, 8, 2);
    tags.forEach((tag, i) => {
      const at = 10 + 12 * i;
      put(tag, at, 2);
      put(4, at + 2, 2); // LONG
      put(1, at + 4, 4);
      put(values[i], at + 8, 4);
    });
    const whole = Buffer.concat([head, Buffer.alloc(width * height, 100)]);
    assert.deepEqual(await size(write("first.tif", whole)), { width, height, turned: false });
    await assert.rejects(checkedImageSize(write("first.tif", whole.subarray(0, whole.length - 9))), UserError);
  }
});
