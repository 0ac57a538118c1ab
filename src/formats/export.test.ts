// Every format's export, read back by the importer.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import sharp from "sharp";
import { type CocoDetections, readCocoDetections, writeCocoDetections } from "../data/coco/evaluation-files.ts";
import type { Dataset } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Box } from "../geometry/box.ts";
import { rectangleRing, regionAt } from "../geometry/region.ts";
import { exportCoco } from "./coco/write.ts";
import { type ExportSource, exportOfDataset, exportOfDetections } from "./export-source.ts";
import { importDataset } from "./import.ts";
import { type ExportFormatName, exportFormats, importFormats } from "./index.ts";
import { readPointsCsv } from "./points-csv/read.ts";
import { exportPointsCsv } from "./points-csv/write.ts";
import { qupathObjectsOfFile, qupathVersions } from "./qupath/strict.fixture.ts";
import { exportQupath } from "./qupath/write.ts";
import { readVoc } from "./voc/read.ts";
import { exportVoc } from "./voc/write.ts";

const root = mkdtempSync(join(tmpdir(), "export-"));
after(() => rmSync(root, { recursive: true }));
const images = join(root, "images");
const [width, height] = [64, 48];
const fileNames = ["tiles/a.png", "tiles/a.jpg", 'x.1 & <b>, "c".png'];
/** For formats that name a file after its image without the extension: two images of a folder must not differ by that alone. */
const apart = { folder: join(root, "apart"), fileNames: ["tiles/a.png", "other/a.jpg", fileNames[2]] };
const namedByStem: ReadonlySet<string> = new Set(["yolo", "imagescope"]);

before(async () => {
  const pixels = sharp({ create: { width, height, channels: 3, background: "#ffffff" } });
  for (const path of [
    ...fileNames.map((name) => join(images, name)),
    ...apart.fileNames.map((name) => join(apart.folder, name)),
  ]) {
    mkdirSync(dirname(path), { recursive: true });
    await pixels.clone().toFile(path);
  }
});

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const box = fc.tuple(fraction, fraction, fraction, fraction).map(([x, y, w, h]): Box => {
  const [x1, y1] = [x * (width - 1), y * (height - 1)];
  return [x1, y1, x1 + 1 + w * (width - 1 - x1), y1 + 1 + h * (height - 1 - y1)];
});
const labels = ["a & b", "<c>", '"d", e', "Ki-67 ≥ 1%"];
const ring = fc
  .array(fc.tuple(fc.integer({ min: 0, max: width }), fc.integer({ min: 0, max: height })), { minLength: 3, maxLength: 6 })
  .filter((points) => new Set(points.map(([x]) => x)).size > 1 && new Set(points.map(([, y]) => y)).size > 1)
  .map((points) => points.flat());
const region = fc.record({
  kind: fc.constantFrom("complete" as const, "ignore" as const),
  rings: fc.array(ring, { minLength: 1, maxLength: 4 }),
});

/** One to three images, at least one box; the last label is of hard negatives. */
const datasets = fc
  .record({
    regions: fc.array(fc.array(region, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    marks: fc.array(fc.tuple(fc.nat(2), fc.nat(labels.length - 1), box), { minLength: 1, maxLength: 20 }),
  })
  .map(({ regions, marks }): Dataset => {
    const annotations = marks.map(([image, label, box], i) => {
      return { id: i + 1, imageId: (image % regions.length) + 1, categoryId: label + 1, box, hidden: false };
    });
    return {
      dir: root,
      images: regions.map((regions, i) => {
        return {
          id: i + 1,
          fileName: fileNames[i],
          width,
          height,
          group: `g ${i}`,
          split: i === 1 ? "test" : "train",
          mpp: 0.25,
          regions,
        };
      }),
      annotations: [{ id: 0, imageId: 1, categoryId: 1, box: [1, 2, 30, 40], hidden: false }, ...annotations],
      categories: labels.map((name, i) => ({ id: i + 1, name, ...(i === labels.length - 1 ? { negative: true } : {}) })),
    };
  });

/** How far an edge may move on the way there and back, in pixels; null where a box comes back as its centre. */
const tolerances: { readonly [name in ExportFormatName]: number | null } = {
  "points-csv": null,
  coco: 0.00051,
  voc: 0.5,
  qupath: 0.00051,
  yolo: 0.0001,
  imagescope: 0.00051,
};

const renamed = (dataset: Dataset, names: readonly string[]): Dataset => ({
  ...dataset,
  images: dataset.images.map((image, i) => ({ ...image, fileName: names[i] })),
});

let runs = 0;

async function importBack(format: ExportFormatName, annotations: string): Promise<Dataset> {
  const folder = namedByStem.has(format) ? apart.folder : images;
  const source = await importFormats[format].read({ images: folder, annotations });
  const labelled = source.images.some(({ marks }) => marks.some(({ label, region }) => label === labels[3] && !region));
  const negative = labelled ? [labels[3]] : [];
  const { dataset } = await importDataset({ source, images: folder, negative, box: 8, out: join(root, `in-${++runs}`) });
  return dataset;
}

/** What an importer may not change: names, labels and boxes; ids and order it may. */
function marksOf({ images, annotations, categories }: Dataset): { key: string; box: Box }[] {
  return annotations.map(({ imageId, categoryId, box }) => {
    const image = images.find(({ id }) => id === imageId)?.fileName;
    const { name, negative = false } = categories.find(({ id }) => id === categoryId) ?? {};
    return { key: JSON.stringify([image, name, negative]), box };
  });
}

/** Duplicates are dropped on import, so both are sets: each mark of the one has its like in the other. */
function requireAlike(a: Dataset, b: Dataset, tolerance: number): void {
  const [left, right] = [marksOf(a), marksOf(b)];
  for (const [these, those] of [
    [left, right],
    [right, left],
  ])
    for (const { key, box } of these)
      assert.ok(
        those.some((other) => other.key === key && other.box.every((value, i) => Math.abs(value - box[i]) <= tolerance)),
        `${key} ${box} in ${JSON.stringify(those)}`,
      );
}

describe("import after export is the identity", () => {
  for (const name of Object.keys(exportFormats) as ExportFormatName[]) {
    const tolerance = tolerances[name];
    if (tolerance === null) continue;
    const { write, lost } = exportFormats[name];
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(datasets, async (any) => {
          const dataset = namedByStem.has(name) ? renamed(any, apart.fileNames) : any;
          const out = join(root, `${name}-${++runs}`);
          await write(exportOfDataset(dataset, { hidden: false }), out);
          const back = await importBack(name, out);
          requireAlike(dataset, back, tolerance);
          for (const image of dataset.images) {
            const same = back.images.find(({ fileName }) => fileName === image.fileName);
            assert.ok(same);
            if (name === "yolo") assert.equal(same.split, image.split);
            if (name === "imagescope" && dataset.annotations.some(({ imageId }) => imageId === image.id))
              assert.equal(same.mpp, image.mpp);
            if (name === "coco") assert.deepEqual([same.group, same.split, same.mpp], [image.group, image.split, image.mpp]);
            if (name === "qupath")
              for (const version of qupathVersions) qupathObjectsOfFile(join(out, `${image.fileName}.geojson`), version);
            if (lost.includes("regions")) continue;
            for (let x = 0.37; x < width; x += 3)
              for (let y = 0.61; y < height; y += 3) assert.equal(regionAt(same.regions, x, y), regionAt(image.regions, x, y));
          }
        }),
        { numRuns: 25 },
      );
    });
  }

  test("points-csv, by the centres", () => {
    fc.assert(
      fc.property(datasets, (dataset) => {
        const out = join(root, "points.csv");
        const source = exportOfDataset(dataset, { hidden: false });
        exportPointsCsv(source, out);
        const back = readPointsCsv({ images, annotations: out });
        const expected = source.images.filter(({ marks }) => marks.length > 0);
        assert.deepEqual(
          back.images.map(({ name }) => name),
          expected.map(({ fileName }) => fileName),
        );
        back.images.forEach(({ marks }, i) => {
          assert.equal(marks.length, expected[i].marks.length);
          marks.forEach(({ place, label }, k) => {
            const { box, label: wanted } = expected[i].marks[k];
            assert.ok(place.kind === "point" && label === wanted);
            assert.ok(Math.abs(place.x - (box[0] + box[2]) / 2) < 0.00051 && Math.abs(place.y - (box[1] + box[3]) / 2) < 0.00051);
          });
        });
      }),
    );
  });
});

const plain: Dataset = {
  dir: root,
  images: [
    { id: 5, fileName: "a.png", width, height, group: "g", split: "train" },
    { id: 6, fileName: "b.png", width, height, group: "g", split: "test" },
  ],
  annotations: [
    { id: 1, imageId: 5, categoryId: 3, box: [1, 2, 11, 12], hidden: false },
    { id: 2, imageId: 5, categoryId: 3, box: [20, 20, 30, 30], hidden: true },
  ],
  categories: [{ id: 3, name: "cell" }],
};

test("hidden annotations are exported only on request; a single split", () => {
  const boxes = (options: Parameters<typeof exportOfDataset>[1]) =>
    exportOfDataset(plain, options).images.map(({ fileName, marks }) => [fileName, marks.length]);
  assert.deepEqual(boxes({ hidden: false }), [
    ["a.png", 1],
    ["b.png", 0],
  ]);
  assert.deepEqual(boxes({ hidden: true, split: "train" }), [["a.png", 2]]);
  const file = join(root, "hidden.json");
  exportCoco(exportOfDataset(plain, { hidden: true }), file);
  const { annotations } = JSON.parse(readFileSync(file, "utf8")) as { annotations: { hidden?: boolean }[] };
  assert.deepEqual(
    annotations.map(({ hidden }) => hidden),
    [undefined, true],
  );
  assert.throws(
    () => exportOfDataset({ ...plain, images: [] }, { hidden: false, split: "test" }),
    /has no images of the test split/,
  );
});

describe("detections", () => {
  const file = join(root, "detections.json");
  let detections: CocoDetections;
  before(() => {
    const scores = [0.9, 0.1234567, 0.3];
    writeCocoDetections(file, {
      images: [
        { id: 1, fileName: "a.png", width: 64, height: 48 },
        { id: 2, fileName: "/slides/../b.png", width: null, height: null },
      ],
      categories: [{ id: 1, name: "cell" }],
      detections: scores.map((score, i) => ({ imageId: 1, categoryId: 1, box: [i, 2, 10 + i, 12], score })),
    });
    detections = readCocoDetections(file);
  });

  test("above a score; their scores are in every format", () => {
    const source = exportOfDetections(detections, 0.1);
    assert.deepEqual(
      exportOfDetections(detections, 0.3).images.map(({ marks }) => marks.map(({ score }) => score)),
      [[0.9, 0.3], []],
    );
    const coco = join(root, "out.json");
    exportCoco(source, coco);
    assert.deepEqual(
      readCocoDetections(coco).detections.map(({ score, box }) => [score, ...box]),
      [
        [0.9, 0, 2, 10, 12],
        [0.123457, 1, 2, 11, 12],
        [0.3, 2, 2, 12, 12],
      ],
    );
    const csv = join(root, "out.csv");
    exportPointsCsv(source, csv);
    assert.equal(
      readFileSync(csv, "utf8"),
      "image,x,y,label,score\na.png,5,7,cell,0.9\na.png,6,7,cell,0.123457\na.png,7,7,cell,0.3\n",
    );
    const voc = join(root, "out-voc");
    exportVoc(source, voc);
    assert.deepEqual(readdirSync(voc, { recursive: true }).sort(), ["a.xml", "slides", "slides/b.xml"]);
    const xml = readFileSync(join(voc, "a.xml"), "utf8");
    assert.deepEqual(xml.match(/<confidence>.*?</g), ["<confidence>0.9<", "<confidence>0.123457<", "<confidence>0.3<"]);
    assert.match(xml, /<xmin>1<\/xmin>\n\s*<ymin>3<\/ymin>\n\s*<xmax>10<\/xmax>\n\s*<ymax>12</);
    assert.ok(!readFileSync(join(voc, "slides", "b.xml"), "utf8").includes("<size>"));
    const qupath = join(root, "out-qupath");
    exportQupath(source, qupath);
    const { features } = JSON.parse(readFileSync(join(qupath, "a.png.geojson"), "utf8")) as { features: unknown[] };
    assert.deepEqual(features[1], {
      type: "Feature",
      geometry: {
        type: "Polygon",
        coordinates: [
          [
            [1, 2],
            [11, 2],
            [11, 12],
            [1, 12],
            [1, 2],
          ],
        ],
      },
      properties: {
        objectType: "detection",
        classification: { name: "cell", color: [0, 158, 115] },
        measurements: { score: 0.123457 },
      },
    });
    assert.deepEqual(JSON.parse(readFileSync(join(qupath, "slides", "b.png.geojson"), "utf8")), {
      type: "FeatureCollection",
      features: [],
    });
  });

  test("without names throw", () => {
    assert.throws(() => exportOfDetections({ ...detections, images: null }, 0), /has no images, which an export needs/);
    assert.throws(() => exportOfDetections({ ...detections, categories: null }, 0), UserError);
  });
});

test("a region of two parts with a hole is a MultiPolygon", () => {
  const rings = [rectangleRing(0, 0, 40, 40), rectangleRing(10, 10, 20, 20), rectangleRing(50, 0, 60, 9)];
  const out = join(root, "region");
  const {
    images: [image],
    categories,
  } = exportOfDataset(plain, { hidden: false });
  exportQupath({ images: [{ ...image, marks: [], regions: [{ kind: "ignore", rings }] }], categories }, out);
  const [{ geometry, properties }] = JSON.parse(readFileSync(join(out, "a.png.geojson"), "utf8")).features;
  assert.deepEqual(
    geometry.coordinates.map((polygon: unknown[]) => polygon.length),
    [2, 1],
  );
  assert.deepEqual([geometry.type, properties.classification.name], ["MultiPolygon", "ignore"]);
});

test("thin boxes keep a pixel in VOC", () => {
  const out = join(root, "thin");
  const annotations = [{ ...plain.annotations[0], box: [0.6, 3.1, 1.4, 3.2] as Box }];
  exportVoc(exportOfDataset({ ...plain, annotations }, { hidden: false }), out);
  const [{ marks }] = readVoc({ images, annotations: out }).images;
  assert.deepEqual(marks[0].place, { kind: "box", box: [1, 3, 2, 4] });
});

test("names with line breaks survive CSV and XML; what XML cannot represent throws and leaves no folder", () => {
  const named = (fileName: string): ExportSource => {
    const {
      images: [image],
      categories,
    } = exportOfDataset(plain, { hidden: false });
    return { images: [{ ...image, fileName }], categories };
  };
  const csv = join(root, "names.csv");
  exportPointsCsv(named('a\nb,"c"\r\n.png'), csv);
  assert.equal((parse(readFileSync(csv, "utf8")) as string[][])[1][0], 'a\nb,"c"\r\n.png');
  const voc = join(root, "names");
  exportVoc(named("a\n&\r.png"), voc);
  assert.match(readFileSync(join(voc, "a\n&\r.xml"), "utf8"), /<filename>a&#10;&#38;&#13;\.png</);
  const refused = join(root, "refused");
  assert.throws(() => exportVoc(named("a\u0001.png"), refused), /"a\\u0001.png" has a character that XML cannot hold/);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.includes("refused")),
    [],
  );
});

test("an existing folder is refused unless it is empty", () => {
  const source = exportOfDataset(plain, { hidden: false });
  const out = join(root, "there");
  mkdirSync(out);
  exportQupath(source, out);
  assert.deepEqual(readdirSync(out).sort(), ["a.png.geojson", "b.png.geojson"]);
  assert.throws(() => exportVoc(source, out), /there: already exists; choose another folder/);
  writeFileSync(join(root, "file"), "");
  assert.throws(() => exportVoc(source, join(root, "file")), UserError);
  assert.throws(() => exportVoc(source, join(root, "file", "below")), UserError);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.endsWith(".tmp")),
    [],
  );
});

test("images that would become the same file throw", () => {
  const source = exportOfDataset(plain, { hidden: false });
  const [image] = source.images;
  const twice = { ...source, images: [image, { ...image, fileName: "../a.png" }] };
  assert.throws(() => exportVoc(twice, join(root, "twice")), /the images "a\.png" and "\.\.\/a\.png" would both become "a\.png"/);
});

test("COCO keeps the dataset's ids", () => {
  const image = (id: number, fileName: string) => ({ id, fileName, width, height, group: "g", split: "train" }) as const;
  const dataset: Dataset = {
    dir: root,
    images: [{ ...image(30, "a.png"), sourceId: "mouse" }, image(7, "b.png")],
    annotations: [{ id: 12, imageId: 7, categoryId: 5, box: [1, 2, 30, 40], hidden: false }],
    categories: [{ id: 5, sourceId: "c", name: "cell" }],
  };
  const out = join(root, "ids.json");
  exportCoco(exportOfDataset(dataset, { hidden: false }), out);
  const file = JSON.parse(readFileSync(out, "utf8"));
  assert.deepEqual(
    file.images.map(({ id }: { id: number }) => id),
    [30, 7],
  );
  assert.deepEqual(file.categories, [{ id: 5, name: "cell" }]);
  assert.deepEqual([file.annotations[0].id, file.annotations[0].image_id, file.annotations[0].category_id], [12, 7, 5]);
});
