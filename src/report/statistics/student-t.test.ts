import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { studentQuantile, studentTail } from "./student-t.ts";

test("quantiles are those of printed tables", () => {
  const table = [
    [1, 12.706, 63.657],
    [2, 4.303, 9.925],
    [5, 2.571, 4.032],
    [10, 2.228, 3.169],
    [29, 2.045, 2.756],
    [120, 1.98, 2.617],
  ];
  for (const [df, at95, at99] of table) {
    assert.ok(Math.abs(studentQuantile(0.95, df) - at95) < 6e-4, `${df}`);
    assert.ok(Math.abs(studentQuantile(0.99, df) - at99) < 6e-4, `${df}`);
  }
});

test("the tail is the integral of the density, and the quantile its inverse", () => {
  /** Simpson's rule over 2,000 steps of the density without its factor. */
  const integral = (df: number, to: number) => {
    const steps = 2000;
    const f = (x: number) => (1 + x ** 2 / df) ** (-(df + 1) / 2);
    let sum = f(0) + f(to);
    for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f((i * to) / steps);
    return (sum * to) / steps / 3;
  };
  const ratios = [3, 4, 9, 16].map((df) => (1 - studentTail(1, df)) / integral(df, 1));
  [3, 4, 9, 16].forEach((df, i) => {
    for (const t of [0.2, 2, 3.5]) assert.ok(Math.abs(1 - studentTail(t, df) - ratios[i] * integral(df, t)) < 1e-9, `${df} ${t}`);
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.05, max: 0.999, noNaN: true }), (df, level) => {
      assert.ok(Math.abs(1 - studentTail(studentQuantile(level, df), df) - level) < 1e-9);
    }),
  );
  assert.equal(studentTail(0, 7), 1);
  assert.equal(studentTail(-2, 7), studentTail(2, 7));
  assert.ok(studentTail(Number.POSITIVE_INFINITY, 7) < 1e-12);
});
