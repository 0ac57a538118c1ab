import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { importFormats } from "./index.ts";
import { recognise } from "./recognise.ts";

const dir = mkdtempSync(join(tmpdir(), "recognise-"));
after(() => rmSync(dir, { recursive: true }));
const images = join(dir, "images");
mkdirSync(images);

function write(name: string, content: string): string {
  writeFileSync(join(dir, name), content, "latin1");
  return join(dir, name);
}

const imagescope =
  '<?xml version="1.0"?>\n<!-- x -->\n<Annotations MicronsPerPixel="0.25"><Annotation><Regions/></Annotation></Annotations>';
const geoJson = '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": null, "properties": {}}]}';

test("a reader that is given another format's file names that format", async () => {
  const cases: [format: keyof typeof importFormats, file: string, content: string, message: RegExp][] = [
    ["asap", "a.xml", imagescope, /a\.xml: is XML of Aperio ImageScope, not what --format asap reads; pass --format imagescope$/],
    ["qupath", "a.xml", imagescope, /; pass --format imagescope$/],
    ["coco", "a.xml", imagescope, /; pass --format imagescope$/],
    ["cvat", "a.xml", "<ASAP_Annotations/>", /; pass --format asap$/],
    ["asap", "a.xml", "<annotation><filename>a.png</filename></annotation>", /; pass --format voc$/],
    ["voc", "a.xml", "<annotations><version>1.1</version></annotations>", /; pass --format cvat$/],
    [
      "cvat",
      "a.ndpa",
      "<annotations><ndpviewstate/></annotations>",
      /NDP\.view .*; no format reads it: open the slide in QuPath/,
    ],
    ["qupath", "a.xml", '<?xml version="1.0"?><kml><Document/></kml>', /KML, .*: export the objects as GeoJSON of QuPath/],
    ["coco", "a.geojson", geoJson, /is GeoJSON of QuPath, .*; pass --format qupath$/],
    ["qupath", "a.json", '{"images": [{"file_name": "a.png"}], "annotations": []}', /; pass --format coco or --format midog$/],
    ["coco", "a.json", '[{"id": 1, "data": {"image": "a.png"}, "annotations": []}]', /; pass --format label-studio$/],
    ["coco", "a.json", '{"shapes": [], "imagePath": "a.png"}', /Labelme, .*; no format reads it: convert it to COCO$/],
    ["label-studio", "a.json", '{"_via_img_metadata": {}}', /VGG Image Annotator, .*: export it as COCO$/],
    ["points-csv", "a.tsv", "Image\tObject ID\tCentroid X \xb5m\n", /QuPath's measurements, .*: export the objects/],
    ["coco", "a.csv", "image,x,y\na.png,1,2\n", /; pass --format points-csv$/],
    ["points-csv", "a.csv", " ,Area,X,Y\n1,2,3,4\n", /; pass --format fiji$/],
    ["points-csv", "a.txt", "0 0.5 0.5 0.1 0.1\n", /; pass --format yolo$/],
    ["coco", "a.npy", "\x93NUMPY\x01\0", /NumPy, .*: save its label masks/],
    ["points-csv", "a.png", "\x89PNG\r\n\x1a\n", /; pass --format label-masks or --format dots$/],
  ];
  for (const [format, name, content, message] of cases)
    await assert.rejects(importFormats[format].read({ images, annotations: write(name, content) }), {
      name: "UserError",
      message,
    });
});

test("a file of the right format keeps its own error, and so does what is not clear", async () => {
  const error = (format: keyof typeof importFormats, name: string, content: string) =>
    assert.rejects.bind(assert, importFormats[format].read({ images, annotations: write(name, content) }));
  await error("qupath", "a.geojson", geoJson.replace('"Feature"', '"feature"'))(/expected a GeoJSON feature/);
  await error("coco", "a.json", "{")(/is not valid JSON/);
  await error("qupath", "a.xml", "<list/>")(/a\.xml:1: is XML, not JSON; pass a JSON file, or the format that reads this one$/);
  await error("asap", "a.xml", "<list/>")(/expected the root <ASAP_Annotations>/);
  assert.equal(recognise(join(dir, "none")), null);
  for (const content of ["", " ".repeat(70_000), "1".repeat(70_000), "<".repeat(70_000), "\0\0"])
    assert.equal(recognise(write("x.txt", content)), null);
});

test("a folder is recognised when its files agree", async () => {
  const folder = join(dir, "folder");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.xml"), imagescope);
  writeFileSync(join(folder, "b.xml"), imagescope);
  await assert.rejects(importFormats.voc.read({ images, annotations: folder }), /folder: is XML of Aperio ImageScope, /);
  writeFileSync(join(folder, "b.xml"), "<ASAP_Annotations/>");
  await assert.rejects(importFormats.voc.read({ images, annotations: folder }), /expected the root <annotation>/);
});
