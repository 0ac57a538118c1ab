import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { ByteBudget } from "./byte-budget.ts";

test("tasks never use more than the total, start in order, and all finish", async () => {
  const total = 100;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ bytes: fc.integer({ min: 0, max: total }), turns: fc.nat(3), fails: fc.boolean() })),
      async (tasks) => {
        const budget = new ByteBudget(total);
        const begun: number[] = [];
        let held = 0;
        const outcomes = await Promise.allSettled(
          tasks.map(({ bytes, turns, fails }, i) =>
            budget.within(bytes, async () => {
              begun.push(i);
              held += bytes;
              assert.ok(held <= total, `${held} held`);
              for (let left = turns; left > 0; left--) await turn();
              held -= bytes;
              if (fails) throw new RangeError(String(i));
              return i;
            }),
          ),
        );
        assert.deepEqual(begun, [...tasks.keys()]);
        for (const [i, { fails }] of tasks.entries()) {
          const outcome = outcomes[i];
          if (outcome.status === "fulfilled") assert.ok(!fails && outcome.value === i);
          else assert.ok(fails && outcome.reason instanceof RangeError, String(outcome.reason));
        }
      },
    ),
  );
});

test("tasks that fit together run together", async () => {
  const budget = new ByteBudget(10);
  const gates: (() => void)[] = [];
  const all = [4, 6, 1].map((bytes) => budget.within(bytes, () => new Promise<void>((open) => gates.push(open))));
  await turn();
  assert.equal(gates.length, 2); // the third waits
  gates[0]();
  await all[0];
  await turn();
  assert.equal(gates.length, 3);
  for (const open of gates) open();
  await Promise.all(all);
});
