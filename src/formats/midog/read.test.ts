import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../../errors.ts";
import { type MidogOptions, readMidog } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "midog-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "MIDOG.json");

type Row = Readonly<Record<string, unknown>>;

const image = (id: number, more: Row = {}): Row => ({
  id,
  file_name: `00${id}.tiff`,
  width: 7000,
  height: 5000,
  license: 1,
  ...more,
});
const annotation = (id: number, bbox: unknown, more: Row = {}): Row => ({
  id,
  bbox,
  image_id: 1,
  category_id: 1,
  labels: [1, 1],
  ...more,
});
const categories = [
  { id: 1, name: "mitotic figure" },
  { id: 2, name: "hard negative" },
];

/** One object a line, so that lines can be foretold: annotation k stands in line 8 + k when there are two images. */
function write(
  annotations: readonly Row[],
  { images = [image(1), image(2)], names = categories }: { images?: Row[]; names?: Row[] } = {},
) {
  const list = (rows: readonly Row[]) => `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`;
  writeFileSync(
    file,
    `{"info": {},\n"categories": ${JSON.stringify(names)}, "images": ${list(images)},\n"annotations":\n${list(annotations)}}`,
  );
}

const read = (boxes?: MidogOptions["boxes"]) => readMidog({ images: dir, annotations: file, boxes });

function errorOf(annotations: readonly Row[], boxes?: MidogOptions["boxes"], rest?: Parameters<typeof write>[1]): string {
  write(annotations, rest);
  try {
    read(boxes);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message.replace(file, "FILE");
  }
  return assert.fail("was read");
}

test("boxes are corners, hard negatives are recognised by name, unlabelled images are not negatives", () => {
  write([annotation(5, [100, 200, 150, 250]), annotation(6, [4300, 2200, 4350, 2250], { category_id: 2 })], {
    images: [image(1, { tumor_type: "canine lung cancer" }), image(2, { tumor_type: "human melanoma" })],
  });
  const source = read();
  const [only] = source.images;
  assert.deepEqual(
    [source.images.map(({ unlabelled }) => unlabelled), only.name, only.size, only.group],
    [[undefined, true], "001.tiff", { width: 7000, height: 5000 }, undefined],
  );
  assert.deepEqual(
    only.marks.map(({ place, label, line }) => ({ place, label, line })),
    [
      { place: { kind: "box", box: [100, 200, 150, 250] }, label: "mitotic figure", line: 8 },
      { place: { kind: "box", box: [4300, 2200, 4350, 2250] }, label: "hard negative", line: 9 },
    ],
  );
  assert.equal(only.line, 3);
  assert.deepEqual(source.negativeLabels, ["hard negative"]);
  assert.deepEqual(source.notes, [
    "1 images without any annotation left out: they are unlabelled, which does not mean free of mitoses",
    "the images' tumor_type is not kept",
  ]);
});

test("names of hard negatives", () => {
  const names = [
    "mitotic figure",
    "not mitotic figure",
    "Non-mitotic figure",
    "non mitotic",
    "hard negative lookalike",
    "normal",
  ];
  write([annotation(1, [0, 0, 50, 50])], { names: names.map((name, i) => ({ id: i + 1, name })) });
  assert.deepEqual(read().negativeLabels, names.slice(1, 5));
});

test("the form of the boxes: detected or given", () => {
  const boxOf = (bbox: readonly number[], boxes?: MidogOptions["boxes"]) => {
    write([annotation(1, bbox)]);
    const { place } = read(boxes).images[0].marks[0];
    return place.kind === "box" ? place.box : null;
  };
  assert.deepEqual(boxOf([10, 20, 60, 70], "auto"), [10, 20, 60, 70]);
  assert.deepEqual(boxOf([10, 20, 60, 70], "xywh"), [10, 20, 70, 90]);
  assert.deepEqual(boxOf([10, 20, 40, 70], "corners"), [10, 20, 40, 70]);
  assert.deepEqual(boxOf([100, 200, 50, 50], "xywh"), [100, 200, 150, 250]);
  const unclear = (of: number, usual: number) =>
    `FILE:7: annotations: unclear whether a bbox is [x1, y1, x2, y2] (most would be 50 wide; ${usual} of ${of} are) or [x, y, width, height]`;
  assert.ok(errorOf([annotation(1, [100, 200, 50, 50])]).startsWith(unclear(1, 0))); // COCO's own form
  assert.ok(errorOf([annotation(1, [10, 10, 60, 60]), annotation(2, [10, 10, 40, 40])]).startsWith(unclear(2, 1)));
  assert.ok(
    errorOf([1, 2, 3].map((id) => annotation(id, id < 3 ? [10, 10, 60, 60] : [60, 10, 20, 60]))).startsWith(unclear(3, 2)),
  );
});

test("swapped corners are left to the importer, which puts them in order", () => {
  write([annotation(1, [10, 10, 60, 60]), annotation(2, [60, 10, 10, 60]), annotation(3, [60, 60, 10, 10])]);
  assert.deepEqual(
    read().images[0].marks.map(({ place }) => place.kind === "box" && place.box),
    [
      [10, 10, 60, 60],
      [60, 10, 10, 60],
      [60, 60, 10, 10],
    ],
  );
  for (const [form, box] of [
    ["corners", [30, 30, 10, 12]],
    ["xywh", [30, 30, -20, -18]],
  ] as const) {
    write([annotation(1, box)]);
    assert.deepEqual(read(form).images[0].marks[0].place, { kind: "box", box: [30, 30, 10, 12] });
  }
});

test("every error names file, line and key", () => {
  const good = annotation(1, [0, 0, 50, 50]);
  const cases: [Row, string][] = [
    [annotation(2, [0, 0, 50]), "annotations[1].bbox: expected four finite numbers of pixels, got [0,0,50]"],
    [annotation(2, [0, 0, 50, "50"]), 'annotations[1].bbox: expected four finite numbers of pixels, got [0,0,50,"50"]'],
    [{ id: 2, image_id: 1, category_id: 1 }, "annotations[1].bbox: is missing"],
    [annotation(2, [0, 0, 50, 50], { image_id: 9 }), "annotations[1].image_id: unknown image id 9"],
    [annotation(2, [0, 0, 50, 50], { category_id: 9 }), "annotations[1].category_id: unknown category id 9"],
  ];
  for (const [row, message] of cases) assert.equal(errorOf([good, row]), `FILE:9: ${message}`);
  assert.match(
    errorOf([good, annotation(2, [50, 0, 50, 50])], "corners"),
    /^FILE:9: annotations\[1\]\.bbox: \[50,0,50,50\] has no area as \[x1, y1, x2, y2\]; correct it/,
  );
  assert.match(
    errorOf([good, annotation(2, [0, 0, 0, 50])], "xywh"),
    /^FILE:9: annotations\[1\]\.bbox: \[0,0,0,50\] has no area/,
  );
  assert.equal(errorOf([]), "FILE:7: annotations: is empty; use the file of the training set");
  assert.equal(
    errorOf([good], "auto", { images: [image(1, { width: 0 })] }),
    "FILE:3: images[0].width: expected 1 pixel or more, got 0",
  );
  writeFileSync(file, '{"images": [],\n"annotations": [}');
  assert.throws(() => read(), /MIDOG\.json:2: is not valid JSON/);
});

test("ids are kept, and fractions are refused", () => {
  write([annotation(5, [100, 100, 150, 150]), annotation(9, [250, 250, 300, 300])], {
    names: [
      { id: 4, name: " non-mitotic " },
      { id: 1, name: "mitotic figure" },
    ],
  });
  const { images, categoryIds, negativeLabels } = read("corners");
  assert.deepEqual([images[0].id, ...images[0].marks.map(({ id }) => id)], [1, 5, 9]);
  assert.deepEqual(
    [...(categoryIds ?? [])],
    [
      ["non-mitotic", 4],
      ["mitotic figure", 1],
    ],
  );
  assert.deepEqual(negativeLabels, ["non-mitotic"]);
  assert.match(
    errorOf([annotation(1, [0.1, 0.1, 0.2, 0.2])]),
    /^FILE:\d+: annotations\[0\]\.bbox: this box and all others lie between 0 and 1/,
  );
});
