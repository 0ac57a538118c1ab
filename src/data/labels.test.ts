import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { readLabels } from "./labels.ts";
import { tiff } from "./tiff.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "labels-"));
after(() => rmSync(dir, { recursive: true }));

const [width, height] = [4, 3];
const raw = (values: Uint8Array | Uint16Array) => sharp(values, { raw: { width, height, channels: 1 } });

function write(name: string, bytes: Uint8Array): string {
  writeFileSync(join(dir, name), bytes);
  return join(dir, name);
}

test("labels of 8 and 16 bits are read exactly from PNG and TIFF", async () => {
  const small = Uint8Array.from([0, 1, 2, 3, 254, 255, 7, 7, 7, 0, 0, 9]);
  const large = Uint16Array.from([0, 1, 2, 255, 256, 300, 4095, 65535, 65534, 0, 0, 9]);
  const files: { [name: string]: [Uint8Array, Uint8Array | Uint16Array] } = {
    "8.png": [await raw(small).toColourspace("b-w").png().toBuffer(), small],
    "8.tif": [await raw(small).toColourspace("b-w").tiff({ compression: "lzw" }).toBuffer(), small],
    "16.png": [await raw(large).toColourspace("grey16").png().toBuffer(), large],
    "16.tif": [await raw(large).toColourspace("grey16").tiff({ compression: "deflate" }).toBuffer(), large],
    "grey as colour.png": [await raw(small).toColourspace("srgb").png().toBuffer(), small],
  };
  for (const [name, [bytes, values]] of Object.entries(files))
    assert.deepEqual(await readLabels(write(name, bytes)), { width, height, data: Uint32Array.from(values) }, name);
});

test("labels of 32 bits, and floats that are whole, are read exactly", async () => {
  const values = [0, 1, 2, 300, 65_535, 65_536, 70_000, 16_777_216, 0, 5, 6, 9];
  const expected = { width, height, data: Uint32Array.from(values) };
  for (const Values of [Uint32Array, Int32Array, Float32Array])
    assert.deepEqual(
      await readLabels(write("32.tif", tiff({ width, height, values: Values.from(values) }))),
      expected,
      Values.name,
    );
  const most = tiff({ width: 1, height: 1, values: Uint32Array.of(4_294_967_295) });
  assert.deepEqual((await readLabels(write("most.tif", most))).data, Uint32Array.of(4_294_967_295));
});

test("labels are what is stored where white is zero, and of a pyramid the largest page is read", async () => {
  for (const Values of [Uint8Array, Uint16Array, Uint32Array]) {
    const values = Values.from([0, 1, 2, 200]);
    const inverted = write("white.tif", tiff({ width: 4, height: 1, values, photometric: 0 }));
    assert.deepEqual((await readLabels(inverted)).data, Uint32Array.from(values), Values.name);
  }
  const large = { width: 8, height: 6, values: new Uint16Array(48).fill(300) };
  const pyramid = write("pyramid.tif", tiff(large, { width: 4, height: 3, values: new Uint16Array(12).fill(7) }));
  assert.deepEqual(await readLabels(pyramid), { width: 8, height: 6, data: new Uint32Array(48).fill(300) });
});

test("-1 is a pixel that no one has labelled", async () => {
  for (const Values of [Int8Array, Int32Array, Float32Array]) {
    const file = write("unlabelled.tif", tiff({ width: 4, height: 1, values: Values.from([0, -1, 7, -1]) }));
    const { data, unlabelled } = await readLabels(file);
    assert.deepEqual([data, unlabelled], [Uint32Array.of(0, 0, 7, 0), Uint8Array.of(0, 1, 0, 1)], Values.name);
  }
  const short = (...values: number[]) => write("short.tif", tiff({ width: 4, height: 1, values: Int16Array.from(values) }));
  await assert.rejects(readLabels(short(0, -1, 7, -1)), /short\.tif: its negative numbers cannot be read from 16 bits; save/);
  assert.deepEqual((await readLabels(short(0, 1, 7, 300))).data, Uint32Array.of(0, 1, 7, 300));
});

test("the labels of a palette are its numbers, not its colours", async () => {
  const colours = Uint8Array.from([0, 0, 0, 200, 0, 0, 0, 200, 0, 0, 0, 0].flatMap((value) => [value]));
  const png = await sharp(colours, { raw: { width: 4, height: 1, channels: 3 } })
    .png({ palette: true, dither: 0 })
    .toBuffer();
  const { data } = await readLabels(write("palette.png", png));
  assert.equal(new Set(data).size, 3);
  assert.ok(data.every((label) => label < 3));
  assert.equal(data[0], data[3]);
});

test("a picture is refused", async () => {
  const picture = sharp(
    Uint8Array.from({ length: 36 }, (_, i) => i * 5),
    { raw: { width, height, channels: 3 } },
  );
  const rejects = (name: string, bytes: Uint8Array, message: RegExp) =>
    assert.rejects(readLabels(write(name, bytes)), { name: "UserError", message });
  await rejects(
    "rgb.png",
    await picture.png().toBuffer(),
    /rgb\.png: has colours, expected one channel of labels; pass the mask/,
  );
  await rejects("a.jpg", await picture.jpeg().toBuffer(), /a\.jpg: is a JPEG image, which blurs labels; save .* PNG or TIFF$/);
  await rejects("rgb16.png", await picture.toColourspace("rgb16").png().toBuffer(), /has 3 channels, expected one channel/);
  const halves = new Float32Array(12).fill(0.5);
  await rejects("half.tif", tiff({ width, height, values: halves }), /has the value 0\.5, expected labels/);
  await rejects("below.tif", tiff({ width, height, values: new Int32Array(12).fill(-2) }), /has the value -2, expected labels/);
  const page = { width, height, values: new Uint16Array(12) };
  await rejects("pages.tif", tiff(page, page), /has 2 pages, expected one page of labels; save the page/);
  await rejects("cut.png", (await raw(new Uint8Array(12)).png().toBuffer()).subarray(0, 60), /cut\.png: cannot be decoded: /);
});
