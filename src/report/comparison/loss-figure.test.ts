import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { curve, method } from "./comparison.fixture.ts";
import { lossFigure } from "./loss-figure.ts";

async function panels(methods: ReturnType<typeof method>[]) {
  const { text } = await lossFigure({ methods });
  const { document } = new JSDOM(text).window;
  return [...document.querySelectorAll(".panels > div")].map((panel) => ({
    title: panel.querySelector("h3")?.textContent,
    name: panel.querySelector("svg")?.getAttribute("aria-label"),
    strokes: [...panel.querySelectorAll("[aria-label=line] path")].map((path) =>
      path.closest("[stroke]")?.getAttribute("stroke"),
    ),
    paths: [...panel.querySelectorAll("[aria-label=line] path")].map((path) => path.getAttribute("d") ?? ""),
    ticks: [...panel.querySelectorAll("[aria-label='y-axis tick label'] text")].map((tick) => Number(tick.textContent)),
    bytes: panel.outerHTML.length,
  }));
}

test("a panel for the whole loss and each part, also one that a method added; a faint and a strong line for each method; the parts share a scale", async () => {
  const [total, large, small] = await panels([method("a", { lossCurve: curve(100) }), method("b", { lossCurve: curve(50) })]);
  assert.deepEqual([total.title, large.title, small.title], ["whole loss", "second stage: class", "added"]);
  assert.deepEqual(total.strokes, ["var(--method-0)", "var(--method-1)", "var(--method-0)", "var(--method-1)"]);
  assert.match(total.name ?? "", /^whole loss: A from 3\.\d+ to 2\.\d+; B from 3\.\d+ to 2\.\d+$/);
  assert.deepEqual(large.ticks, small.ticks);
  assert.ok(Math.max(...total.ticks) >= 4 && Math.max(...large.ticks) < 4);
  assert.ok(total.paths.every((d) => d.length > 0 && !d.includes("NaN")));
});

test("methods without a part are left out, parts without a method too; without any there is one sentence", async () => {
  const partial = [
    method("a", {
      lossCurve: [
        { step: 1, rpnBox: 1 },
        { step: 2, rpnBox: Number.NaN },
      ],
    }),
    method("b"),
  ];
  assert.deepEqual(
    (await panels(partial)).map(({ title, name }) => [title, name]),
    [["first stage: box", "first stage: box: A from 1 to 1"]],
  );
  assert.equal((await lossFigure({ methods: [method("a")] })).text, '<p class="none">No loss was logged.</p>');
  assert.equal((await lossFigure({ methods: [] })).text, '<p class="none">No loss was logged.</p>');
});

test("a loss of zero has an axis", async () => {
  const [panel] = await panels([
    method("a", {
      lossCurve: [
        { step: 1, loss: 0 },
        { step: 2, loss: 0 },
      ],
    }),
  ]);
  assert.ok(panel.ticks.length > 1);
  assert.ok(panel.paths.every((d) => d.length > 0 && !d.includes("NaN")));
});

test("a long curve stays small on the page and keeps its spikes, which do not set the scale", async () => {
  const lossCurve = [...curve(100_000)];
  lossCurve[70_000] = { step: 70_001, loss: 1e4 };
  const [panel] = await panels([method("a", { lossCurve })]);
  assert.ok(panel.bytes < 20_000, `${panel.bytes} bytes`);
  assert.ok(Math.max(...panel.ticks) < 10);
  const heights = [...panel.paths[0].matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y));
  assert.ok(Math.min(...heights) < -1e4, "the spike leaves the panel");
});
