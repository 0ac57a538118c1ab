import assert from "node:assert/strict";
import { test } from "node:test";
import { recommendationText } from "./recommended-score.ts";

const found = { score: 0.4, found: 36, marks: 40, measure: 0.8 };

test("says what the held-out marks tell: recall always, F1 where annotations are complete or their part was counted", () => {
  const head = "recommended score 0.4: finds 90 % of the held-out marks (77 to 96, 40 marks); ";
  const says = (more: object) => recommendationText({ ...found, complete: false, ...more }).slice(head.length);
  assert.ok(recommendationText({ ...found, complete: false }).startsWith(head));
  assert.equal(says({}), "how many detections are wrong cannot be known from sparse marks");
  assert.equal(says({ complete: true }), "F1 80 % where annotations are complete");
  // detections / cells = 2 · 0.9 / 0.8 − 1 = 1.25; cells 32 % fewer or more: 1.8 / (1.25 / 0.68 + 1), 1.8 / (1.25 / 1.32 + 1)
  assert.equal(says({ completeness: 0.1 }), "F1 about 80 % (64 to 92), if 10 % of the cells are marked, as it counted");
  assert.match(says({ completeness: 0.1, marks: 3, found: 3 }), /F1 about 80 % \(0 to \d+\)/);
});
