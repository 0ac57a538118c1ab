import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import { readDots } from "./read.ts";

const root = mkdtempSync(join(tmpdir(), "dots-"));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

const newFolder = (): string => join(root, String(folders++));

type Colour = readonly [number, number, number];
const [RED, GREEN, WHITE]: Colour[] = [
  [255, 0, 0],
  [0, 200, 10],
  [255, 255, 255],
];

/** Writes an image that is black but for the given pixels (x, y, colour). */
async function draw(
  file: string,
  pixels: readonly (readonly [number, number, Colour])[],
  [width, height] = [12, 8],
): Promise<void> {
  const data = new Uint8Array(width * height * 3);
  for (const [x, y, colour] of pixels) data.set(colour, 3 * (y * width + x));
  mkdirSync(dirname(file), { recursive: true });
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(file);
}

async function folderOf(files: Readonly<Record<string, Parameters<typeof draw>[1]>>): Promise<string> {
  const dir = newFolder();
  mkdirSync(dir);
  for (const [name, pixels] of Object.entries(files)) await draw(join(dir, name), pixels);
  return dir;
}

async function marksOf(images: string, annotations: string) {
  const source = await readDots({ images, annotations });
  return Object.fromEntries(
    source.images.map(({ name, marks }) => [
      name,
      marks.map(({ place, label }) => (place.kind === "point" ? [place.x, place.y, label] : assert.fail("no point"))),
    ]),
  );
}

test("pixels that touch, even at a corner, are one cell; its place is the mean of pixel centres", async () => {
  const images = await folderOf({ "a.png": [], "b.jpg": [] });
  const annotations = await folderOf({
    "a.png": [
      [0, 0, RED],
      [5, 2, RED],
      [6, 3, RED], // at a corner
      [7, 2, RED],
      [11, 7, RED],
      [11, 0, RED], // the pixel before the row of the first is no neighbour
      [0, 1, RED],
    ],
    "b.png": [],
  });
  assert.deepEqual(await marksOf(images, annotations), {
    a: [
      [0.5, 1, null],
      [11.5, 0.5, null],
      [6.5, (2.5 + 3.5 + 2.5) / 3, null],
      [11.5, 7.5, null],
    ],
    b: [],
  });
  const { images: found } = await readDots({ images, annotations });
  assert.deepEqual([found[0].size, found[0].file, found[0].line], [{ width: 12, height: 8 }, join(annotations, "a.png"), 0]);
});

test("several colours are labels, on all files together; greys are one colour", async () => {
  const images = await folderOf({ "a.png": [], "b.png": [] });
  const two = await folderOf({
    "a.png": [[1, 1, RED]],
    "b.png": [
      [1, 1, GREEN],
      [2, 1, GREEN],
      [3, 1, RED],
    ],
  });
  assert.deepEqual(await marksOf(images, two), { a: [[1.5, 1.5, "#ff0000"]], b: [[2.5, 1.5, "#00c80a"]] });
  assert.deepEqual((await readDots({ images, annotations: two })).notes, [
    "labels are the colours of the marks: #00c80a, #ff0000",
  ]);
  const grey = await folderOf({
    "a.png": [
      [1, 1, WHITE],
      [5, 5, [120, 120, 120]],
    ],
  });
  assert.deepEqual(await marksOf(images, grey), {
    a: [
      [1.5, 1.5, null],
      [5.5, 5.5, null],
    ],
  });
  const both = await folderOf({
    "a.png": [
      [1, 1, WHITE],
      [5, 5, RED],
    ],
  });
  assert.deepEqual(await marksOf(images, both), {
    a: [
      [1.5, 1.5, "#ffffff"],
      [5.5, 5.5, "#ff0000"],
    ],
  });
});

test("names: VGG's pairs in one folder, _dots, subfolders, and marks without an image", async () => {
  const dot = [[1, 1, RED]] as const;
  const vgg = await folderOf({ "001cell.png": [[0, 0, WHITE]], "001dots.png": dot, "002cell.png": [], "002dots.png": [] });
  assert.deepEqual(await marksOf(vgg, vgg), { "001cell": [[1.5, 1.5, null]], "002cell": [] });
  assert.deepEqual(await marksOf(vgg, `${vgg}/`), await marksOf(vgg, vgg));
  const images = await folderOf({ "train/a.png": [], "test/a.png": [] });
  const marks = await folderOf({ "train/a_dots.png": dot, "test/a_dots.png": [], "overview.png": dot, "test/z-dots.png": [] });
  assert.deepEqual(Object.keys(await marksOf(images, marks)).sort(), ["test/a", "test/z", "train/a"]);
});

test("files that do not mark cells are refused by name", async () => {
  const images = await folderOf({ "a.png": [] });
  const white = Array.from({ length: 49 }, (_, i) => [i % 12, Math.floor(i / 12), WHITE] as const);
  const photo = await folderOf({ "a.png": white });
  const refused = (annotations: string, message: RegExp, from = images) =>
    assert.rejects(readDots({ images: from, annotations }), message);
  await refused(
    photo,
    /a\.png: 51 % of its pixels are marked; it may be a photograph or have a bright background; draw marks on black$/,
  );
  assert.equal((await readDots({ images, annotations: await folderOf({ "a.png": white.slice(1) }) })).images[0].marks.length, 1);
  await refused(images, /has no file like NAME_dots\.png; rename the marks or move them to a separate folder$/);
  await refused(await folderOf({ "a.jpg": [] }), /has no PNG file; pass the folder of the marks$/);
  await refused(join(root, "none"), /none: cannot be read: no such file or directory; check the path of the annotations$/);
  const rainbow = Array.from({ length: 17 }, (_, i) => [(2 * i) % 12, 2 * Math.floor(i / 6), [255, i, 0]] as const);
  await refused(
    await folderOf({ "a.png": rainbow }),
    /the marks have 17 colours, at most 16 are allowed; use one colour per kind of mark$/,
  );
});

test("a mark as large as a picture is refused", async () => {
  const [images, annotations] = [await folderOf({ "a.png": [] }), newFolder()];
  mkdirSync(annotations);
  const blob = sharp({ create: { width: 320, height: 320, channels: 3, background: "#ff0000" } });
  await blob.extend({ bottom: 400, background: "#000000" }).png().toFile(join(annotations, "a.png"));
  const message = /a\.png: has a mark of more than 100000 pixels around \(0, 0\); redraw it as a dot$/;
  await assert.rejects(readDots({ images, annotations }), { name: "UserError", message });
});

test("separate pixels are read as they were drawn", async () => {
  const images = await folderOf({ "a.png": [] });
  const annotations = newFolder();
  const cells = fc.uniqueArray(fc.nat(23), { maxLength: 24 }); // 6×4 places, two pixels apart
  await fc.assert(
    fc.asyncProperty(cells, async (places) => {
      const drawn = places.toSorted((a, b) => a - b).map((place) => [2 * (place % 6), 2 * Math.floor(place / 6)]);
      await draw(
        join(annotations, "a.png"),
        drawn.map(([x, y]) => [x, y, RED]),
      );
      assert.deepEqual(
        (await marksOf(images, annotations)).a,
        drawn.map(([x, y]) => [x + 0.5, y + 0.5, null]),
      );
    }),
    { numRuns: 30 },
  );
});

test("grey marks are read exactly, of 8 and 16 bits; a mask with a number for each cell is refused", async () => {
  const images = await folderOf({ "a.png": [] });
  const [width, height] = [40, 30];
  const read = async (data: Uint8Array | Uint16Array, channels: 1 | 3 = 1) => {
    const dir = newFolder();
    mkdirSync(dir);
    const space = channels === 3 ? "srgb" : data instanceof Uint16Array ? "grey16" : "b-w";
    await sharp(data, { raw: { width, height, channels } }).toColourspace(space).toFile(join(dir, "a.png"));
    return Object.values(await marksOf(images, dir))[0];
  };
  for (const Values of [Uint8Array, Uint16Array]) {
    const dots = new Values(width * height);
    dots.set([1, 3], 2 * width + 5);
    dots[10 * width + 20] = 200;
    const expected = [
      [6, 2.5, null],
      [20.5, 10.5, null],
    ];
    assert.deepEqual(await read(dots), expected, Values.name);

    const cells = new Values(width * height);
    for (let label = 1; label <= 3; label++)
      for (let y = 3; y < 9; y++) cells.fill(label, y * width + 6 * label, y * width + 6 * label + 6);
    const refusal = /a\.png: is a mask with a number for each cell \(3 numbers\), .*; pass --format label-masks$/;
    await assert.rejects(read(cells), refusal, Values.name);
    if (Values === Uint8Array)
      await assert.rejects(
        read(
          Uint8Array.from(cells, (_, i) => cells[i]).reduce(
            (rgb, value, i) => rgb.fill(value, 3 * i, 3 * i + 3),
            new Uint8Array(3 * cells.length),
          ),
          3,
        ),
        refusal,
      );
  }
});

test("marks in TIFF files are refused with the file and what reads them", async () => {
  const folder = newFolder();
  mkdirSync(folder);
  writeFileSync(join(folder, "a.tif"), "");
  const message = /a\.tif: is a TIFF file, and marks are PNG files; pass --format label-masks if it has a number for each cell/;
  await assert.rejects(readDots({ images: folder, annotations: folder }), { name: "UserError", message });
});
