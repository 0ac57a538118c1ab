import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { readImagescope } from "./read.ts";

const { read, errorOf } = readerOf(readImagescope, ["a.png", "b.tif"]);

const region = (attributes: string, ...points: [number | string, number | string][]) =>
  `<Region ${attributes}><Attributes/><Vertices>${points.map(([x, y]) => `<Vertex X="${x}" Y="${y}" Z="0" />`).join("")}</Vertices></Region>`;
const square: [number, number][] = [[10, 10], [30, 10], [30, 34], [10, 34]]; // biome-ignore format: one ring
const box = [10, 10, 30, 34];

/** The content of each layer from line 3, after its opening tag. */
const file = (...layers: [opening: string, content: string][]) =>
  `<?xml version="1.0"?>\n<Annotations MicronsPerPixel="0.2525">\n${layers
    .map(([opening, content]) => `${opening}<Regions><RegionAttributeHeaders/>\n${content}</Regions><Plots/></Annotation>`)
    .join("\n")}\n</Annotations>`;

const marksOf = (text: string) => read({ "a.xml": text }).images[0].marks.map(brief);

test("regions of every type, with their lines; the size of a pixel; a ring's closing point", () => {
  const text = file([
    '<Annotation Id="1" Name="Tumor" Type="4">',
    [
      region('Id="1" Type="0"', ...square, [10, 10]),
      region('Id="2" Type="1"', ...square),
      region('Id="3" Type="1"', [10, 34], [30, 10]),
      region('Id="4" Type="2"', [10, 10], [30, 34]),
      region('Id="5" Type="0"', ["1,5", "2.5"]),
      region('Id="6" Type="Polygon"', ...square),
      region('Id="7" Type="0" NegativeROA="1"', ...square),
      region('Id="8" Type="3"', [1, 2], [5, 6]),
      region('Id="9" Type="4"', [1, 2], [9, 2]),
      region('Id="10" Type="7"', ...square),
      region('Id="11" Type="0"', [1, 2], [5, 6]),
      region('Id="12" Type="0"'),
    ].join("\n"),
  ]);
  const { images, notes } = read({ "a.xml": text });
  assert.deepEqual([images[0].name, images[0].mpp], ["a", 0.2525]);
  const marks = images[0].marks.map(brief);
  const ellipse = (marks[3][3] as number[][])[0];
  assert.deepEqual(
    [0, 1]
      .map((axis) => ellipse.filter((_, i) => i % 2 === axis))
      .flatMap((values) => [Math.min(...values), Math.max(...values)]),
    [10, 30, 10, 34],
  );
  assert.deepEqual(marks.toSpliced(3, 1), [
    ["Tumor", 4, "box", box],
    ["Tumor", 5, "box", box],
    ["Tumor", 6, "box", box],
    ["Tumor", 8, "point", [1.5, 2.5]],
    ["Tumor", 9, "box", box],
    ["Tumor", 10, "box", box, "ignore"],
  ]);
  assert.deepEqual(
    images[0].unread?.map(({ kind, place, line }) => [kind, place?.kind, line]),
    [
      ["arrow", "outline", 11],
      ["ruler", "outline", 12],
      ["region of type 7", "outline", 13],
      ["region of type 0", "outline", 14],
    ],
  );
  assert.deepEqual(notes, [
    "1 negative regions became regions to ignore",
    "skipped 1 region without vertices: only regions are read",
  ]);
});

test("the class: the layer's name, the name of its only attribute, its description, or the region's text", () => {
  const cell = region('Type="0" Text="Mitosis"', ...square);
  const attribute = (name: string, value = "") => `<Attribute Name="${name}" Id="0" Value="${value}" />`;
  const label = (opening: string, attributes = "") =>
    marksOf(file([`${opening}<Attributes>${attributes}</Attributes>`, cell]))[0][0];
  assert.equal(label('<Annotation Name="Lymphocyte" Type="4">', attribute("Epithelial")), "Lymphocyte");
  assert.equal(label('<Annotation Name="">', attribute("Epithelial")), "Epithelial");
  assert.equal(label("<Annotation>", attribute("Description", "Nuclei")), "Nuclei");
  assert.equal(label("<Annotation>", attribute("Description")), "Mitosis");
  assert.equal(label("<Annotation>", attribute("a") + attribute("b")), "Mitosis");
  assert.deepEqual(marksOf(file(["<Annotation>", region('Type="0" Text=" "', ...square)]))[0][0], null);
  assert.match(
    read({ "a.xml": file(['<Annotation Name="Tumor">', cell]) }).notes?.join() ?? "",
    /^1 texts of regions are not used: their layers have names/,
  );
});

test("several files of one image, files without regions and without a scale", () => {
  const { images, notes } = read({
    "a.xml": file(["<Annotation>", region("", ...square)]),
    "a.png.xml": file(["<Annotation>", region("", [1, 1], [2, 2], [1, 2])]),
    "b.xml": '<Annotations MicronsPerPixel="0"><Annotation><Regions/></Annotation></Annotations>',
  });
  assert.deepEqual(
    images.map(({ name, marks, mpp }) => [name, marks.length, mpp]),
    [
      ["a.png", 2, 0.2525],
      ["b", 0, undefined],
    ],
  );
  assert.match(notes?.[0] ?? "", /^1 images have several files, .*: a\.png\.xml, a\.xml$/);
});

test("what is wrong is one line with file and line", () => {
  const at = (x: string) => file(["<Annotation>", region("", [x, 1], [2, 2], [1, 2])]);
  assert.equal(errorOf({ "a.xml": at("?") }), 'a.xml:4: X: expected a number, got "?"; correct it');
  assert.match(errorOf({ "a.xml": at("1").replace('X="1"', "") }), /^a\.xml:4: <Vertex> has no attribute "X"/);
  assert.match(errorOf({ "a.xml": "<ASAP_Annotations/>" }), /^a\.xml:1: expected the root <Annotations>, got <ASAP_Annotations>/);
  assert.match(errorOf({ "a.xml": "<Annotations>" }), /^a\.xml:1: is not valid XML/);
  assert.match(errorOf({ "a.xml": "" }), /^a\.xml:1: is empty/);
});
