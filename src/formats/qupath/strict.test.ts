// The strict reader of QuPath's objects held to files as each version writes them, which our reader reads alike; and what QuPath
// refuses or takes for something else.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { regionAt } from "../../geometry/region.ts";
import { brief, readerOf } from "../annotations.fixture.ts";
import { polygonsOf } from "./polygons.ts";
import { readQupath } from "./read.ts";
import { qupathObjects, qupathVersions } from "./strict.fixture.ts";

const { read } = readerOf(readQupath, ["a.png"]);

const square = '{"type": "Polygon", "coordinates": [[[1, 2], [5, 2], [5, 6], [1, 6], [1, 2]]]}';
const id = (n: number) => `0b7d3a52-91c4-4e0e-8f5a-0000000000${n}0`;

/** What each version writes of one cell and two points; measurements as 0.3 wrote them are still read. */
const written: { readonly [version: string]: string } = {
  "0.3": `[{"type": "Feature", "id": "PathDetectionObject", "geometry": ${square}, "properties": {
    "object_type": "detection", "classification": {"name": "Positive", "parentClass": {"name": "Tumor", "colorRGB": -3670016}, "colorRGB": -377282},
    "measurements": [{"name": "score", "value": 0.5}]}},
  {"type": "Feature", "id": "PathAnnotationObject", "geometry": {"type": "MultiPoint", "coordinates": [[7, 8], [9.5, 8]]}, "properties": {
    "object_type": "annotation", "isLocked": false}}]`,
  "0.4": `{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "${id(1)}", "geometry": ${square}, "properties": {
    "objectType": "detection", "classification": {"names": ["Tumor", "Positive"], "color": [250, 62, 62]}, "measurements": {"score": 0.5}}},
  {"type": "Feature", "id": "${id(2)}", "geometry": {"type": "MultiPoint", "coordinates": [[7, 8], [9.5, 8]]}, "properties": {
    "objectType": "annotation", "metadata": {"reader": "A"}}}]}`,
  "0.5": `{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "${id(1)}", "geometry": ${square}, "properties": {
    "objectType": "detection", "classification": {"names": ["Tumor", "Positive"], "color": [250, 62, 62]},
    "measurements": {"score": 0.5, "ratio": "NaN", "limit": "-Infinity"}, "metadata": {"round": "2"}}},
  {"type": "Feature", "id": "${id(2)}", "geometry": {"type": "MultiPoint", "coordinates": [[7, 8], [9.5, 8]]}, "properties": {
    "objectType": "annotation", "color": [1, 2, 3], "isLocked": true, "metadata": {"reader": "A"}, "metadata": {"reader": "A"}}}]}`,
  "0.7": `{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "${id(1)}", "geometry": ${square}, "properties": {
    "objectType": "detection", "classification": {"names": ["Tumor", "Positive"], "color": [250, 62, 62, 128]},
    "measurements": {"score": 0.5, "ratio": "NaN"}, "metadata": {"round": "2"}, "metadata": {"round": "2"}}},
  {"type": "Feature", "id": "${id(2)}", "geometry": {"type": "MultiPoint", "coordinates": [[7, 8], [9.5, 8]]}, "properties": {
    "objectType": "annotation", "name": "Points 1"}}]}`,
};

test("files of every version hold the same cells, for QuPath and for our reader", () => {
  for (const [version, text] of Object.entries(written)) {
    const newest = qupathVersions.filter((each) => each >= version);
    for (const reader of newest) {
      const [cell, points] = qupathObjects(text, reader);
      assert.deepEqual(
        [cell.type, cell.classes, cell.measurements.score, cell.geometry?.area],
        ["detection", ["Tumor", "Positive"], 0.5, 16],
      );
      assert.deepEqual(
        [points.type, points.classes, points.geometry?.points],
        [
          "annotation",
          [],
          [
            [7, 8],
            [9.5, 8],
          ],
        ],
      );
    }
    const marks = read({ "a.geojson": text }).images[0].marks.map(brief);
    assert.deepEqual(
      marks.map(([label, , ...place]) => [label, ...place]),
      [
        ["Tumor: Positive", "outline", [[1, 2, 5, 2, 5, 6, 1, 6]]],
        [null, "point", [7, 8]],
        [null, "point", [9.5, 8]],
      ],
    );
  }
});

describe("what QuPath refuses, loses or takes for something else", () => {
  const feature = (properties: object, geometry: unknown = JSON.parse(square), more: object = {}) =>
    JSON.stringify({ type: "Feature", geometry, properties, ...more });
  const cell = { objectType: "detection" };
  const rings = (...coordinates: number[][][]) => ({ type: "Polygon", coordinates });
  const every = qupathVersions;
  const reduced = ["0.6", "0.7"];
  const cases: readonly (readonly [text: string, error: RegExp, versions: readonly string[]])[] = [
    [feature({}), /has no objectType, so it becomes an annotation/, every],
    [feature({ objectType: "Detection" }), /unknown, so it becomes an annotation/, every],
    [feature(cell, undefined, { id: "cell-1" }), /no UUID/, every],
    [`[${feature(cell, undefined, { id: id(1) })},${feature(cell, undefined, { id: id(1).toUpperCase() })}]`, /twice/, every],
    [feature({ ...cell, classification: { name: "Tumor" } }), /Unable to parse PathClass/, every],
    [feature({ ...cell, classification: { name: "Tumor", color: [0.5, 0, 0] } }), /whole numbers from 0 to 255/, every],
    [feature({ ...cell, classification: { names: ["Tumor", "a: b"], color: [1, 2, 3] } }), /not a valid name/, every],
    [feature({ ...cell, name: null }), /UnsupportedOperationException/, every],
    [feature({ ...cell, measurements: { score: null } }), /expected a number/, every],
    [feature({ ...cell, measurements: { score: "NaN" } }), /ClassCastException/, ["0.4"]],
    [feature({ ...cell, measurements: { score: "high" } }), /NumberFormatException/, ["0.5", "0.6", "0.7"]],
    [feature({ ...cell, metadata: { a: "b" } }), /of a detection is lost/, ["0.4"]],
    [feature({ ...cell, metadata: { a: ["b"] } }), /is lost/, every],
    [feature(cell, null), /NullPointerException/, every],
    [feature(cell, { type: "Circle", coordinates: [1, 2] }), /unknown/, every],
    [feature(cell, rings([[0, 0], [1, 0], [1, 1]])), /not closed/, every], // biome-ignore format: a ring
    [feature(cell, rings([[0, 0], [9, 0], [9, 0.001], [0, 0.001], [0, 0]])), /without area/, every], // biome-ignore format: a ring
    [feature(cell, rings([[0, 0], [9, 9], [9, 0], [0, 8], [0, 0]])), /Reduction failed.*edges cross/, reduced], // biome-ignore format: a ring
    [feature(cell, rings([[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], [[20, 20], [21, 20], [21, 21], [20, 20]])), /hole lies outside/, reduced], // biome-ignore format: rings
    [`{"type": "FeatureCollection", "features": [{}]}`, /passed over/, every],
  ];
  for (const [i, [text, error, versions]] of cases.entries())
    test(`${i + 1}: ${error.source}`, () => {
      for (const version of qupathVersions)
        if (versions.includes(version)) assert.throws(() => qupathObjects(text, version), error, version);
        else if (!cases.some(([other, , others]) => other === text && others.includes(version)) && !/high/.test(text))
          assert.ok(qupathObjects(text, version).length > 0);
    });
});

test("polygons of any rings enclose the same, and QuPath takes them", () => {
  const side = 16;
  const point = fc.tuple(fc.integer({ min: 0, max: side }), fc.integer({ min: 0, max: side }));
  const anyRings = fc.array(
    fc.array(point, { minLength: 3, maxLength: 8 }).map((points) => points.flat()),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(anyRings, (rings) => {
      const polygons = polygonsOf(rings);
      const region = (rings: readonly (readonly number[])[]) => [{ kind: "complete", rings } as const];
      const inside = (x: number, y: number): boolean => regionAt(region(rings), x, y) !== null;
      for (let x = 0.37; x < side; x += 1.7)
        for (let y = 0.61; y < side; y += 1.7) {
          const corners = [-0.01, 0.01].flatMap((d) => [inside(x + d, y + d), inside(x + d, y - d)]);
          if (corners.some((corner) => corner !== corners[0])) continue; // on an edge
          const within = polygons.filter((polygon) => regionAt(region(polygon.map((ring) => ring.flat())), x, y) !== null);
          assert.equal(within.length, inside(x, y) ? 1 : 0, `${x}, ${y}`);
        }
      if (polygons.length === 0) return;
      const geometry = { type: "MultiPolygon", coordinates: polygons };
      const text = JSON.stringify({ type: "Feature", geometry, properties: { objectType: "annotation" } });
      assert.equal(qupathObjects(text, "0.7").length, 1);
    }),
    { numRuns: 100, seed: 17 },
  );
});
