import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../../errors.ts";
import type { Mark } from "../source.ts";
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
  assert.equal(second({ category_id: "3" }), 'FILE:7: annotations[1].category_id: expected a whole number, got "3"');
  assert.match(second({ bbox: [1, 2, 3] }), /^FILE:7: annotations\[1\]\.bbox: expected \[x, y, width, height\]/);
  assert.equal(second({ bbox: undefined }), "FILE:7: annotations[1].bbox: is missing");
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
