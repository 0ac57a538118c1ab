import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { boundsOf } from "../marks.ts";
import { readVoc } from "./read.ts";

const { read, errorOf } = readerOf(readVoc, ["a.jpg", "b.png", "sub/c.png", "other/c.png"]);

const object = (name: string, [xmin, ymin, xmax, ymax]: readonly unknown[], more = "") =>
  `<object><name>${name}</name>${more}<bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`;

test("pixels from 1, both ends in the box; difficult objects, parts and sizes", () => {
  const part = "<part><name>core</name><bndbox><xmin>9</xmin><ymin>9</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></part>";
  const { images, notes } = read({
    "a.xml": `<annotation>
<folder>VOC</folder><filename>a.jpg</filename><path>C:\\data\\a.jpg</path>
<size><width>500</width><height>375</height><depth>3</depth></size>
${object("mitosis", [1, 2, 32, 33], "<pose>Unspecified</pose><difficult>0</difficult>")}
${object("a &amp; b", ["45.70", 10, "60.20", 10], part)}
${object("mitosis", [5, 5, 9, 9], "<difficult>1</difficult>")}
</annotation>`,
  });
  const [{ name, size, line, marks }] = images;
  assert.deepEqual([images.length, name, size, line], [1, "a.jpg", { width: 500, height: 375 }, 2]);
  assert.deepEqual(marks.map(brief), [
    ["mitosis", 4, "box", [0, 1, 32, 33]],
    ["a & b", 5, "box", [44.7, 9, 60.2, 10]],
    ["mitosis", 6, "box", [4, 4, 9, 9], "ignore"],
  ]);
  assert.deepEqual(notes, ["1 difficult objects became regions to ignore"]);
});

test("objects without a bndbox: polygons and rotated boxes", () => {
  const shape = (text: string) => `<object><name>cell</name>${text}</object>`;
  const polygon = "<polygon><x1>5</x1><y1>6</y1><x2>15</x2><y2>6</y2><x3>10</x3><y3>16</y3></polygon>";
  const rotated = (angle: number) => `<robndbox><cx>20</cx><cy>30</cy><w>10</w><h>8</h><angle>${angle}</angle></robndbox>`;
  const { images } = read({
    "a.xml": `<annotation>${[polygon, rotated(0), rotated(Math.PI / 2)].map(shape).join("")}${object("cell", [1, 1, 4, 4])}${shape(
      `${polygon}<bndbox><xmin>5</xmin><ymin>6</ymin><xmax>15</xmax><ymax>16</ymax></bndbox>`,
    )}</annotation>`,
  });
  assert.deepEqual(
    images[0].marks.map(({ place }) => [place.kind, ...boundsOf(place, 0).map((side) => Math.round(side * 1e6) / 1e6)]),
    [
      ["outline", 4.5, 5.5, 14.5, 15.5],
      ["outline", 14.5, 25.5, 24.5, 33.5],
      ["outline", 15.5, 24.5, 23.5, 34.5],
      ["box", 0, 0, 4, 4],
      ["box", 4, 5, 15, 16],
    ],
  );
  const error = (text: string) => errorOf({ "a.xml": `<annotation>\n${shape(text)}</annotation>` });
  assert.equal(error("<polygon/>"), "a.xml:2: <polygon> has no <x1>; add it or remove the element");
  assert.equal(error("<polygon><x1>5</x1></polygon>"), "a.xml:2: <polygon> has no <y1>; add it or remove the element");
  assert.equal(error("<robndbox><cx>5</cx></robndbox>"), "a.xml:2: <robndbox> has no <cy>; add it or remove the element");
});

test("the image is the one in filename or the one named like the file; a folder with subfolders", () => {
  const named = (fileName: string) => `<annotation>${fileName}</annotation>`;
  const { images, notes } = read({
    "a.xml": named("<filename/><size><width>0</width><height>0</height></size>"),
    "b.xml": named("<filename>moved-away.tif</filename>"),
    "other/c.xml": named("<filename>c.png</filename>"),
    "sub/x.xml": named("<filename>c.png</filename>"),
    "voc/lost.xml": named("<filename>lost.png</filename>"),
    "notes.txt": "no annotation",
  });
  assert.deepEqual(
    images.map(({ name, marks, size }) => [name, marks.length, size]),
    [
      ["a", 0, undefined],
      ["b", 0, undefined],
      ["other/c.png", 0, undefined],
      ["sub/c.png", 0, undefined],
      ["lost.png", 0, undefined],
    ],
  );
  assert.deepEqual(notes, []);
});

test("boxes that start at pixel 0 are noted", () => {
  const { images, notes } = read({ "a.xml": `<annotation>${object("cell", [0, 3, 8, 9])}</annotation>` });
  assert.deepEqual(images[0].marks.map(brief), [["cell", 1, "box", [-1, 2, 8, 9]]]);
  assert.match(notes?.[0] ?? "", /^1 boxes start at pixel 0, but VOC counts from 1/);
});

test("every error is one line with file and line", () => {
  const error = (content: string) => errorOf({ "a.xml": `<annotation>\n${content}\n</annotation>` });
  assert.equal(error(object("cell", [1, "x", 3, 4])), 'a.xml:2: <ymin>: expected a number, got "x"; correct it');
  assert.equal(error("<object>\n<name>cell</name></object>"), "a.xml:2: <object> has no <bndbox>; add it or remove the element");
  assert.equal(error(object("", [1, 2, 3, 4])), "a.xml:2: <name> is empty; write the object's class");
  assert.equal(error("<size><width>5</width></size>"), "a.xml:2: <size> has no <height>; add it or remove the element");
  assert.equal(errorOf({ "a.xml": "" }), "a.xml:1: is empty; pass a Pascal VOC file of one image");
  assert.equal(errorOf({ "a.zip": "PK" }), "a.zip: is an archive; unpack it and pass its contents");
  assert.match(errorOf({}), /: has no \.xml file; pass the folder that contains them$/);
  assert.match(errorOf({ "b.txt": "<annotations/>" }), /^b\.txt:1: expected the root <annotation>, got <annotations>/);
});

test("corners in the wrong order stay the same pixels, fractions are refused", () => {
  const { images } = read({
    "a.xml": `<annotation>${object("cell", [40, 50, 21, 31])}${object("cell", [21, 50, 40, 31])}</annotation>`,
  });
  assert.deepEqual(images[0].marks.map(brief), [
    ["cell", 1, "box", [40, 50, 20, 30]],
    ["cell", 1, "box", [20, 50, 40, 30]],
  ]);
  assert.match(
    errorOf({
      "a.xml": `<annotation>\n${object("cell", [0.1, 0.2, 0.15, 0.3])}${object("cell", [0.8, 0.2, 0.95, 1])}</annotation>`,
    }),
    /^a\.xml:2: this box and all others lie between 0 and 1, so they are fractions of the image/,
  );
});

test("a file that is named like another image than it says is refused", () => {
  const of = (name: string) => `<annotation>\n<filename>${name}</filename>${object("cell", [5, 5, 9, 9])}</annotation>`;
  const message = /b\.xml:2: says that it is of "a\.jpg", but is named like "b\.png"; correct <filename>, or rename the file$/;
  assert.match(errorOf({ "a.xml": of("a.jpg"), "b.xml": of("a.jpg") }), message);
  for (const name of ["b", "b.jpg", "images/b.png"]) assert.equal(read({ "b.xml": of(name) }).images[0].marks.length, 1);
  assert.equal(read({ "a-copy.xml": of("a.jpg") }).images[0].name, "a.jpg");
});
