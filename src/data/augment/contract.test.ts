// What every augmentation of pixels promises. A new one in index.ts is tested by this file without a change to it.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Random } from "../../random.ts";
import type { RgbImage } from "../image-file.ts";
import { synthesizePatch } from "../synthetic/synthetic.ts";
import type { Augmentation } from "./augmentation.ts";
import { augmentations, augmented, drawChanges } from "./index.ts";

const [width, height] = [48, 32];
const section: RgbImage = {
  width,
  height,
  data: synthesizePatch({ kind: "ki67", width, height, boxSize: 16, random: new Random(1) }).rgb,
};

const seeds = Array.from({ length: 60 }, (_, i) => i);

const drawn = (augmentation: Augmentation, seed: number, strength: number) => augmentation.draw(new Random(seed), strength);

async function applied({ name }: Augmentation, image: RgbImage, change: unknown): Promise<RgbImage> {
  return change === null ? image : await augmented(image, [{ name, change }]);
}

/** Mean distance from the section, over all seeds. */
async function effect(augmentation: Augmentation, strength: number): Promise<number> {
  let sum = 0;
  for (const seed of seeds) {
    const { data } = await applied(augmentation, section, drawn(augmentation, seed, strength));
    for (let i = 0; i < data.length; i++) sum += Math.abs(data[i] - section.data[i]);
  }
  return sum / section.data.length / seeds.length;
}

test("names are unique", () => {
  assert.equal(new Set(augmentations.map(({ name }) => name)).size, augmentations.length);
});

for (const augmentation of augmentations)
  describe(augmentation.name, () => {
    test("says in one line what varies", () => assert.match(augmentation.about, /^[^\n]{20,120}[^\n.]$/));

    test("does nothing at strength 0", () => {
      for (const seed of seeds) assert.equal(drawn(augmentation, seed, 0), null);
    });

    test("has the same bits for the same seed, sent to a thread or not, and other bits for other seeds", async () => {
      const results = new Set<string>();
      for (const seed of seeds) {
        const change = drawn(augmentation, seed, 1);
        const result = await applied(augmentation, section, change);
        const again = structuredClone(drawn(augmentation, seed, 1));
        assert.deepEqual(await applied(augmentation, section, again), result);
        results.add(result.data.join());
      }
      assert.ok(results.size > 10, `${results.size} different results of ${seeds.length} seeds`);
    });

    test("makes a new image of the same size, and leaves the old one as it was", async () => {
      const before = section.data.slice();
      for (const seed of seeds) {
        const change = drawn(augmentation, seed, 1);
        if (change === null) continue;
        const result = await applied(augmentation, section, change);
        assert.deepEqual([result.width, result.height, result.data.length], [width, height, before.length]);
        assert.notEqual(result.data, section.data);
        assert.deepEqual(section.data, before);
      }
    });

    test("does more with more strength, and never so much that the section is lost", async () => {
      const [little, half, whole] = [
        await effect(augmentation, 0.2),
        await effect(augmentation, 0.5),
        await effect(augmentation, 1),
      ];
      assert.ok(little < half && half < whole && whole > 0.5, `${little}, ${half}, ${whole}`);
      for (const seed of seeds) {
        const result = await applied(augmentation, section, drawn(augmentation, seed, 1));
        assert.ok(correlation(section.data, result.data) > 0.8, `seed ${seed}`);
      }
    });

    test("takes images of one pixel, black, white and of one colour", async () => {
      for (const [side, value] of [
        [1, 130],
        [9, 0],
        [9, 255],
        [20, 90],
      ])
        for (const seed of seeds.slice(0, 10)) {
          const plain = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(value) };
          const { data } = await applied(augmentation, plain, drawn(augmentation, seed, 1));
          for (let i = 3; i < data.length; i++) assert.ok(Math.abs(data[i] - data[i - 3]) <= 1, "plain images stay plain");
        }
    });
  });

function correlation(a: Uint8Array, b: Uint8Array): number {
  const mean = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [u, v] = [a[i] - meanA, b[i] - meanB];
    ab += u * v;
    aa += u * u;
    bb += v * v;
  }
  return ab / Math.sqrt(aa * bb);
}

describe("all together", () => {
  const full = Object.fromEntries(augmentations.map(({ name }) => [name, 1]));

  test("the strength of one does not change what another draws, and what has none does nothing", () => {
    for (const seed of seeds) {
      const all = drawChanges(full, new Random(seed));
      for (const { name } of augmentations) {
        const alone = drawChanges({ [name]: 1 }, new Random(seed));
        const others = drawChanges({ ...full, [name]: 0 }, new Random(seed));
        const isIt = (change: { name: string }) => change.name === name;
        assert.deepEqual(alone, all.filter(isIt));
        assert.deepEqual(
          others,
          all.filter((change) => !isIt(change)),
        );
      }
      assert.deepEqual(drawChanges({}, new Random(seed)), []);
    }
  });

  test("the order of the changes does not matter", async () => {
    for (const seed of seeds) {
      const changes = drawChanges(full, new Random(seed));
      assert.deepEqual(await augmented(section, changes.toReversed()), await augmented(section, changes));
    }
  });

  test("no change is the image itself, an unknown one a defect", async () => {
    assert.equal(await augmented(section, []), section);
    await assert.rejects(augmented(section, [{ name: "sepia", change: {} }]), { message: 'unknown augmentation "sepia"' });
  });
});
