import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DetectionConfig } from "../settings/detector.ts";
import { detectionsOf } from "./detections.ts";

const classes = 3;

describe("detections", () => {
  const settings: DetectionConfig = { scoreThreshold: 0.1, nmsThreshold: 0.5, maxDetections: null };
  const find = (rows: { box: number[]; scores: number[] }[], changed: Partial<DetectionConfig> = {}) =>
    detectionsOf(
      {
        proposals: Float32Array.from(rows.flatMap(({ box }) => box)),
        probabilities: Float32Array.from(rows.flatMap(({ scores }) => scores)),
        codes: new Float32Array(rows.length * classes * 4), // codes of 0: the proposals themselves
      },
      classes,
      [64, 64],
      { ...settings, ...changed },
    );
  const rows = [
    { box: [0, 0, 10, 10], scores: [0.1, 0.3, 0.6] },
    { box: [0, 0, 10, 9], scores: [0.2, 0.75, 0.05] }, // on the first; wins in class 1, below the threshold in class 2
    { box: [30, 30, 80, 90], scores: [0.5, 0.1, 0.4] }, // over the edge; 0.1 is not above the threshold
    { box: [70, 70, 90, 90], scores: [0, 0.9, 0.1] }, // outside
  ];

  test("are above the score, suppressed within their class, inside the image, best first", () => {
    const { boxes, scores, labels, rows: origins, capped } = find(rows);
    assert.deepEqual(Array.from(labels), [1, 2, 2]);
    assert.deepEqual(Array.from(origins), [1, 0, 2]);
    assert.deepEqual(Array.from(scores), [0.75, 0.6, 0.4].map(Math.fround));
    assert.deepEqual(Array.from(boxes), [0, 0, 10, 9, 0, 0, 10, 10, 30, 30, 64, 64]);
    assert.equal(capped, false);
  });

  test("are cut off at the limit, which is reported", () => {
    const { labels, capped } = find(rows, { maxDetections: 2 });
    assert.deepEqual([Array.from(labels), capped], [[1, 2], true]);
    assert.equal(find(rows, { maxDetections: 3 }).capped, false);
  });

  test("of no proposals are none", () => {
    assert.deepEqual(find([]), {
      boxes: new Float32Array(0),
      scores: new Float32Array(0),
      labels: new Int32Array(0),
      rows: new Int32Array(0),
      capped: false,
    });
  });
});
