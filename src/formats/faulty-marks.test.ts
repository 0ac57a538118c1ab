import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import sharp from "sharp";
import { importDataset } from "./import.ts";
import { type FormatName, importFormats } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "faulty-marks-"));
after(() => rmSync(root, { recursive: true }));
const images = join(root, "images");
mkdirSync(images);
const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "white" } })
  .png()
  .toBuffer();
for (const name of ["a.png", "b.png"]) writeFileSync(join(images, name), picture);

const feature = (x: unknown) => ({ type: "Feature", geometry: { type: "Point", coordinates: [x, 9] }, properties: {} });
const geojson = (...xs: unknown[]) => JSON.stringify({ type: "FeatureCollection", features: xs.map(feature) });
const cvat = (name: string, ...xs: string[]) =>
  `<image name="${name}">${xs.map((x) => `<points label="c" points="${x},9"/>`).join("\n")}</image>`;
const task = (file: string, ...xs: unknown[]) => {
  const result = xs.map((x) => {
    return { type: "keypoint", to_name: "image", original_width: 64, original_height: 64, value: { x, y: 9, width: 1 } };
  });
  return { data: { image: file }, annotations: [{ result }] };
};
const cell = (image_id: number, bbox: unknown, category_id = 1) => ({ image_id, category_id, bbox });
const voc = (...xs: string[]) => {
  const box = (x: string) => `<bndbox><xmin>${x}</xmin><ymin>1</ymin><xmax>20</xmax><ymax>20</ymax></bndbox>`;
  return `<annotation>${xs.map((x) => `<object><name>c</name>${box(x)}</object>`).join("\n")}</annotation>`;
};
const asap = (...xs: string[]) => {
  const dot = (x: string) =>
    `<Annotation Type="Dot"><Coordinates><Coordinate Order="0" X="${x}" Y="9"/></Coordinates></Annotation>`;
  return `<ASAP_Annotations><Annotations>${xs.map(dot).join("\n")}</Annotations></ASAP_Annotations>`;
};
const imagescope = (...xs: string[]) => {
  const region = (x: string) => `<Region Type="0"><Vertices><Vertex X="${x}" Y="9"/></Vertices></Region>`;
  return `<Annotations><Annotation Name="c"><Regions>${xs.map(region).join("\n")}</Regions></Annotation></Annotations>`;
};

/** Of each format, image a with a good mark and a faulty one, image b with a faulty one alone. */
const cases: { readonly [format in FormatName]?: { readonly [file: string]: string } } = {
  "points-csv": { "cells.csv": "image,x,y,label\na.png,9,9,c\na.png,NaN,9,c\nb.png,9,,c\n" },
  coco: {
    "cells.json": JSON.stringify({
      images: [
        { id: 1, file_name: "a.png" },
        { id: 2, file_name: "b.png" },
      ],
      categories: [{ id: 1, name: "c" }],
      annotations: [cell(1, [1, 1, 20, 20]), cell(1, [1, 1, 20, 20], 7), cell(2, [1, "x", 9, 9])],
    }),
  },
  cvat: { "cells.xml": `<annotations>${cvat("a.png", "9", "NaN")}${cvat("b.png", "x")}</annotations>` },
  "label-studio": { "cells.json": JSON.stringify([task("a.png", 9, null), task("b.png", "x")]) },
  voc: { "a.xml": voc("1", "NaN"), "b.xml": voc("x") },
  asap: { "a.xml": asap("9", "NaN"), "b.xml": asap("x") },
  imagescope: { "a.xml": imagescope("9", "NaN"), "b.xml": imagescope("x") },
  yolo: { "a.txt": "0 0.2 0.2 0.1 0.1\n0 0.2 nan 0.1 0.1\n", "b.txt": "0 0.2\n" },
  qupath: { "a.geojson": geojson(9, null), "b-points.tsv": "x\ty\tclass\nNaN\t9\tc\n" },
};

for (const [name, files] of Object.entries(cases)) {
  const format = name as FormatName;
  const folder = join(root, format);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const [only, ...more] = Object.keys(files);
  const annotations = more.length === 0 ? join(folder, only) : folder;

  test(`${format}: a faulty mark is refused, or left out and counted; an image with no other is no image without cells`, async () => {
    await assert.rejects(importFormats[format].read({ images, annotations }), { name: "UserError" });
    const source = await importFormats[format].read({ images, annotations, dropInvalid: true });
    assert.equal(source.faulty?.count, 2);
    for (const fault of source.faulty?.first ?? []) assert.match(fault, /[^/]*:\d+: ./);
    const out = join(root, `${format}-dataset`);
    const { dataset, report } = await importDataset({ source, images, box: 8, dropInvalid: true, out });
    assert.deepEqual(
      dataset.images.map(({ fileName }) => fileName),
      ["a.png"],
    );
    assert.equal(dataset.annotations.length, 1);
    assert.deepEqual(report.leftOut.emptied, ["b.png"]);
    assert.match(String(report.notes), /left out 2 marks that are faulty; the first: .*:\d+: /);
  });
}

test("marks of images that COCO does not list, and lines that name no image, are counted", async () => {
  const file = join(root, "unlisted.json");
  const listed = { images: [{ id: 1, file_name: "a.png" }], categories: [{ id: 1, name: "c" }] };
  writeFileSync(file, JSON.stringify({ ...listed, annotations: [cell(1, [1, 1, 9, 9]), cell(7, [1, 1, 9, 9])] }));
  const coco = await importFormats.coco.read({ images, annotations: file, dropInvalid: true });
  assert.deepEqual([coco.images.length, coco.images[0].marks.length, coco.images[0].faulty], [1, 1, undefined]);
  assert.match(String(coco.faulty?.first), /annotations\[1\]\.image_id: unknown image id 7$/);
  const csv = join(root, "unnamed.csv");
  writeFileSync(csv, "image,x,y\na.png,1,1\n,2,2\na.png\n");
  const points = await importFormats["points-csv"].read({ images, annotations: csv, dropInvalid: true });
  assert.deepEqual([points.images.length, points.images[0].faulty, points.faulty?.count], [1, 1, 2]);
});

test("a file of nothing but faulty marks gives no dataset", async () => {
  const file = join(root, "all.csv");
  writeFileSync(file, "image,x,y\na.png,NaN,1\n");
  const source = await importFormats["points-csv"].read({ images, annotations: file, dropInvalid: true });
  await assert.rejects(
    importDataset({ source, images, box: 8, dropInvalid: true, out: join(root, "none") }),
    /all\.csv:2: x: expected a number, got "NaN"; .*; no mark that is not faulty is left$/,
  );
});
