import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goldenBoxes, goldenParts, uniform } from "../detector/golden.fixture.ts";
import { type Box, iou } from "./box.ts";
import { nms } from "./nms.ts";

const threshold = 0.3137; // no IoU of boxes on whole pixels
const thresholds = fc.constantFrom(0, 0.0137, threshold, 0.5137, 0.7137, 0.9537, 1);

interface Candidates {
  readonly boxes: Float32Array;
  readonly scores: Float32Array;
  readonly groups: Int32Array;
}

const side = fc.integer({ min: 1, max: 12 });
const start = fc.integer({ min: 0, max: 16 });
const candidates: fc.Arbitrary<Candidates> = fc
  .array(
    fc.record({
      x: start,
      y: start,
      w: side,
      h: side,
      score: fc.integer({ min: -8, max: 8 }),
      group: fc.integer({ min: 0, max: 2 }),
    }),
    { maxLength: 40 },
  )
  .map((list) => ({
    boxes: Float32Array.from(list.flatMap(({ x, y, w, h }) => [x, y, x + w, y + h])),
    scores: Float32Array.from(list, ({ score }) => score / 8),
    groups: Int32Array.from(list, ({ group }) => group),
  }));

const at = (boxes: Float32Array, k: number): Box => Array.from(boxes.subarray(4 * k, 4 * k + 4)) as unknown as Box;

/** By the definition: the best one stays, all that overlap it go, and so on. */
function slowNms({ boxes, scores }: Candidates, limit = threshold): number[] {
  let left = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b);
  const kept: number[] = [];
  while (left.length > 0) {
    const best = left[0];
    kept.push(best);
    left = left.filter((k) => k !== best && iou(at(boxes, best), at(boxes, k)) <= limit);
  }
  return kept;
}

test("keeps what torchvision keeps", () => {
  const boxes = goldenBoxes("nms/boxes", 80, 40);
  const scores = Float32Array.from(uniform("nms/scores", 80));
  assert.deepEqual(nms(boxes, scores, 0.3), goldenParts.nms.plain);
  assert.deepEqual(
    nms(
      boxes,
      scores,
      0.3,
      Int32Array.from(uniform("nms/groups", 80), (u) => (u > 0 ? 1 : 0)),
    ),
    goldenParts.nms.grouped,
  );
});

test("property: equals the slow definition; suppressed boxes overlap a better one that stays", () => {
  fc.assert(
    fc.property(candidates, thresholds, (all, limit) => {
      const kept = nms(all.boxes, all.scores, limit);
      assert.deepEqual(kept, slowNms(all, limit));
      for (const a of kept) for (const b of kept) assert.ok(a === b || iou(at(all.boxes, a), at(all.boxes, b)) <= limit);
    }),
  );
});

test("property: in one row, where boxes as far apart as the threshold allows still meet", () => {
  fc.assert(
    fc.property(candidates, thresholds, ({ boxes, scores, groups }, limit) => {
      const row = { boxes: boxes.map((value, i) => [value, 0, value, 1][i % 4]), scores, groups };
      assert.deepEqual(nms(row.boxes, scores, limit), slowNms(row, limit));
    }),
    { numRuns: 1000 },
  );
});

test("property: every group gives the same result as alone", () => {
  fc.assert(
    fc.property(candidates, ({ boxes, scores, groups }) => {
      const kept = nms(boxes, scores, threshold, groups);
      for (const group of [0, 1, 2]) {
        const members = Array.from(groups.keys()).filter((k) => groups[k] === group);
        const own = {
          boxes: Float32Array.from(members.flatMap((k) => [...at(boxes, k)])),
          scores: Float32Array.from(members, (k) => scores[k]),
          groups,
        };
        assert.deepEqual(
          kept.filter((k) => groups[k] === group),
          slowNms(own).map((i) => members[i]),
        );
      }
      for (let i = 1; i < kept.length; i++) assert.ok(scores[kept[i - 1]] >= scores[kept[i]], "best first over all groups");
    }),
  );
});

test("equal scores keep their order; a box without area suppresses nothing", () => {
  const boxes = Float32Array.of(0, 0, 10, 10, 0, 0, 10, 10, 5, 5, 5, 5, 40, 0, 50, 10);
  assert.deepEqual(nms(boxes, Float32Array.of(0.5, 0.5, 0.9, 0.5), 0.5), [2, 0, 3]);
});

test("scores may be infinite, like overflowed logits", () => {
  const boxes = Float32Array.of(0, 0, 1, 1, 2, 0, 3, 1, 4, 0, 5, 1);
  assert.deepEqual(nms(boxes, Float32Array.of(-Infinity, Infinity, Infinity), 0.5), [1, 2, 0]);
});

test("no boxes give no indices", () => {
  const none = new Float32Array(0);
  assert.deepEqual(nms(none, none, 0.5), []);
  assert.deepEqual(nms(none, none, 0.5, new Int32Array(0)), []);
});
