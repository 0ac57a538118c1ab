// What training sees: each training image once an epoch, visible annotations only, boxes that move with the pixels.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import sharp from "sharp";
import type { Annotation, Dataset, DatasetImage } from "../data/dataset.ts";
import { UserError } from "../errors.ts";
import type { Region } from "../geometry/region.ts";
import type { TrainingBatch } from "../procedures/procedure.ts";
import { defaultsOf } from "../settings/declarations.ts";
import { schedule } from "../settings/training.ts";
import { Batches, type BatchSettings } from "./batches.ts";
import { knownCells } from "./known-cells.ts";

const dir = mkdtempSync(join(tmpdir(), "batches-"));
after(() => rmSync(dir, { recursive: true }));

const [width, height] = [12, 8];
const images = Array.from({ length: 7 }, (_, i): DatasetImage => {
  return { id: 10 + i, fileName: `${i}.png`, width, height, group: String(i), split: i < 5 ? "train" : "test" };
});
const cell = (id: number, imageId: number, box: Annotation["box"], more: Partial<Annotation> = {}): Annotation => ({
  id,
  imageId,
  categoryId: 4,
  box,
  hidden: false,
  ...more,
});
const dataset: Dataset = {
  dir,
  images,
  categories: [
    { id: 9, name: "other" },
    { id: 4, name: "cell" },
  ],
  annotations: [
    ...images.filter(({ id }) => id !== 14).map(({ id }) => cell(id, id, [1, 2, 4, 7])), // image 14 has none
    ...images.map(({ id }) => cell(100 + id, id, [5, 0, 12, 3], { hidden: true })),
    cell(200, 10, [9, 4, 12, 8], { categoryId: 9 }),
  ],
};

/** Black, with white where the visible annotations are: whatever is done to an image, its boxes are white inside. */
function paint({ id }: DatasetImage): Buffer {
  const pixels = Buffer.alloc(3 * width * height);
  for (const { imageId, box, hidden } of dataset.annotations)
    if (imageId === id && !hidden)
      for (let y = box[1]; y < box[3]; y++) pixels.fill(255, 3 * (y * width + box[0]), 3 * (y * width + box[2]));
  return pixels;
}

before(async () => {
  mkdirSync(join(dir, "images"));
  for (const image of images)
    await sharp(paint(image), { raw: { width, height, channels: 3 } })
      .png()
      .toFile(join(dir, "images", image.fileName));
});

const settings = (given: { batch?: number; seed?: number; augment?: boolean } = {}): BatchSettings => ({
  ...defaultsOf(schedule),
  seed: 1,
  augment: false,
  detector: { input: { kind: "stretch", size: 64 } },
  ...given,
});

async function take(count: number, { batch = 2, seed = 1, augment = false, from = 1 } = {}): Promise<TrainingBatch[]> {
  const batches = new Batches(dataset, settings({ batch, seed, augment }), { secondView: true });
  const taken: TrainingBatch[] = [];
  for (let step = from; step < from + count; step++) taken.push(await batches.at(step));
  batches.close();
  return taken;
}
const namesOf = (batches: readonly TrainingBatch[]): string[] => batches.flatMap(({ names }) => names);

test("every epoch has each training image once, in another order, also when batches cross its end", async () => {
  for (const batch of [1, 2, 3, 7]) {
    const names = namesOf(await take(Math.ceil(20 / batch), { batch }));
    const epochs = [0, 5, 10, 15].map((start) => names.slice(start, start + 5));
    for (const epoch of epochs) assert.deepEqual([...epoch].sort(), ["0.png", "1.png", "2.png", "3.png", "4.png"]);
    assert.ok(new Set(epochs.map(String)).size > 1);
  }
});

test("order and flips follow from seed and step alone: a resumed training goes on with the same batches", async () => {
  const whole = await take(9, { augment: true });
  assert.deepEqual(await take(4, { augment: true, from: 6 }), whole.slice(5));
  assert.deepEqual(await take(9, { augment: true }), whole);
  assert.notDeepEqual(namesOf(await take(9, { seed: 2 })), namesOf(whole));
});

test("an image comes with its visible annotations and no others", async () => {
  for (const { names, known } of await take(5))
    names.forEach((name, i) => {
      const expected = name === "4.png" ? [] : name === "0.png" ? [1, 2, 4, 7, 9, 4, 12, 8] : [1, 2, 4, 7];
      assert.deepEqual(Array.from(known[i].boxes), expected);
      assert.deepEqual(Array.from(known[i].labels), expected.length === 8 ? [2, 1] : expected.length === 4 ? [2] : []); // place of the category, from 1
    });
});

test("boxes move with the pixels, in all four ways, and nothing is lost", async () => {
  const seen = new Set<string>();
  for (const { names, images: flipped, known } of await take(40, { augment: true, batch: 1 })) {
    const { data } = flipped[0];
    const original = paint(images.find(({ fileName }) => fileName === names[0]) as DatasetImage);
    const { boxes } = known[0];
    for (let k = 0; k < boxes.length; k += 4)
      for (let y = boxes[k + 1]; y < boxes[k + 3]; y++)
        for (let x = boxes[k]; x < boxes[k + 2]; x++) assert.equal(data[3 * (y * width + x)], 255);
    assert.equal(data.filter((value) => value === 255).length, original.filter((value) => value === 255).length);
    if (boxes.length > 0) seen.add(String(boxes.subarray(0, 4)));
  }
  assert.deepEqual([...seen].sort(), ["1,1,4,6", "1,2,4,7", "8,1,11,6", "8,2,11,7"]);
  for (const { names, images: same } of await take(5))
    assert.deepEqual(Buffer.from(same[0].data), paint(images.find(({ fileName }) => fileName === names[0]) as DatasetImage));
});

test("a damaged image is an error at the step that needs it, not before", async () => {
  const order = namesOf(await take(5, { batch: 1 }));
  const file = join(dir, "images", order[2]);
  truncateSync(file, 60);
  const batches = new Batches(dataset, settings({ batch: 1 }));
  for (const step of [1, 2]) await batches.at(step);
  await new Promise((resolve) => setTimeout(resolve, 50)); // step 3 was read ahead: its failure waits for its turn
  await assert.rejects(batches.at(3), (error) => error instanceof UserError && error.message.startsWith(file));
});

test("property: knownCells has exactly the annotations that are not hidden", () => {
  const annotation = fc.record({
    imageId: fc.integer({ min: 1, max: 4 }),
    categoryId: fc.constantFrom(4, 9),
    hidden: fc.boolean(),
    corner: fc.integer({ min: 0, max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(annotation), (rows) => {
      const annotations = rows.map(({ corner, imageId, ...row }, i) => cell(i, imageId, [corner, i, corner + 1, i + 1], row));
      const [image] = dataset.images;
      const known = knownCells({ ...dataset, images: [1, 2, 3, 4].map((id) => ({ ...image, id })), annotations });
      for (const id of [1, 2, 3, 4]) {
        const visible = annotations.filter(({ imageId, hidden }) => imageId === id && !hidden);
        assert.deepEqual(
          Array.from(known.get(id)?.boxes ?? []),
          visible.flatMap(({ box }) => box),
        );
        assert.deepEqual(
          Array.from(known.get(id)?.labels ?? []),
          visible.map(({ categoryId }) => (categoryId === 9 ? 1 : 2)),
        );
      }
    }),
  );
});

test("hard negatives are no cells but known places; regions and they move with the pixels", async () => {
  const [image] = dataset.images;
  const regions: Region[] = [{ kind: "ignore", rings: [[1, 2, 4, 2, 4, 7]] }];
  const one = {
    ...dataset,
    images: [{ ...image, regions }],
    categories: [...dataset.categories, { id: 77, name: "no cell", negative: true as const }],
    annotations: [cell(1, image.id, [1, 2, 4, 7], { categoryId: 77 }), cell(2, image.id, [2, 2, 5, 6], { categoryId: 9 })],
  };
  const known = knownCells(one).get(image.id);
  assert.deepEqual(Array.from(known?.boxes ?? []), [2, 2, 5, 6]);
  assert.deepEqual(Array.from(known?.negatives ?? []), [1, 2, 4, 7]);
  const batches = new Batches(one, settings({ batch: 1, seed: 3, augment: true }));
  const seen = new Set<string>();
  for (let step = 1; step <= 40; step++) {
    const { known } = await batches.at(step);
    const [negative, ring] = [known[0].negatives, known[0].regions?.[0].rings[0]];
    const [xs, ys] = [0, 1].map((axis) => ring?.filter((_, i) => i % 2 === axis) ?? []);
    assert.deepEqual(Array.from(negative ?? []), [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]);
    seen.add(String(ring));
  }
  assert.equal(seen.size, 4);
});
