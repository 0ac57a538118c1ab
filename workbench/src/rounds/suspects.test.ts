import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box, Cell, Detection } from "../api.ts";
import { type SearchedImage, suspectsOn } from "./suspects.ts";

const at = (x: number, y: number, side = 20): Box => [x - side / 2, y - side / 2, x + side / 2, y + side / 2];
const cell = (id: string, x: number, y: number, classId: string | null = "cell"): Cell => ({
  id,
  image: "image1",
  box: at(x, y),
  classId,
  from: "mark",
});
const found = (x: number, y: number, score: number, classId = "cell"): Detection => ({ box: at(x, y), score, classId });
const empty: SearchedImage = { image: "image1", state: "marking", cells: [], regions: [], detections: [] };
const options = { round: 1, score: 0.5 };
const kinds = (searched: Partial<SearchedImage>, more = {}) =>
  suspectsOn({ ...empty, ...searched }, { ...options, ...more }).map(({ kind, box, score }) => [kind, box[0] + 10, score]);

test("what is found and not marked is missing; what is marked is not, nor what lies beside it", () => {
  const cells = [cell("a", 100, 100)];
  const detections = [
    found(103, 100, 0.9),
    found(94, 100, 0.6),
    found(200, 100, 0.7),
    found(300, 100, 0.2),
    found(400, 100, 0.04),
  ];
  assert.deepEqual(kinds({ cells, detections }), [
    ["missing", 200, 0.7],
    ["missing", 300, 0.2],
  ]);
});

test("of two neighbours one of which is marked, the other is missing", () => {
  const detections = [found(100, 100, 0.9), found(114, 100, 0.8)];
  assert.deepEqual(kinds({ cells: [cell("a", 100, 100)], detections }), [["missing", 114, 0.8]]);
});

test("a place is asked about once, whatever the class; not where a hard negative is", () => {
  const detections = [found(100, 100, 0.9), found(102, 100, 0.8, "other"), found(200, 100, 0.9)];
  assert.deepEqual(kinds({ cells: [cell("a", 201, 100, null)], detections }), [["missing", 100, 0.9]]);
});

test("nothing is missing in regions, on complete images and on test images", () => {
  const detections = [found(100, 100, 0.9), found(200, 100, 0.9)];
  const regions = (["complete", "ignore"] as const).map((kind) => ({
    id: kind,
    image: "image1",
    kind,
    ring: [80, 80, 120, 80, 120, 120, 80, 120],
  }));
  for (const region of regions) assert.deepEqual(kinds({ regions: [region], detections }), [["missing", 200, 0.9]]);
  assert.deepEqual(kinds({ state: "complete", detections }), []);
  assert.deepEqual(kinds({ state: "test", detections, cells: [cell("a", 300, 300)] }), []);
});

test("a mark without a detection is denied, also on a complete image, unless somebody kept it", () => {
  const cells = [cell("a", 100, 100), cell("b", 200, 100), cell("c", 300, 100, null)];
  const detections = [found(100, 100, 0.9), found(200, 100, 0.1)];
  assert.deepEqual(kinds({ cells, detections }), [["denied", 200, 0.1]]);
  assert.deepEqual(kinds({ cells, detections, state: "complete" }), [["denied", 200, 0.1]]);
  assert.deepEqual(kinds({ cells, detections }, { kept: new Set(["b"]) }), []);
  assert.deepEqual(kinds({ cells }), []);
});

test("a suspect has the same id whenever it is asked, another one in another round", () => {
  const searched = { ...empty, detections: [found(100, 100, 0.9)] };
  const [a, b, c] = [1, 1, 2].map((round) => suspectsOn(searched, { ...options, round })[0]);
  assert.equal(a.id, b.id);
  assert.notEqual(a.id, c.id);
  assert.match(a.id, /^[a-z0-9]{8,40}$/);
});
