// The intervals hold: simulated projects whose truth is known, with scores that are right, too high or too low.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Suspect } from "../api.ts";
import { Random } from "../sparsecell.ts";
import { estimateOf, type Outcome } from "./estimate.ts";
import { type Queued, queueOf } from "./queue.ts";

const SCORE = 0.5;
const MARKED = 60;
const PROJECTS = 100;

function suspectsOf(random: Random, count: number): Suspect[] {
  return Array.from({ length: count }, (_, i) => {
    const score = 0.05 + 0.95 * random.uniform() ** (random.uniform() < 0.5 ? 3 : 0.6); // many low ones, many high ones
    return {
      id: `suspect${i}`,
      round: 1,
      kind: "missing",
      image: `image${i % 7}`,
      box: [0, 0, 1, 1],
      score,
      classId: "cell",
      reason: "",
    };
  });
}

/** Of how many simulated projects the intervals hold the truth. */
function coverage(chance: (score: number) => number, { count, answers }: { count: number; answers: number }) {
  let [precision, completeness, naive, all] = [0, 0, 0, 0];
  for (let seed = 0; seed < PROJECTS; seed++) {
    const random = new Random(seed, 5);
    const suspects = suspectsOf(random, count);
    const cells = new Set(suspects.filter(({ score }) => random.uniform() < chance(score)));
    const queue = queueOf(suspects, { score: SCORE, seed });
    const answered = new Set(queue.slice(0, answers));
    const outcomeOf = (queued: Queued): Outcome | null =>
      answered.has(queued) ? (cells.has(queued.suspect) ? "cell" : "not") : null;
    const added = [...answered].filter(({ suspect }) => cells.has(suspect)).length;
    const estimate = estimateOf({ queue, outcomeOf, marked: MARKED, added });
    const counted = suspects.filter(({ score }) => score >= SCORE);
    const truth = counted.filter((suspect) => cells.has(suspect)).length / counted.length;
    const complete = (MARKED + added) / (MARKED + cells.size);
    all++;
    if (holds(estimate.precision, truth)) precision++;
    if (holds(estimate.completeness, complete)) completeness++;
    const above = [...answered].filter(({ suspect }) => suspect.score >= SCORE);
    naive += above.filter(({ suspect }) => cells.has(suspect)).length / above.length - truth;
  }
  return { precision: precision / all, completeness: completeness / all, naiveBias: naive / all };
}

const holds = (interval: { low: number; high: number } | null, truth: number): boolean =>
  interval !== null && interval.low <= truth && truth <= interval.high;

const worlds: readonly (readonly [string, (score: number) => number])[] = [
  ["scores are right", (score) => score],
  ["scores are too low", (score) => Math.min(1, 0.3 + score)],
  ["scores are too high", (score) => score ** 3],
  ["nearly all are cells", () => 0.97],
  ["hardly any is a cell", () => 0.05],
];

for (const [name, chance] of worlds)
  test(`at least 90 % of the 95 % intervals hold the truth: ${name}`, () => {
    for (const answers of [50, 150]) {
      const held = coverage(chance, { count: 400, answers });
      assert.ok(held.precision >= 0.9, `precision after ${answers} answers: ${held.precision}`);
      assert.ok(held.completeness >= 0.9, `completeness after ${answers} answers: ${held.completeness}`);
    }
  });

test("what was answered in order alone would say too little of what is found", () => {
  assert.ok(coverage((score) => score, { count: 400, answers: 50 }).naiveBias < -0.05);
});

const outcomes =
  (outcome: Outcome, first = Infinity) =>
  (queued: Queued): Outcome | null =>
    queued.rank < first ? outcome : null;

test("all answered: nothing is left to guess", () => {
  const queue = queueOf(suspectsOf(new Random(3), 40), { score: SCORE, seed: 1 });
  const estimate = estimateOf({ queue, outcomeOf: outcomes("cell"), marked: 10, added: 40 });
  assert.deepEqual(estimate.precision, { value: 1, low: 1, high: 1 });
  assert.deepEqual(estimate.completeness, { value: 1, low: 1, high: 1 });
  assert.match(estimate.advice, /^All suspects are answered/);
});

test("few answers say nothing; without any suspect that is said", () => {
  const queue = queueOf(suspectsOf(new Random(3), 40), { score: SCORE, seed: 1 });
  const { precision, completeness, advice } = estimateOf({ queue, outcomeOf: () => null, marked: 10, added: 0 });
  assert.deepEqual([precision, completeness], [null, null]);
  assert.match(advice, /^Answer about 24 more/);
  const isOnSheet = ({ rank }: Queued): boolean => rank < 12;
  const sheet = estimateOf({ queue, outcomeOf: outcomes("cell", 12), isOnSheet, marked: 10, added: 12 });
  assert.deepEqual([sheet.precision, sheet.completeness], [null, null]);
  assert.match(sheet.advice, /^Train again: 12 answers are new. About 24 more, one by one, say/);
  assert.match(estimateOf({ queue: [], outcomeOf: () => null, marked: 0, added: 0 }).advice, /nothing is suspected/);
});

test("what nobody can tell is neither a cell nor none", () => {
  const queue = queueOf(suspectsOf(new Random(3), 40), { score: SCORE, seed: 1 });
  const outcomeOf = ({ suspect }: Queued): Outcome => (Number(suspect.id.slice(7)) % 2 === 0 ? "unsure" : "cell");
  assert.deepEqual(estimateOf({ queue, outcomeOf, marked: 10, added: 20 }).completeness, { value: 1, low: 1, high: 1 });
});

test("cells that the model cannot find are missing, too, where it is known how many it finds", () => {
  const queue = queueOf(suspectsOf(new Random(3), 40), { score: SCORE, seed: 1 });
  const all = { queue, outcomeOf: outcomes("cell"), marked: 40, added: 40 };
  assert.equal(estimateOf({ ...all, found: 0.8 }).completeness?.value.toFixed(3), "0.800");
});

test("it is time to stop when nearly all are marked, and to train again after a round of answers", () => {
  const queue = queueOf(suspectsOf(new Random(3), 400), { score: SCORE, seed: 1 });
  const none = estimateOf({ queue, outcomeOf: ({ rank, drawn }) => (rank < 90 || drawn ? "not" : null), marked: 2000, added: 0 });
  assert.match(none.advice, /^Stop: at least 95 %/);
  const half = (queued: Queued): Outcome | null =>
    queued.rank >= 60 && !queued.drawn ? null : queued.suspect.score > 0.6 ? "cell" : "not";
  assert.match(estimateOf({ queue, outcomeOf: half, marked: 20, added: 20 }).advice, /^Train again/);
});
