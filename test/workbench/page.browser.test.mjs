// The page as a whole: the list of images, keys, what is watched, its size, and that everybody can use it.

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../workbench/dist/index.js";
import { fakeRounds, roundOf } from "./fixture.mjs";
import { browserOfTests, onPage, openedProject, openPage, ready, saved } from "./opened.mjs";

const { options, browser } = browserOfTests();

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong, a line each. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`),
  );
}

test("the list: names as people count, and an image that is cut off is not untouched", options, async (t) => {
  const project = await openedProject(t, 3, [], (images) => {
    const [first, second] = [1, 2].map((n) => join(images, `tissue-${n}.png`));
    copyFileSync(first, join(images, "tissue-10.png"));
    const bytes = readFileSync(second);
    writeFileSync(second, bytes.subarray(0, bytes.length / 2));
  });
  const { page } = await openPage(t, browser(), project.address);
  const names = page.locator("nav.images .name .unseen");
  await page.locator("nav.images .state.unusable").getByText("Cannot be used").waitFor();
  assert.deepEqual(await names.allTextContents(), ["tissue-1.png", "tissue-2.png", "tissue-3.png", "tissue-10.png"]);
  assert.match(
    await page.getByRole("button", { name: "tissue-2.png" }).getAttribute("title"),
    /^tissue-2\.png: cannot be decoded/,
  );
  const state = page.getByLabel("Filter images by state");
  await state.selectOption("Untouched");
  await page.getByText("3 of 4 images").waitFor();
  await state.selectOption("Cannot be used");
  await page.getByText("1 of 4 images").waitFor();
  assert.deepEqual(await names.allTextContents(), ["tissue-2.png"]);
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press("w");
  const rows = page.getByRole("region", { name: "Counts by image" }).locator("tbody th .unseen");
  assert.deepEqual(await rows.allTextContents(), ["tissue-1.png", "tissue-2.png", "tissue-3.png", "tissue-10.png"]);
});

test("of a long name the start and the end can be seen, and all of it is said", options, async (t) => {
  const name = `case-7/${"bone-marrow-".repeat(8)}0007_01_001.png`;
  const project = await openedProject(t, 1, [], (images) => {
    mkdirSync(join(images, "case-7"));
    copyFileSync(join(images, "tissue-1.png"), join(images, name));
  });
  const { page } = await openPage(t, browser(), project.address, {
    before: (page) => fakeRounds(page, { rounds: [roundOf(1)] }),
  });
  const cut = async (place) => {
    const within = await place.boundingBox();
    const [start, end] = await place.locator(".cut > [aria-hidden]").all();
    const [left, right] = [await start.boundingBox(), await end.boundingBox()];
    assert.equal(await end.textContent(), "0007_01_001.png");
    assert.equal(await end.evaluate((part) => part.scrollWidth > part.clientWidth), false, "the end is whole");
    assert.equal(await start.evaluate((part) => part.scrollWidth > part.clientWidth), true, "the start is cut");
    assert.ok(left.width > 20 && right.x + right.width <= within.x + within.width + 1, JSON.stringify([within, left, right]));
  };
  const entry = page.getByRole("navigation", { name: "Images" }).getByRole("button", { name });
  await cut(entry);
  assert.equal(await entry.getAttribute("title"), name);
  await entry.click();
  await page.keyboard.press("w");
  await cut(page.getByRole("rowheader", { name }).getByRole("button"));
  assert.deepEqual(await faults(page), []);
  await page.setViewportSize({ width: 820, height: 1180 });
  await cut(entry);
});

test("page up and page down step through what the list shows", options, async (t) => {
  const project = await openedProject(t, 4);
  const { page } = await openPage(t, browser(), project.address);
  const open = (n) => page.locator(`nav.images [aria-current][title="tissue-${n}.png"]`).waitFor();
  const press = async (key, n) => {
    await page.keyboard.press(key);
    await open(n);
    await ready(page);
  };
  await press("PageDown", 2);
  await page.getByLabel("Filter images by state").selectOption("Untouched");
  await page.getByLabel("Image with marks; the tables beside it list what is seen").focus();
  await page.keyboard.press(".");
  await page.keyboard.press("Enter"); // now it is being marked, and no longer in the list
  await page.getByText("3 of 4 images").waitFor();
  await press("PageDown", 3);
  await press("PageUp", 1);
  await press("PageDown", 3);
  await press("PageDown", 4);
  assert.equal(await page.locator("nav.images .name").count(), 3);
  await page.getByLabel("Filter images by state").selectOption("All states");
  await page.getByRole("searchbox", { name: "Filter images by name" }).fill("-2");
  await press("PageDown", 2); // the only one that is left, from the field itself
});

test("keys do nothing while somebody types, and each one is listed", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page } = await openPage(t, browser(), project.address);
  await page.getByRole("searchbox", { name: "Filter images by name" }).fill("");
  await page.keyboard.type("2.t?");
  await page.getByText("No image matches the filter.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Move and select" }).getAttribute("aria-pressed"), "true");
  await page.getByRole("tab", { name: "Mark" }).focus();
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keys" });
  await dialog.getByText("Point: a click is a cell").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-mark");
});

test("the key of a dialog opens it also in the frame in which it closes", options, async (t) => {
  const project = await openedProject(t, 1);
  const { page, errors } = await openPage(t, browser(), project.address);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.evaluate(() => {
    document.querySelector("dialog").close(); // as Escape does; it is told a moment later
    dispatchEvent(new KeyboardEvent("keydown", { key: "?" }));
  });
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.deepEqual(errors, []);
});

for (const dark of [false, true])
  test(`everybody can use it, in all its states, ${dark ? "dark" : "light"}`, options, async (t) => {
    const project = await openedProject(t);
    const rounds = [
      roundOf(1),
      roundOf(2),
      roundOf(3, { phase: "failed", error: "the disk is full", searched: 0, heldOut: null }),
    ];
    const { page } = await openPage(t, browser(), project.address, { dark, before: (page) => fakeRounds(page, { rounds }) });
    const check = async (state) => assert.deepEqual(await faults(page), [], state);
    await page.locator(".badge").waitFor();
    await page.keyboard.press(".");
    await page.mouse.click(...(await onPage(page, project.cells[0][0])));
    await page.getByText("Cells in view, as a table").click();
    await page.locator(".class .quiet").first().click();
    await page.getByRole("region", { name: "Cells in view" }).waitFor();
    await check("mark");
    await page.keyboard.press("t");
    await page.getByText("Plan", { exact: true }).click();
    await page.getByText("Log", { exact: true }).click();
    await page.getByText("step 5 loss").waitFor();
    await check("train");
    rounds.push(roundOf(4, { phase: "training", secondsLeft: 30, searched: 0, heldOut: null }));
    await page.evaluate(async (round) => (await import("/page/dist/page/src/state/project.js")).takeRound(round), rounds[3]);
    await page.getByRole("heading", { name: "Round 4: training" }).waitFor();
    await check("training");
    await page.keyboard.press("q");
    await page.getByRole("heading", { name: "Is this a cell?" }).waitFor();
    await page.keyboard.press("x");
    await page.keyboard.press("u");
    await check("answer");
    await page.keyboard.press("s");
    await page.getByRole("heading", { name: "Which of these are not cells?" }).waitFor();
    await page.keyboard.press("x");
    await check("sheet");
    await page.keyboard.press("s");
    await page.keyboard.press("w");
    await page.getByRole("heading", { name: "By class" }).waitFor();
    await page.keyboard.press("v");
    await page.getByText("What the signs mean").click();
    await check("results");
    await page.keyboard.press("e");
    await page.getByRole("button", { name: "Write the files" }).click();
    await page.getByRole("link", { name: "detections.geojson" }).waitFor();
    await check("export");
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await check("keys");
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await page.route("**/api/v1/actions", (route) => route.abort());
    await page.keyboard.press("k");
    await page.getByRole("radio", { name: "Test", exact: true }).check();
    await page.getByRole("alert").getByText("not saved").waitFor();
    await check("not saved");
    await page.setViewportSize({ width: 820, height: 1180 });
    await check("tablet");
  });

test("a run that is watched: its curve, its settings, for everybody", options, async (t) => {
  const served = await serve({ path: fileURLToPath(new URL("../records/0.3.0/finished", import.meta.url)) });
  t.after(() => served.close());
  const context = await browser().newContext({ viewport: { width: 1280, height: 800 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(served.address);
  await page.getByRole("img", { name: /^Loss: now \d/ }).waitFor({ timeout: 60_000 });
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  assert.deepEqual(await faults(page), []);
  assert.deepEqual(errors, []);
});

test("the names of what is watched can be read, however long they are, and nothing is cut off", options, async (t) => {
  const root = mkdtempSync(join(tmpdir(), "watched-"));
  t.after(() => rmSync(root, { recursive: true }));
  const path = join(root, `a-grid-${"with-a-long-name-".repeat(8)}`);
  cpSync(fileURLToPath(new URL("../records/0.3.0/grid", import.meta.url)), path, { recursive: true });
  const served = await serve({ path });
  t.after(() => served.close());
  for (const width of [1280, 500]) {
    const context = await browser().newContext({ viewport: { width, height: 800 } });
    t.after(() => context.close());
    const page = await context.newPage();
    await page.goto(served.address);
    await page.getByRole("heading", { name: "Settings" }).waitFor({ timeout: 60_000 });
    const cut = () =>
      [...document.querySelectorAll(".watch, .watch h1, .card, .card h2, .card td, .card th, nav .name")]
        .filter(
          (part) => part.scrollWidth > part.clientWidth + 1 || (part.matches(".card") && part.scrollHeight > part.clientHeight),
        )
        .map((part) => part.textContent.slice(0, 60));
    assert.deepEqual(await page.evaluate(cut), [], `${width} pixels`);
    assert.equal(await page.locator(".brand .project").getAttribute("title"), path);
    const [first] = await page.locator("nav button.image").all();
    assert.equal(await first.getAttribute("title"), await first.locator(".name").textContent());
  }
});

test("scripts and styles are at most 300 kB, compressed", options, async (t) => {
  const project = await openedProject(t, 1);
  const sizes = [];
  const before = (page) =>
    page.on("requestfinished", (request) => sizes.push([new URL(request.url()).pathname, request.sizes()]));
  const { page } = await openPage(t, browser(), project.address, { before });
  await saved(page);
  let bytes = 0;
  for (const [path, size] of sizes) if (!path.startsWith("/api/")) bytes += (await size).responseBodySize;
  t.diagnostic(`${bytes} bytes in ${sizes.filter(([path]) => !path.startsWith("/api/")).length} files`);
  assert.ok(bytes > 50_000 && bytes <= 300_000, `${bytes} bytes`);
});
