import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { brushBytes, pixelsOf } from "../masks/masks.fixture.ts";
import { readLabelStudio } from "./read.ts";

const { read, errorOf } = readerOf(readLabelStudio, ["a.png", "0123abcd-b.png", "sub/c d.tif"]);

const result = (type: string, value: object, more = {}) => ({
  type,
  value,
  from_name: "label",
  to_name: "image",
  original_width: 200,
  original_height: 100,
  image_rotation: 0,
  ...more,
});
const point = (x: number, label = "cell") => result("keypointlabels", { x, y: 50, width: 0.4, keypointlabels: [label] });
const task = (image: unknown, ...annotations: object[]) => ({ id: 1, data: { image }, annotations });

/** One task a line, from line 2. */
const text = (...tasks: object[]) => `[\n${tasks.map((task) => JSON.stringify(task)).join(",\n")}\n]`;

test("percentages become pixels; rotated shapes, outlines, separate labels, and other results", () => {
  const results = [
    result("keypointlabels", { x: 12.5, y: 100, width: 0.3, keypointlabels: ["mitosis", "cell"] }),
    result("rectanglelabels", { x: 10, y: 20, width: 90, height: 33.3, rotation: 0, rectanglelabels: ["cell"] }),
    result("rectanglelabels", { x: 50, y: 50, width: 10, height: 4, rotation: 90, rectanglelabels: ["cell"] }),
    result("polygonlabels", { points: [[0, 0], [50, 0], [50, 100]], closed: true, polygonlabels: [] }), // biome-ignore format: one ring
    result("rectangle", { x: 0, y: 0, width: 50, height: 50 }, { id: "r1" }),
    result("labels", { x: 0, y: 0, width: 50, height: 50, labels: ["cell"] }, { id: "r1" }),
    result("ellipselabels", { x: 50, y: 50, radiusX: 10, radiusY: 10, rotation: 90, ellipselabels: ["cell"] }),
    result("choices", { choices: ["good"] }),
  ];
  const { images, notes } = read({ "export.json": text(task("/data/upload/1/00000000-a.png", { id: 7, result: results })) });
  const [{ name, size, line, marks }] = images;
  assert.deepEqual([images.length, name, size, line], [1, "/data/upload/1/a.png", { width: 200, height: 100 }, 2]);
  assert.deepEqual(marks.slice(0, -1).map(brief), [
    ["mitosis", 2, "point", [25, 100]],
    ["cell", 2, "box", [20, 20, 200, 53.3]],
    ["cell", 2, "outline", [[100, 50, 100, 70, 96, 70, 96, 50]]],
    [null, 2, "outline", [[0, 0, 100, 0, 100, 100]]],
    ["cell", 2, "box", [0, 0, 100, 50]],
  ]);
  const ellipse = marks[5].place;
  assert.ok(ellipse.kind === "outline");
  const [xs, ys] = [0, 1].map((axis) => ellipse.rings[0].filter((_, i) => i % 2 === axis));
  assert.deepEqual([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], [90, 110, 30, 70]);
  assert.deepEqual(notes, ["skipped 1 choices: only shapes on the image are read"]);
});

test("a brush region is the box around its pixels", () => {
  const sized = { original_width: 5, original_height: 3 };
  const brush = (rle: unknown, more = {}) => result("brushlabels", { format: "rle", rle, brushlabels: ["cell"], ...more }, sized);
  const bytes = brushBytes(pixelsOf(".....", ".###.", "..#.."));
  const results = [
    brush(bytes),
    result("brush", { format: "rle", rle: bytes }, { ...sized, id: "b1" }),
    result("labels", { labels: ["late"] }, { ...sized, id: "b1" }),
    brush(brushBytes(pixelsOf(".....", ".....", "....."))),
  ];
  const { images } = read({ "export.json": text(task("a.png", { result: results })) });
  assert.deepEqual(images[0].marks.map(brief), [
    ["cell", 2, "box", [1, 1, 4, 3]],
    ["late", 2, "box", [1, 1, 4, 3]],
    ["cell", 2, "box", [0, 0, 0, 0]],
  ]);
  assert.equal(images[0].unread, undefined);
  const unread = [brush([1, 2]), brush("no list"), brush(bytes, { format: "png" }), brush(bytes.slice(0, -1))].map((one) => {
    const [{ marks, unread }] = read({ "export.json": text(task("a.png", { result: [one] })) }).images;
    return [marks.length, ...(unread ?? []).map(({ kind, line, place }) => [kind, line, place])];
  });
  assert.deepEqual(unread, Array(4).fill([0, ["brushlabels", 2, undefined]]));
});

test("other shapes are unread marks, with their place where it is known; answers about a shape are none", () => {
  const results = [
    point(10),
    result("vectorlabels", { vertices: [{ x: 10, y: 20 }, { x: 30, y: 40 }], vectorlabels: ["cell"] }), // biome-ignore format: one line
    result("bitmasklabels", { imageDataURL: "data:image/png;base64,AAAA", bitmasklabels: ["cell"] }),
    result("choices", { x: 10, y: 20, width: 5, height: 5, choices: ["blurred"] }, { id: "r1" }),
    { type: "relation", from_id: "a", to_id: "b" },
  ];
  const { images, notes } = read({ "export.json": text(task("a.png", { result: results })) });
  assert.deepEqual(
    images[0].unread?.map(({ kind, place }) => [kind, place]),
    [
      ["vectorlabels", { kind: "outline", rings: [[20, 20, 60, 40]] }],
      ["bitmasklabels", undefined],
    ],
  );
  assert.deepEqual(notes, ["skipped 1 choices, 1 relation: only shapes on the image are read"]);
});

test("fractions instead of percentages are refused", () => {
  const at = (x: number) => result("rectanglelabels", { x, y: x, width: 0.05, height: 0.04, rectanglelabels: ["cell"] });
  assert.equal(
    errorOf({ "a.json": text(task("a.png", { result: [at(0.1), at(0.8)] })) }),
    "a.json:2: this mark and all others lie between 0 and 1 %, so they are fractions; multiply them by 100",
  );
  assert.equal(read({ "a.json": text(task("a.png", { result: [at(0.1), at(50)] })) }).images[0].marks.length, 2);
});

test("of several annotations the ground truth counts, otherwise the latest that was not cancelled; predictions never do", () => {
  const made = (x: number, created_at: string, more = {}) => ({ result: [point(x)], created_at, ...more });
  const tasks = [
    task("a.png", made(1, "2024-05-01T10:00:00Z", { ground_truth: true }), made(2, "2024-06-01T10:00:00Z")),
    task(
      "b.png",
      made(3, "2024-05-02T10:00:00.000000Z"),
      made(4, "2024-05-01T10:00:00Z", { updated_at: "2024-05-03T00:00:00Z" }),
      made(5, "2024-05-09T10:00:00Z", { was_cancelled: true }),
    ),
    { ...task("x.png", made(6, "2024-05-01T10:00:00Z", { was_cancelled: true })), predictions: [{ result: [point(7)] }] },
    { ...task("y.png"), predictions: [{ result: [point(8)] }] },
    task("sub/c d.tif", { result: [] }),
  ];
  const { images: all, notes } = read({ "export.json": text(...tasks) });
  assert.deepEqual(
    all.flatMap(({ name, marks, unlabelled }) => (unlabelled ? [[name, marks.length]] : [])),
    [
      ["x.png", 0],
      ["y.png", 0],
    ],
  );
  const images = all.filter(({ unlabelled }) => !unlabelled);
  assert.deepEqual(
    images.map(({ name, line, size, marks }) => [
      name,
      line,
      size?.width,
      ...marks.map(({ place }) => place.kind === "point" && place.x),
    ]),
    [
      ["a.png", 2, 200, 2],
      ["b.png", 3, 200, 8],
      ["sub/c d.tif", 6, undefined],
    ],
  );
  assert.deepEqual(notes, [
    "left out 2 tasks without a valid annotation",
    "left out 4 annotations: cancelled, or replaced by the ground truth or a later one",
  ]);
});

test("completions of old versions, files of one task", () => {
  const completion = (x: number, created_at: number, more = {}) => ({ result: [point(x)], created_at, ...more });
  const old = (file: string, ...completions: object[]) => JSON.stringify({ id: 1, data: { image: file }, completions });
  const { images } = read({
    "1.json": old("a.png", completion(1, 1600000002), completion(2, 1600000001)),
    "2.json": old("b.png", completion(3, 1600000001, { honeypot: true }), completion(4, 1600000009, { skipped: true })),
  });
  assert.deepEqual(
    images.map(({ marks }) => marks.map(({ place }) => place.kind === "point" && place.x)),
    [[2], [6]],
  );
  assert.deepEqual(
    images.map(({ id }) => id),
    [1, 1],
  );
  assert.deepEqual(read({ "export.json": "[]" }), { images: [], notes: [] });
});

test("names of images", () => {
  const nameOf = (data: object, more = {}) =>
    read({ "export.json": text({ data, ...more, annotations: [{ result: [] }] }) }).images[0].name;
  const made = [
    nameOf({ image: "/data/upload/3/89abcdef-a.png" }),
    nameOf({ image: "/data/upload/3/0123abcd-b.png" }),
    nameOf({ image: "/data/upload/3/89abcdef-not-there.png" }),
    nameOf({ image: "/data/local-files/?d=slides%2Fsub/c%20d.tif" }),
    nameOf({ image: "s3://bucket/folder/89abcdef-a.png" }),
    nameOf({ image: "https://host:8080/x/a.png?X-Amz-Expires=60&k=b.png" }),
    nameOf({ image: "C:\\images\\100%#1.png" }),
    nameOf({ image: "gs://bucket/without-extension", thumb: "small.png" }),
    nameOf({ text: "a cell", slide: "deep/a.png" }),
    nameOf({ image: "data:image/png;base64,AAAA" }, { file_upload: "89abcdef-a.png" }),
  ];
  assert.deepEqual(made, [
    "/data/upload/3/a.png",
    "/data/upload/3/0123abcd-b.png",
    "/data/upload/3/not-there.png",
    "slides/sub/c d.tif",
    "folder/a.png",
    "x/a.png",
    "C:\\images\\100%#1.png",
    "without-extension",
    "deep/a.png",
    "a.png",
  ]);
});

test("every error is one line with file, line and path", () => {
  const error = (...tasks: object[]) => errorOf({ "a.json": text(task("a.png", { result: [] }), ...tasks) });
  const of = (...results: object[]) => error(task("a.png", { result: results }));
  const at = "a.json:3: [1].annotations[0].result[0]";
  const labels = { keypointlabels: ["cell"] };
  assert.equal(of(result("keypointlabels", { x: "1", y: 2, ...labels })), `${at}.value.x: expected a finite number, got "1"`);
  assert.equal(of(result("keypointlabels", { x: 1, ...labels })), `${at}.value.y: is missing; expected a finite number`);
  assert.match(
    of({ ...point(1), image_rotation: 90 }),
    /\.image_rotation: the image was turned by 90 degrees for annotation; turn it back/,
  );
  assert.equal(of({ ...point(1), original_width: 0 }), `${at}.original_width: expected more than 0 pixels, got 0`);
  assert.equal(of({ ...point(1), original_height: undefined }), `${at}.original_height: is missing; expected a finite number`);
  assert.match(of(point(1), { ...point(1), to_name: "image2" }), /result\[1\]\.to_name: the task has several images/);
  assert.equal(of({ value: {} }), `${at}.type: is missing; expected text`);
  assert.equal(
    of(result("polygonlabels", { points: [[1, 2], 3] })),
    `${at}.value.points[1][0]: is missing; expected a finite number`,
  );
  assert.equal(error(task("a.png", {})), "a.json:3: [1].annotations[0].result: is missing; expected a list");
  assert.equal(
    error({ annotations: [] }),
    'a.json:3: [1].data: is missing; export the project as "JSON", not as "JSON-MIN" or another format',
  );
  assert.equal(error({ data: { text: "x" } }), "a.json:3: [1].data: has no path or address of an image; add one");
  assert.match(errorOf({ "a.json": '[{"data": }]' }), /^a\.json:1: is not valid JSON: expected a value, got }$/);
  assert.match(errorOf({ "a.json": "" }), /^a\.json:1: is not valid JSON: the file ends/);
});
