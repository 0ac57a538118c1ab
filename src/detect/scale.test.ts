import assert from "node:assert/strict";
import { test } from "node:test";
import { slidingWindows } from "../geometry/windows.ts";
import { shrinkage, trainingTile } from "./scale.ts";
import { ViewChooser, type ViewOptions } from "./view-choice.ts";

const stretch = { kind: "stretch", size: 128 } as const;
const tile = { width: 128, height: 128 };
const slide = { width: 768, height: 768 };

test("cells of a larger image appear smaller, in pixels and in microns", () => {
  assert.equal(shrinkage(slide, tile, stretch), 6);
  assert.equal(shrinkage(tile, slide, stretch), 1 / 6);
  assert.equal(shrinkage({ ...slide, mpp: 0.25 }, { ...tile, mpp: 0.5 }, stretch), 3);
  assert.equal(shrinkage({ ...slide, mpp: 0.25 }, tile, stretch), 6);
  assert.equal(shrinkage(slide, tile, { kind: "shortest-edge", min: 800, max: 1333 }), 6);
});

test("a tile shows what a training image shows", () => {
  assert.deepEqual(trainingTile(slide, tile), { ...tile, overlap: 32 });
  assert.deepEqual(trainingTile({ ...slide, mpp: 0.25 }, { ...tile, mpp: 0.5 }), { width: 256, height: 256, overlap: 64 });
});

const choose = (options: Partial<ViewOptions>, ...images: { width: number; height: number }[]) => {
  const chooser = new ViewChooser({ choice: "auto", training: tile, input: stretch, ...options });
  const views = images.map((image) => chooser.viewOf("a.png", image));
  return { windows: views.map(({ windows }) => windows.map(({ window }) => window)), notes: chooser.notes() };
};
const whole = (image: { width: number; height: number }) => [{ x: 0, y: 0, ...image }];

test("an image of another scale is searched in tiles, or people are told", () => {
  const slightlyLarger = { width: 150, height: 150 };
  assert.deepEqual(choose({}, tile, slightlyLarger), { windows: [whole(tile), whole(slightlyLarger)], notes: [] });
  const tiles = slidingWindows(slide, { ...tile, overlap: 32 });
  assert.deepEqual(choose({}, slide, slide), {
    windows: [tiles, tiles],
    notes: [
      "a.png: has 768×768 pixels; the training images had 128×128, so its cells appear 6 times smaller: searched in tiles of 128×128 (--tile off: as a whole); the same holds for 1 more",
    ],
  });
  const off = choose({ choice: "off" }, slide);
  assert.deepEqual(off.windows, [whole(slide)]);
  assert.match(off.notes[0], /6 times smaller and are missed; leave out --tile off$/);
  assert.match(choose({}, { width: 64, height: 64 }).notes[0], /2 times larger and may be missed/);
  assert.deepEqual(choose({ choice: { width: 256, height: 200 } }, tile), {
    windows: [whole(tile)],
    notes: [],
  });
  assert.throws(() => choose({ choice: { width: 8, height: 8 } }, tile), /--tile: expected 32 pixels or more/);
});

test("where the model does not say its scale, people are told when an image is shrunk", () => {
  assert.match(choose({ training: undefined }, slide).notes[0], /is shrunk 6 times for the network; .*--tile N$/);
  assert.deepEqual(choose({ training: undefined }, tile).notes, []);
});
