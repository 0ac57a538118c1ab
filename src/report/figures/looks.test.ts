import assert from "node:assert/strict";
import { test } from "node:test";
import { KINDS, kindLook, lineKey, lookColors, methodLook, rateLook } from "./looks.ts";

const COUNT = 14;
const looks = Array.from({ length: COUNT }, (_, i) => methodLook(i));

/** CIE L* of a colour #rrggbb. */
function lightness(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 116 * Math.cbrt(0.2126 * r + 0.7152 * g + 0.0722 * b) - 16;
}
const colors = (theme: "light" | "dark") => [...lookColors(theme).matchAll(/#[0-9a-f]{6}/g)].map(([hex]) => hex);

test("every method differs from every other in colour, in dash and in symbol", () => {
  for (const key of ["color", "dash", "symbol"] as const) assert.equal(new Set(looks.map((look) => look[key])).size, COUNT, key);
  for (const theme of ["light", "dark"] as const) assert.equal(new Set(colors(theme).slice(0, COUNT)).size, COUNT);
});

test("the first four differ in grey, too, and all lines stand out from the page", () => {
  const first = colors("light")
    .slice(0, 4)
    .map(lightness)
    .sort((a, b) => a - b);
  for (let i = 1; i < 4; i++) assert.ok(first[i] - first[i - 1] > 5, `${first}`);
  for (const hex of colors("light")) assert.ok(lightness(hex) < 67, hex);
  for (const hex of colors("dark")) assert.ok(lightness(hex) > 42, hex);
});

test("rates go from dark to light; kinds of RoIs differ in every way", () => {
  const steps = Array.from({ length: 10 }, (_, i) => Number(/\d+/.exec(rateLook(i, 10).color)?.[0]));
  assert.deepEqual(
    [...steps].sort((a, b) => a - b),
    steps,
  );
  assert.deepEqual([steps[0], steps[9]], [0, 7]);
  assert.equal(rateLook(0, 1).color, "var(--rate-0)");
  for (const key of ["color", "dash", "symbol"] as const) assert.equal(new Set(KINDS.map((kind) => kindLook(kind)[key])).size, 3);
});

test("a key shows the line's dash, and its symbol where it has one", () => {
  assert.match(lineKey(looks[1]).text, /stroke-dasharray="7 4".*<path transform/s);
  assert.doesNotMatch(lineKey({ color: "red", dash: "none" }).text, /transform/);
});
