import assert from "node:assert/strict";
import { test } from "node:test";
import type { Suspect } from "../../../src/api.ts";
import { tilesFor, windowAround, windowInside } from "../viewer/zoom.ts";
import { effectOf, merged, nextOpen } from "./queue-list.ts";

const suspect = (id: string, changes: Partial<Suspect> = {}): Suspect => ({
  id,
  round: 1,
  kind: "missing",
  image: "image001",
  box: [-2, 10, 8, 20],
  score: 0.9,
  classId: "class001",
  reason: "",
  ...changes,
});
const list = (...ids: string[]) => ids.map((id) => suspect(id));
const idsOf = (suspects: readonly Suspect[]) => suspects.map(({ id }) => id).join(" ");

test("what was asked stays behind the shown one; what comes is in the server's new order", () => {
  const answered = new Set(["a", "b"]);
  const isAnswered = (id: string) => answered.has(id);
  assert.equal(idsOf(merged(list("a", "b", "c", "d", "e"), 2, list("e", "f", "c", "b"), isAnswered)), "a b c e f");
  assert.equal(nextOpen(list("a", "b", "c"), 0, isAnswered), 2);
  assert.equal(nextOpen(list("c", "b"), 1, isAnswered), 0, "back to what was passed over");
  assert.equal(nextOpen(list("a", "b"), 0, isAnswered), -1);
});

test("what an answer does to the marks", () => {
  const image = { id: "image001", width: 100, height: 100 };
  const missing = suspect("a");
  const denied = suspect("a", { kind: "denied", cell: "cell0001" });
  const { add } = effectOf("accept", missing, image, "new") as { add: { classId: string; from: string } };
  assert.deepEqual([add.classId, add.from], ["class001", "answer"]);
  assert.equal((effectOf("accept", missing, image, "new", "class002") as { add: { classId: string } }).add.classId, "class002");
  assert.equal((effectOf("refuse", missing, image, "new") as { add: { classId: null } }).add.classId, null);
  const { ignore } = effectOf("unsure", missing, image, "new") as unknown as { ignore: { ring: number[] } };
  assert.deepEqual(ignore.ring, [0, 10, 8, 10, 8, 20, 0, 20], "inside the image");
  assert.deepEqual(effectOf("accept", denied, image, "new"), { keep: "cell0001" });
  assert.deepEqual(effectOf("refuse", denied, image, "new"), { delete: "cell0001" });
});

test("the tiles that the next suspect needs", () => {
  const image = { id: "i", width: 1000, height: 600, tileSize: 256, levels: 3 } as never;
  const window = windowAround([490, 290, 510, 310], 2);
  assert.deepEqual(window, [300, 200, 700, 400]);
  assert.deepEqual(tilesFor(image, window, 400), [
    "/api/v1/images/i/tiles/2/1/0.jpg",
    "/api/v1/images/i/tiles/2/2/0.jpg",
    "/api/v1/images/i/tiles/2/1/1.jpg",
    "/api/v1/images/i/tiles/2/2/1.jpg",
  ]);
  assert.deepEqual(
    windowInside(image, [0, 580, 20, 600], 2),
    [-16, 416, 384, 616],
    "at a corner the window is in the image, but for a margin",
  );
  assert.deepEqual(
    windowInside(image, [900, 0, 1000, 100], 1),
    [0, -200, 1000, 800],
    "one that is larger has the image in its middle",
  );
  assert.deepEqual(tilesFor(image, [-100, -100, 5000, 5000], 100), ["/api/v1/images/i/tiles/0/0/0.jpg"]);
});
