import assert from "node:assert/strict";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import type { Comparison } from "../../runs/comparison.ts";
import { comparisonAnswer } from "./answer.ts";
import { comparison, emptyComparison, method, patch } from "./comparison.fixture.ts";
import { renderComparisonPage } from "./page.ts";
import { datasetFacts, settingFacts } from "./words.ts";

async function open(input: Comparison) {
  const text = await renderComparisonPage(input);
  const { document } = new JSDOM(text).window;
  const texts = (selector: string, root: ParentNode = document) =>
    [...root.querySelectorAll(selector)].map((element) => element.textContent.replace(/\s+/g, " ").trim());
  return { text, document, texts };
}

test("the page says what the comparison says", async () => {
  const { document, texts } = await open(comparison);
  assert.equal(document.title, comparison.title);
  assert.deepEqual(texts("h1"), [comparison.title]);
  assert.deepEqual(texts(".answer"), [comparisonAnswer(comparison)]);
  assert.deepEqual(texts("thead th"), [
    "method",
    "AP",
    "recall",
    "recall at 0.5",
    "precision at 0.5",
    "F1 at 0.5",
    "best F1",
    "found",
    "wrong",
    "s/step",
  ]);
  assert.deepEqual(texts("tbody tr"), ["A50.0 %75.0 %––––2020.25", "B51.0 %75.0 %––––2550.25"]);
  assert.deepEqual(texts("tbody strong"), ["2", "51.0 %", "25"]);
  assert.deepEqual(texts(".bar span"), ["20", "20", "2", "25", "15", "5"]); // found, missed, wrong
  assert.deepEqual(texts(".panels h3"), ["whole loss", "second stage: class", "added"]);
  assert.deepEqual(texts("pre"), [comparison.command]);
  for (const fact of [...datasetFacts(comparison), ...settingFacts(comparison)]) {
    assert.ok(texts("dl").some((list) => list.includes(fact.label + fact.value)));
  }
});

test("every picture has as many boxes and says as many as its result", async () => {
  const { document, texts } = await open(comparison);
  const articles = [...document.querySelectorAll("article")];
  assert.deepEqual(texts("article h3"), ["one.png 64 × 48 pixels, 4 annotated", "two.png 64 × 48 pixels, 0 annotated"]);
  comparison.patches.forEach((input, i) => {
    const pictures = [...articles[i].querySelectorAll(".picture")];
    assert.deepEqual(
      pictures.map((picture) => picture.getAttribute("data-method")),
      ["a", "b"],
    );
    input.results.forEach(({ found, missed, wrong }, j) => {
      const counts = [found.length, missed.length, wrong.length];
      const boxes = ["found", "missed", "wrong"].map(
        (kind) => pictures[j].querySelectorAll(`svg[role=img] g.${kind} rect`).length,
      );
      assert.deepEqual(boxes, counts);
      assert.deepEqual(texts("figcaption", pictures[j]), [
        `${"AB"[j]} ${counts[0]} found ${counts[1]} missed ${counts[2]} wrong`,
      ]);
    });
  });
  const second = articles[0].querySelectorAll("g.found rect")[1];
  assert.deepEqual(
    ["x", "y", "width", "height"].map((key) => second.getAttribute(key)),
    ["10", "0", "8", "8"],
  );
  assert.deepEqual(texts("g.found title").slice(0, 3), ["found, score 0.90", "found, score 0.89", "found, score 0.88"]);
});

test("an image is in the page once, and ids are unique", async () => {
  const { document, text } = await open(comparison);
  assert.equal(text.match(/data:image\/png;base64/g)?.length, comparison.patches.length);
  assert.deepEqual(
    [...document.querySelectorAll("use")].map((use) => use.getAttribute("href")),
    ["#patch-0", "#patch-1"],
  );
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const [, id] of text.matchAll(/(?:href="|url\()#([\w-]+)/g)) assert.ok(document.getElementById(id), `#${id} exists`);
  const [first] = comparison.patches;
  const jpeg = await open({ ...comparison, patches: [{ ...first, image: Uint8Array.of(0xff, 0xd8, 0xff, 0xe0) }] });
  assert.equal(jpeg.document.querySelector("image")?.getAttribute("href"), "data:image/jpeg;base64,/9j/4A==");
});

/** Everything that could fetch or run: what a page of ours must not have. */
function assertInert(document: Document) {
  assert.equal(document.querySelectorAll("script, link, iframe, object, embed, base, form, img, a, foreignObject").length, 0);
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      assert.doesNotMatch(name, /^on/);
      if (/(^|:)(href|src|srcset)$/.test(name)) assert.match(value, /^(#|data:image\/)/);
      for (const [, target] of value.matchAll(/url\(([^)]*)\)/g)) assert.match(target, /^#/);
    }
  }
  for (const style of document.querySelectorAll("style")) assert.doesNotMatch(style.textContent, /@import|url\(/);
}

test("nothing is loaded from anywhere and nothing runs", async () => {
  const { document, text } = await open(comparison);
  assertInert(document);
  assert.doesNotMatch(text, /https?:|\/\/\w/);
  assert.match(
    document.querySelector("meta[http-equiv=Content-Security-Policy]")?.getAttribute("content") ?? "",
    /^default-src 'none'/,
  );
});

test("hostile names stay text everywhere", async () => {
  const evil = `"'><img src=x onerror=alert(1)></title></style><script>alert(1)</script>&amp;<!--`;
  const hostile: Comparison = {
    ...comparison,
    title: evil,
    command: evil,
    methods: comparison.methods.map((m) => ({ ...m, label: evil, lossCurve: [{ step: 1, [evil]: 1 }] })),
    config: { ...comparison.config, device: evil, detector: { ...comparison.config.detector, classes: [evil] } },
    machine: { processor: evil, cores: 1 },
    patches: [{ ...patch(evil, [1, 1, 1]), name: evil }],
  };
  const { document, texts } = await open(hostile);
  assertInert(document);
  assert.equal(document.title, evil);
  for (const selector of ["h1", "pre", "bdi", "tbody th", ".panels h3", ".picture b", ".shares b"]) {
    assert.ok(texts(selector).includes(evil), `${selector}: ${texts(selector)}`);
  }
  assert.ok(texts("dd").some((value) => value.startsWith(evil)));
  assert.ok(document.querySelector(".picture > svg")?.getAttribute("aria-label")?.startsWith(evil));
});

test("every layer has a switch, and the style hides exactly that layer", async () => {
  const { document, text } = await open(comparison);
  const switches = [...document.querySelectorAll<HTMLInputElement>(".switches input[type=checkbox]")];
  assert.deepEqual(
    switches.map(({ id, checked }) => [id, checked]),
    [
      ["show-found", true],
      ["show-missed", true],
      ["show-wrong", true],
      ["show-truth", false],
    ],
  );
  for (const { id } of switches) {
    const layer = id.replace("show-", "");
    assert.ok(text.includes(`.patches:has(#${id}:not(:checked)) .picture svg[role=img] g.${layer} { display: none; }`));
    assert.equal(document.querySelectorAll(`.patches .picture svg[role=img] g.${layer}`).length, 4);
  }
});

test("empty cases are pages too", async () => {
  const nothing = await open(emptyComparison);
  assert.deepEqual(nothing.texts(".answer, .none"), [
    "No method was evaluated.",
    "No loss was logged.",
    "No held-out patch was kept for viewing.",
  ]);
  const noCells = await open({
    ...emptyComparison,
    methods: [method("a", { found: 0, wrong: 0 })],
    patches: [patch("empty", [0, 0, 0])],
  });
  assert.deepEqual(noCells.texts(".picture figcaption"), ["A 0 found 0 missed 0 wrong"]);
  const notRun = await open({ ...comparison, patches: [{ ...patch("none", [0, 0, 0]), results: [] }] });
  assert.equal(notRun.document.querySelectorAll(".picture").length, 0);
  for (const page of [nothing, noCells, notRun]) assert.doesNotMatch(page.text, /NaN|Infinity|undefined|\[object/);
});
