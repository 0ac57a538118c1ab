import assert from "node:assert/strict";
import { test } from "node:test";
import type { Box } from "../geometry/box.ts";
import { suspicion } from "./suspicions.ts";

const truth = (box: Box, categoryId = 1) => ({ imageId: 1, categoryId, box });
const truths = [0, 1, 2, 3].map((i) => truth([10 + 60 * i, 20 * i + 5, 40 + 60 * i, 20 * i + 30]));
const doubt = (change: (box: Box) => Box, categoryId = 1) =>
  suspicion(
    truths,
    truths.map(({ box }) => ({ ...truth(change(box), categoryId), score: 0.5 })),
  );

test("right detections, few or many, arouse no suspicion", () => {
  assert.equal(
    doubt((box) => box),
    null,
  );
  assert.equal(suspicion(truths, [{ ...truths[0], score: 1 }]), null);
  assert.equal(suspicion(truths, []), null);
});

test("boxes in another form and shifted categories are recognised", () => {
  const read = (written: Box): Box => [written[0], written[1], written[0] + written[2], written[1] + written[3]];
  assert.match(doubt(read)?.text ?? "", /look like \[x1, y1, x2, y2\]/);
  const centred = ([x1, y1, x2, y2]: Box): Box => read([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1]);
  assert.match(doubt(centred)?.text ?? "", /look like \[centre x, centre y, width, height\]/);
  assert.match(doubt((box) => box, 2)?.text ?? "", /on cells of other categories/);
  const elsewhere = doubt(([x1, y1, x2, y2]) => [x1, y1 + 90, x2, y2 + 90]);
  assert.match(elsewhere?.text ?? "", /^no detection matches a cell; check/);
  assert.equal(elsewhere?.nothing, true);
});

test("what a stricter IoU alone excludes is not nothing", () => {
  const shifted = truths.map((truth) => ({
    ...truth,
    box: [truth.box[0] + 5, ...truth.box.slice(1)] as unknown as Box,
    score: 1,
  }));
  assert.equal(suspicion(truths, shifted, { iou: 0.9 })?.nothing, false);
});
