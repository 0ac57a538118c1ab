import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { imageSize, measured, readImage } from "./image-file.ts";
import type { PixelChoice } from "./pixel-choice.ts";
import { type TiffPage, tiff } from "./tiff.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "pixels-"));
after(() => rmSync(dir, { recursive: true }));

let files = 0;
function write(bytes: Uint8Array, extension = "tif"): string {
  const file = join(dir, `${files++}.${extension}`);
  writeFileSync(file, bytes);
  return file;
}

/** The first channel of each pixel as read; all pixels must be grey. */
async function grey(file: string, choice?: PixelChoice): Promise<number[]> {
  const { data } = await readImage(file, choice);
  const first = data.filter((_, i) => i % 3 === 0);
  assert.deepEqual(data, Uint8Array.from([...first].flatMap((value) => [value, value, value])));
  return [...first];
}

const colours = async (file: string, choice?: PixelChoice): Promise<number[]> => [...(await readImage(file, choice)).data];

/** By its header where that tells, otherwise when it is read. */
async function refused(
  file: string,
  message: RegExp,
  { choice, byHeader = true }: { choice?: PixelChoice; byHeader?: boolean } = {},
) {
  await assert.rejects(readImage(file, choice), { name: "UserError", message });
  if (byHeader) await assert.rejects(imageSize(file, choice), { name: "UserError", message });
}

const row = (values: TiffPage["values"], more: Partial<TiffPage> = {}): TiffPage => {
  return { width: values.length / (more.channels ?? 1), height: 1, values, ...more };
};

test("of 16 bits the upper 8 count when the uppermost bit is used", async () => {
  assert.deepEqual(await grey(write(tiff(row(Uint16Array.of(0, 255, 256, 4095, 32_768, 65_535))))), [0, 0, 1, 15, 128, 255]);
  assert.deepEqual(await grey(write(tiff(row(new Uint16Array(5))))), [0, 0, 0, 0, 0]);
});

test("16 bits of which a camera uses few are refused, or stretched as the file or the choice says", async () => {
  const values = Uint16Array.of(0, 300, 2400, 4095, 2048);
  const dark = write(tiff(row(values)));
  const png = write(
    await sharp(values, { raw: { width: 5, height: 1, channels: 1 } })
      .toColourspace("grey16")
      .png()
      .toBuffer(),
    "png",
  );
  const stretched = [0, 19, 149, 255, 128];
  for (const file of [dark, png]) {
    await refused(file, /: its greatest value is 4095 of 65535, which would be 15 of 255; choose .* --range 0:4095 \(12 bits\)/, {
      byHeader: false,
    });
    assert.deepEqual(await grey(file, { range: "0:4095" }), stretched);
    assert.deepEqual(await grey(file, { range: "0:65535" }), [0, 1, 9, 15, 8]);
    assert.deepEqual(await grey(file, { range: "300:2400" }), [0, 0, 255, 255, 212]);
    assert.deepEqual(await grey(file, { range: "0%:100%" }), stretched);
    assert.equal((await measured(file)).greatest, 4095);
  }
  const maxSampleValue = write(tiff(row(values, { shorts: { 281: [4095] } })));
  const statistic = write(
    tiff(
      row(
        values.map((value) => Math.min(value, 2400)),
        { shorts: { 281: [2400] } },
      ),
    ),
  );
  const sMax = write(tiff(row(values, { shorts: { 341: [4095] } })));
  const ome = '<OME><Image><Pixels SizeX="5" SignificantBits="12" Type="uint16"/></Image></OME>';
  const significantBits = write(tiff(row(values, { description: ome })));
  for (const file of [maxSampleValue, sMax, significantBits]) assert.deepEqual(await grey(file), stretched);
  assert.deepEqual(await grey(statistic), [0, 19, 149, 149, 128]);
  const wrong = write(tiff(row(values, { shorts: { 281: [1000] } })));
  await refused(wrong, /: says that it uses 10 bits, but its greatest value is 4095; choose .* --range 0:4095/, {
    byHeader: false,
  });
  assert.deepEqual(await grey(wrong, { range: "0:4095" }), stretched);
});

test("percentiles are those of each image: of RGB together, of other channels one by one", async () => {
  const rgb = write(tiff(row(Uint16Array.of(0, 100, 200, 50, 150, 1000), { channels: 3 })));
  assert.deepEqual(await colours(rgb, { range: "0%:100%" }), [0, 26, 51, 13, 38, 255]);
  const three = write(tiff(row(Uint16Array.of(0, 100, 200, 50, 150, 1000), { channels: 3, photometric: 1, extra: [0, 0] })));
  assert.deepEqual(await colours(three, { channels: [1, 2, 3], range: "0%:100%" }), [0, 0, 0, 255, 255, 255]);
});

test("a flat image has no range of percentiles and becomes black", async () => {
  assert.deepEqual(await grey(write(tiff(row(Uint16Array.of(7, 7)))), { range: "1%:99%" }), [0, 0]);
});

test("floats, signed numbers and 32 bits are left to the range", async () => {
  const float = write(tiff(row(Float32Array.of(0, 0.25, 1, 2, NaN, -1))));
  await refused(float, /: has float pixels, whose range is unknown; choose .* such as --range 0:1, or percentiles/);
  assert.deepEqual(await grey(float, { range: "0:1" }), [0, 64, 255, 255, 0, 0]);
  assert.deepEqual(await grey(float, { range: "-1:2" }), [85, 106, 170, 255, 0, 0]);
  const unsigned = write(tiff(row(Uint32Array.of(0, 100_000, 4_000_000_000))));
  await refused(unsigned, /: has 32-bit unsigned pixels, whose range is unknown/);
  assert.deepEqual(await grey(unsigned, { range: "0:200000" }), [0, 128, 255]);
  const signed = write(tiff(row(Int16Array.of(-5, 0, 100, 200))));
  await refused(signed, /: has 16-bit signed pixels, whose range is unknown/);
  assert.deepEqual(await grey(signed, { range: "0:200" }), [0, 0, 128, 255]);
  await refused(signed, /negative numbers cannot be read from 16 bits/, { choice: { range: "-5:200" }, byHeader: false });
  assert.deepEqual(await grey(write(tiff(row(Int8Array.of(-128, 0, 127)))), { range: "-128:127" }), [0, 128, 255]);
  await refused(write(tiff(row(Float64Array.of(0, 1)))), /: has 64-bit float numbers; save it with 8 or 16 bits, or as 32-bit/);
});

test("white may be zero", async () => {
  assert.deepEqual(await grey(write(tiff(row(Uint8Array.of(0, 100, 255), { photometric: 0 })))), [255, 155, 0]);
  assert.deepEqual(await grey(write(tiff(row(Uint16Array.of(0, 32_768, 65_535), { photometric: 0 })))), [255, 127, 0]);
  const dark = write(tiff(row(Uint16Array.of(0, 2400, 4095), { photometric: 0 })));
  await refused(dark, /greatest value is 4095 of 65535/, { byHeader: false });
  assert.deepEqual(await grey(dark, { range: "0:4095" }), [255, 106, 0]);
  assert.deepEqual(await grey(write(tiff(row(Float32Array.of(0, 0.4, 1), { photometric: 0 }))), { range: "0:1" }), [255, 153, 0]);
  assert.deepEqual(
    await grey(write(tiff(row(Uint32Array.of(0, 80, 200), { photometric: 0 }))), { range: "0:200" }),
    [255, 153, 0],
  );
});

test("a range does not touch 8 bits", async () => {
  assert.deepEqual(await grey(write(tiff(row(Uint8Array.of(0, 9, 200)))), { range: "0:9" }), [0, 9, 200]);
});

test("only opacity that the file declares is opacity", async () => {
  const values = Uint8Array.of(20, 10, 200, 120);
  for (const extra of [undefined, [0]]) {
    const two = write(tiff(row(values, { channels: 2, extra })));
    await refused(
      two,
      /: has 2 channels that are not declared as colours or opacity; choose one, such as --channels 1, or three/,
    );
    assert.deepEqual(await grey(two, { channels: [1] }), [20, 200]);
    assert.deepEqual(await grey(two, { channels: [2] }), [10, 120]);
    assert.deepEqual(await colours(two, { channels: [1, 2, 2] }), [20, 10, 10, 200, 120, 120]);
    await refused(two, /: has 2 channels, but channel 3 is to be read; choose others with --channels/, {
      choice: { channels: [3] },
    });
  }
  const declared = write(tiff(row(Uint8Array.of(20, 255, 200, 0), { channels: 2, extra: [2] })));
  assert.deepEqual(await grey(declared), [20, 255]);
  assert.deepEqual(await grey(declared, { channels: [1] }), [20, 200]);
  const rgb = Uint8Array.of(1, 2, 3, 0, 5, 6, 7, 255);
  const extra = write(tiff(row(rgb, { channels: 4, photometric: 2, extra: [0] })));
  assert.deepEqual(await colours(extra), [1, 2, 3, 5, 6, 7]);
  assert.equal((await imageSize(extra)).reading.leftOut, 1);
  const alpha = write(tiff(row(rgb, { channels: 4, photometric: 2, extra: [2] })));
  assert.deepEqual(await colours(alpha), [255, 255, 255, 5, 6, 7]);
});

test("16 bits with opacity are stretched, then laid on white", async () => {
  const values = Uint16Array.of(2048, 65_535, 2048, 0, 2048, 32_768);
  assert.deepEqual(await grey(write(tiff(row(values, { channels: 2, extra: [2] }))), { range: "0:4095" }), [128, 255, 191]);
});

test("of several channels one is grey, three are red, green and blue; of a grey image there is one", async () => {
  const five = write(tiff(row(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), { channels: 5, extra: [0, 0, 0, 0] })));
  await refused(five, /: has 5 channels that are not declared as colours or opacity; choose .* --channels 1,2,3$/);
  assert.deepEqual(await colours(five, { channels: [5, 1, 3] }), [5, 1, 3, 10, 6, 8]);
  for (const Values of [Uint8Array, Uint16Array, Float32Array]) {
    const values = Values.from(Array.from({ length: 18 }, (_, i) => i));
    const nine = write(tiff(row(values, { channels: 9, extra: Array(8).fill(0) })));
    const range = Values === Uint8Array ? {} : { range: "0:255" };
    assert.deepEqual(await colours(nine, { channels: [9, 1, 7], ...range }), [8, 0, 6, 17, 9, 15], Values.name);
  }
  const many = write(tiff(row(new Uint8Array(101), { channels: 101 })));
  await refused(many, /: has 101 channels, and at most 100 can be read; save the ones that count, or one page a channel/);
  const deep = write(tiff(row(Uint16Array.of(0, 40_000, 65_535), { channels: 3, photometric: 1, extra: [0, 0] })));
  assert.deepEqual(await colours(deep, { channels: [3, 2, 1] }), [255, 156, 0]);
  const rgb = write(tiff(row(Uint8Array.of(1, 2, 3), { channels: 3 })));
  assert.deepEqual(await grey(rgb, { channels: [2] }), [2]);
  const one = write(tiff(row(Uint8Array.of(7))));
  await refused(one, /: has 1 channel, but channel 2 is to be read/, { choice: { channels: [2] } });
  const palette = await sharp(Uint8Array.of(200, 0, 9, 0, 100, 0), { raw: { width: 2, height: 1, channels: 3 } })
    .png({ palette: true, dither: 0 })
    .toBuffer();
  assert.deepEqual(await grey(write(palette, "png"), { channels: [1] }), [200, 0]);
});

test("of several pages one is chosen, or three as red, green and blue", async () => {
  const pages = [10, 20, 30].map((value) => row(Uint8Array.of(value, value + 1)));
  const stack = write(tiff(...pages));
  await refused(
    stack,
    /: has 3 pages \(2×1 pixels, 1 channel\): a stack, or channels in pages; choose one, such as --page 1, or/,
  );
  assert.deepEqual(await grey(stack, { page: 2 }), [20, 21]);
  assert.deepEqual(await colours(stack, { channels: [3, 1, 2] }), [30, 10, 20, 31, 11, 21]);
  assert.deepEqual(await grey(stack, { channels: [3] }), [30, 31]);
  assert.deepEqual(await grey(stack, { page: 2, channels: [1] }), [20, 21]);
  await refused(stack, /: has 3 pages, but page 4 is to be read; choose another with --page$/, { choice: { page: 4 } });
  await refused(stack, /: has 3 pages, but page 4 is to be read/, { choice: { channels: [4] } });
  await refused(write(tiff(pages[0])), /: has 1 page, but page 2 is to be read/, { choice: { page: 2 } });
  const deep = write(tiff(row(Uint16Array.of(2400)), row(Uint16Array.of(4095)), row(Uint16Array.of(0))));
  assert.deepEqual(await colours(deep, { channels: [1, 2, 3], range: "0:4095" }), [149, 255, 0]);
  const odd = write(tiff(row(new Uint8Array(20)), row(new Uint8Array(21))));
  await refused(odd, /: its pages 1, 2, 2 differ in size or depth; choose one with --page/, { choice: { channels: [1, 2, 2] } });
  assert.equal((await imageSize(odd, { page: 2 })).width, 21);
  const imageJ = write(tiff(row(Uint8Array.of(1, 2), { description: "ImageJ=1.54f\nimages=40\nslices=40\n" })));
  await refused(imageJ, /: has 40 pages/);
  await refused(imageJ, /: has 40 pages, of which only page 1 has a directory/, { choice: { page: 2 } });
});

test("smaller copies and masks are no further pictures", async () => {
  const page = (width: number, height: number, value: number, more: Partial<TiffPage> = {}): TiffPage => {
    return { width, height, values: new Uint8Array(width * height).fill(value), ...more };
  };
  const only = async (...pages: TiffPage[]) => (await readImage(write(tiff(...pages)))).data[0];
  assert.equal(await only(page(9, 7, 1), page(4, 3, 2), page(2, 1, 3)), 1); // a pyramid
  assert.equal(await only(page(9, 7, 1), page(5, 4, 2), page(3, 2, 3)), 1); // rounded up
  assert.equal(await only(page(9, 7, 1), page(9, 7, 2, { shorts: { 254: [4] } })), 1); // a mask
  assert.equal(await only(page(2, 2, 1, { shorts: { 254: [1] } }), page(9, 7, 2)), 2); // a thumbnail before its picture
  assert.equal(await only(page(9, 7, 1), page(4, 1, 2, { shorts: { 254: [1] } })), 1); // a slide's label
  const label = write(tiff(page(9, 7, 1), page(4, 7, 2)));
  await refused(label, /: has 2 pages/);
  const pyramid = await sharp({ create: { width: 512, height: 300, channels: 3, background: "#102030" } })
    .tiff({ pyramid: true, tile: true, tileWidth: 64, tileHeight: 64 })
    .toBuffer();
  assert.deepEqual((await readImage(write(pyramid))).data.slice(0, 3), Uint8Array.of(0x10, 0x20, 0x30));
  assert.ok((await imageSize(write(pyramid))).pages > 1);
});

test("a page is turned as it says itself", async () => {
  const stack = write(tiff(row(Uint8Array.of(1, 2)), row(Uint8Array.of(3, 4), { shorts: { 274: [6] } })));
  const { width, height, turned } = await imageSize(stack, { page: 2 });
  assert.deepEqual({ width, height, turned }, { width: 1, height: 2, turned: true });
  const read = await readImage(stack, { page: 2 });
  assert.deepEqual([read.width, read.height, read.data[0], read.data[3]], [1, 2, 3, 4]);
});

test("pixels of no known meaning, CMYK by channels and packed bits are refused", async () => {
  await refused(
    write(tiff(row(Uint8Array.of(1), { photometric: 32_803 }))),
    /: its photometric interpretation is 32803; save it/,
  );
  const cmyk = write(tiff(row(Uint8Array.of(0, 0, 0, 0), { channels: 4, photometric: 5 })));
  assert.deepEqual(await grey(cmyk), [255]);
  await refused(cmyk, /: is CMYK, of which no channel can be chosen/, { choice: { channels: [1] } });
  const packed = tiff(row(Uint8Array.of(1, 2, 3)));
  packed[packed.indexOf("0201030001000000", "hex") + 8] = 12; // BitsPerSample
  await refused(write(packed), /: has 12-bit whole numbers; save it with 8 or 16 bits/);
});

test("an animated PNG is refused, because only its first frame would be seen", async () => {
  const png = await sharp({ create: { width: 2, height: 2, channels: 3, background: "#102030" } })
    .png()
    .toBuffer();
  const control = Buffer.from("000000086163544c0000000500000000d1e5d0a6", "hex"); // acTL: 5 frames
  await refused(
    write(Buffer.concat([png.subarray(0, 33), control, png.subarray(33)]), "png"),
    /: is an animated PNG of 5 frames; /,
  );
});

test("of 16 bits, what nearly all values do not exceed is measured with the greatest", async () => {
  const values = new Uint16Array(10_000).fill(300);
  values[5] = 65_535; // a hot pixel
  assert.deepEqual(await measured(write(tiff({ width: 100, height: 100, values }))), {
    least: 300,
    greatest: 65_535,
    nearlyAll: 300,
  });
});
