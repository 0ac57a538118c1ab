// What every procedure promises. A new one in index.ts is tested by this file without a change to it: with its defaults, with every
// option by itself at other values, and with all of them at the least.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { backward, memory, scope, type Tensor } from "@sparsecell/torch";
import type { Dataset } from "../data/dataset.ts";
import type { KnownCells } from "../detector/known-cells.ts";
import { rectangleRing } from "../geometry/region.ts";
import { sumObserved } from "../methods/calibration.ts";
import { fpn } from "../methods/fpn.ts";
import { checkpointBytes, trainedInParts } from "../train/interrupted.fixture.ts";
import { tinyDataset } from "../train/run.fixture.ts";
import { procedures, trainingMethodNamed } from "./index.ts";
import { type Mean, type Procedure, plain, type TrainingStep, type View } from "./procedure.ts";
import { first, second, smallDetector, stepOn } from "./views.fixture.ts";

/** Numbers that an option may have take what of these it reads; words and flags are found in the option's help. */
const otherValues = ["0", "0.3", "1", "2", "true", "false"];

interface Variants {
  readonly id: string;
  readonly single: readonly string[];
  /** An option that is a threshold lets all through, one that is a moment begins at once. */
  readonly eager: string;
}
const variants = procedures.map(({ id, options }): Variants => {
  const readable = Object.entries(options).map(([key, option]) => ({
    key,
    texts: otherValues.filter((text) => option.read(text) !== undefined && option.read(text) !== option.default),
  }));
  const least = readable.flatMap(({ key, texts }) => (texts.includes("0") ? [`${key}=0`] : []));
  return {
    id,
    single: readable.flatMap(({ key, texts }) => texts.map((text) => `${id}:${key}=${text}`)),
    eager: `${id}:${least.join(",")}`,
  };
});

const root = mkdtempSync(join(tmpdir(), "procedures-"));
const detector = smallDetector();
let dataset: Dataset;
before(async () => {
  dataset = await tinyDataset(root);
});
after(() => {
  detector.release();
  rmSync(root, { recursive: true });
});

const detectorParts = ["rpnClass", "rpnBox", "roiClass", "roiBox"] as const;

/** `body` with a procedure, which is released afterwards. */
function withProcedure(name: string, body: (procedure: Procedure) => void): void {
  const procedure = trainingMethodNamed(name).procedure(detector);
  try {
    body(procedure);
  } finally {
    procedure.release?.();
  }
}

const numbersOf = (losses: { readonly [part: string]: Tensor }): Record<string, number> =>
  Object.fromEntries(Object.entries(losses).map(([part, loss]) => [part, loss.item()]));

/** Takes a step, but for the optimizer's. */
const step = (procedure: Procedure, given: TrainingStep): Record<string, number> =>
  scope(() => {
    const { losses, observed = {} } = procedure.losses(given);
    procedure.afterStep?.(given, observed);
    return numbersOf(losses);
  });

/** The views of a step, with other things known of them. */
const viewsWith = (change: (known: KnownCells, view: View, n: number) => KnownCells): { first: View; second: View } => {
  const changed = (view: View): View => ({ ...view, known: view.known.map((known, n) => change(known, view, n)) });
  return { first: changed(first), second: changed(second) };
};
const withoutMarks = viewsWith(() => ({ boxes: new Float32Array(0), labels: new Int32Array(0) }));

/** The n-th image of a step, as the process that has it sees it. */
const shareOf = (given: TrainingStep, n: number): TrainingStep => {
  const only = (view: View): View => ({
    images: [{ ...view.images[n], beside: view.images.filter((_, i) => i !== n) }],
    known: [view.known[n]],
    symmetries: [view.symmetries[n]],
  });
  const { batch, random } = given;
  const share = { ...only(batch), names: [batch.names[n]], second: only(batch.second as View) };
  return { ...given, batch: share, random: (_, use) => random(n, use) };
};

function assertFinite(losses: Record<string, number>, what: string): void {
  assert.ok(Object.keys(losses).length > 0);
  for (const [part, loss] of Object.entries(losses)) assert.ok(Number.isFinite(loss), `${what}: ${part} is ${loss}`);
}

for (const { id, single, eager } of variants)
  describe(`procedure ${id}`, () => {
    test("is found by its name, and only a method with its defaults has the bare one", () => {
      for (const name of [id, ...single, eager]) assert.equal(trainingMethodNamed(name).name, name);
    });

    test("has finite losses whatever its options are, with marks on one image and none on the other", () => {
      const half = viewsWith((known, _, n) => (n === 0 ? known : withoutMarks.first.known[n]));
      for (const name of [...single, eager])
        withProcedure(name, (procedure) => assertFinite(step(procedure, stepOn(detector, 0.5, half)), name));
    });

    for (const name of [id, eager]) {
      test(`${name}: has finite losses at all times, and every weight a gradient`, () => {
        withProcedure(name, (procedure) => {
          for (const progress of [0, 0.2, 0.5, 0.99])
            for (const views of [undefined, withoutMarks])
              assertFinite(step(procedure, stepOn(detector, progress, views)), `at ${progress}`);
          scope(() => {
            const { losses } = procedure.losses(stepOn(detector));
            backward(Object.values(losses).reduce((sum, part) => sum.add(part)));
            for (const [weight, { grad }] of detector.parameters()) assert.ok(grad?.numbers().every(Number.isFinite), weight);
          });
          for (const weight of detector.parameters().values()) weight.grad = null;
        });
      });

      test(`${name}: does not change the step that it is given, and says the same of it again`, () => {
        withProcedure(name, (procedure) => {
          const given = stepOn(detector);
          const before = structuredClone(given.batch);
          const [one, other] = [0, 1].map(() => scope(() => numbersOf(procedure.losses(given).losses)));
          assert.deepEqual(other, one);
          assert.deepEqual(given.batch, before);
        });
      });

      test(`${name}: where every label is certain it is the plain loss of each view that it is trained on`, () => {
        const known = viewsWith((cells, { images }, n) => {
          const { width, height } = images[n];
          return { ...cells, regions: [{ kind: "complete", rings: [rectangleRing(-width, -height, 2 * width, 2 * height)] }] };
        });
        const given = stepOn(detector, 0.5, { first: known.first, second: known.first });
        const expected = step(plain(fpn()), given);
        withProcedure(name, (procedure) => {
          for (let times = 0; times < 2; times++) {
            const losses = step(procedure, given);
            const views = Math.round(losses.rpnClass / expected.rpnClass);
            assert.ok(views === 1 || views === 2, `${views} views`);
            for (const [part, loss] of Object.entries(losses)) {
              const plainly = detectorParts.some((known) => known === part) ? views * expected[part] : 0;
              assert.ok(Math.abs(loss - plainly) < 1e-5 * (1 + plainly), `${part}: ${loss}, ${plainly}`);
            }
          }
        });
      });

      test(`${name}: what its shares of a batch come to is what the batch comes to`, () => {
        for (const progress of [0, 0.5])
          withProcedure(name, (procedure) =>
            scope(() => {
              const given = stepOn(detector, progress);
              const whole = procedure.losses(given);
              const shares = [0, 1].map((n) => procedure.losses(shareOf(given, n)));
              for (const [part, loss] of Object.entries(whole.losses)) {
                const expected = loss.item();
                const sum = (all: readonly Mean[]): number => all.reduce((sum, { mean }) => sum + mean.item(), 0);
                assert.ok(Math.abs(sum(whole.means?.[part] ?? []) - expected) < 1e-6, `${part} is the sum of its means`);
                const means = shares.map((share) => share.means?.[part] ?? []);
                const combined = means[0].map((_, k) => {
                  const counted = means.map((all) => all[k]).filter(({ count }) => count > 0);
                  const count = counted.reduce((sum, mean) => sum + mean.count, 0);
                  return counted.reduce((sum, { mean, count }) => sum + mean.item() * count, 0) / Math.max(1, count);
                });
                const got = combined.reduce((sum, value) => sum + value, 0);
                assert.ok(Math.abs(got - expected) < 1e-5 * (1 + expected), `${part}: ${got}, ${expected}`);
              }
              const observed = sumObserved(shares.map((share) => share.observed));
              assert.deepEqual(Object.keys(observed), Object.keys(whole.observed ?? {}));
              for (const [key, values] of Object.entries(observed))
                values.forEach((value, i) => {
                  const expected = whole.observed?.[key][i] as number;
                  assert.ok(Math.abs(value - expected) < 1e-5 * (1 + Math.abs(expected)), `${key}: ${value}, ${expected}`);
                });
            }),
          );
      });

      test(`${name}: leaves no tensor behind`, () => {
        const before = memory().tensors;
        withProcedure(name, (procedure) => {
          step(procedure, stepOn(detector));
          const between = memory().tensors;
          step(procedure, stepOn(detector));
          assert.equal(memory().tensors, between, "from one step to the next");
        });
        assert.equal(memory().tensors, before);
      });

      test(`${name}: takes back its state, and refuses another's without a change`, () => {
        const bytes = (procedure: Procedure): [string, Buffer][] =>
          scope(() => [...(procedure.state?.() ?? [])].map(([part, tensor]) => [part, Buffer.from(tensor.bytes())]));
        withProcedure(name, (procedure) => {
          step(procedure, stepOn(detector));
          const state = bytes(procedure);
          withProcedure(name, (other) =>
            scope(() => {
              if (procedure.state) other.loadState?.(procedure.state());
              assert.deepEqual(bytes(other), state);
              assert.deepEqual(step(other, stepOn(detector)), step(procedure, stepOn(detector)));
            }),
          );
          if (state.length === 0) return;
          const now = bytes(procedure);
          scope(() => {
            const whole = [...(procedure.state?.() ?? [])];
            for (const wrong of [[], whole.slice(1), whole.slice(0, -1), [...whole, ["other", whole[0][1]] as const]])
              assert.throws(() => procedure.loadState?.(new Map(wrong)), Error);
          });
          assert.deepEqual(bytes(procedure), now);
        });
      });

      test(`${name}: trains to the same bytes, interrupted or not`, async () => {
        const make = trainingMethodNamed(name).procedure;
        const dir = join(root, name.replaceAll(/\W/g, "-"));
        const change = { steps: 6, batch: 2 };
        const straight = await trainedInParts(dataset, dir, make, { ...change, stops: [5] });
        const resumed = await trainedInParts(dataset, `${dir}-resumed`, make, { ...change, stops: [3, 5] });
        assert.deepEqual(checkpointBytes(resumed), checkpointBytes(straight));
        assert.deepEqual(resumed.log(), straight.log());
        for (const { parts, report = {} } of straight.log()) assertFinite({ ...parts, ...report }, "log");
      });
    }
  });

test("options are tested too", () => {
  const names = variants.flatMap(({ single, eager }) => [...single, eager]);
  for (const name of ["self-training:rounds=1", "self-training:relative=true", "mean-teacher:fiou=true", "co-mining:from=0"])
    assert.ok(names.includes(name), name);
  assert.ok(names.includes("self-training:threshold=0,overlap=0"));
});
