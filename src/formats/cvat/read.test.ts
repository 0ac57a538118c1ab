import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { readCvat } from "./read.ts";

const { read, errorOf } = readerOf(readCvat, ["Train/f1.png", "Validation/f1.png", "f2.png"]);

const file = (images: string) => `<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task><labels><label><name>cell</name></label></labels></task></meta>
${images}
</annotations>`;
const shape = (name: string, attributes: string, content = "") => `<${name} label="cell" ${attributes}>${content}</${name}>`;
const attribute = (name: string, value: string) => `<attribute name="${name}">${value}</attribute>`;

test("points, boxes, polygons and ellipses; rotated shapes; regions by attribute; other shapes", () => {
  const { images, notes } = read({
    "annotations.xml": file(`<image id="0" name="case 1/a.png" width="100" height="50">
${shape("points", 'occluded="0" source="manual" points="1.5,2.0;3,4" z_order="0"', attribute("stage", "late"))}
${shape("box", 'xtl="10" ytl="20" xbr="30" ybr="24"')}
${shape("box", 'xtl="10" ytl="20" xbr="30" ybr="24" rotation="90"')}
${shape("polygon", 'points="0,0;50,0;50,40"', attribute("region", "complete"))}
${shape("box", 'xtl="0" ytl="0" xbr="5" ybr="5"', attribute("blurred", "true") + attribute("region", "ignore"))}
${shape("ellipse", 'cx="20" cy="10" rx="8" ry="4"')}
<tag label="cell"/>
</image>`),
  });
  const [{ name, size, line, marks, split }] = images;
  assert.deepEqual([name, size, line, split], ["case 1/a.png", { width: 100, height: 50 }, 3, undefined]);
  assert.deepEqual(marks.slice(0, -1).map(brief), [
    ["cell", 4, "point", [1.5, 2]],
    ["cell", 4, "point", [3, 4]],
    ["cell", 5, "box", [10, 20, 30, 24]],
    ["cell", 6, "outline", [[22, 12, 22, 32, 18, 32, 18, 12]]],
    ["cell", 7, "outline", [[0, 0, 50, 0, 50, 40]], "complete"],
    ["cell", 8, "box", [0, 0, 5, 5], "ignore"],
  ]);
  const ellipse = marks[6].place;
  assert.ok(ellipse.kind === "outline");
  const [xs, ys] = [0, 1].map((axis) => ellipse.rings[0].filter((_, i) => i % 2 === axis));
  assert.deepEqual([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)], [12, 28, 6, 14]);
  assert.deepEqual(notes, ["skipped 1 tag: only shapes are read"]);
});

test("masks are the boxes around their pixels, regions have their shape", () => {
  const { images } = read({
    "annotations.xml": file(`<image id="0" name="a.png" width="100" height="90">
${shape("mask", 'rle="0, 48" left="30" top="20" width="8" height="6"')}
${shape("mask", 'rle="2, 4, 2, 16" left="60" top="50" width="8" height="3"')}
${shape("mask", 'rle="4, 3, 5" left="10" top="20" width="4" height="3"')}
${shape("mask", 'rle="5,1,2,2,2" left="10" top="20" width="4" height="3"', attribute("region", "complete"))}
</image>`),
  });
  assert.deepEqual(images[0].marks.map(brief), [
    ["cell", 4, "box", [30, 20, 38, 26]],
    ["cell", 5, "box", [60, 50, 68, 53]],
    ["cell", 6, "box", [10, 21, 13, 22]],
    [
      "cell",
      7,
      "outline",
      [
        [11, 21, 12, 21, 12, 22, 11, 22],
        [10, 22, 12, 22, 12, 23, 10, 23],
      ],
      "complete",
    ],
  ]);
  assert.equal(images[0].unread, undefined);
});

test("other shapes, and masks that cannot be read, are unread marks with their place", () => {
  const cuboid = ["tl", "bl", "tr", "br"].flatMap((at, i) => [
    `x${at}1="${i}" y${at}1="${i}"`,
    `x${at}2="${i + 9}" y${at}2="${i}"`,
  ]);
  const { images, notes } = read({
    "annotations.xml": file(`<image id="0" name="a.png" width="100" height="90">
${shape("polyline", 'points="0,0;9,1"')}
${shape("skeleton", "", shape("points", 'points="5,6"') + shape("points", 'points="8,2"'))}
${shape("cuboid", cuboid.join(" "))}
${shape("mask", 'rle="0, 47" left="30" top="20" width="8" height="6"')}
${shape("mask", 'rle="0; 48" left="30" top="20" width="8" height="6"')}
${shape("lasso", "")}
</image>`),
  });
  assert.deepEqual(images[0].marks, []);
  assert.deepEqual(
    images[0].unread?.map(({ kind, line, place }) => [
      kind,
      line,
      place?.kind === "outline" ? place.rings[0].slice(0, 4) : place?.kind === "box" ? place.box : undefined,
    ]),
    [
      ["polyline", 4, [0, 0, 9, 1]],
      ["skeleton", 5, [5, 6, 8, 2]],
      ["cuboid", 6, [0, 0, 9, 0]],
      ["mask", 7, [30, 20, 38, 26]],
      ["mask", 8, [30, 20, 38, 26]],
      ["lasso", 9, undefined],
    ],
  );
  assert.deepEqual(notes, []);
});

test("an image of a subset is a file of that subset or of none, never of another subset", () => {
  const image = (subset: string | undefined, name = "f1.png") =>
    `<image id="0" name="${name}"${subset === undefined ? "" : ` subset="${subset}"`}/>`;
  const namesIn = (files: readonly string[], ...images: string[]) =>
    readerOf(readCvat, files)
      .read({ "annotations.xml": file(images.join("\n")) })
      .images.map(({ name }) => name);
  const project = ["Train/f1.png", "Validation/f1.png", "f2.png"];
  assert.deepEqual(namesIn(project, image("Train"), image("Validation"), image("Train", "f2.png"), image("Other")), [
    "Train/f1.png",
    "Validation/f1.png",
    "Train/f2.png",
    "Other/f1.png", // missing
  ]);
  assert.deepEqual(namesIn(["Train/f1.png"], image("Test")), ["Test/f1.png"]);
  assert.deepEqual(namesIn(["Train/f1.png"], image("Train"), image("Test")), ["Train/f1.png", "Test/f1.png"]);
  assert.deepEqual(namesIn(["odd/f1.png"], image("odd", "f2.png"), image("Test")), ["odd/f2.png", "Test/f1.png"]);
  assert.deepEqual(namesIn(["train/f1.png", "test/f1.png"], image("Test")), ["test/f1.png"]);
  assert.deepEqual(namesIn(["images/f1.png"], image("Test")), ["images/f1.png"]);
  assert.deepEqual(namesIn(["Train/a/f1.png", "a/f1.png"], image("Test", "a/f1.png")), ["Test/a/f1.png"]); // a/f1.png lies in no subset
  assert.deepEqual(namesIn(["Train/f1.png", "default/f1.png"], image("Train"), image(undefined)), [
    "Train/f1.png",
    "default/f1.png",
  ]);
  assert.deepEqual(namesIn(["Train/f1.png", "default/f1.png"], image(undefined)), ["default/f1.png"]);
  assert.deepEqual(namesIn(["Train/f1.png"], image("Train"), image(undefined)), ["Train/f1.png", "default/f1.png"]);
  assert.deepEqual(namesIn(["default/f1.png"], image(undefined)), ["f1.png"]);
});

test("images keep their ids", () => {
  const { images } = read({ "annotations.xml": file('<image id="4" name="a.png"/>\n<image name="b.png"/>') });
  assert.deepEqual(
    images.map(({ id }) => id),
    ["4", undefined],
  );
});

test("a folder, a project's subsets, and images without shapes", () => {
  const { images, notes } = read({
    "annotations.xml": file('<image id="0" name="a.png"/>\n<image id="1" name="b.png" subset="Test" width="9" height="9"/>'),
    "more/annotations.xml": file(`<image id="0" name="c.png" subset="Train">${shape("points", 'points="1,1"')}</image>`),
  });
  assert.deepEqual(
    images.map(({ name, marks, split, size }) => [name, marks.length, split, size]),
    [
      ["a.png", 0, undefined, undefined],
      ["Test/b.png", 0, "test", { width: 9, height: 9 }],
      ["Train/c.png", 1, undefined, undefined],
    ],
  );
  assert.deepEqual(notes, ["2 images without any shape count as images without cells"]);
  assert.deepEqual(read({ "annotations.xml": "<annotations/>" }), { images: [], notes: [] });
});

test("every error is one line with file and line", () => {
  const error = (content: string) => errorOf({ "a.xml": file(`<image name="a.png" width="9" height="9">\n${content}</image>`) });
  assert.equal(error(shape("points", 'points="1,2;3"')), 'a.xml:4: points: expected "x,y", got "3"; correct it');
  assert.equal(error(shape("points", 'points="1,2,3"')), 'a.xml:4: points: expected "x,y", got "1,2,3"; correct it');
  assert.equal(error(shape("box", 'xtl="1" ytl="NaN"')), 'a.xml:4: ytl: expected a number, got "NaN"; correct it');
  assert.equal(
    error('<box xtl="1" ytl="1" xbr="2" ybr="2"/>'),
    'a.xml:4: <box> has no attribute "label"; add it or remove the element',
  );
  assert.equal(errorOf({ "a.xml": file("<image/>") }), 'a.xml:3: <image> has no attribute "name"; add it or remove the element');
  assert.match(
    errorOf({ "a.xml": file('<track id="0" label="cell"/>') }),
    /^a\.xml:3: is a track, .* export as "CVAT for images 1\.1"$/,
  );
  assert.match(errorOf({ "a.xml": "<annotation/>" }), /^a\.xml:1: expected the root <annotations>, got <annotation>;/);
  assert.equal(errorOf({ "task_1.ZIP": "PK" }), "task_1.ZIP: is an archive; unpack it and pass its contents");
  assert.match(error("<box"), /^a\.xml:\d: is not valid XML: /);
});
