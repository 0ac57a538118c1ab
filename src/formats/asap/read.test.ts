import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, readerOf } from "../annotations.fixture.ts";
import { readAsap } from "./read.ts";

const { read, errorOf } = readerOf(readAsap, ["slide 1.tif", "b.png"]);

const shape = (type: string, group: string, points: readonly (readonly [x: unknown, y: unknown, order?: number])[]) =>
  `<Annotation Name="Annotation 0" Type="${type}" PartOfGroup="${group}" Color="#F4FA58"><Coordinates>${points
    .map(([x, y, order], i) => `<Coordinate Order="${order ?? i}" X="${x}" Y="${y}" />`)
    .join("\n")}</Coordinates></Annotation>`;
const file = (...shapes: readonly string[]) => `<?xml version="1.0"?>
<ASAP_Annotations><Annotations>
${shapes.join("\n")}
</Annotations><AnnotationGroups><Group Name="cells" PartOfGroup="None" Color="#64FE2E"><Attributes /></Group>
<Group Name="mitosis" PartOfGroup="cells" Color="#64FE2E"><Attributes /></Group></AnnotationGroups></ASAP_Annotations>`;

test("all shapes, nested groups, decimal commas, and points out of order", () => {
  const { images, notes } = read({
    "slide 1.xml": file(
      shape("Dot", "mitosis", [["1,5", "2.25"]]),
      shape("PointSet", "None", [
        [3, 4],
        [5, 6],
      ]),
      shape("Rectangle", "cells", [
        [0, 0],
        [8, 0],
        [8, 4],
        [0, 4],
      ]),
      shape("Polygon", "cells", [
        [20, 0, 1],
        [0, 0, 0],
        ["1e1", 15, 2],
      ]),
      shape("Spline", "", [
        [0, 0],
        [4, 0],
        [4, 4],
      ]),
      shape("Measurement", "None", [
        [0, 0],
        [4, 0],
      ]),
      shape("PointSet", "mitosis", []),
    ),
  });
  const [{ name, marks, size }] = images;
  assert.deepEqual([images.length, name, size], [1, "slide 1", undefined]);
  assert.deepEqual(marks.map(brief), [
    ["mitosis", 3, "point", [1.5, 2.25]],
    [null, 4, "point", [3, 4]],
    [null, 5, "point", [5, 6]],
    ["cells", 6, "outline", [[0, 0, 8, 0, 8, 4, 0, 4]]],
    ["cells", 10, "outline", [[0, 0, 20, 0, 10, 15]]],
    [null, 13, "outline", [[0, 0, 4, 0, 4, 4]]],
  ]);
  assert.deepEqual(notes, [
    "1 splines became polygons through their points",
    "skipped 1 PointSet without coordinates: only dots, point sets, rectangles, polygons and splines are read",
  ]);
  assert.deepEqual(
    images[0].unread?.map(({ kind, place }) => [kind, place?.kind]),
    [["Measurement", "outline"]],
  );
});

test("a folder; files without annotations are images without marks", () => {
  const empty = "<ASAP_Annotations><Annotations/><AnnotationGroups/></ASAP_Annotations>";
  const { images, notes } = read({ "b.xml": empty, "batch/slide 1.tif.xml": empty });
  assert.deepEqual(
    images.map(({ name, marks }) => [name, marks]),
    [
      ["b", []],
      ["batch/slide 1.tif", []],
    ],
  );
  assert.deepEqual(notes, []);
});

test("every error is one line with file and line", () => {
  const error = (...shapes: readonly string[]) => errorOf({ "b.xml": file(...shapes) });
  assert.equal(error(shape("Dot", "None", [["1.2.3", 4]])), 'b.xml:3: X: expected a number, got "1.2.3"; correct it');
  assert.match(
    error(
      shape("Dot", "None", [
        [1, 2],
        [3, 4],
      ]),
    ),
    /^b\.xml:3: is a Dot with 2 coordinates/,
  );
  assert.equal(error("\n<Annotation/>"), 'b.xml:4: <Annotation> has no attribute "Type"; add it or remove the element');
  assert.equal(
    error('<Annotation Type="Dot"><Coordinates>\n<Coordinate X="1"/></Coordinates></Annotation>'),
    'b.xml:4: <Coordinate> has no attribute "Y"; add it or remove the element',
  );
  assert.equal(errorOf({ "b.xml": "<ASAP_Annotations/>" }), "b.xml:1: has no <Annotations>; save it again in ASAP");
  assert.equal(errorOf({ "b.xml": "" }), "b.xml:1: is empty; pass a file of ASAP");
});
