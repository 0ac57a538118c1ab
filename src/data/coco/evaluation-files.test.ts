import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../../errors.ts";
import { readCocoAnnotations, readCocoDetections, writeCocoDetections } from "./evaluation-files.ts";

const dir = mkdtempSync(join(tmpdir(), "coco-evaluation-"));
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

test("a bare list of results is read", () => {
  const file = write("d.json", [result, { ...result, id: 5, bbox: [-3, 0.5, 4, 4], score: 3, segmentation: [] }]);
  assert.deepEqual(readCocoDetections(file), {
    file,
    images: null,
    categories: null,
    detections: [
      { imageId: 1, categoryId: 1, box: [0, 0, 10, 20], score: 0.5 },
      { imageId: 1, categoryId: 1, box: [-3, 0.5, 1, 4.5], score: 3 },
    ],
    imageReferences: new Map([[1, { id: 1, name: null }]]),
    categoryReferences: new Map([[1, { id: 1, name: null }]]),
  });
  assert.deepEqual(readCocoDetections(write("d.json", [])).detections, []);
});

test("what is written can be read back, rounded to 0.001 pixels and 1e-6", () => {
  const file = join(dir, "sub", "d.json");
  const images = [
    { id: 1, fileName: "a.png", width: 100, height: 80 },
    { id: 2, fileName: "empty.png", width: null, height: null },
  ];
  const categories = [{ id: 1, name: "cell" }];
  writeCocoDetections(file, {
    images: images.map((image) => ({ ...image })),
    categories,
    detections: [
      { imageId: 1, categoryId: 1, box: [0.12345, 1 / 3, 30.00049, 20.9996], score: 0.12345678 },
      { imageId: 1, categoryId: 1, box: [5, 5, 5.0001, 5.0001], score: 1e-9 },
    ],
  });
  assert.deepEqual(readCocoDetections(file), {
    file,
    images,
    categories,
    detections: [
      { imageId: 1, categoryId: 1, box: [0.123, 0.333, 30, 21], score: 0.123457 },
      { imageId: 1, categoryId: 1, box: [4.999, 4.999, 5, 5], score: 0 },
    ],
  });
  const { annotations } = JSON.parse(readFileSync(file, "utf8"));
  assert.deepEqual(annotations[0], {
    id: 1,
    image_id: 1,
    category_id: 1,
    bbox: [0.123, 0.333, 29.877, 20.667],
    area: 617.468,
    score: 0.123457,
  });
});

test("errors in detections name file and line", () => {
  const read = (content: unknown) => errorOf(() => readCocoDetections(write("d.json", content)));
  const { score: _, ...unscored } = result;
  assert.equal(
    read(`[\n${JSON.stringify(result)},\n${JSON.stringify(unscored)}]`),
    "d.json:3: [1].score: is missing; pass a file of detections, not of annotations",
  );
  assert.equal(read([{ ...result, bbox: null }]), "d.json:1: [0].bbox: is missing");
  assert.equal(
    read('[{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1],\n"score": NaN}]'),
    'd.json:2: [0].score: expected a finite number, got "NaN"',
  );
  assert.equal(read([{ ...result, score: "1" }]), 'd.json:1: [0].score: expected a finite number, got "1"');
  assert.equal(read({ images: [], annotations: [result] }), "d.json:1: annotations[0].image_id: unknown image id 1");
  assert.equal(read({ categories: [], annotations: [result] }), "d.json:1: annotations[0].category_id: unknown category id 1");
  assert.equal(
    read({ predictions: [] }),
    "d.json:1: annotations: is missing; a COCO file has images, annotations and categories",
  );
  assert.equal(read("null"), "d.json:1: expected an object with images, annotations and categories, got null");
});

const truthFile = {
  info: { any: "thing" },
  images: [
    { id: 4, file_name: "set/a.png" },
    { id: 5, file_name: "set/b.png", width: 50, height: 50, tool: "x" },
  ],
  annotations: [
    { id: 1, image_id: 4, category_id: 9, bbox: [0, 0, 10, 20], hidden: true, whatever: 1 },
    { id: 2, image_id: 5, category_id: 9, bbox: [-2, 0, 10, 20], iscrowd: 1 },
  ],
  categories: [{ id: 9, name: "nucleus" }],
};

test("truth from any tool is read unchanged; iscrowd and difficult mean ignore", () => {
  const truth = readCocoAnnotations(write("t.json", truthFile));
  assert.deepEqual(truth.images, [
    { id: 4, fileName: "set/a.png", width: null, height: null },
    { id: 5, fileName: "set/b.png", width: 50, height: 50 },
  ]);
  assert.deepEqual(truth.annotations, [
    { id: 1, imageId: 4, categoryId: 9, box: [0, 0, 10, 20], hidden: true, ignore: false },
    { id: 2, imageId: 5, categoryId: 9, box: [-2, 0, 8, 20], hidden: false, ignore: true },
  ]);
  const { categories: _, ...uncategorised } = truthFile;
  assert.deepEqual(readCocoAnnotations(write("t.json", uncategorised)).categories, []);
});

test("errors in truth name file and line", () => {
  const read = (annotation: object) =>
    errorOf(() =>
      readCocoAnnotations(write("t.json", { ...truthFile, annotations: [{ id: 1, category_id: 9, ...annotation }] })),
    );
  assert.match(
    read({ image_id: 5, bbox: [49, 0, 10, 10] }),
    /^t\.json:1: annotations\[0\]\.bbox: lies outside its image: its centre is \(54, 5\)/,
  );
  assert.equal(read({ image_id: 6, bbox: [0, 0, 1, 1] }), "t.json:1: annotations[0].image_id: unknown image id 6");
  assert.equal(
    errorOf(() => readCocoAnnotations(write("t.json", [result]))),
    "t.json:1: expected an object with images, annotations and categories, got a list",
  );
});

test("a detection without area is read and noted, refused, or left out; other faulty rows are left out and named", () => {
  const file = write("d.json", [result, { ...result, bbox: [1, 1, 0, 5] }, { ...result, score: "high" }]);
  const empty = write("e.json", [result, { ...result, bbox: [1, 1, 0, 5] }]);
  assert.deepEqual(
    readCocoDetections(empty).detections.map(({ box }) => box),
    [
      [0, 0, 10, 20],
      [1, 1, 1, 6],
    ],
  );
  assert.deepEqual(readCocoDetections(empty).notes, [
    `${empty}:1: 1 detection without area counts as wrong; leave out such rows with --drop-invalid`,
  ]);
  assert.equal(
    errorOf(() => readCocoDetections(empty, { refuseEmpty: true, dropInvalid: false })),
    "e.json:1: [1].bbox: is empty: its width is 0 and its height 5; correct or remove it, or leave such rows out with --drop-invalid",
  );
  const { detections, notes } = readCocoDetections(file, { dropInvalid: true });
  assert.equal(detections.length, 1);
  assert.deepEqual(notes, [
    `${file}: left out 2 faulty rows:`,
    `  ${file}:1: [1].bbox: is empty: its width is 0 and its height 5; correct or remove it`,
    `  ${file}:1: [2].score: expected a finite number, got "high"`,
  ]);
  const boxless = write("b.json", [result, { ...result, bbox: null }]);
  assert.deepEqual(readCocoDetections(boxless, { dropInvalid: true }).notes, [
    `${boxless}: left out 1 faulty row:`,
    `  ${boxless}:1: [1].bbox: is missing`,
  ]);
});

test("negative widths and heights of detections and truths have their corners put in order, which is said", () => {
  const boxes = [
    [30, 30, -20, 10],
    [30, 30, 20, -10],
    [30, 30, -20, -10],
  ];
  const ordered = [
    [10, 30, 30, 40],
    [30, 20, 50, 30],
    [10, 20, 30, 30],
  ];
  const file = write(
    "d.json",
    boxes.map((bbox) => ({ ...result, bbox })),
  );
  for (const options of [{}, { dropInvalid: true }, { refuseEmpty: true }]) {
    const { detections, notes } = readCocoDetections(file, options);
    assert.deepEqual(
      detections.map(({ box }) => box),
      ordered,
    );
    assert.deepEqual(notes, [`${file}:1: 3 boxes have a negative width or height; the corners were put in order`]);
  }
  const annotations = boxes.map((bbox, id) => ({ id, image_id: 5, category_id: 9, bbox }));
  const truth = readCocoAnnotations(write("t.json", { ...truthFile, annotations }));
  assert.deepEqual(
    truth.annotations.map(({ box }) => box),
    ordered,
  );
  assert.match(String(truth.notes), /t\.json:1: 3 boxes have a negative width or height/);
  assert.match(
    errorOf(() =>
      readCocoAnnotations(write("t.json", { ...truthFile, annotations: [{ ...annotations[0], bbox: [30, 30, -20, 0] }] })),
    ),
    /bbox: is empty: its width is -20 and its height 0/,
  );
});

test("truths without any box are not left out: a dataset helps", () => {
  const unboxed = { id: 1, image_id: 5, category_id: 9, segmentation: { size: [50, 50], counts: [0, 2500] } };
  for (const dropInvalid of [undefined, false, true])
    assert.equal(
      errorOf(() => readCocoAnnotations(write("t.json", { ...truthFile, annotations: [unboxed, unboxed] }), { dropInvalid })),
      't.json:1: annotations[0].bbox: is missing, as in all annotations; make a dataset with "npx sparsecell data import --format coco", which also reads outlines, masks and key points, and use that',
    );
});

test("when every row is faulty, nothing is left to leave out", () => {
  const bad = { ...result, score: "high" };
  const detections = (...rows: object[]) => errorOf(() => readCocoDetections(write("d.json", rows), { dropInvalid: true }));
  assert.equal(detections(bad), 'd.json:1: [0].score: expected a finite number, got "high"; no other row is left');
  assert.equal(
    detections(bad, bad),
    'd.json:1: [0].score: expected a finite number, got "high"; all other rows are faulty too, and none is left',
  );
  const annotations = [{ id: 1, image_id: 5, category_id: 9, bbox: [1, 1, 0, 1] }];
  assert.match(
    errorOf(() => readCocoAnnotations(write("t.json", { ...truthFile, annotations }), { dropInvalid: true })),
    /bbox: is empty: .*; no other row is left$/,
  );
});

test("ids may be text", () => {
  const truth = readCocoAnnotations(
    write("t.json", {
      images: [
        { id: "mouse_a", file_name: "a.png" },
        { id: "7", file_name: "b.png" },
      ],
      categories: [{ id: "c1", name: "cell" }],
      annotations: [
        { id: "x", image_id: "mouse_a", category_id: "c1", bbox: [0, 0, 5, 5] },
        { id: "y", image_id: 7, category_id: "c1", bbox: [0, 0, 5, 5] },
      ],
    }),
  );
  assert.deepEqual(
    truth.images.map(({ id, sourceId }) => [id < 0, sourceId]),
    [
      [true, "mouse_a"],
      [false, undefined],
    ],
  );
  assert.deepEqual(
    truth.annotations.map(({ imageId }) => imageId),
    truth.images.map(({ id }) => id),
  );
  const twice = {
    images: [
      { id: "7", file_name: "a" },
      { id: 7, file_name: "b" },
    ],
    annotations: [],
  };
  assert.match(
    errorOf(() => readCocoAnnotations(write("u.json", twice))),
    /7 is already the id of another one/,
  );
});
