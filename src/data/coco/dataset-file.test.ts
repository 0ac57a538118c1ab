import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../errors.ts";
import type { Box } from "../../geometry/box.ts";
import { pixelFault } from "../../geometry/pixels.ts";
import type { Dataset } from "../dataset.ts";
import type { PixelChoice } from "../pixel-choice.ts";
import { readCocoDataset, writeCocoDataset } from "./dataset-file.ts";

const dir = mkdtempSync(join(tmpdir(), "coco-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "annotations.json");

function read(content: string): ReturnType<typeof readCocoDataset> {
  writeFileSync(file, content);
  return readCocoDataset(file, dir);
}

/** The error's message, with FILE for the file's path. */
function errorOf(content: string): string {
  try {
    read(content);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replace(file, "FILE");
  }
  return assert.fail("was read");
}

const image = '{"id": 1, "file_name": "a.png", "width": 100, "height": 50}';
const box = '{"id": 7, "image_id": 1, "category_id": 3, "bbox": [10, 20, 30, 10]}';

/** A file whose first image is in line 3, first annotation in line 6, first category in line 9. */
function text({ images = image, annotations = box, categories = '{"id": 3, "name": "cell"}' } = {}): string {
  return `{\n"images": [\n${images}\n],\n"annotations": [\n${annotations}\n],\n"categories": [\n${categories}\n]\n}\n`;
}

test("a minimal file gets the defaults", () => {
  const { dataset, clipped } = read(text());
  assert.equal(clipped, 0);
  assert.deepEqual(dataset, {
    dir,
    images: [{ id: 1, fileName: "a.png", width: 100, height: 50, group: "a", split: "train" }],
    annotations: [{ id: 7, imageId: 1, categoryId: 3, box: [10, 20, 40, 30], hidden: false }],
    categories: [{ id: 3, name: "cell" }],
  });
});

test("the ids of the file that a dataset was imported from are a number, text or a list of them", () => {
  const sourceIdOf = (value: unknown) =>
    read(text({ images: image.replace("}", `, "source_id": ${JSON.stringify(value)}}`) })).dataset.images[0].sourceId;
  for (const value of [0, 5, "scan 1", [5, 6], ["a", 1]]) assert.deepEqual(sourceIdOf(value), value);
  for (const value of [1.5, "", true, {}, [], [1, null], [[1]]])
    assert.match(
      errorOf(text({ images: image.replace("}", `, "source_id": ${JSON.stringify(value)}}`) })),
      /^FILE:3: images\[0\]\.source_id: expected a whole number, text, or a list of them, got /,
    );
});

test("a box of negative width or height has its corners put in order, which is said", () => {
  const { dataset, notes } = read(text({ annotations: box.replace("[10, 20, 30, 10]", "[40, 30, -30, -10]") }));
  assert.deepEqual(dataset.annotations[0].box, [10, 20, 40, 30]);
  assert.deepEqual(notes, [`${file}:6: 1 box has a negative width or height; the corners were put in order`]);
});

test("an empty dataset and an image without annotations are read", () => {
  assert.deepEqual(read('{"images": [], "annotations": [], "categories": []}').dataset.images, []);
  assert.deepEqual(read(text({ annotations: "" })).dataset.annotations, []);
});

test("keys of the standard and of known tools are ignored", () => {
  const whole = text({
    images: image.replace("}", ', "license": 1, "coco_url": "", "date_captured": "", "extra": {}}'),
    annotations: box.replace(
      "}",
      ', "segmentation": [[1, 2]], "area": 300, "iscrowd": 0, "attributes": {"occluded": false}, "hidden": null}',
    ),
    categories: '{"id": 3, "name": "cell", "supercategory": ""}',
  });
  assert.equal(read(whole.replace("{\n", '{"info": {}, "licenses": [],\n')).dataset.annotations.length, 1);
});

test("a box that sticks out is clipped and counted", () => {
  const { dataset, clipped } = read(text({ annotations: box.replace("[10, 20, 30, 10]", "[-5, 40, 20, 15.5]") }));
  assert.deepEqual([dataset.annotations[0].box, clipped], [[0, 40, 15, 50], 1]);
});

test("every error names its line and key", () => {
  const annotation = (change: (row: string) => string) =>
    errorOf(text({ annotations: `${box},\n${change(box.replace('"id": 7', '"id": 8'))}` }));
  const withBox = (bbox: string) => annotation((row) => row.replace("[10, 20, 30, 10]", bbox));
  const cases: [string, string][] = [
    [
      annotation((row) => row.replace("8", "7")),
      "FILE:7: annotations[1].id: 7 is already the id of another one; ids must differ",
    ],
    [annotation((row) => row.replace('"image_id": 1', '"image_id": 2')), "FILE:7: annotations[1].image_id: unknown image id 2"],
    [
      annotation((row) => row.replace('"category_id": 3', '"category_id": 0')),
      "FILE:7: annotations[1].category_id: unknown category id 0",
    ],
    [
      annotation((row) => row.replace('"image_id": 1', '"image_id": "1"')),
      'FILE:7: annotations[1].image_id: expected a whole number, got "1"',
    ],
    [annotation((row) => row.replace('"image_id": 1, ', "")), "FILE:7: annotations[1].image_id: is missing"],
    [
      annotation((row) => row.replace("}", ', "hidden": "yes"}')),
      'FILE:7: annotations[1].hidden: expected true or false, got "yes"',
    ],
    [
      annotation((row) => row.replace("}", ', "iscrowd": 1}')),
      "FILE:7: annotations[1].iscrowd: crowd regions cannot be trained on; remove the annotation",
    ],
    [annotation(() => "5"), "FILE:7: annotations[1]: expected an object, got 5"],
    [withBox("[10, 20, 0, 10]"), "FILE:7: annotations[1].bbox: is empty: its width is 0 and its height 10; correct or remove it"],
    [withBox("[10, 20, -5, 0]"), "FILE:7: annotations[1].bbox: is empty: its width is -5 and its height 0; correct or remove it"],
    [
      withBox("[10, 20, 30, NaN]"),
      'FILE:7: annotations[1].bbox: expected [x, y, width, height], four finite numbers of pixels, got [10,20,30,"NaN"]',
    ],
    [
      withBox("[10, 20, 30, null]"),
      "FILE:7: annotations[1].bbox: expected [x, y, width, height], four finite numbers of pixels, got [10,20,30,null]",
    ],
    [
      withBox("[10, 20, 30, 1e999]"),
      "FILE:7: annotations[1].bbox: expected [x, y, width, height], four finite numbers of pixels, got [10,20,30,null]",
    ],
    [
      withBox("[10, 20, 30]"),
      "FILE:7: annotations[1].bbox: expected [x, y, width, height], four finite numbers of pixels, got [10,20,30]",
    ],
    [
      withBox("\n[90, 20, 30, 10]"),
      'FILE:8: annotations[1].bbox: lies outside its image: its centre is (105, 25), "a.png" has 100×50 pixels; correct or remove it',
    ],
    [
      errorOf(text({ images: `${image},\n${image}` })),
      'FILE:4: images[1].file_name: "a.png" is already the file of another image',
    ],
    [
      errorOf(text({ images: `${image},\n${image.replace("a.png", "b.png")}` })),
      "FILE:4: images[1].id: 1 is already the id of another one; ids must differ",
    ],
    [errorOf(text({ images: image.replace("100", "0") })), "FILE:3: images[0].width: expected 1 pixel or more, got 0"],
    [errorOf(text({ images: image.replace("100", "99.5") })), "FILE:3: images[0].width: expected a whole number, got 99.5"],
    [errorOf(text({ images: image.replace('"a.png"', '""') })), 'FILE:3: images[0].file_name: expected text, got ""'],
    [
      errorOf(text({ images: image.replace("}", ', "split": "val"}') })),
      'FILE:3: images[0].split: expected "train" or "test", got "val"',
    ],
    [
      errorOf(text({ categories: '{"id": 3, "name": "cell"},\n{"id": 4, "name": "cell"}' })),
      'FILE:10: categories[1].name: "cell" is already the name of another category',
    ],
    [errorOf("{\n}"), "FILE:1: images: is missing; a COCO file has images, annotations and categories"],
    [errorOf("[]"), "FILE:1: expected an object with images, annotations and categories, got []"],
    [errorOf(text().replace('"annotations": [', '"annotations": 5, "info": [')), "FILE:5: annotations: expected a list, got 5"],
  ];
  for (const [message, expected] of cases) assert.equal(message, expected);
});

test("regions, mpp and negative categories are read, and their errors name the line", () => {
  const withKeys = (keys: string) => text({ images: image.replace("}", `,\n${keys}}`) });
  const { dataset } = read(
    text({
      images: image.replace("}", ', "mpp": 0.25, "regions": [{"kind": "ignore", "rings": [[0, 0, 9.5, 0, 9.5, 9]]}]}'),
      categories: '{"id": 3, "name": "cell", "negative": false},\n{"id": 4, "name": "look-alike", "negative": true}',
    }),
  );
  assert.deepEqual(
    [dataset.images[0].mpp, dataset.images[0].regions],
    [0.25, [{ kind: "ignore", rings: [[0, 0, 9.5, 0, 9.5, 9]] }]],
  );
  assert.deepEqual(dataset.categories, [
    { id: 3, name: "cell" },
    { id: 4, name: "look-alike", negative: true },
  ]);
  const ring = "expected [x0, y0, x1, y1, …], 3 points or more of finite numbers of pixels, got";
  const cases: [string, string][] = [
    ['"mpp": 0', "mpp: expected more than 0 microns, got 0"],
    ['"mpp": "0.5"', 'mpp: expected a finite number, got "0.5"'],
    ['"pixels": "page 2"', 'pixels: expected an object with page, channels or range, got "page 2"'],
    ['"pixels": {"page": 1.5}', "pixels.page: expected a whole number from 1 on, got 1.5"],
    ['"pixels": {"range": "9:1"}', 'pixels.range: expected text such as "0:4095" or "1%:99.8%", got "9:1"'],
    ['"regions": {}', "regions: expected a list, got an object"],
    ['"regions": [7]', "regions[0]: expected an object with kind and rings, got 7"],
    ['"regions": [{"kind": "complet", "rings": []}]', 'regions[0].kind: expected "complete" or "ignore", got "complet"'],
    ['"regions": [{"rings": []}]', 'regions[0].kind: expected "complete" or "ignore", got nothing'],
    ['"regions": [{"kind": "ignore"}]', "regions[0].rings: is missing"],
    ['"regions": [{"kind": "ignore", "rings": []}]', "regions[0].rings: is empty; a region needs at least one ring"],
    ['"regions": [{"kind": "ignore", "rings": [[0, 0, 1, 1]]}]', `regions[0].rings[0]: ${ring} [0,0,1,1]`],
    ['"regions": [{"kind": "ignore", "rings": [[0, 0, 1, 1, 2, null]]}]', `regions[0].rings[0]: ${ring} [0,0,1,1,2,null]`],
    [
      '"regions": [{"kind": "ignore", "ring": []}]',
      "regions[0].ring: is an unknown key; correct or remove it (known: kind, rings)",
    ],
  ];
  for (const [keys, message] of cases) assert.equal(errorOf(withKeys(keys)), `FILE:4: images[0].${message}`);
  assert.equal(
    errorOf(text({ categories: '{"id": 3, "name": "cell", "negative": "no"}' })),
    'FILE:9: categories[0].negative: expected true or false, got "no"',
  );
});

test("an unknown key is refused, because it may be misspelt", () => {
  assert.match(
    errorOf(text({ annotations: box.replace("}", ', "hiden": true}') })),
    /^FILE:6: annotations\[0\]\.hiden: is an unknown key; correct or remove it \(known: id, /,
  );
  assert.match(errorOf(text({ images: image.replace("}", ', "grup": "1"}') })), /^FILE:3: images\[0\]\.grup: is an unknown key/);
  assert.match(errorOf(text().replace("{\n", '{\n"version": 2,\n')), /^FILE:2: version: is an unknown key/);
});

test("a file name that leads out of the folder is refused", () => {
  for (const name of [
    "../a.png",
    "/etc/a.png",
    "b/../../a.png",
    "C:/a.png",
    "b\\\\a.png",
    "..",
    ".",
    "b//a.png",
    "b/",
    "a\\u0000.png",
  ])
    assert.match(
      errorOf(text({ images: image.replace("a.png", name) })),
      /^FILE:3: images\[0\]\.file_name: ".*" must be a plain path below images\//,
      name,
    );
  assert.equal(read(text({ images: image.replace("a.png", "b/..a..png") })).dataset.images[0].fileName, "b/..a..png");
});

test("a broken file always gives one UserError with file and line", () => {
  const whole = text({ annotations: `${box},\n${box.replace("7", "8")}` });
  const pieces = ["", "]", "{", ",", '"', "null", "-1", "1e999", "[]", "{}", "\u0000", "é", "true", "NaN"];
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(12), fc.constantFrom(...pieces), (at, cut, piece) => {
      writeFileSync(file, whole.slice(0, at) + piece + whole.slice(at + cut));
      try {
        readCocoDataset(file, dir);
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message.replace(file, "FILE"), /^FILE:\d+: [^\n]+$/);
      }
    }),
    { numRuns: 200 },
  );
});

const thousandths = (max: number) => fc.nat(max * 1000).map((n) => n / 1000);
const regions = fc.array(
  fc.record(
    {
      kind: fc.constantFrom("complete" as const, "ignore" as const),
      rings: fc.array(
        fc
          .array(thousandths(120), { minLength: 3, maxLength: 5 })
          .map((xs) => xs.flatMap((x, i) => [x, xs[(i + 1) % xs.length]])),
        {
          minLength: 1,
          maxLength: 2,
        },
      ),
    },
    { noNullPrototype: true },
  ),
  { maxLength: 2 },
);
const images = fc.array(
  fc.record(
    {
      name: fc.string({ minLength: 1, maxLength: 5 }),
      group: fc.string({ minLength: 1 }),
      test: fc.boolean(),
      mpp: fc.double({ min: 0.01, max: 2, noNaN: true }),
      regions,
      pixels: fc.constantFrom<PixelChoice>({ page: 2 }, { channels: [3, 1, 2], range: "1%:99%" }, { range: "0:4095" }),
    },
    { requiredKeys: ["name", "group", "test"], noNullPrototype: true },
  ),
  { maxLength: 4 },
);
const boxes = fc.tuple(thousandths(90), thousandths(90), thousandths(9), thousandths(9), fc.boolean(), fc.nat(3));
const datasets = fc.tuple(images, fc.array(boxes, { maxLength: 10 })).map(
  ([list, marks]): Dataset => ({
    dir,
    images: list.map(({ group, test, mpp, regions, pixels }, i) => ({
      id: 10 * i,
      fileName: `${i}.png`,
      width: 100,
      height: 101,
      group,
      split: test ? "test" : "train",
      ...(mpp === undefined ? {} : { mpp }),
      ...(regions === undefined ? {} : { regions }),
      ...(pixels === undefined ? {} : { pixels }),
    })),
    annotations:
      list.length === 0
        ? []
        : marks.map(([x, y, w, h, hidden, n], id) => {
            return {
              id,
              imageId: 10 * (n % list.length),
              categoryId: 1,
              box: [x, y, Math.round(1000 * (x + w) + 1) / 1000, Math.round(1000 * (y + h) + 1) / 1000],
              hidden,
            };
          }),
    categories: [
      { id: 1, name: "cell" },
      { id: 2, name: list[0]?.name ?? "other", ...(list[0]?.test ? { negative: true } : {}) },
    ],
  }),
);

test("reading gives back what was written, and writing it again gives the same text", () => {
  fc.assert(
    fc.property(datasets, (dataset) => {
      fc.pre(pixelFault(dataset.annotations.map(({ box }) => box)) === null); // such boxes are refused
      writeCocoDataset(file, dataset);
      const written = readFileSync(file, "utf8");
      const again = readCocoDataset(file, dir);
      assert.deepEqual(again, { dataset, clipped: 0, notes: [] });
      writeCocoDataset(file, again.dataset);
      assert.equal(readFileSync(file, "utf8"), written);
      assert.equal(
        written.split("\n").length,
        6 +
          [dataset.images, dataset.annotations, dataset.categories].reduce(
            (sum, { length }) => sum + (length === 0 ? 0 : length + 1),
            0,
          ),
      );
    }),
    { numRuns: 40 },
  );
});

test("lists longer than a chunk are written completely", () => {
  const annotations = Array.from({ length: 20_001 }, (_, id) => ({
    id,
    imageId: 1,
    categoryId: 1,
    box: [0, 0, 5, 5] as const,
    hidden: id % 2 === 0,
  }));
  const dataset: Dataset = {
    dir,
    images: [{ id: 1, fileName: "a.png", width: 9, height: 9, group: "a", split: "train" }],
    annotations,
    categories: [{ id: 1, name: "cell" }],
  };
  writeCocoDataset(file, dataset);
  assert.deepEqual(readCocoDataset(file, dir).dataset, dataset);
});

test("a box thinner than a thousandth of a pixel at any border can be read back", () => {
  const image = { id: 1, fileName: "a.png", width: 100, height: 50, group: "a", split: "train" } as const;
  const thin: Box[] = [
    [99.9997, 10, 100, 20],
    [10, 49.9999, 20, 50],
    [0, 0, 0.0002, 50],
    [50.00001, 0, 50.00002, 50],
  ];
  const annotations = thin.map((box, i) => ({ id: i + 1, imageId: 1, categoryId: 1, box, hidden: false }));
  writeCocoDataset(file, { dir, images: [image], annotations, categories: [{ id: 1, name: "cell" }] });
  assert.deepEqual(
    readCocoDataset(file, dir).dataset.annotations.map(({ box }) => box),
    [
      [99.999, 10, 100, 20],
      [10, 49.999, 20, 50],
      [0, 0, 0.001, 50],
      [49.999, 0, 50, 50],
    ],
  );
});

test("ids of the file a dataset was imported from are kept, and boxes in fractions are refused", () => {
  const image = { id: 1, sourceId: "mouse", fileName: "a.png", width: 100, height: 50, group: "a", split: "train" } as const;
  const categories = [{ id: 1, sourceId: 7, name: "cell" }];
  const at = (box: Box) => ({
    dir,
    images: [image],
    annotations: [{ id: 1, imageId: 1, categoryId: 1, box, hidden: false }],
    categories,
  });
  writeCocoDataset(file, at([10, 10, 20, 20]));
  assert.deepEqual(readCocoDataset(file, dir).dataset, at([10, 10, 20, 20]));
  writeCocoDataset(file, at([0.1, 0.1, 0.2, 0.25]));
  assert.throws(() => readCocoDataset(file, dir), /:\d+: annotations\[0\]\.bbox: this box and all others lie between 0 and 1/);
});
