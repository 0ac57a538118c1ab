import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { JSDOM } from "jsdom";
import sharp from "sharp";
import { UserError } from "../errors.ts";
import { gradientAnswer } from "../report/gradients/document.ts";
import { rateWinners } from "../report/gradients/winners.ts";
import { fourMethods, madeUpGradients } from "../runs/gradients.fixture.ts";
import { type Gradients, readGradients, renderGradients } from "../runs/gradients.ts";
import { writeGradientPage } from "./gradients.ts";

const root = mkdtempSync(join(tmpdir(), "gradient-page-"));
after(() => rmSync(root, { recursive: true }));

/** gradients.json alone, in a folder of its own. */
function written(name: string, gradients: Gradients): { file: string; out: string } {
  const out = join(root, name);
  const file = join(root, `${name}.json`);
  writeFileSync(file, renderGradients(gradients));
  return { file, out };
}
const read = (out: string, name: string): string => readFileSync(join(out, name), "utf8");
const parsed = (svg: string) => new JSDOM(svg, { contentType: "image/svg+xml" }).window.document;
const textOf = (element: Element): string => (element.textContent ?? "").replace(/\s+/g, " ").trim();

/** BDE wins layers 2 to 3 below all annotations, by 10 % in each fold; at all annotations FPN and LS tie. */
const blocks = { stem: 1, C2: 2, C3: 2, FPN: 2, RPN: 1, head: 2 };
const middle = madeUpGradients({
  keeps: [0.1, 1],
  folds: [0, 1, 2],
  blocks,
  mean: ({ method, keep }, layer) => {
    const index = fourMethods.findIndex(({ name }) => name === method);
    if (keep === 1) return index < 2 ? 1 : 2;
    return method === "bde" && layer > 2 && layer < 8 ? 0.9 : 1 + index;
  },
});

test("the JSON comes back as it was, to 7 digits", () => {
  const { file } = written("same", middle);
  assert.deepEqual(readGradients(file), JSON.parse(JSON.stringify(middle)));
  const digits = written("digits", madeUpGradients({ mean: () => Math.PI * 1e-9 }));
  assert.equal(readGradients(digits.file).runs[0].layers[0].mean, 3.141593e-9);
});

test("figure and page come from the JSON alone and say what is in it", async () => {
  const { file, out } = written("middle", middle);
  assert.equal(await writeGradientPage(file, out), join(out, "gradients.html"));
  assert.deepEqual(readdirSync(out).sort(), ["gradients.html", "gradients.png", "gradients.svg"]);

  const svg = parsed(read(out, "gradients.svg"));
  const titles = [...svg.querySelectorAll("title")].map(textOf);
  assert.equal(titles.length, 2 * 10);
  assert.equal(titles[0], "layer 1, stem.1.weight, 100 %: a tie", "all annotations on top");
  assert.equal(titles[10], "layer 1, stem.1.weight, 10 %: FPN, 50 % below the second best, the smallest in 3 of 3");
  assert.equal(titles[12], "layer 3, C2.3.weight, 10 %: FPN + BDE, 10 % below the second best, the smallest in 3 of 3");
  const texts = [...svg.querySelectorAll("text")].map(textOf);
  for (const text of [
    "Method with the smallest test gradient in each layer: made-up, 3 folds, 2 test images per run",
    ...Object.keys(blocks),
    ...["1", "10", "100 %", "10 %", "layer, in forward order", "annotations", "kept"],
    ...fourMethods.map(({ label }) => label),
    ...["less than 5 %", "30 % or more", "all folds and seeds agree", "a tie"],
  ])
    assert.ok(texts.includes(text), `${text} in ${texts}`);
  assert.doesNotMatch(svg.documentElement.outerHTML, /var\(|NaN|undefined/);

  const [small, large] = [svg.documentElement.getAttribute("width"), (await sharp(join(out, "gradients.png")).metadata()).width];
  assert.equal(large, 2 * Number(small));

  const page = read(out, "gradients.html");
  assert.doesNotMatch(page, /(?:src|href)="(?!#)|@import|url\(/, "nothing is loaded");
  const { document } = new JSDOM(page).window;
  const rows = [...document.querySelectorAll(".table")].map((table) => ({
    title: textOf(table.querySelector("h3") as Element),
    rows: [...table.querySelectorAll("tbody tr")].map((row) => [...row.children].map(textOf)),
  }));
  const [shares, agreement] = rows;
  assert.deepEqual(shares.rows[0], ["FPN", "50 %", "25 %", "0 %", "0 %", "50 %", "50 %", "25 %"]);
  assert.deepEqual(shares.rows[3], ["FPN + BDE", "0 %", "25 %", "50 %", "50 %", "0 %", "0 %", "25 %"]);
  assert.deepEqual(agreement.rows[0].slice(0, 3), ["100 %", "0 of 1", "0 of 2"]);
  // 4 methods in 3 folds by lot: 10 layers / 4²
  assert.deepEqual(agreement.rows[1].slice(0, 9), [
    "10 %",
    "1 of 1",
    "2 of 2",
    "2 of 2",
    "2 of 2",
    "1 of 1",
    "2 of 2",
    "10 of 10",
    "0.6 of 10",
  ]);
  assert.deepEqual(
    rows.slice(2).map(({ title }) => title),
    [
      "Layers that each method wins, 100 % of the annotations kept",
      "Layers that each method wins, 10 % of the annotations kept",
      "Every layer",
    ],
  );
  assert.equal(rows[4].rows.filter(([head]) => /^\d/.test(head)).length, 10);
});

test("the answer counts cells, agreement and the paper's middle layers", () => {
  const [who, agree, where] = gradientAnswer(middle);
  assert.match(
    who,
    /^Smallest gradient most often: FPN 25 % of 20 cells .*; FPN \+ BDE 25 %, FPN \+ LS 0 %, FPN \+ ProSelfLC 0 %\./,
  );
  assert.match(
    agree,
    /same winner in 10 of 20 cells; by chance it would be 0\.6\. That is more than chance gives \(p < 0\.05\) at 10 % /,
  );
  // layers 3 to 8 of 10, of which BDE wins 3 to 7
  assert.match(
    where,
    /FPN \+ BDE has the smallest gradient in 83 % of the middle layers \(3 to 8 of 10; at 10 %\) and in 0 % of the others\.$/,
  );
  assert.equal(gradientAnswer(madeUpGradients({ mean: ({ method }) => method.length })).length, 1);
});

test("one fold gives no word of agreement; a rate that does not compare says so", async () => {
  const { file, out } = written(
    "single",
    madeUpGradients({ keeps: [0.1, 1], mean: ({ method, keep }) => (keep === 1 && method !== "fpn" ? null : method.length) }),
  );
  await writeGradientPage(file, out);
  const page = read(out, "gradients.html");
  assert.match(page, /One fold and seed cannot tell which of these wins are chance/);
  assert.doesNotMatch(page, /folds and seeds agree/);
  assert.match(page, />only FPN: nothing to compare</);
});

test("one method alone has no figure", async () => {
  const { file, out } = written("alone", madeUpGradients({ methods: fourMethods.slice(0, 1), mean: () => 1 }));
  assert.equal(await writeGradientPage(file, out), null);
  assert.ok(!existsSync(out));
});

test("hostile names stay text", async () => {
  const evil = `"'><img src=x onerror=alert(1)></title></style><script>alert(1)</script>`;
  const methods = fourMethods.map(({ name, label }) => ({ name, label: `${label} ${evil}` }));
  const made = madeUpGradients({ methods, mean: ({ method }) => method.length, blocks: { [evil]: 2, C2: 2 } });
  const { file, out } = written("evil", { ...made, dataset: evil, versions: { [evil]: evil } });
  await writeGradientPage(file, out);
  const { document } = new JSDOM(read(out, "gradients.html")).window;
  for (const found of [document, parsed(read(out, "gradients.svg"))])
    assert.equal(found.querySelectorAll("img, script").length, 0);
});

test("a damaged file is one line", () => {
  const refused = (name: string, change: (gradients: Gradients) => unknown, message: RegExp) => {
    const file = join(root, `${name}.json`);
    writeFileSync(file, JSON.stringify(change(structuredClone(middle))));
    assert.throws(
      () => readGradients(file),
      (error) => error instanceof UserError && message.test(error.message) && !error.message.includes("\n"),
    );
  };
  refused(
    "lacks-a-layer",
    (g) => ({ ...g, runs: g.runs.map((run, i) => (i === 3 ? { ...run, layers: run.layers.toSpliced(4, 1) } : run)) }),
    /lacks-a-layer\.json: runs\/.* and runs\/.* have different layers, .*; analyse runs of one architecture$/,
  );
  const wrong = /not a file of "sparsecell gradients"; run that command again$/;
  refused("empty", () => ({}), wrong);
  refused("no-runs", (g) => ({ ...g, runs: [] }), wrong);
  refused("null-mean", (g) => ({ ...g, runs: [{ ...g.runs[0], layers: [{ ...g.runs[0].layers[0], mean: null }] }] }), wrong);
  refused("other-method", (g) => ({ ...g, runs: [{ ...g.runs[0], method: "unheard-of" }] }), wrong);
  assert.throws(() => readGradients(join(root, "none.json")), UserError);
});

test("the figure's rates are those of the runs, whatever their order", () => {
  const turned = { ...middle, runs: middle.runs.toReversed() };
  assert.deepEqual(
    rateWinners(turned).map(({ keep, winners }) => ({ keep, winners })),
    rateWinners(middle).map(({ keep, winners }) => ({ keep, winners })),
  );
});
