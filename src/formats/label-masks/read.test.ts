import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { tiff } from "../../data/tiff.fixture.ts";
import { UserError } from "../../errors.ts";
import { importDataset } from "../import.ts";
import { importFormats } from "../index.ts";
import { readLabelMasks } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "label-masks-"));
after(() => rmSync(dir, { recursive: true }));

const [width, height] = [40, 30];
const image = await sharp({ create: { width, height, channels: 3, background: "#ffffff" } })
  .png()
  .toBuffer();

/** Cells of 4 × 4 pixels side by side, with these numbers. */
function values<T extends Uint8Array | Uint16Array | Uint32Array>(data: T, ...labels: number[]): T {
  labels.forEach((label, i) => {
    for (let y = 2; y < 6; y++) data.fill(label, y * width + 4 * i, y * width + 4 * i + 4);
  });
  return data;
}
const raw = (data: Uint8Array | Uint16Array) => sharp(data, { raw: { width, height, channels: 1 } });
const png8 = (...labels: number[]) =>
  raw(values(new Uint8Array(width * height), ...labels))
    .toColourspace("b-w")
    .png()
    .toBuffer();
const png16 = (...labels: number[]) =>
  raw(values(new Uint16Array(width * height), ...labels))
    .toColourspace("grey16")
    .png()
    .toBuffer();
const tiff32 = (...labels: number[]) => tiff({ width, height, values: values(new Uint32Array(width * height), ...labels) });

let folders = 0;
function set(files: { readonly [name: string]: Uint8Array }): string {
  const root = join(dir, String(++folders));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  return root;
}

const read = (root: string, images: string, annotations: string, more = {}) =>
  readLabelMasks({ images: join(root, images), annotations: join(root, annotations), ...more });

async function errorOf(...args: Parameters<typeof read>): Promise<string> {
  const error: unknown = await read(...args).catch((error) => error);
  assert.ok(error instanceof UserError, String(error));
  return error.message.replaceAll(`${args[0]}/`, "");
}

test("masks of 8, 16 and 32 bits: a box for each number, or its centre", async () => {
  const root = set({
    "images/a.png": image,
    "images/b.jpg": image,
    "images/c.tif": image,
    "masks/a.png": await png8(1, 2, 3),
    "masks/b.png": await png16(1, 256, 257, 65_535),
    "masks/c.tif": tiff32(70_000, 70_001, 5),
  });
  const { images, notes } = await read(root, "images", "masks");
  assert.deepEqual(
    images.map(({ name, marks, size }) => [name, marks.length, size]),
    [
      ["a", 3, { width, height }],
      ["b", 4, { width, height }],
      ["c", 3, { width, height }],
    ],
  );
  assert.deepEqual(
    images[2].marks.map(({ place, label }) => [place, label]),
    [8, 0, 4].map((x) => [{ kind: "box", box: [x, 2, x + 4, 6] }, null]),
  );
  assert.equal(notes?.length, 1);
  assert.match(notes?.[0] ?? "", /^1 masks have a cell whose number is white, far from all others \(.*b\.png: 65535\)/);
  const centres = await read(root, "images", "masks", { cells: "centre" });
  assert.deepEqual(
    centres.images[0].marks.map(({ place }) => place),
    [2, 6, 10].map((x) => ({ kind: "point", x, y: 4 })),
  );
});

test("which image a mask belongs to", async () => {
  const mask = await png8(1);
  const named = async (imageNames: string[], masks: string[], images: string, annotations: string) => {
    const root = set(Object.fromEntries([...imageNames.map((name) => [name, image]), ...masks.map((name) => [name, mask])]));
    return (await read(root, images, annotations)).images.map(({ name }) => name);
  };
  const names = ["m/a_masks.png", "m/b_cp_masks.tif", "m/c-label.png", "m/mask_d.png", "m/e_instance.png"];
  assert.deepEqual(await named(["i/a.png", "i/b.png", "i/c.png", "i/d.png", "i/e.png"], names, "i", "m"), [
    "a",
    "b",
    "c",
    "e",
    "d",
  ]);
  assert.deepEqual(await named(["x/a.png", "x/b_masks_1.png"], ["x/a_masks.png"], "x", "x"), ["a"]);
  const pairs = ["train", "test"].map((split) => [`${split}/images/a.png`, `${split}/masks/a.png`]);
  assert.deepEqual(
    await named(
      pairs.map(([path]) => path),
      pairs.map(([, path]) => path),
      ".",
      "test/masks",
    ),
    ["a"],
  );
  assert.deepEqual(
    await named(["liver/tissue images/a.png"], ["liver/label masks/a.tif"], "liver/tissue images", "liver/label masks"),
    ["a"],
  );
  assert.deepEqual(await named(["i/a_masks.png"], ["m/a_masks.png"], "i", "m"), ["a_masks"]);
});

test("an empty mask is an image without cells; another size is refused by the import", async () => {
  const root = set({ "images/a.png": image, "images/b.png": image, "masks/a.png": await png8(), "masks/b.png": await png8(3) });
  const images = join(root, "images");
  const source = await importFormats["label-masks"].read({ images, annotations: join(root, "masks") });
  const { dataset } = await importDataset({ source, images, box: 8, out: join(root, "out") });
  assert.deepEqual([dataset.images.length, dataset.annotations.map(({ box }) => box)], [2, [[0, 2, 4, 6]]]);
  writeFileSync(
    join(root, "masks", "a.png"),
    await sharp(await png8(1))
      .resize(20, 15)
      .png()
      .toBuffer(),
  );
  const other = await importFormats["label-masks"].read({ images, annotations: join(root, "masks") });
  await assert.rejects(
    importDataset({ source: other, images, box: 8, out: join(root, "out2") }),
    /a\.png: says that "a\.png" has 20×15 pixels, but it has 40×30; use the annotated image$/,
  );
});

test("what is wrong is one line with the file", async () => {
  const photograph = await sharp(
    Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * i) % 251),
    {
      raw: { width, height, channels: 3 },
    },
  )
    .png()
    .toBuffer();
  const root = set({
    "images/a.png": image,
    "rgb/a.png": photograph,
    "foreground/a.png": await png8(255, 0, 0, 0, 255),
    "two/a.png": await png8(1),
    "two/a_masks.png": await png8(1),
  });
  assert.match(await errorOf(root, "images", "rgb"), /^rgb\/a\.png: has colours, expected one channel of labels; pass the mask/);
  assert.match(await errorOf(root, "images", "foreground"), /^foreground\/a\.png: its numbers \(1\) are in 2 separate places/);
  assert.match(await errorOf(root, "images", "two"), /^two\/a_masks\.png: is a mask of "a\.png", and so is .*two\/a\.png; pass/);
  assert.match(await errorOf(root, "images", "images"), /^images: has no file like NAME_masks\.png/);
  assert.match(await errorOf(root, "images", "none.png"), /none\.png: cannot be read: no such file/);
});

test("-1 is a region to ignore", async () => {
  const labels = new Int32Array(width * height);
  for (let y = 0; y < height; y++) labels.fill(-1, y * width + 30, (y + 1) * width);
  labels.fill(5, 3 * width + 3, 3 * width + 9);
  const root = set({ "images/a.png": image, "masks/a.tif": tiff({ width, height, values: labels }) });
  const source = await read(root, "images", "masks");
  assert.deepEqual(source.notes, [
    "1 masks have pixels of -1, or white in several places, which no one has labelled: regions to ignore cover them",
  ]);
  const { dataset, report } = await importDataset({ source, images: join(root, "images"), box: 8, out: join(root, "out") });
  assert.deepEqual([report.annotations.kept, report.regions.ignore], [1, 1]);
  assert.deepEqual(dataset.images[0].regions, [{ kind: "ignore", rings: [[30, 0, 40, 0, 40, 30, 30, 30]] }]);
});

test("white in several places beside other numbers is a region to ignore, not cells", async () => {
  const values = new Uint16Array(width * height);
  const square = (label: number, x: number, side: number) => {
    for (let y = 10; y < 10 + side; y++) values.fill(label, y * width + x, y * width + x + side);
  };
  for (const [i, x] of [2, 22].entries()) {
    square(65_535, x, 12);
    square(1 + i, x, 11);
  }
  const source = await read(set({ "images/a.png": image, "masks/a.tif": tiff({ width, height, values }) }), "images", "masks");
  assert.deepEqual(
    source.images[0].marks.map(({ place, region }) => (place.kind === "box" ? place.box : region)),
    [[2, 10, 13, 21], [22, 10, 33, 21], "ignore"],
  );
  assert.equal(source.notes?.length, 1);
});
