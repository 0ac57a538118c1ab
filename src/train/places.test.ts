import assert from "node:assert/strict";
import { test } from "node:test";
import type { DatasetImage } from "../data/dataset.ts";
import type { Box } from "../geometry/box.ts";
import { choosePlaces, isAt, type PlaceOptions } from "./places.ts";

const image = (id: number, side: number): DatasetImage => ({
  id,
  fileName: `${id}.png`,
  width: side,
  height: side,
  group: `${id}`,
  split: "train",
});
const mark = (imageId: number, x: number, y: number) => ({ imageId, box: [x - 10, y - 10, x + 10, y + 10] as Box });
const stretch = { kind: "stretch", size: 128 } as const;
const resolution = { kind: "resolution", window: 512, mpp: null, scale: 0.5 } as const;
const options = (change: Partial<PlaceOptions>): PlaceOptions => ({ input: stretch, most: 20, seed: 1, ...change });

test("images that are seen as a whole are places; of many, some stand for the others", () => {
  const images = Array.from({ length: 40 }, (_, i) => image(i + 1, 200));
  const marks = images.slice(0, 30).map(({ id }) => mark(id, 50, 50));
  assert.deepEqual(
    choosePlaces(images.slice(0, 5), marks, options({})).map(({ image: { id }, weight }) => [id, weight]),
    [1, 2, 3, 4, 5].map((id) => [id, 1]),
  );
  const places = choosePlaces(images, marks, options({}));
  const weights = places.map(({ image: { id }, weight }) => [id <= 30, weight]);
  assert.equal(places.length, 20);
  assert.deepEqual(new Set(weights.map(String)), new Set(["true,2", "false,2"]));
  assert.deepEqual(choosePlaces(images, marks, options({})), places);
});

test("a large image is searched in some of its windows, those with marks first, and every mark is at one of them", () => {
  const slide = image(1, 12_000);
  const marks = [mark(1, 100, 100), mark(1, 6000, 6000), mark(1, 11_900, 40)];
  const all = choosePlaces([slide], marks, options({ input: resolution, most: Infinity }));
  assert.equal(all.length, 64);
  for (const each of marks) assert.equal(all.filter((place) => isAt(place, each)).length, 1);
  const some = choosePlaces([slide], marks, options({ input: resolution, most: 20 }));
  assert.ok(some.length >= 4 && some.length < 10, `${some.length}`);
  const total = some.reduce((sum, { weight }) => sum + weight, 0);
  assert.ok(Math.abs(total - 64) < 1e-9);
  for (const each of marks) assert.equal(some.filter((place) => isAt(place, each)).length, 1);
});
