import assert from "node:assert/strict";
import { test } from "node:test";
import { stepped } from "./image-list.ts";

const all = ["a", "b", "c", "d", "e"].map((id) => ({ id }));
const some = [all[1], all[3]];
const from = (id: string | null, by: 1 | -1, listed = some) => stepped(all, listed, id, by)?.id;

test("steps go through what is listed, and end at its ends", () => {
  assert.deepEqual([from("b", 1), from("d", -1)], ["d", "b"]);
  assert.deepEqual([from("d", 1), from("b", -1)], ["d", "b"]);
  assert.deepEqual([from("c", 1, all), from("c", -1, all)], ["d", "b"]);
});

test("from an image that is not listed a step goes to the nearest one after or before it, else to the one that is left", () => {
  assert.deepEqual([from("c", 1), from("c", -1)], ["d", "b"]);
  assert.deepEqual([from("e", 1), from("a", -1)], ["d", "b"]);
  assert.deepEqual([from(null, 1), from(null, -1), from("c", 1, [])], ["b", "b", undefined]);
});
