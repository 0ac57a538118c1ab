import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { UserError } from "../../errors.ts";
import { brief } from "../annotations.fixture.ts";
import { readYolo } from "./read.ts";
import { exportYolo } from "./write.ts";

const dir = mkdtempSync(join(tmpdir(), "yolo-"));
after(() => rmSync(dir, { recursive: true }));
const pixels = await sharp({ create: { width: 200, height: 100, channels: 3, background: "#ffffff" } })
  .png()
  .toBuffer();

/** A new folder with these files; those ending in .png are images of 200×100 pixels. */
let folders = 0;
function set(files: { readonly [name: string]: string }): string {
  const root = join(dir, String(++folders));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), name.endsWith(".png") ? pixels : text);
  }
  return root;
}

async function errorOf(files: { readonly [name: string]: string }, annotations = "labels"): Promise<string> {
  const root = set({ "images/a.png": "", ...files });
  const error: unknown = await readYolo({ images: join(root, "images"), annotations: join(root, annotations) }).catch(
    (error) => error,
  );
  assert.ok(error instanceof UserError, String(error));
  return error.message.replaceAll(`${root}/`, "");
}

test("boxes, outlines, confidences; an empty file; names from classes.txt", async () => {
  const root = set({
    "images/a.png": "",
    "images/b.png": "",
    "images/c.png": "",
    "labels/a.txt": "0 0.5 0.5 0.1 0.2\r\n1 0.025 0.95 0.050001 0.1 0.75\n\n0 0.1 0.1 0.2 0.1 0.2 0.3\n1 0 0 1 0 1 1 0 1 0.5\n",
    "labels/b.txt": "",
    "labels/classes.txt": "cell\nmitosis\n",
  });
  const { images, categoryIds, notes } = await readYolo({ images: join(root, "images"), annotations: join(root, "labels") });
  assert.deepEqual(
    categoryIds,
    new Map([
      ["cell", 0],
      ["mitosis", 1],
    ]),
  );
  assert.deepEqual(
    images.map(({ name, marks, split }) => [name, marks.map(brief), split]),
    [
      [
        "a",
        [
          ["cell", 1, "box", [90, 40, 110, 60]],
          ["mitosis", 2, "box", [0, 90, 10.0001, 100]],
          ["cell", 4, "outline", [[20, 10, 40, 10, 40, 30]]],
          ["mitosis", 5, "outline", [[0, 0, 200, 0, 200, 100, 0, 100]]],
        ],
        undefined,
      ],
      ["b", [], undefined],
    ],
  );
  assert.deepEqual(notes, ["2 marks have a confidence, so they are predictions: all were taken, whatever it is"]);
});

const row = "0 0.5 0.5 0.1 0.2\n";
const splitsOf = async (files: { readonly [name: string]: string }, images: string, annotations: string) => {
  const root = set(files);
  const source = await readYolo({ images: join(root, images), annotations: join(root, annotations) });
  return { ...source, of: source.images.map(({ name, split, marks }) => [name, split, marks[0]?.label]) };
};

test("the layouts of Ultralytics, Roboflow and Darknet, with their names and splits", async () => {
  const ultralytics = {
    "cells.yaml":
      "# cells\npath: ../datasets/cells\ntrain: images/train # 3 images\nval: images/val\ntest: # none\nnames:\n  0: cell\n  1: 'it''s'\ndownload: |\n  from x import y\n  names: z\n",
    "images/train/a.png": "",
    "images/val/a.png": "",
    "labels/train/a.txt": row,
    "labels/val/a.txt": `1${row.slice(1)}`,
  };
  const expected = [
    ["images/train/a", "train", "cell"],
    ["images/val/a", "test", "it's"],
  ];
  assert.deepEqual((await splitsOf(ultralytics, ".", "cells.yaml")).of, expected);
  assert.deepEqual((await splitsOf(ultralytics, "images", "cells.yaml")).of, expected);
  const { "cells.yaml": yaml, ...unnamed } = ultralytics;
  assert.deepEqual((await splitsOf({ ...unnamed, "data.yaml": yaml }, "images", "labels")).of, expected);
  const single = await splitsOf({ ...unnamed, "data.yaml": yaml }, "images/val", "labels/val");
  assert.deepEqual(single.of, expected.slice(1));
  assert.deepEqual(single.notes, ["train in data.yaml names none of the label files"]);
  assert.deepEqual((await splitsOf({ ...unnamed, "cells.yaml": yaml, "other.yaml": "a: b" }, "images", "labels")).of, expected);
  const bare = await splitsOf(unnamed, "images", "labels");
  assert.deepEqual(bare.of, [
    ["train/a", "train", "0"],
    ["val/a", "test", "1"],
  ]);
  assert.deepEqual(bare.notes, ["no data.yaml and no classes.txt names the classes, so they are numbers"]);

  const roboflow = {
    "data.yaml": "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cell', \"b, c\"]\nroboflow:\n  url: https://x\n",
    "README.dataset.txt": "# cells\n",
    "train/images/a_png.rf.1f.png": "",
    "train/labels/a_png.rf.1f.txt": row,
    "valid/images/b.png": "",
    "valid/labels/b.txt": `1${row.slice(1)}`,
  };
  assert.deepEqual((await splitsOf(roboflow, ".", "data.yaml")).of, [
    ["train/images/a_png.rf.1f", "train", "cell"],
    ["valid/images/b", "test", "b, c"],
  ]);
  assert.deepEqual((await splitsOf(roboflow, "valid/images", "valid/labels")).of, [["valid/images/b", "test", "b, c"]]);

  const darknet = {
    "obj.names": "cell\n",
    "train.txt": "data/obj_train_data/a.png\n",
    "test.txt": "data/obj_train_data/b.png\r\n",
    "obj_train_data/a.png": "",
    "obj_train_data/a.txt": row,
    "obj_train_data/b.png": "",
    "obj_train_data/b.txt": row,
  };
  assert.deepEqual((await splitsOf(darknet, "obj_train_data", ".")).of, [
    ["obj_train_data/a", "train", "cell"],
    ["obj_train_data/b", "test", "cell"],
  ]);
});

test("an image in two splits has none; key points after a box are passed over", async () => {
  const files = {
    "data.yaml": "train: images\nval: [images]\nkpt_shape: [2, 3]\nnames:\n- cell\n",
    "images/a.png": "",
    "labels/a.txt": "0 0.5 0.5 0.1 0.2 0.4 0.4 2 0.6 0.6 1\n",
  };
  const { of, images, notes } = await splitsOf(files, "images", "labels");
  assert.deepEqual(of, [["images/a", undefined, "cell"]]);
  assert.deepEqual(images[0].marks.map(brief), [["cell", 1, "box", [90, 40, 110, 60]]]);
  assert.deepEqual(notes, ['1 images are in the training and in another split: they are training images; use "data split"']);
});

test("marks on an image that is missing are still counted", async () => {
  const { images } = await splitsOf({ "images/a.png": "", "labels/b.txt": row }, "images", "labels");
  assert.deepEqual([images[0].name, images[0].marks.length], ["b", 1]);
});

test("what is wrong is one line with file and line", async () => {
  const line = (text: string, more = {}) => errorOf({ "labels/a.txt": `${row}${text}\n`, "labels/classes.txt": "cell", ...more });
  assert.equal(
    await line("0 120 80 20 30"),
    "labels/a.txt:2: expected fractions of the image from 0 to 1, got 120, which looks like pixels; divide x by the image's width and y by its height",
  );
  assert.match(await line("0 0.5 0.5 0.1"), /^labels\/a\.txt:2: has 3 numbers after the class; expected 4 of a box/);
  assert.match(await line("1 0.5 0.5 0.1 0.1"), /^labels\/a\.txt:2: the class 1 has no name, which go from 0 to 0/);
  assert.match(await line("0.5 0.5 0.5 0.1 0.1"), /^labels\/a\.txt:2: expected a class 0, 1, 2, …, got 0\.5/);
  assert.match(await line("0 0.5 0.5 0.1 0.1 7"), /^labels\/a\.txt:2: the last number should be a confidence from 0 to 1, got 7/);
  assert.match(await line("0,0.5,0.5,0.1,0.1"), /^labels\/a\.txt:2: expected numbers separated by spaces, got "0,0\.5,/);
  assert.match(await line("0 nan 0.5 0.1 0.1"), /got "nan"/);
  assert.match(await errorOf({ "labels/classes.txt": "cell" }), /^labels: has no \.txt file of labels/);
  assert.match(await errorOf({ "labels/a.csv": "" }, "labels/a.csv"), /^labels\/a\.csv: expected data\.yaml, a \.txt file/);
  const two = { "x.yaml": "names: [a]", "y.yml": "names: [b]", "labels/a.txt": row };
  assert.match(await errorOf(two), /has several YAML files with names \(x\.yaml, y\.yml\); pass one of them$/);
  const yaml = (text: string) => errorOf({ "labels/a.txt": row, "data.yaml": text }, "data.yaml");
  assert.equal(await yaml("nc: 3\nnames: [a, b]"), "data.yaml:1: nc: is 3, but there are 2 names; correct one of them");
  assert.equal(await yaml("names:\n  0: a\n  2: b"), "data.yaml:1: names: the class 1 has no name; add it");
  assert.match(await yaml("names: a"), /^data\.yaml:1: names: expected a list of classes/);
  assert.match(await yaml("names:\n  - a\n    - b"), /^data\.yaml:3: names: expected lines that begin at the same column/);
  assert.match(await yaml("names: [a, [b]]"), /^data\.yaml:1: names: expected a list of texts, got a list in a list/);
  assert.match(await yaml("names: [a, 'b"), /^data\.yaml:1: names: expected a closing ]/);
  assert.match(await yaml("names: *x"), /^data\.yaml:1: names: expected a text, got "\*x"/);
  assert.match(await yaml("names: [a]\nnames: [b]"), /^data\.yaml:2: the key "names" is there twice/);
  assert.match(await yaml("just text"), /^data\.yaml:1: expected "key: value", got "just text"/);
  assert.match(await yaml("kpt_shape: 5\nnames: [a]"), /^data\.yaml:1: kpt_shape: expected \[number of key points, 2 or 3\]/);
});

test("what is written: labels, classes, lists of the splits; detections with their score", async () => {
  const out = join(dir, "out");
  const size = { width: 200, height: 100 };
  const categories = [
    { id: 4, name: "cell" },
    { id: 9, name: 'a "b": #c' },
  ];
  exportYolo(
    {
      images: [
        {
          id: 1,
          fileName: "x/a.png",
          ...size,
          split: "train",
          marks: [{ box: [90, 40, 110, 60], label: 'a "b": #c', score: 0.25 }],
        },
        { id: 2, fileName: "b.png", ...size, split: "test", marks: [] },
      ],
      categories,
    },
    out,
  );
  const text = (name: string) => readFileSync(join(out, name), "utf8");
  assert.equal(text("labels/x/a.txt"), "1 0.500000 0.500000 0.100000 0.200000 0.25\n");
  assert.equal(text("labels/b.txt"), "");
  assert.equal(text("data.yaml"), 'train: train.txt\nval: test.txt\nnc: 2\nnames:\n  0: "cell"\n  1: "a \\"b\\": #c"\n');
  assert.deepEqual([text("train.txt"), text("test.txt")], ["./images/x/a.png\n", "./images/b.png\n"]);
  const refused = (fileNames: string[], width: number | null) => () =>
    exportYolo(
      {
        images: fileNames.map((fileName, id) => ({
          id,
          fileName,
          width,
          height: 5,
          marks: [{ box: [0, 0, 1, 1], label: "cell" }],
        })),
        categories,
      },
      join(dir, "refused"),
    );
  assert.throws(
    refused(["a.png", "a.tif"], 5),
    /the images "a\.png" and "a\.tif" would share the label file "a\.txt"; rename one/,
  );
  assert.throws(refused(["a.png"], null), /the image "a\.png" has no width and height, which YOLO needs/);
});
