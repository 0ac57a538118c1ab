// A small valid sample for every reader of annotations. A trial imports a damaged one into a new folder and reads the result back,
// so that "a result" means a complete dataset.

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { readCocoAnnotations, readCocoDetections } from "../../dist/data/coco/evaluation-files.js";
import { readDataset, writeDataset } from "../../dist/data/dataset-folder.js";
import { pairWithTruth } from "../../dist/data/evaluation-pair.js";
import { sparsify } from "../../dist/data/sparsify.js";
import { measure } from "../../dist/evaluate/measures.js";
import { roiBytes, zipBytes } from "../../dist/formats/fiji/roi.fixture.js";
import { importDataset } from "../../dist/formats/import.js";
import { importFormats } from "../../dist/formats/index.js";
import { brushBytes, compressed, countsOf, pixelsOf } from "../../dist/formats/masks/masks.fixture.js";
import { withChecksums } from "./hdf5-checksums.fixture.mjs";
import { handMade, mutatedFile, put } from "./mutations.fixture.mjs";

const kindOf = (name) => (/json$/.test(name) ? "json" : /\.(h5|png|tif|roi|zip)$/.test(name) ? "bytes" : "text");
/** The number of trials before the random ones: the sample itself and the hand-made ones. */
export const CORPUS = 1 + handMade(Buffer.from("x")).length;

function write(dir, files) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    put(join(dir, name), typeof content === "object" && !Buffer.isBuffer(content) ? JSON.stringify(content, null, 1) : content);
  }
}

/** The sample with one file damaged: none in trial 0, then by hand-made damage, then at random. */
function damaged(files, random, i) {
  if (i === 0) return files;
  const names = Object.keys(files);
  const name = names[Math.floor(random() * names.length)];
  const good = files[name];
  const bytes = Buffer.isBuffer(good) ? good : Buffer.from(typeof good === "string" ? good : JSON.stringify(good, null, 1));
  const mutated = () => {
    const result = mutatedFile(bytes, kindOf(name), random);
    return name.endsWith(".h5") && random() < 0.8 ? withChecksums(result) : result;
  };
  return { ...files, [name]: i < CORPUS ? handMade(bytes)[i - 1][1] : mutated() };
}

/** The trials of an importer. `files`: relative to the folder of annotations; `only`: pass this file instead of the folder. */
function importer(format, { files, images, only, ...more }) {
  return async (base) => {
    const [folder, sample] = [join(base, "images"), await files(base)];
    const pixels = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#a06080" } })
      .png()
      .toBuffer();
    write(folder, Object.fromEntries(images.map((name) => [name, pixels])));
    return {
      async trial(random, i, trialFolder) {
        const annotations = join(trialFolder, "annotations");
        write(annotations, damaged(sample, random, i));
        const options = {
          images: folder,
          annotations: only ? join(annotations, only) : annotations,
          box: 10,
          dropInvalid: random() < 0.5,
          ...more,
        };
        const source = await importFormats[format].read(options);
        await importDataset({ ...options, source, out: join(trialFolder, "out"), keepEmpty: random() < 0.3 });
        requireInside(readDataset(join(trialFolder, "out")));
      },
    };
  };
}

/** Checks that an accepted dataset is usable: every image below its folder, every box finite and on its image. */
function requireInside({ dir, images, annotations }) {
  const sizes = new Map(images.map(({ id, width, height, fileName }) => [id, { width, height, fileName }]));
  for (const { fileName } of images)
    if (relative(join(dir, "images"), join(dir, "images", fileName)).startsWith("..")) throw new Error(`${fileName} is outside`);
  for (const { imageId, box } of annotations) {
    const { width, height } = sizes.get(imageId);
    const [x1, y1, x2, y2] = box;
    if (!(x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= width && y2 <= height)) throw new Error(`a box at ${box}`);
  }
}

const cocoFile = {
  info: { description: "cells" },
  images: [
    {
      id: 1,
      file_name: "a.png",
      width: 40,
      height: 30,
      group: "s1",
      split: "train",
      mpp: 0.25,
      regions: [{ kind: "complete", rings: [[0, 0, 20, 0, 20, 20]] }],
    },
    { id: 2, file_name: "sub/b.png", width: 40, height: 30, split: "test" },
  ],
  categories: [
    { id: 1, name: "cell", supercategory: "" },
    { id: 2, name: "not a cell", negative: true },
  ],
  annotations: [
    { id: 1, image_id: 1, category_id: 1, bbox: [2, 3, 10, 8], area: 80, iscrowd: 0, hidden: false },
    {
      id: 2,
      image_id: 2,
      category_id: 1,
      bbox: [20.5, 10.25, 8, 8],
      area: 64,
      iscrowd: 0,
      segmentation: [[20, 10, 28, 10, 28, 18]],
      attributes: { region: "no" },
    },
    { id: 3, image_id: 1, category_id: 2, bbox: [30, 20, 15, 15], area: 225, hidden: true },
  ],
};
const disc = pixelsOf(
  ...Array.from({ length: 30 }, (_, y) =>
    Array.from({ length: 40 }, (_, x) => (Math.hypot(x - 20, y - 12) < 7 ? "#" : ".")).join(""),
  ),
);
const detectionsFile = {
  images: [
    { id: 5, file_name: "a.png", width: 40, height: 30 },
    { id: 6, file_name: "b.png" },
  ],
  categories: [{ id: 1, name: "cell" }],
  annotations: [
    { id: 1, image_id: 5, category_id: 1, bbox: [2, 3, 10, 8], score: 0.9 },
    { id: 2, image_id: 6, category_id: 1, bbox: [-2, 3, 10, 8], score: 0.25 },
  ],
};
const square = (x, y, side) => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];
const feature = (geometry, properties, more = {}) => ({ type: "Feature", id: "PathCellObject", geometry, properties, ...more });

function hdf5File(base, rows) {
  const path = join(base, `sample-${rows.length}.h5`);
  const maker = fileURLToPath(import.meta.resolve("./hdf5-sample.fixture.mjs"));
  const { status, stderr } = spawnSync(process.execPath, [maker, path, JSON.stringify(rows)], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return readFileSync(path);
}

async function dotsFile(colour) {
  const data = Buffer.alloc(40 * 30 * 3);
  for (const at of [41 * 5, 41 * 17, 41 * 17 + 1]) data.set(colour, 3 * at);
  return sharp(data, { raw: { width: 40, height: 30, channels: 3 } })
    .png()
    .toBuffer();
}

async function maskFile(kind) {
  const data = new Uint16Array(40 * 30);
  for (const [label, x, y] of [
    [1, 2, 3],
    [2, 8, 3],
    [300, 20, 15],
  ])
    for (let row = y; row < y + 6; row++) data.fill(label, row * 40 + x, row * 40 + x + 6);
  return sharp(data, { raw: { width: 40, height: 30, channels: 1 } })
    .toColourspace("grey16")
    [kind]()
    .toBuffer();
}

export const cases = {
  /** A dataset's annotations.json: read, sparsified into another folder, read again. */
  dataset: async () => {
    const pixels = await sharp({ create: { width: 40, height: 30, channels: 3, background: "#a06080" } })
      .png()
      .toBuffer();
    return {
      async trial(random, i, trialFolder) {
        const dir = join(trialFolder, "dataset");
        write(dir, {
          "images/a.png": pixels,
          "images/sub/b.png": pixels,
          ...damaged({ "annotations.json": cocoFile }, random, i),
        });
        const dataset = readDataset(dir);
        requireInside(dataset);
        writeDataset(sparsify(dataset, { keep: 0.5, seed: i }), join(trialFolder, "out"));
        requireInside(readDataset(join(trialFolder, "out")));
      },
    };
  },
  /** Detections and truth as `evaluate` reads them. */
  detections: async () => ({
    async trial(random, i, trialFolder) {
      write(
        trialFolder,
        damaged(random() < 0.3 ? { "found.json": detectionsFile.annotations } : { "found.json": detectionsFile }, random, i),
      );
      write(trialFolder, { "truth.json": cocoFile });
      evaluateFiles(trialFolder);
    },
  }),
  truth: async () => ({
    async trial(random, i, trialFolder) {
      write(trialFolder, damaged({ "truth.json": cocoFile }, random, i));
      write(trialFolder, { "found.json": detectionsFile });
      evaluateFiles(trialFolder);
    },
  }),
  coco: importer("coco", { images: ["a.png", "sub/b.png"], only: "c.json", files: async () => ({ "c.json": cocoFile }) }),
  "coco-masks": importer("coco", {
    images: ["a.png", "b.png"],
    only: "c.json",
    files: async () => ({
      "c.json": {
        images: [
          { id: 1, file_name: "a.png", width: 40, height: 30 },
          { id: "two", file_name: "b.png" },
        ],
        categories: [{ id: 1, name: "cell" }],
        annotations: [
          { id: 1, image_id: 1, category_id: 1, segmentation: [[12, 2, 30, 8, 33, 20]] },
          { id: 2, image_id: 1, category_id: 1, segmentation: { size: [30, 40], counts: countsOf(disc, "columns") } },
          {
            id: "x",
            image_id: "two",
            category_id: 1,
            segmentation: { size: [30, 40], counts: compressed(countsOf(disc, "columns")) },
          },
          { id: 4, image_id: 1, category_id: 1, iscrowd: 1, segmentation: { size: [30, 40], counts: countsOf(disc, "columns") } },
          {
            id: 5,
            image_id: 1,
            category_id: 1,
            bbox: [30.5, 20.25, 0, 0],
            keypoints: [30.5, 20.25, 2, 0, 0, 0],
            num_keypoints: 1,
          },
        ],
      },
    }),
  }),
  "points-csv": importer("points-csv", {
    images: ["a.png", "sub/b.png"],
    only: "p.csv",
    files: async () => ({
      "p.csv": 'image,x,y,label\na.png,3,4.5,cell\nsub/b.png,12,8,"not, a cell"\na.png,39.5,29,cell\n"sub/b.png",1e1,2,cell\n',
    }),
  }),
  voc: importer("voc", {
    images: ["a.png", "b.png"],
    files: async () => ({
      "a.xml":
        "<annotation>\n<folder>x</folder>\n<filename>a.png</filename>\n<size><width>40</width><height>30</height><depth>3</depth></size>\n<object><name>cell</name><difficult>0</difficult>\n<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>12</xmax><ymax>13</ymax></bndbox></object>\n<object><name>other</name><difficult>1</difficult>\n<bndbox><xmin>20</xmin><ymin>2</ymin><xmax>32</xmax><ymax>13</ymax></bndbox></object>\n</annotation>\n",
    }),
  }),
  midog: importer("midog", {
    images: ["001.png", "002.png"],
    only: "m.json",
    files: async () => ({
      "m.json": {
        images: [
          { id: 1, file_name: "001.png", width: 40, height: 30, tumor_type: "x" },
          { id: 2, file_name: "002.png", width: 40, height: 30 },
        ],
        categories: [
          { id: 1, name: "mitotic figure" },
          { id: 2, name: "not mitotic figure" },
        ],
        annotations: [
          { id: 1, image_id: 1, category_id: 1, bbox: [-5, -5, 45, 45] },
          { id: 2, image_id: 1, category_id: 2, bbox: [-10, -10, 40, 40] },
        ],
      },
    }),
  }),
  "mitos-atypia-14": importer("mitos-atypia-14", {
    images: ["A03/frames/x40/A03_00Aa.png", "A03/frames/x40/A03_00Ab.png"],
    files: async () => ({
      "A03/mitosis/A03_00Aa_mitosis.csv": "12,10,0.9\n30,20,0.65\n",
      "A03/mitosis/A03_00Aa_not_mitosis.csv": "5,6,0.2\n",
      "A03/mitosis/A03_00Ab_mitosis.csv": "",
    }),
  }),
  bcdata: importer("bcdata", {
    images: ["train/1.png", "test/1.png"],
    files: async (base) => {
      const [some, more, none] = [
        [[3, 4]],
        [
          [3, 4],
          [20, 8],
          [5, 5],
        ],
        [],
      ].map((rows) => hdf5File(base, rows));
      return { "train/positive/1.h5": some, "train/negative/1.h5": none, "test/positive/1.h5": more, "test/negative/1.h5": some };
    },
  }),
  "qupath-geojson": importer("qupath", {
    images: ["a.png"],
    files: async () => ({
      "a.geojson": {
        type: "FeatureCollection",
        features: [
          feature(
            { type: "Point", coordinates: [3, 4] },
            { objectType: "annotation", classification: { name: "Tumor", color: [1, 2, 3] } },
          ),
          feature(
            { type: "Polygon", coordinates: [square(5, 5, 9)] },
            { objectType: "cell", classification: { names: ["Tumor", "Positive"] } },
            {
              nucleusGeometry: { type: "Polygon", coordinates: [square(7, 7, 4)] },
            },
          ),
          feature(
            { type: "MultiPolygon", coordinates: [[square(20, 10, 5)], [square(27, 10, 2)]] },
            {
              object_type: "annotation",
              metadata: { region: "ignore" },
              childObjects: [
                feature(
                  {
                    type: "MultiPoint",
                    coordinates: [
                      [7, 8],
                      [9, 1],
                    ],
                  },
                  { classification: { name: "B", parentClass: { name: "A" } } },
                ),
              ],
            },
          ),
        ],
      },
    }),
  }),
  "qupath-tsv": importer("qupath", {
    images: ["a.png"],
    files: async () => ({ "a.png-points.tsv": 'x\ty\tc\tclass\tname\n3.5\t4\t-1\tTumor\t"a"\n20\t10\t-1\tnull\t\n' }),
  }),
  asap: importer("asap", {
    images: ["a.png"],
    files: async () => ({
      "a.xml":
        '<?xml version="1.0"?>\n<ASAP_Annotations><Annotations>\n<Annotation Name="1" Type="Dot" PartOfGroup="cells" Color="#F4FA58"><Coordinates><Coordinate Order="0" X="3,5" Y="4" /></Coordinates></Annotation>\n<Annotation Name="2" Type="Polygon" PartOfGroup="None"><Coordinates><Coordinate Order="0" X="5" Y="5" />\n<Coordinate Order="2" X="15" Y="15" /><Coordinate Order="1" X="15" Y="5" /></Coordinates></Annotation>\n</Annotations><AnnotationGroups><Group Name="cells" PartOfGroup="None"><Attributes /></Group></AnnotationGroups></ASAP_Annotations>\n',
    }),
  }),
  "label-studio": importer("label-studio", {
    images: ["a.png"],
    only: "l.json",
    files: async () => {
      const result = (type, value, more = {}) => ({
        id: "r",
        type,
        value,
        to_name: "image",
        original_width: 40,
        original_height: 30,
        image_rotation: 0,
        ...more,
      });
      return {
        "l.json": [
          {
            id: 1,
            data: { image: "/data/upload/1/0123abcd-a.png" },
            annotations: [
              {
                id: 7,
                was_cancelled: false,
                updated_at: "2024-01-01T00:00:00Z",
                result: [
                  result("keypointlabels", { x: 50, y: 50, width: 1, keypointlabels: ["cell"] }),
                  result("rectanglelabels", { x: 10, y: 10, width: 20, height: 20, rotation: 30, rectanglelabels: ["cell"] }),
                  result("ellipselabels", { x: 70, y: 70, radiusX: 5, radiusY: 7, ellipselabels: ["other"] }),
                  result("polygonlabels", {
                    points: [
                      [5, 5],
                      [20, 5],
                      [20, 30],
                    ],
                    polygonlabels: ["cell"],
                  }),
                ],
              },
            ],
          },
        ],
      };
    },
  }),
  cvat: importer("cvat", {
    images: ["a.png", "b.png"],
    only: "annotations.xml",
    files: async () => ({
      "annotations.xml":
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations><version>1.1</version>\n<image id="0" name="a.png" width="40" height="30">\n<points label="cell" points="1.5,2.0;3,4"><attribute name="stage">late</attribute></points>\n<box label="cell" xtl="10" ytl="20" xbr="30" ybr="24" rotation="45"/>\n<polygon label="cell" points="0,0;30,0;30,20"><attribute name="region">ignore</attribute></polygon>\n<ellipse label="cell" cx="20" cy="10" rx="8" ry="4"/>\n</image>\n<image id="1" name="b.png" subset="Test"/>\n</annotations>\n',
    }),
  }),
  "cvat-masks": importer("cvat", {
    images: ["Train/a.png", "Test/a.png"],
    only: "annotations.xml",
    files: async () => ({
      "annotations.xml": `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<image id="0" name="a.png" subset="Train" width="40" height="30">
<mask label="cell" rle="${countsOf(disc, "rows").join(", ")}" left="0" top="0" width="40" height="30"/>
<mask label="cell" rle="2, 4, 2, 16" left="10" top="5" width="8" height="3"><attribute name="region">complete</attribute></mask>
<skeleton label="cell"><points label="1" points="5,6"/><points label="2" points="8,2"/></skeleton>
<polyline label="cell" points="1,2;3,4"/>
</image>
<image id="1" name="a.png" subset="Test"><box label="cell" xtl="30" ytl="24" xbr="10" ybr="20"/><lasso/></image>
</annotations>
`,
    }),
  }),
  "label-studio-brush": importer("label-studio", {
    images: ["a.png"],
    only: "l.json",
    files: async () => {
      const on = { to_name: "image", original_width: 40, original_height: 30, image_rotation: 0 };
      const brush = (rle) => ({ id: "b", type: "brushlabels", value: { format: "rle", rle, brushlabels: ["cell"] }, ...on });
      const vertices = [
        { x: 10, y: 20 },
        { x: 30, y: 40 },
      ];
      const result = [
        brush(brushBytes(disc)),
        brush(brushBytes(disc, { literal: true, sizes: [1, 2, 3, 16] })),
        { type: "vectorlabels", value: { vertices, vectorlabels: ["cell"] }, ...on },
      ];
      return { "l.json": [{ id: 1, data: { image: "a.png" }, annotations: [{ id: 7, result }] }] };
    },
  }),
  imagescope: importer("imagescope", {
    images: ["a.png", "b.png"],
    files: async () => ({
      "a.xml":
        '<?xml version="1.0"?>\n<Annotations MicronsPerPixel="0.25">\n<Annotation Id="1" Name="" Type="4"><Attributes><Attribute Name="Cell" Id="0" Value=""/></Attributes><Regions><RegionAttributeHeaders/>\n<Region Id="1" Type="0" NegativeROA="0" Text="x"><Vertices><Vertex X="5,5" Y="5"/><Vertex X="15" Y="5"/><Vertex X="15" Y="15"/></Vertices></Region>\n<Region Id="2" Type="2"><Vertices><Vertex X="20" Y="10"/><Vertex X="30" Y="20"/></Vertices></Region>\n<Region Id="3" Type="3"><Vertices><Vertex X="1" Y="1"/><Vertex X="3" Y="3"/></Vertices></Region>\n</Regions></Annotation></Annotations>\n',
      "b.xml": "<Annotations><Annotation><Regions/></Annotation></Annotations>",
    }),
  }),
  yolo: importer("yolo", {
    images: ["train/a.png", "val/b.png"],
    files: async () => ({
      "data.yaml":
        "path: .\ntrain: images/train # x\nval: [images/val]\nnc: 2\nnames:\n  0: cell\n  1: 'it''s'\ndownload: |\n  a: b\n",
      "labels/train/a.txt": "0 0.5 0.5 0.1 0.2\n1 0.1 0.1 0.4 0.1 0.4 0.5 0.9\n",
      "labels/val/b.txt": "1 0.25 0.75 0.125 0.25 0.5\n",
    }),
  }),
  "label-masks": importer("label-masks", {
    images: ["a.png", "b.png"],
    files: async () => ({ "a_masks.png": await maskFile("png"), "b.tif": await maskFile("tiff") }),
  }),
  "fiji-rois": importer("fiji", {
    images: ["a.png", "b.png"],
    files: async () => ({
      "a.zip": zipBytes({
        "1.roi": roiBytes({
          type: 0,
          bounds: [2, 3, 9, 12],
          points: [
            [3, 2],
            [12, 2],
            [12, 9],
          ],
          fractions: true,
        }),
        "2.roi": roiBytes({
          type: 10,
          bounds: [2, 3, 9, 12],
          points: [
            [3, 2],
            [12, 9],
          ],
          counters: [0, 1],
        }),
        "3.roi": roiBytes({ type: 1, bounds: [0, 0, 20, 20], path: [0, 1, 1, 1, 9, 1, 2, 12, 6, 9, 9, 4] }),
      }),
      "b.roi": roiBytes({ type: 2, bounds: [2, 3, 9, 12], group: 2 }),
    }),
  }),
  "fiji-results": importer("fiji", {
    images: ["a.png", "b.png"],
    only: "r.csv",
    units: "pixels",
    files: async () => ({
      "r.csv": ' ,Label,Area,X,Y,Slice\n1,a.png:0001-0002,0,3.5,4,1\n2,"b.png",0,12,8,1\n3,a.png,0,20,20,1\n',
    }),
  }),
  dots: importer("dots", {
    images: ["a.png", "b.png"],
    files: async () => ({ "a_dots.png": await dotsFile([255, 0, 0]), "b_dots.png": await dotsFile([0, 255, 0]) }),
  }),
};

function evaluateFiles(trialFolder) {
  const truth = readCocoAnnotations(join(trialFolder, "truth.json"));
  const pair = pairWithTruth(readCocoDetections(join(trialFolder, "found.json")), truth);
  if (pair.detections.every(({ score }) => score >= 0 && score <= 1))
    measure(pair.annotations, pair.detections, { images: pair.images });
}
