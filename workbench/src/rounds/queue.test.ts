import assert from "node:assert/strict";
import { test } from "node:test";
import type { Suspect } from "../api.ts";
import { orders, queueOf, stratumOf } from "./queue.ts";

const suspect = (i: number, score: number, kind: Suspect["kind"] = "missing", image = `image${i % 3}`): Suspect => ({
  id: `${kind}${i}`,
  round: 1,
  kind,
  image,
  box: [0, 0, 1, 1],
  score,
  classId: "cell",
  reason: "",
});
const missing = Array.from({ length: 60 }, (_, i) => suspect(i, 0.05 + (0.9 * i) / 59));
const denied = Array.from({ length: 5 }, (_, i) => suspect(i, 0.02 * i, "denied"));

test("every suspect is in the queue once, in the same order whenever it is made", () => {
  for (const order of Object.keys(orders) as (keyof typeof orders)[]) {
    const [a, b] = [1, 2].map(() => queueOf([...missing, ...denied], { score: 0.5, seed: 4, order }));
    assert.deepEqual(a, b);
    assert.equal(new Set(a.map(({ suspect }) => suspect)).size, 65);
  }
  assert.deepEqual(queueOf([], { score: 0.5, seed: 1 }), []);
  assert.equal(queueOf(denied, { score: 0.5, seed: 1 }).length, 5);
});

test("every third is drawn, every eighth is a mark that the model denies, while there are any", () => {
  const queue = queueOf([...missing, ...denied], { score: 0.5, seed: 4 });
  queue.slice(0, 39).forEach(({ drawn, suspect }, i) => {
    assert.equal(suspect.kind === "denied", (i + 1) % 8 === 0);
    if (suspect.kind === "missing") assert.equal(drawn, (i + 1) % 3 === 0);
  });
  assert.deepEqual(
    queue.filter(({ suspect }) => suspect.kind === "denied").map(({ suspect }) => suspect.id),
    denied.map(({ id }) => id), // what it denies most comes first
  );
});

test("others come by what an answer teaches: nearest to the recommended score, each image in turn", () => {
  const ranked = queueOf(missing, { score: 0.5, seed: 4, order: "uncertain" }).filter(({ drawn }) => !drawn);
  const away = ranked.map(({ suspect }) => Math.abs(suspect.score - 0.5));
  assert.deepEqual(
    away,
    [...away].sort((a, b) => a - b),
  );
  const first = queueOf(missing, { score: 0.5, seed: 4, order: "spread-likely" })
    .filter(({ drawn }) => !drawn)
    .slice(0, 3);
  assert.equal(new Set(first.map(({ suspect }) => suspect.image)).size, 3);
});

test("drawn ones come from all parts of the scores", () => {
  const queue = queueOf(missing, { score: 0.5, seed: 4 });
  const strata = queue
    .filter(({ drawn }) => drawn)
    .slice(0, 8)
    .map(({ stratum }) => stratum);
  assert.deepEqual(new Set(strata), new Set([0, 1, 2, 3]));
  assert.deepEqual(
    [0.1, 0.3, 0.5, 0.8].map((score) => stratumOf(score, 0.5)),
    [0, 1, 2, 3],
  );
});
