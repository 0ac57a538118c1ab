import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { readDataset } from "../data/dataset-folder.ts";
import { readDatasetImage } from "../data/dataset-image.ts";
import type { PixelChoice } from "../data/pixel-choice.ts";
import { type TiffPage, tiff } from "../data/tiff.fixture.ts";
import { importDataset } from "./import.ts";

const dir = mkdtempSync(join(tmpdir(), "pixel-record-"));
after(() => rmSync(dir, { recursive: true }));

const [width, height] = [40, 30];
/** Of one value, with a black corner. */
const page = (value: number, more: Partial<TiffPage> = {}): TiffPage => {
  return { width, height, values: new Uint16Array(width * height).fill(value, 0, -1), ...more };
};
const ordinary = () =>
  sharp({ create: { width, height, channels: 3, background: "#806040" } })
    .png()
    .toBuffer();

let folders = 0;
/** Imports the files with a cell on each. */
async function imported(
  files: { readonly [name: string]: Uint8Array },
  options: PixelChoice & { dropInvalid?: boolean } = {},
  names: readonly string[] = Object.keys(files),
) {
  const images = join(dir, `images-${folders}`);
  const out = join(dir, `out-${folders++}`);
  mkdirSync(images);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(images, name), bytes);
  const source = {
    images: names.map((name, i) => ({
      name,
      file: "cells.csv",
      line: i + 1,
      marks: [{ place: { kind: "point", x: 20, y: 15 } as const, label: null, file: "cells.csv", line: i + 1 }],
    })),
  };
  const { report } = await importDataset({ source, images, box: 8, out, ...options });
  const dataset = readDataset(out);
  const firsts = await Promise.all(dataset.images.map(async (image) => (await readDatasetImage(out, image)).data[0]));
  return { report, dataset, firsts, text: readFileSync(join(out, "annotations.json"), "utf8") };
}

test("ordinary images record nothing", async () => {
  const { report, text } = await imported({ "a.png": await ordinary(), "b.png": await ordinary() });
  assert.doesNotMatch(text, /pixels/);
  assert.deepEqual([report.pixels, report.notes], [[], []]);
});

test("16 bits are decided for all images together", async () => {
  const bright = tiff(page(40_000));
  const dark = tiff(page(2400));
  const files = { "bright.tif": bright, "dim.tif": tiff(page(9000)), "c.png": await ordinary() };
  const { dataset, firsts, report } = await imported(files);
  assert.deepEqual(firsts, [156, 128, 35]);
  assert.deepEqual(
    dataset.images.map(({ pixels }) => pixels),
    [{ range: "0:65535" }, undefined, { range: "0:65535" }],
  );
  assert.deepEqual(report.pixels, ["values 0:65535 as 0 to 255 (2 images)"]);
  const message = /dark\.tif: its greatest value is 2400 of 65535, .* --range 0:4095 \(12 bits\)/;
  await assert.rejects(imported({ "dark.tif": dark, "darker.tif": tiff(page(900)) }), { name: "UserError", message });
  const stretched = await imported({ "dark.tif": dark, "darker.tif": tiff(page(900)) }, { range: "0:4095" });
  assert.deepEqual(stretched.firsts, [149, 56]);
  assert.deepEqual(stretched.report.pixels, ["values 0:4095 as 0 to 255 (2 images)"]);
});

test("an image that is dark beside the others is refused, or named", async () => {
  const files = { "bright.tif": tiff(page(40_000)), "dark.tif": tiff(page(2400)), "c.png": await ordinary() };
  const message =
    /dark\.tif: its greatest value is 2400, which would be 9 of 255 beside "bright\.tif", which needs 0 to 65535; .*--range 0:65535 takes all/;
  await assert.rejects(imported(files), { name: "UserError", message });
  assert.deepEqual((await imported(files, { range: "0:65535" })).firsts, [156, 128, 9]);
  const { firsts } = await imported(files, { range: "1%:99%" });
  assert.equal(firsts.length, 3);
  for (const value of [8191, 4095, 300, 1])
    await assert.rejects(imported({ ...files, "dark.tif": tiff(page(value)) }), /dark\.tif: its greatest value is/);
  for (const value of [8192, 16_383, 32_767]) {
    const { report } = await imported({ ...files, "dark.tif": tiff(page(value)) });
    assert.deepEqual(report.notes, [
      '1 of 2 images of more than 8 bits may be too dark, since all share one range: "dark.tif"; look at "data view", and stretch each image by itself with --range 1%:99% if they are',
    ]);
  }
  const black = (await imported({ ...files, "dark.tif": tiff(page(0)) })).report;
  assert.deepEqual(black.notes, ['1 of 3 images are black or of one colour, for instance "dark.tif": look at "data view"']);
  for (const value of [32_768, 60_000])
    assert.deepEqual((await imported({ ...files, "dark.tif": tiff(page(value)) })).report.notes, []);
  const hot = new Uint16Array(width * height).fill(2400);
  hot[7] = 65_535;
  const { report } = await imported({ ...files, "dark.tif": tiff(page(0, { values: hot })) });
  assert.match(report.notes[0], /1 of 2 images .* may be too dark.*: "dark\.tif"/);
});

test("images on which nothing can be seen are noted, whatever makes them so", async () => {
  const note = async (bytes: Uint8Array, range?: string) =>
    (await imported({ "a.tif": bytes }, range === undefined ? {} : { range })).report.notes;
  const floats = (of: (i: number) => number) => {
    return tiff({ width, height, values: Float32Array.from({ length: width * height }, (_, i) => of(i)) });
  };
  const blank = (remedy: string) => [`1 of 1 images are black or of one colour, for instance "a.tif": ${remedy}`];
  assert.deepEqual(
    await note(tiff(page(2400)), "60000:65535"),
    blank("check --range 60000:65535 against the values that they have"),
  );
  assert.deepEqual(
    await note(
      floats(() => Number.NaN),
      "1%:99%",
    ),
    blank("check --range 1%:99% against the values that they have"),
  );
  const narrow = Uint16Array.from({ length: width * height }, (_, i) => 64_000 + (i % 300));
  assert.deepEqual(await note(tiff({ width, height, values: narrow })), blank('look at "data view"'));
  assert.deepEqual(await note(tiff({ width, height, values: narrow }), "1%:99%"), []);
  assert.deepEqual(
    await note(
      floats((i) => i),
      "1%:99%",
    ),
    [],
  );
});

test("files that record very different numbers of bits are refused, or named", async () => {
  const recording = (value: number, most: number) => tiff(page(value, { shorts: { 281: [most] } }));
  const files = { "a.tif": recording(4000, 4095), "b.tif": recording(60_000, 65_535) };
  const message = /a\.tif: its greatest value is 4000, which would be 15 of 255 beside "b\.tif", which needs 0 to 65535/;
  await assert.rejects(imported(files), { name: "UserError", message });
  const { report } = await imported({ "a.tif": recording(16_000, 16_383), "b.tif": recording(60_000, 65_535) });
  assert.match(report.notes[0], /1 of 2 images .* may be too dark.*: "a\.tif"/);
  const alike = await imported({ "a.tif": recording(300, 4095), "b.tif": recording(4000, 4095) });
  assert.deepEqual([alike.firsts, alike.report.notes], [[19, 249], []]);
});

test("where files record the bits that they use, the most bits count for all", async () => {
  const files = { "a.tif": tiff(page(900, { shorts: { 281: [900] } })), "b.tif": tiff(page(2400, { shorts: { 281: [2400] } })) };
  const { dataset, firsts } = await imported(files);
  assert.deepEqual(
    dataset.images.map(({ pixels }) => pixels?.range),
    ["0:4095", "0:4095"],
  );
  assert.deepEqual(firsts, [56, 149]);
});

test("page and channels are recorded where the file leaves them open", async () => {
  const stack = tiff(page(40_000), page(50_000));
  const first = await imported({ "a.tif": stack, "b.png": await ordinary() }, { page: 1 });
  assert.deepEqual(
    first.dataset.images.map(({ pixels }) => pixels),
    [{ page: 1, range: "0:65535" }, undefined],
  );
  const five = tiff(page(0, { values: new Uint8Array(width * height * 5).fill(9), channels: 5, extra: [0, 0, 0, 0] }));
  const { report } = await imported({ "a.tif": five, "b.png": await ordinary() }, { channels: [1, 2, 3] });
  assert.deepEqual(report.pixels, ["channels 1,2,3 (1 image)"]);
  const map = Array.from({ length: 768 }, (_, i) => (i < 256 ? 255 : 0) * 257);
  const red = tiff(page(0, { values: new Uint8Array(width * height), photometric: 3, shorts: { 320: map } }));
  const { dataset, firsts } = await imported({ "a.tif": red }, { channels: [2] });
  assert.deepEqual([dataset.images[0].pixels, firsts], [{ channels: [2] }, [0]]);
});

test("what is open is refused by its header, or left out and counted", async () => {
  const five = tiff(page(0, { values: new Uint8Array(width * height * 5), channels: 5, extra: [0, 0, 0, 0] }));
  await assert.rejects(imported({ "a.tif": five }), { name: "UserError", message: /a\.tif: has 5 channels/ });
  const { report } = await imported({ "a.tif": five, "b.png": await ordinary() }, { dropInvalid: true });
  assert.deepEqual([report.images.imported, report.images.unreadable], [1, 1]);
  const message = /--range 0:9 is for images of more than 8 bits, and .* has none; leave it out/;
  await assert.rejects(imported({ "b.png": await ordinary() }, { range: "0:9" }), { name: "UserError", message });
});

test("a hot pixel does not hide that images are dark", async () => {
  const values = new Uint16Array(width * height).fill(2400);
  values[7] = 65_535;
  const { report } = await imported({ "a.tif": tiff(page(0, { values })) });
  assert.deepEqual(report.notes, [
    'nearly all values of the 16-bit images are 2400 of 65535 or less, which is 9 of 255: look at "data view", and import again with --range 0:4095 if they are too dark',
  ]);
});

test("smaller copies and channels that are left out are noted", async () => {
  const small = { width: 20, height: 15, values: new Uint8Array(300) };
  const pyramid = tiff({ width, height, values: new Uint8Array(width * height) }, small);
  const rgb = { width, height, values: new Uint8Array(4 * width * height), channels: 4, photometric: 2, extra: [0] };
  const alpha = await sharp(await ordinary())
    .ensureAlpha(0.5)
    .png()
    .toBuffer();
  const { report } = await imported({ "a.tif": pyramid, "b.tif": tiff(rgb), "c.png": alpha });
  assert.deepEqual(report.notes, [
    "1 image has smaller copies of the picture in further pages; the largest is read",
    "1 image has further channels that are not declared as opacity; their colours alone are read",
    "1 image has an opacity channel, which is laid on white; if it is a stain, choose channels with --channels",
  ]);
});

test("an image of another kind that is there is named as such", async () => {
  const bmp = Buffer.concat([Buffer.from("BM"), Buffer.alloc(52)]);
  const refused = (files: { [name: string]: Uint8Array }, names: string[], message: RegExp) =>
    assert.rejects(imported(files, {}, names), { name: "UserError", message });
  await refused({ "a.bmp": bmp }, ["a.bmp"], /a\.bmp: is a BMP image; convert it to PNG, JPEG or TIFF/);
  await refused({ "a.bmp": bmp }, ["a"], /a\.bmp: is a BMP image; convert it/);
  await refused({ "a.bmp": bmp }, ["a.png"], /cells\.csv:1: the image "a\.png" is not in .*, but "a\.bmp" is; convert it to PNG/);
  await refused({ "a.png": await ordinary() }, ["a.jpg"], /the image "a\.jpg" is not in .*, but "a\.png" is; correct the name/);
  await refused({ "a.lif": Buffer.from("LIF ......") }, ["a.lif"], /a\.lif: is not a PNG, JPEG or TIFF image; convert it/);
  const message = /a\.img: is a PNG image, but its name does not end like one; rename it to end with \.png/;
  await refused({ "a.img": await ordinary() }, ["a.img"], message);
  await refused(
    { "b.png": await ordinary() },
    ["a.png"],
    /cells\.csv:1: the image "a\.png" is not in .*images-\d+; correct the name/,
  );
  const { report } = await imported({ "a.png": await ordinary(), "b.bmp": bmp, "c.lif": bmp }, {}, ["a.png"]);
  assert.deepEqual(report.notes, ["2 files of another kind (.bmp, .lif) are not read; convert them to PNG, JPEG or TIFF"]);
});
