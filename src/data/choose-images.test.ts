import assert from "node:assert/strict";
import { test } from "node:test";
import { oneOfEachGroup, spread } from "./choose-images.ts";

test("one image of each group in turn, no more than asked for", () => {
  const images = ["a1", "b1", "b2", "a2", "a3", "c1"].map((name) => ({ name, group: name[0] }));
  const names = (count: number) => oneOfEachGroup(images, count).map(({ name }) => name);
  assert.deepEqual(names(2), ["a1", "b1"]);
  assert.deepEqual(names(5), ["a1", "b1", "c1", "a2", "b2"]);
  assert.deepEqual(names(99), ["a1", "b1", "c1", "a2", "b2", "a3"]);
  assert.deepEqual(names(0), []);
  assert.deepEqual(oneOfEachGroup([], 3), []);
});

test("items spread evenly from the first on", () => {
  const items = [0, 1, 2, 3, 4, 5, 6];
  assert.deepEqual(spread(items, 3), [0, 2, 4]);
  assert.deepEqual(spread(items, 0), []);
  assert.deepEqual(spread(items, 7), items);
  assert.deepEqual(spread(items, null), items);
});
