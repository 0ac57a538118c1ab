import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../errors.ts";
import { readCocoAnnotations, readCocoDetections } from "./coco/evaluation-files.ts";
import { type PairOptions, pairWithTruth } from "./evaluation-pair.ts";

const dir = mkdtempSync(join(tmpdir(), "evaluation-pair-"));
after(() => rmSync(dir, { recursive: true }));

function write(name: string, content: unknown): string {
  const file = join(dir, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function errorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replaceAll(`${dir}/`, "");
  }
  return assert.fail("did not throw");
}

const result = { image_id: 1, category_id: 1, bbox: [0, 0, 10, 20], score: 0.5 };
const truthFile = {
  images: [
    { id: 4, file_name: "set/a.png" },
    { id: 5, file_name: "set/b.png" },
  ],
  annotations: [
    { id: 1, image_id: 4, category_id: 9, bbox: [0, 0, 10, 20] },
    { id: 2, image_id: 5, category_id: 9, bbox: [2, 0, 10, 20] },
  ],
  categories: [{ id: 9, name: "nucleus" }],
};

function pair(found: unknown, truth: unknown = truthFile) {
  return pairWithTruth(readCocoDetections(write("d.json", found)), readCocoAnnotations(write("t.json", truth)));
}

test("images pair by file name, a single category with a single one; only searched images count", () => {
  const found = {
    images: [{ id: 1, file_name: "/data/set/b.png" }],
    categories: [{ id: 1, name: "cell" }],
    annotations: [result],
  };
  const { images, annotations, detections } = pair(found);
  assert.deepEqual(
    images.map(({ id }) => id),
    [5],
  );
  assert.deepEqual(
    annotations.map(({ id }) => id),
    [2],
  );
  assert.deepEqual(detections, [{ imageId: 5, categoryId: 9, box: [0, 0, 10, 20], score: 0.5 }]);
});

test("categories pair by name when there are several", () => {
  const truth = {
    ...truthFile,
    categories: [
      { id: 9, name: "nucleus" },
      { id: 1, name: "mitosis" },
    ],
  };
  const categories = [
    { id: 1, name: "nucleus" },
    { id: 2, name: "mitosis" },
    { id: 3, name: "unused" },
  ];
  const found = { images: [{ id: 1, file_name: "a" }], categories, annotations: [{ ...result }, { ...result, category_id: 2 }] };
  assert.deepEqual(
    pair(found, truth).detections.map(({ categoryId }) => categoryId),
    [9, 1],
  );
  found.annotations[0].category_id = 3;
  assert.equal(
    errorOf(() => pair(found, truth)),
    'd.json: the category "unused" is not in t.json, which has "nucleus", "mitosis"',
  );
});

test("bare results use the truth's ids, and all its images count", () => {
  const { images, detections } = pair([{ ...result, image_id: 4, category_id: 9 }]);
  assert.deepEqual([images.length, detections[0].imageId, detections[0].categoryId], [2, 4, 9]);
  assert.equal(
    errorOf(() => pair([{ ...result, image_id: 1, category_id: 9 }])),
    "d.json: 1 of 1 image ids is unknown (1; known: 4, 5) in t.json; pass the annotations of the same images",
  );
  assert.equal(
    errorOf(() => pair([{ ...result, image_id: 4 }])),
    "d.json: 1 of 1 category ids is unknown (1; known: 9) in t.json; pass the annotations of the same images",
  );
});

test("images that cannot be paired are named", () => {
  const error = (...names: string[]) =>
    errorOf(() => pair({ images: names.map((file_name, id) => ({ id, file_name })), annotations: [] }));
  assert.equal(error("c.png"), 'd.json: the image "c.png" is not in t.json; pass the annotations of the same images');
  assert.equal(
    error("a.png", "x/set/a.png"),
    'd.json: the image "x/set/a.png" and "a.png" are both "set/a.png" in t.json; detect on it once',
  );
  const twice = {
    ...truthFile,
    images: [
      { id: 4, file_name: "1/a.png" },
      { id: 5, file_name: "2/a.png" },
    ],
  };
  assert.equal(
    errorOf(() => pair({ images: [{ id: 1, file_name: "a.png" }], annotations: [] }, twice)),
    'd.json: the image "a.png" could be "1/a.png", "2/a.png" in t.json; add its folder',
  );
});

test("images of different sizes are refused if both files state them", () => {
  const sized = (width: number) => ({
    ...truthFile,
    images: [{ ...truthFile.images[0], width, height: 30 }, truthFile.images[1]],
  });
  const found = (width: number) => ({ ...sized(width), annotations: [{ id: 1, ...result, image_id: 4, category_id: 9 }] });
  assert.equal(pair(found(40), sized(40)).detections.length, 1);
  assert.equal(pair(found(20), truthFile).detections.length, 1);
  assert.match(
    errorOf(() => pair(found(20), sized(40))),
    /the image "set\/a\.png" has 20×30 pixels, but 40×30 in .*; detect on/,
  );
});

const imagesOf = (rows: unknown[], truth: unknown, options: PairOptions = {}) =>
  pairWithTruth(readCocoDetections(write("d.json", rows)), readCocoAnnotations(write("t.json", truth)), options).detections.map(
    ({ imageId }) => imageId,
  );
const named = (names: string[]) => ({
  ...truthFile,
  images: names.map((file_name, i) => ({ id: i + 1, file_name })),
  annotations: [],
});
const row = (image_id: unknown, more: object = {}) => ({ ...result, image_id, category_id: 9, ...more });

test("ids of bare results may be names of files, and a name beside the id decides", () => {
  const truth = named(["x/mouse_a.png", "x/mouse_b.png"]);
  assert.deepEqual(imagesOf([row("mouse_b"), row("mouse_a.png")], truth), [2, 1]);
  assert.deepEqual(imagesOf([row(1, { file_name: "mouse_b.png" })], truth), [2]);
  assert.deepEqual(imagesOf([row(undefined, { file_name: "mouse_b.png" })], truth), [2]);
  assert.deepEqual(imagesOf([row(139)], named(["000000000139.jpg", "b.jpg"])), [1]);
  assert.match(
    errorOf(() => imagesOf([row("mouse")], truth)),
    /^d\.json: 1 of 1 image ids is unknown \("mouse"; known: 1, 2\) in t\.json; pass/,
  );
  assert.match(
    errorOf(() => imagesOf([row("a")], named(["1/a.png", "2/a.png"]))),
    /the image "a" .*could be "1\/a.png", "2\/a.png"/,
  );
});

test("ids that fit in two ways which mean different images are refused, unless the user says which", () => {
  const shuffled = named(["2.png", "1.png"]);
  assert.equal(
    errorOf(() => imagesOf([row(1)], shuffled)),
    "d.json: its image ids fit the ids and the file names of t.json, which mean different images; say which: --ids annotations or --ids file-names",
  );
  assert.deepEqual(imagesOf([row(1)], shuffled, { ids: "annotations" }), [1]);
  assert.deepEqual(imagesOf([row(1)], shuffled, { ids: "file-names" }), [2]);
  assert.deepEqual(imagesOf([row(1)], named(["1.png", "2.png"])), [1]);
});

test("results with the ids of the file from which the truth was imported fit", () => {
  const found = readCocoDetections(write("d.json", [row("scan 1", { category_id: "c" }), row(5, { category_id: "c" })]));
  const image = (id: number, fileName: string, more: object) => ({ id, fileName, width: null, height: null, ...more });
  const truth = {
    file: "t.json",
    images: [image(5, "a.png", {}), image(6, "b.png", { sourceId: "scan 1" })],
    categories: [{ id: 1, name: "cell", sourceId: "c" }],
    annotations: [],
  };
  assert.deepEqual(
    pairWithTruth(found, truth).detections.map(({ imageId, categoryId }) => [imageId, categoryId]),
    [
      [6, 1],
      [5, 1],
    ],
  );
});

test("an image or a category of several entries has the ids of all", () => {
  const image = (id: number, fileName: string, sourceId: number | string | (number | string)[]) => {
    return { id, fileName, width: null, height: null, sourceId };
  };
  const truth = {
    file: "t.json",
    images: [image(5, "x.png", [5, 6, "six"]), image(1, "y.png", 1)],
    categories: [{ id: 3, name: "cell", sourceId: [3, 4] }],
    annotations: [],
  };
  const found = (...ids: (number | string)[]) =>
    readCocoDetections(
      write(
        "d.json",
        ids.map((id, i) => row(id, { category_id: 3 + (i % 2), score: 0.1 * (i + 1) })),
      ),
    );
  assert.deepEqual(
    pairWithTruth(found(5, 6, "six", 1), truth).detections.map(({ imageId, categoryId }) => [imageId, categoryId]),
    [
      [5, 3],
      [5, 3],
      [5, 3],
      [1, 3],
    ],
  );
  assert.match(
    errorOf(() => pairWithTruth(found(7), truth)),
    /1 of 1 image ids is unknown \(7; known: 5, 6, "six", …\)/,
  );
});

test("ids that several images had in their files are refused", () => {
  const image = (id: number, fileName: string, sourceId?: number | string) => {
    return { id, fileName, width: null, height: null, ...(sourceId === undefined ? {} : { sourceId }) };
  };
  const truth = {
    file: "t.json",
    images: [image(0, "x.png"), image(1, "y.png", 0), image(2, "a.png", "s"), image(3, "b.png", "s")],
    categories: [{ id: 1, name: "cell" }],
    annotations: [],
  };
  const of = (id: number | string, options = {}) =>
    pairWithTruth(readCocoDetections(write("d.json", [row(id, { category_id: 1 })])), truth, options).detections[0].imageId;
  assert.match(
    errorOf(() => of(0)),
    /fit the ids and the source_ids of t\.json, which mean different images; say which/,
  );
  assert.equal(of(0, { ids: "annotations" }), 0);
  assert.match(
    errorOf(() => of(0, { ids: "source" })),
    /t\.json has several images with the source_id 0; write the file_name in every row/,
  );
  assert.match(
    errorOf(() => of("s")),
    /t\.json has several images with the source_id "s"/,
  );
  assert.deepEqual([of(2), of(1)], [2, 1]);
});

test("an image with the id 0 is found by the number that its file's name is", () => {
  const truth = { ...named([]), images: [{ id: 0, file_name: "0012.png" }] };
  assert.deepEqual(imagesOf([row(12)], truth), [0]);
});

test("categories of bare results go by name, as their id or beside it, where all names are known", () => {
  const two = {
    ...named(["a.png"]),
    categories: [
      { id: 1, name: "blast" },
      { id: 2, name: "plasma" },
    ],
  };
  const ids = (...rows: object[]) =>
    pair(
      rows.map((more) => row(1, more)),
      two,
    ).detections.map(({ categoryId }) => categoryId);
  assert.deepEqual(ids({ category_id: "plasma" }), [2]);
  assert.deepEqual(ids({ category_id: 0, category_name: "blast" }, { category_id: 1, category_name: "plasma" }), [1, 2]);
  assert.deepEqual(ids({ category_id: 1, category_name: "nucleus" }), [1]);
});

test("detections of unknown images are left out, counted and named, if that is asked for", () => {
  const truth = named(["a.png", "b.png"]);
  const { detections, notes } = pairWithTruth(
    readCocoDetections(write("d.json", [row(1), row(8)])),
    readCocoAnnotations(write("t.json", truth)),
    { dropInvalid: true },
  );
  assert.equal(detections.length, 1);
  assert.deepEqual(
    notes.map((note) => note.replaceAll(`${dir}/`, "")),
    ["left out 1 of 2 detections: d.json: 1 of 2 image ids is unknown (8; known: 1, 2) in t.json"],
  );
  assert.match(
    errorOf(() => imagesOf([row(8)], truth, { dropInvalid: true })),
    /nothing is left to measure/,
  );
});

test("the same detection under two ids of one image counts once", () => {
  const image = { id: 5, sourceId: [5, 6], fileName: "a.png", width: null, height: null };
  const truth = { file: "t.json", images: [image], categories: [{ id: 1, sourceId: [1, 3], name: "cell" }], annotations: [] };
  const cell = (id: number, score: number, category = 1) => row(id, { category_id: category, score });
  const results = [cell(5, 0.9), cell(6, 0.8), cell(6, 0.9), cell(6, 0.7, 3)];
  const { detections, notes } = pairWithTruth(readCocoDetections(write("d.json", results)), truth);
  assert.deepEqual(
    detections.map(({ imageId, categoryId, score }) => [imageId, categoryId, score]),
    [
      [5, 1, 0.9],
      [5, 1, 0.8],
      [5, 1, 0.7],
    ],
  );
  assert.match(notes.join(), /d\.json: 1 detections are given again under another id of their image, and count once$/);
});
