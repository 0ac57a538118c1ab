// Every kind of page in a real browser: nothing is wider than the window, nothing is empty, text stands out from its background,
// switches hide their layers, and the console stays silent.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { findBrowser, openPage, startBrowser } from "./browser.mjs";
import { writePages } from "./pages.fixture.mjs";

const path = findBrowser();
const skip = path === null && "no browser found; install one with: apt-get install chromium";
const names = ["grid", "unfinished-grid", "gradients", "comparison", "empty-comparison", "dataset", "slide", "profile"];

let [root, browser, files] = [null, null, {}];
before(async () => {
  if (skip) return;
  root = mkdtempSync(join(tmpdir(), "pages-"));
  files = await writePages(root);
  browser = await startBrowser(path);
});
after(async () => {
  await browser?.close();
  if (root) rmSync(root, { recursive: true });
});

async function inBrowser(name, options, work) {
  const page = await openPage(browser, pathToFileURL(files[name]).href, options);
  try {
    await work(page);
    assert.deepEqual(page.errors, []);
  } finally {
    await page.close();
  }
}

/** Runs in the page, with every fold unfolded: what is wrong with its layout, in words. */
function layoutFaults() {
  for (const details of document.querySelectorAll("details")) details.open = true;
  const faults = [];
  const nameOf = (element) => `${element.tagName.toLowerCase()} "${element.textContent.trim().slice(0, 40)}"`;
  const root = document.documentElement;
  if (document.body && root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} pixels wide`);
  for (const element of document.querySelectorAll(
    "h1, h2, h3, p, li, dd, summary, figcaption, table, pre, figure, svg[role=img]",
  )) {
    const { width, height, left, right } = element.getBoundingClientRect();
    if (width < 1 || height < 1) faults.push(`${nameOf(element)} is empty`);
    if (!element.closest(".scroll, pre, svg svg") && (left < -1 || right > root.clientWidth + 1))
      faults.push(`${nameOf(element)} reaches from ${left} to ${right}`);
  }
  for (const section of document.querySelectorAll("section"))
    if (section.getBoundingClientRect().height < 20) faults.push(`${nameOf(section)} is empty`);
  return faults;
}

/** Runs in the page: texts whose contrast with the page is below 4.5, as WCAG 2.1 AA asks for. */
function faintTexts() {
  const luminance = (color) => {
    const [r, g, b] = color
      .match(/[\d.]+/g)
      .slice(0, 3)
      .map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const background = luminance(getComputedStyle(document.body).backgroundColor);
  return [...document.querySelectorAll("h1, h2, h3, h4, p, li, dt, dd, th, td, small, a, summary, figcaption")]
    .filter((element) => element.textContent.trim() !== "")
    .map((element) => {
      const [low, high] = [background, luminance(getComputedStyle(element).color)].sort((a, b) => a - b);
      return { text: element.textContent.trim().slice(0, 40), contrast: (high + 0.05) / (low + 0.05) };
    })
    .filter(({ contrast }) => contrast < 4.5);
}

for (const name of names)
  for (const width of [1280, 400])
    test(`${name} at ${width} pixels`, { skip }, async () => {
      if (name === "profile" && width === 400) return; // a picture, not a page
      await inBrowser(name, { width }, async ({ evaluate }) => assert.deepEqual(await evaluate(layoutFaults), []));
    });

test("a page that is too wide, an empty section and a faint text are seen", { skip }, async () => {
  await inBrowser("comparison", { width: 400 }, async ({ evaluate }) => {
    await evaluate(() => {
      document.querySelector("dl").style.width = "700px";
      document.querySelector("h2").textContent = "";
      document.querySelector(".answer").style.color = "#bbb";
    });
    const faults = await evaluate(layoutFaults);
    for (const fault of [/^the page is \d+ pixels wide$/, /^h2 "" is empty$/])
      assert.ok(
        faults.some((text) => fault.test(text)),
        `${fault}`,
      );
    assert.deepEqual((await evaluate(faintTexts)).length, 1);
  });
});

for (const name of ["grid", "comparison", "dataset"])
  test(`${name} can be read in light and dark`, { skip }, async () => {
    for (const dark of [false, true])
      await inBrowser(name, { width: 1280, dark }, async ({ evaluate }) => assert.deepEqual(await evaluate(faintTexts), []));
  });

test("a switch hides its layer and nothing else", { skip }, async () => {
  await inBrowser("comparison", { width: 1280 }, async ({ evaluate }) => {
    const shown = () =>
      ["found", "missed", "wrong", "truth"].filter(
        (kind) => getComputedStyle(document.querySelector(`.picture svg[role=img] g.${kind}`)).display !== "none",
      );
    assert.deepEqual(await evaluate(shown), ["found", "missed", "wrong"]);
    await evaluate(() => document.querySelector("#show-missed").click());
    assert.deepEqual(await evaluate(shown), ["found", "wrong"]);
    await evaluate(() => document.querySelector("#show-truth").click());
    assert.deepEqual(await evaluate(shown), ["found", "wrong", "truth"]);
  });
});
