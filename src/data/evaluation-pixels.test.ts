import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box } from "../geometry/box.ts";
import { pairWithTruth } from "./evaluation-pair.ts";

test("detections or truths in fractions of the image are refused", () => {
  const images = [{ id: 1, fileName: "a.png", width: 100, height: 100 }];
  const categories = [{ id: 1, name: "cell" }];
  const row = { imageId: 1, categoryId: 1 };
  const pair = (found: Box, truth: Box) =>
    pairWithTruth(
      { file: "found.json", images, categories, detections: [{ ...row, box: found, score: 0.5 }] },
      { file: "truth.json", images, categories, annotations: [{ ...row, id: 1, box: truth, hidden: false, ignore: false }] },
    );
  const [pixels, fractions]: Box[] = [
    [10, 10, 20, 25],
    [0.1, 0.1, 0.2, 0.25],
  ];
  assert.equal(pair(pixels, pixels).detections.length, 1);
  const dot = [{ id: 1, fileName: "a.png", width: 1, height: 1 }];
  const onDot = pairWithTruth(
    { file: "found.json", images: dot, categories, detections: [{ ...row, box: fractions, score: 0.5 }] },
    { file: "truth.json", images: dot, categories, annotations: [] },
  );
  assert.equal(onDot.detections.length, 1);
  assert.throws(() => pair(fractions, pixels), /^UserError: found\.json: all 1 boxes lie between 0 and 1/);
  assert.throws(() => pair(pixels, fractions), /^UserError: truth\.json: all 1 boxes lie between 0 and 1/);
});
