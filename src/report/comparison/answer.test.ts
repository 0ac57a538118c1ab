import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { comparisonAnswer } from "./answer.ts";
import { comparison, emptyComparison, method } from "./comparison.fixture.ts";

test("two methods: who found more, false alarms, the first metric", () => {
  assert.equal(
    comparisonAnswer(comparison),
    "On 4 held-out images with 40 annotated cells, at a score of 0.5 or more, B found more: 25 (62.5 %), A 20 (50.0 %). " +
      "False alarms, where no cell is annotated: A 2, B 5. AP: A 50.0 %, B 51.0 %.",
  );
});

test("a tie, one method, nothing to find, no method", () => {
  const answer = (found: readonly number[], truths = 40) =>
    comparisonAnswer({
      ...emptyComparison,
      heldOut: { images: 1, truths },
      methods: found.map((n, i) => method("abc"[i], { found: n })),
    });
  assert.match(answer([7, 7], 14), /, A and B found equally many: 7 \(50\.0 %\)\. False alarms/);
  assert.match(answer([7, 7, 1], 14), /, A found 7 \(50\.0 %\), B 7 \(50\.0 %\), C 1 \(7\.1 %\)\. False alarms/);
  assert.match(answer([1, 2, 3], 4), /, C found the most: 3 \(75\.0 %\), B 2 \(50\.0 %\), A 1 \(25\.0 %\)\. False/);
  assert.match(
    answer([10]),
    /^On 1 held-out image with 40 annotated cells, at a score of 0\.5 or more, A found 10 \(25\.0 %\)\. False alarms, .*: A 2\. AP: A 50\.0 %\.$/,
  );
  assert.match(answer([0, 0], 0), /^On 1 held-out image with no annotated cell, .*, there was nothing to find\. False alarms/);
  assert.match(answer([0, 1], 1), /with 1 annotated cell, .* B found more: 1 \(100\.0 %\), A 0 \(0\.0 %\)\./);
  assert.equal(answer([]), "No method was evaluated.");
});

test("swapping two methods never changes who is said to have found more", () => {
  fc.assert(
    fc.property(fc.nat(50), fc.nat(50), (foundA, foundB) => {
      const [a, b] = [method("a", { found: foundA }), method("b", { found: foundB })];
      for (const methods of [
        [a, b],
        [b, a],
      ]) {
        const leader = /(\w) found more/.exec(
          comparisonAnswer({ ...comparison, heldOut: { images: 9, truths: 50 }, methods }),
        )?.[1];
        assert.equal(leader, foundA === foundB ? undefined : foundA > foundB ? "A" : "B");
      }
    }),
  );
});
