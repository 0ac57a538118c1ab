import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../errors.ts";
import { regionAt } from "../../geometry/region.ts";
import { compressed, countsOf, pixelsOf } from "../masks/masks.fixture.ts";
import type { Mark, SourceImage } from "../source.ts";
import { readCoco } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "read-coco-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "instances.json");

const image = { id: 1, file_name: "a.png", width: 100, height: 50 };
const box = { image_id: 1, category_id: 3, bbox: [10, 20, 30, 10] };
const categories = [
  { id: 3, name: "cell" },
  { id: 4, name: "roi" },
];

/** One row a line: the images begin in line 3, the annotations two lines after the last image. */
function text(lists: { readonly [key: string]: readonly object[] }): string {
  const rows = (list: readonly object[]) => list.map((row) => JSON.stringify(row)).join(",\n");
  const body = Object.entries({ images: [image], annotations: [box], categories, ...lists });
  return `{"info": {"anything": 1},\n${body.map(([key, list]) => `"${key}": [\n${rows(list)}\n]`).join(",\n")}}`;
}

function read(lists: { readonly [key: string]: readonly object[] }, classes = {}) {
  writeFileSync(file, text(lists));
  return readCoco({ images: dir, annotations: file, ...classes });
}

/** Without what an error says of it. */
const content = ({ place, label, region }: Mark) => ({ place, label, region });

test("boxes from any tool, with unknown keys", () => {
  const rows = [
    { ...box, id: 1, segmentation: [[10, 20, 40, 20, 40, 30]], area: 5, iscrowd: 0, attributes: { occluded: false }, tool: "x" },
    { ...box, id: "two", bbox: [0, 0, 0, 5], attributes: "none" },
  ];
  const { images, notes, negativeLabels } = read({
    images: [
      { ...image, license: 1, mystery: {} },
      { id: 2, file_name: "b/c.png", width: null, split: "val", group: 5 },
    ],
    annotations: rows,
    categories: [...categories, { id: 9, name: "look-alike", negative: true, color: "red" }],
  });
  const [a, b] = images;
  assert.deepEqual([a.name, a.size, a.file, a.line], ["a.png", { width: 100, height: 50 }, file, 3]);
  assert.deepEqual(a.marks.map(content), [
    { place: { kind: "box", box: [10, 20, 40, 30] }, label: "cell", region: undefined },
    { place: { kind: "box", box: [0, 0, 0, 5] }, label: "cell", region: undefined },
  ]);
  assert.deepEqual(
    a.marks.map(({ line }) => line),
    [7, 8],
  );
  assert.deepEqual([b.name, b.marks, "size" in b, "group" in b, "split" in b, b.line], ["b/c.png", [], false, false, false, 4]);
  assert.deepEqual([notes, negativeLabels], [[`1 images of the split "val" became training images`], ["look-alike"]]);
});

test("regions: by class, by attribute, and crowds", () => {
  const polygons = [
    [0, 0, 50, 0, 50, 50],
    [10, 10, 20, 10, 20, 20.5],
  ];
  const annotations = [
    { ...box, category_id: 4, segmentation: polygons },
    { ...box, attributes: { roi: true, blur: false } },
    { ...box, attributes: { roi: false, state: "blur" } },
    { ...box, iscrowd: 1, segmentation: { size: [50, 100], counts: "RLE" } },
    { ...box, iscrowd: 1, segmentation: polygons },
    { ...box, attributes: { roi: "yes", blur: 1 } },
    { ...box, attributes: { region: "complete" } },
  ];
  const { images, notes } = read({ annotations }, { completeClass: "roi", ignoreClass: "blur" });
  const marks = images[0].marks.map(content);
  assert.deepEqual(
    marks.map(({ region }) => region),
    ["complete", "complete", "ignore", "ignore", "ignore", undefined, "complete"],
  );
  assert.deepEqual(
    marks.map(({ place }) => place.kind),
    ["outline", "box", "box", "box", "outline", "box", "box"],
  );
  assert.deepEqual(marks[0].place, { kind: "outline", rings: polygons });
  assert.deepEqual(notes, ["2 crowd annotations became regions to ignore"]);
});

const outline = [12, 20, 30, 18, 33, 40, 15, 44];
const rle = pixelsOf("......", "..##..", ".###..", "......");
const small = { ...image, width: 6, height: 4 };
const counts = countsOf(rle, "columns");
const bare = { image_id: 1, category_id: 3 };

const unreadOf = (images: readonly SourceImage[]) => images[0].unread?.map(({ kind, place }) => [kind, place]);

test("without a box: polygons, run lengths of both forms, and labelled key points", () => {
  const annotations = [
    { ...bare, segmentation: [outline] },
    { ...bare, bbox: [0, 0, 0, 0], segmentation: [outline, [60, 10, 70, 10, 70, 45]] },
    { ...bare, bbox: null, segmentation: outline },
    { ...bare, segmentation: [], bbox: [30.5, 40.25, 0, 0], keypoints: [30.5, 40.25, 2, 0, 0, 0, 7, 8, 1] },
    { ...bare, segmentation: [], bbox: [5, 5, 0, 0], keypoints: [5, 5, 0] },
    { ...bare, bbox: [30, 20, -20, -10] },
    { ...bare, bbox: [1, 2, 3, 4], segmentation: "none" },
    { ...bare, bbox: [1, 2, 30, 40], keypoints: [1, 42, 2, 31, 2, 1, 0, 0, 0] },
  ];
  const { images, notes } = read({ annotations });
  assert.deepEqual(
    images[0].marks.map(({ place }) => place),
    [
      { kind: "box", box: [12, 18, 33, 44] },
      { kind: "box", box: [12, 10, 70, 45] },
      { kind: "box", box: [12, 18, 33, 44] },
      { kind: "point", x: 30.5, y: 40.25 },
      { kind: "point", x: 7, y: 8 },
      { kind: "box", box: [30, 20, 10, 10] },
      { kind: "box", box: [1, 2, 4, 6] },
      { kind: "box", box: [1, 2, 31, 42] },
    ],
  );
  assert.deepEqual(unreadOf(images), [["cell without a labelled key point", { kind: "point", x: 5, y: 5 }]]);
  assert.deepEqual(notes, [
    "3 annotations without a box have the box around their outline",
    "1 annotations without a box are points",
    "1 boxes just span their key points; if each point is a cell, export the points, for instance as points-csv",
  ]);
  for (const form of [counts, compressed(counts)]) {
    const masks = read({ images: [small], annotations: [{ ...bare, segmentation: { size: [4, 6], counts: form } }] });
    assert.deepEqual(
      masks.images[0].marks.map(({ place }) => place),
      [{ kind: "box", box: [1, 1, 4, 3] }],
    );
  }
});

test("polygons and the run lengths of their pixels give the same box", () => {
  const corner = fc.integer({ min: 0, max: 19 });
  const rectangle = fc.tuple(corner, corner, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(rectangle, { minLength: 1, maxLength: 3 }), (rectangles) => {
      const segmentation = rectangles.map(([x, y, w, h]) => [x, y, x + w, y, x + w, y + h, x, y + h]);
      const rows = Array.from({ length: 30 }, (_, y) =>
        Array.from({ length: 28 }, (_, x) => rectangles.some(([x1, y1, w, h]) => x >= x1 && x < x1 + w && y >= y1 && y < y1 + h)),
      );
      const pixels = pixelsOf(...rows.map((row) => row.map((on) => (on ? "#" : ".")).join("")));
      const counts = countsOf(pixels, "columns");
      const rle = (counts: unknown) => ({ ...bare, segmentation: { size: [30, 28], counts } });
      const annotations = [{ ...bare, segmentation }, rle(counts), rle(compressed(counts))];
      const [polygon, ...masks] = read({ images: [{ id: 1, file_name: "a.png" }], annotations }).images[0].marks;
      for (const mask of masks) assert.deepEqual(mask.place, polygon.place);
    }),
    { endOnFailure: true },
  );
});

test("run lengths that cannot be read are unread, unless a box says where the cell is", () => {
  const wrong = [
    { size: [4, 6], counts: [3, 4] },
    { size: [4, 6], counts: `${compressed(counts)}1` },
    { size: [6, 4], counts },
    { size: [4], counts },
    { counts },
    "text",
  ];
  for (const segmentation of wrong) {
    const { images } = read({
      images: [small],
      annotations: [
        { ...bare, segmentation },
        { ...bare, segmentation, bbox: [1, 1, 2, 2] },
      ],
    });
    assert.equal(images[0].marks.length, 1);
    assert.deepEqual(
      images[0].unread?.map(({ kind, line, place }) => [kind.replace(" of 4×6 pixels for an image of 6×4", ""), line, place]),
      [["run lengths", 6, undefined]],
      JSON.stringify(segmentation),
    );
  }
});

test("boxes of no size are points when no box of the file has any", () => {
  const zero = { ...bare, bbox: [30, 20, 0, 0] };
  const all = read({ annotations: [zero, zero] });
  assert.deepEqual(
    all.images[0].marks.map(({ place, line }) => [place, line]),
    [
      [{ kind: "point", x: 30, y: 20 }, 6],
      [{ kind: "point", x: 30, y: 20 }, 7],
    ],
  );
  assert.deepEqual(all.notes, ["2 boxes of no size, which are all of the file, are points"]);
  const some = read({ annotations: [zero, box] });
  assert.equal(some.images[0].marks.length, 1);
  assert.deepEqual(unreadOf(some.images), [["box of no size", { kind: "point", x: 30, y: 20 }]]);
  const roi = read({ annotations: [zero, { ...box, category_id: 4 }] }, { completeClass: "roi" });
  assert.deepEqual(roi.images[0].marks[0].place, { kind: "point", x: 30, y: 20 });
  const none = { ...bare, bbox: [0, 0, 0, 0] };
  for (const annotations of [[none], [none, zero], [none, box]])
    assert.deepEqual(read({ annotations }).images[0].marks[0].place, { kind: "box", box: [0, 0, 0, 0] });
});

test("a cell without any place is unread: key points that are not labelled, empty outlines and masks", () => {
  const unseen = { keypoints: [0, 0, 0, 7, 8, 0] };
  const empty = { size: [4, 6], counts: [24] };
  const cases: readonly (readonly [object, string])[] = [
    [unseen, "cell without a labelled key point"],
    [{ ...unseen, bbox: [0, 0, 0, 0] }, "cell without a labelled key point"],
    [{ ...unseen, bbox: [], segmentation: [] }, "cell without a labelled key point"],
    [{ segmentation: [] }, "cell with an empty place"],
    [{ segmentation: [[]] }, "cell with an empty place"],
    [{ bbox: [] }, "cell with an empty place"],
    [{ keypoints: [] }, "cell with an empty place"],
    [{ segmentation: empty }, "mask without a pixel"],
    [{ segmentation: { size: [8, 8], counts: [0, 64] } }, "run lengths of 8×8 pixels for an image of 6×4"],
  ];
  for (const [row, kind] of cases) {
    const { images } = read({ images: [small], annotations: [{ ...bare, ...row }] });
    assert.deepEqual([images[0].marks, unreadOf(images)], [[], [[kind, undefined]]], JSON.stringify(row));
  }
  const { images } = read({ annotations: [{ ...bare, bbox: [], segmentation: [outline] }] });
  assert.deepEqual(images[0].marks[0].place, { kind: "box", box: [12, 18, 33, 44] });
});

test("regions have the shape of their run lengths", () => {
  const segmentation = { size: [4, 6], counts };
  const { images } = read({ images: [small], annotations: [{ ...bare, iscrowd: 1, segmentation }] });
  const [{ place, region }] = images[0].marks;
  assert.equal(region, "ignore");
  const rings = place.kind === "outline" ? place.rings : [];
  for (const [i, on] of rle.on.entries())
    assert.equal(regionAt([{ kind: "ignore", rings }], (i % 6) + 0.5, Math.floor(i / 6) + 0.5), on ? "ignore" : null);
  const unread = read({ images: [small], annotations: [{ ...bare, iscrowd: 1, segmentation: { size: [4, 6], counts: [1] } }] });
  assert.deepEqual(
    unread.images[0].unread?.map(({ kind }) => kind),
    ["run lengths of a region"],
  );
});

test("boxes that do not fit their outlines are noted; corners instead of width and height are refused", () => {
  const fits = { ...bare, bbox: [12, 18, 21, 26], segmentation: [outline] };
  const far = { ...fits, bbox: [50, 0, 21, 26] };
  assert.match(
    read({ annotations: [fits, far, far] }).notes?.[0] ?? "",
    /^2 boxes do not fit their segmentation .* the first at .*:7:/,
  );
  assert.throws(
    () => read({ annotations: [{ ...fits, bbox: [12, 18, 33, 44] }, fits, { ...fits, bbox: [12, 18, 33, 44] }] }),
    /:6: bbox fits segmentation only as \[x1, y1, x2, y2\], here and in 2 of 3 annotations; .* --format midog --corners corners$/,
  );
});

test("ids are kept, as numbers or as text", () => {
  const { images, categoryIds } = read({
    images: [
      { ...image, id: "mouse_a" },
      { ...image, id: 7, file_name: "b.png" },
    ],
    annotations: [
      { ...box, id: 12, image_id: "mouse_a" },
      { ...box, id: "x", image_id: "7", category_id: "3" },
    ],
  });
  assert.deepEqual(
    images.map(({ id, marks }) => [id, ...marks.map((mark) => mark.id)]),
    [
      ["mouse_a", 12],
      [7, "x"],
    ],
  );
  assert.deepEqual(
    [...(categoryIds ?? [])],
    [
      ["cell", 3],
      ["roi", 4],
    ],
  );
});

test("this project's keys are read", () => {
  const rings = [[0, 0, 9, 0, 9, 9]];
  const own = { ...image, group: "g", split: "test", mpp: 0.25, regions: [{ kind: "complete", rings }] };
  const { images, notes } = read({ images: [own], annotations: [{ ...box, hidden: true }] });
  const [{ group, split, mpp, marks }] = images;
  assert.deepEqual([group, split, mpp], ["g", "test", 0.25]);
  assert.deepEqual(content(marks[1]), { place: { kind: "outline", rings }, label: null, region: "complete" });
  assert.deepEqual(notes, ["1 hidden annotations were imported as visible"]);
});

test("every error is one line with file and line", () => {
  const errorOf = (content: string, classes = {}): string => {
    writeFileSync(file, content);
    try {
      readCoco({ images: dir, annotations: file, ...classes });
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      return error.message.replace(file, "FILE");
    }
    return assert.fail("was read");
  };
  const second = (row: object) => errorOf(text({ annotations: [box, { ...box, ...row }] }), { completeClass: "roi" });
  assert.equal(second({ image_id: 7 }), "FILE:7: annotations[1].image_id: unknown image id 7");
  assert.equal(second({ category_id: 0.5 }), "FILE:7: annotations[1].category_id: expected a whole number or text, got 0.5");
  assert.equal(second({ image_id: undefined }), "FILE:7: annotations[1].image_id: is missing");
  assert.match(second({ bbox: [1, 2, 3] }), /^FILE:7: annotations\[1\]\.bbox: expected \[x, y, width, height\]/);
  assert.equal(
    second({ bbox: undefined }),
    "FILE:7: annotations[1].bbox: is missing, and so are segmentation and key points; an annotation needs one of them",
  );
  assert.equal(
    second({ bbox: undefined, segmentation: [[1, 2, 3]] }),
    "FILE:7: annotations[1].segmentation[0]: expected [x0, y0, x1, y1, …], finite numbers of pixels, got [1,2,3]",
  );
  assert.match(
    second({ bbox: undefined, keypoints: [1, 2] }),
    /^FILE:7: annotations\[1\]\.keypoints: expected \[x, y, visibility/,
  );
  assert.match(
    second({ category_id: 4, segmentation: [[0, 0, 1]] }),
    /^FILE:7: annotations\[1\]\.segmentation\[0\]: expected \[x0, y0, x1, y1, …\], finite numbers of pixels, got \[0,0,1\]$/,
  );
  assert.match(
    errorOf(text({ images: [{ ...image, width: -1 }] })),
    /^FILE:3: images\[0\]\.width: expected 1 pixel or more, got -1$/,
  );
  assert.match(errorOf("[]"), /^FILE:1: expected an object with images, annotations and categories, got \[\]$/);
  assert.match(errorOf('{"images": [], "annotations": []}'), /^FILE:1: categories: is missing/);
  assert.match(errorOf(text({}).slice(0, -3)), /^FILE:\d+: is not valid JSON: the file ends/);
});
