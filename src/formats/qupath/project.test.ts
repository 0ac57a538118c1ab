// A QuPath project as annotations: which export belongs to which image, and what is refused.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import sharp from "sharp";
import { UserError } from "../../errors.ts";
import { brief } from "../annotations.fixture.ts";
import { importDataset } from "../import.ts";
import { importFormats } from "../index.ts";
import { readQupath } from "./read.ts";

const dir = mkdtempSync(join(tmpdir(), "qupath-project-"));
after(() => rmSync(dir, { recursive: true }));
const images = join(dir, "images");
const imageNames = ["case 1.tif", "sub/b%2.png", "c.tif", "other/c.tif"];

before(async () => {
  const pixels = sharp({ create: { width: 64, height: 48, channels: 3, background: "#ffffff" } });
  for (const name of imageNames) {
    mkdirSync(dirname(join(images, name)), { recursive: true });
    await pixels.clone().toFile(join(images, name));
  }
});

type Json = { readonly [key: string]: unknown };

const calibration = (value: number, unit = "µm") => ({
  pixelWidth: { value, unit },
  pixelHeight: { value, unit },
  zSpacing: { value: 1, unit: "z-slice" },
  timeUnit: "SECONDS",
  timepoints: [],
});
const metadata = (name: string, more: Json = {}) => ({
  name,
  width: 64,
  height: 48,
  sizeZ: 1,
  sizeT: 1,
  channelType: "DEFAULT",
  isRGB: true,
  pixelType: "UINT8",
  levels: [{ downsample: 1, width: 64, height: 48 }],
  pixelCalibration: calibration(1, "px"),
  preferredTileWidth: 256,
  preferredTileHeight: 256,
  ...more,
});
const uri = (uri: string, more: Json = {}): Json => ({
  builderType: "uri",
  providerClassName: "qupath.lib.images.servers.bioformats.BioFormatsServerBuilder",
  uri,
  args: ["--series", "0"],
  metadata: metadata(`${uri} - Series 0`, more),
});
const entry = (entryID: number, imageName: string, serverBuilder: Json): Json => ({
  serverBuilder,
  entryID,
  randomizedName: "d0e3fe38-4b39-4a0f-a5b3-0f9d2ac1a6bb",
  imageName,
  metadata: {},
});

const square = (x: number) =>
  `{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[${x}, 2], [9, 2], [9, 9], [${x}, 9], [${x}, 2]]]}, "properties": {"objectType": "annotation", "classification": {"name": "Tumor", "color": [200, 0, 0]}}}`;
const collection = (...features: string[]) => `{"type": "FeatureCollection", "features": [${features.join(",")}]}`;

let projects = 0;

/** The folder of a new project with the exports `exported`, by id. */
function project(
  entries: readonly Json[] | string,
  exported: { readonly [id: number]: string },
  name = "project.qpproj",
): string {
  const folder = join(dir, `project-${++projects}`);
  mkdirSync(join(folder, "data", "1"), { recursive: true });
  writeFileSync(join(folder, "data", "1", "summary.json"), "{}");
  const head = { version: "0.6.0", createTimestamp: 1, modifyTimestamp: 2, uri: "file:/elsewhere/project.qpproj", lastID: 9 };
  writeFileSync(
    join(folder, name),
    typeof entries === "string" ? entries : JSON.stringify({ ...head, images: entries }, null, 1),
  );
  if (Object.keys(exported).length > 0) mkdirSync(join(folder, "sparsecell"));
  for (const [id, text] of Object.entries(exported)) writeFileSync(join(folder, "sparsecell", `${id}.geojson`), text);
  return folder;
}

const two = [
  entry(1, "A - Series 0", uri("file:/D:/my%20slides/case%201.tif", { pixelCalibration: calibration(0.25) })),
  entry(4, "b", { builderType: "pyramidize", metadata: metadata("b"), builder: uri("file:///home/me/sub/b%252.png") }),
];

test("each export belongs to the image of its entry, whatever their names are; nobody knows what is on the image of an empty one", () => {
  const folder = project(two, { 1: collection(square(3)), 4: collection(), 7: collection() });
  for (const annotations of [folder, join(folder, "project.qpproj")]) {
    const { images: found, notes } = readQupath({ images, annotations });
    assert.deepEqual(
      found.map(({ name, size, mpp, marks, unlabelled }) => [name, size, mpp, marks.map(brief), unlabelled]),
      [
        [
          "/D:/my slides/case 1.tif",
          { width: 64, height: 48 },
          0.25,
          [["Tumor", 1, "outline", [[3, 2, 9, 2, 9, 9, 3, 9]]]],
          undefined,
        ],
        ["/home/me/sub/b%2.png", { width: 64, height: 48 }, undefined, [], true],
      ],
    );
    assert.deepEqual(notes, [
      '1 image was exported without annotations and is left out, for instance "b"; draw a complete region on an image without cells',
      "1 export is of an image not in the project and was left out, for instance 7.geojson",
    ]);
    assert.match(found[0].file, /project\.qpproj$/);
    assert.ok(found[0].line > 1 && found[1].line > found[0].line);
  }
});

test("a project becomes a dataset with the microns of its images", async () => {
  const source = await importFormats.qupath.read({
    images,
    annotations: project(two, { 1: collection(square(3)), 4: collection() }),
  });
  const { dataset, report } = await importDataset({ source, images, box: 8, out: join(dir, "dataset") });
  assert.deepEqual(
    dataset.images.map(({ fileName, mpp }) => [fileName, mpp]),
    [["case 1.tif", 0.25]],
  );
  assert.deepEqual([report.images.unlabelled, report.annotations.kept, dataset.annotations[0].box], [1, 1, [3, 2, 9, 9]]);
});

test("microns that cannot be, in other units or of pixels that are not square are left to the image", () => {
  const mppOf = (pixelCalibration: Json) => {
    const entries = [entry(1, "A", uri("file:/c/case%201.tif", { pixelCalibration }))];
    return readQupath({ images, annotations: project(entries, { 1: collection() }) }).images[0].mpp;
  };
  assert.equal(mppOf(calibration(0.25)), 0.25);
  assert.equal(mppOf(calibration(352.78)), undefined);
  assert.equal(mppOf(calibration(0.25, "inch")), undefined);
  assert.equal(mppOf({ ...calibration(0.25), pixelHeight: { value: 0.5, unit: "µm" } }), undefined);
});

test("whatever is wrong is one line that names the image and what to do", async () => {
  const good = uri("file:/x/case%201.tif");
  const all = { 1: collection(), 2: collection() };
  const turned = { builderType: "rotated", rotation: "ROTATE_90", metadata: metadata("t"), builder: good };
  const within = { builderType: "pyramidize", metadata: metadata("t"), builder: { builderType: "cropped", builder: good } };
  const cases: readonly (readonly [folder: string, error: RegExp])[] = [
    [
      project([...two, entry(2, "new", uri("file:/x/other/c.tif"))], { 1: collection() }),
      /project\.qpproj: 2 of 3 images are not exported, for instance "b"; run qupath\/export-annotations\.groovy in QuPath/,
    ],
    [project(two, {}), /2 of 2 images are not exported/],
    [
      project([entry(1, "A", turned)], all),
      /project\.qpproj:\d+: images\[0\]\.serverBuilder: "A" is rotated, so its pixels are not/,
    ],
    [project([entry(1, "A", within)], all), /serverBuilder\.builder: "A" is cropped, so its pixels/],
    [project([entry(1, "A", { builderType: "z_concatenated" })], all), /"A" is made from its file by "z_concatenated"/],
    [project([entry(1, "A", uri("https://omero.example/1"))], all), /\.uri: "A" is not a file/],
    [project([{ path: "x.svs", entryID: 1 }], all), /"1" has no serverBuilder, as before QuPath 0\.2/],
    [
      project([entry(1, "A", good), entry(2, "B", uri("file:/y/case%201.tif"))], all),
      /images\[1\]: "A" and "B" are of one file, case 1\.tif; remove one of them from the project$/,
    ],
    [project("{", all), /project\.qpproj:1: is not valid JSON/],
    [project("{}", all), /project\.qpproj:1: images: is missing; expected a list/],
    [project([], all), /project\.qpproj: has no images; add them in QuPath$/],
    [project([entry(1, "A", good)], { 1: "{" }), /sparsecell\/1\.geojson:1: is not valid JSON/],
  ];
  const several = project([], all);
  writeFileSync(join(several, "project-1.qpproj"), "{}");
  for (const [annotations, error] of [
    ...cases,
    [several, /has several projects, project-1\.qpproj and project\.qpproj; pass one/] as const,
  ])
    assert.throws(
      () => readQupath({ images, annotations }),
      (thrown) => {
        assert.ok(thrown instanceof UserError, String(thrown));
        assert.match(thrown.message, error);
        assert.doesNotMatch(thrown.message, /\n/);
        return true;
      },
    );
});

test("an image that is not there, could be two files or has another size is an error of the import", async () => {
  const importing = async (serverBuilder: Json) => {
    const annotations = project([entry(1, "A", serverBuilder)], { 1: collection(square(3)) });
    const source = await importFormats.qupath.read({ images, annotations });
    await importDataset({ source, images, box: 8, out: join(dir, "never") });
  };
  await assert.rejects(importing(uri("file:/x/none.tif")), /project\.qpproj:\d+: the image "\/x\/none\.tif" is not in /);
  await assert.rejects(
    importing(uri("file:/x/case%201.tif", { width: 48, height: 64 })),
    /project\.qpproj:\d+: says that "case 1\.tif" has 48×64 pixels, but it has 64×48/,
  );
  const found = readQupath({
    images,
    annotations: project([entry(1, "A", uri("file:/x/other/c.tif"))], { 1: collection() }),
  });
  assert.equal(found.images[0].name, "/x/other/c.tif");
});

test("another format's reader names QuPath for a project", async () => {
  const annotations = project(two, {});
  for (const path of [annotations, join(annotations, "project.qpproj")])
    await assert.rejects(
      importFormats.coco.read({ images, annotations: path }),
      /is a QuPath project, not what --format coco reads; pass --format qupath$/,
    );
});
