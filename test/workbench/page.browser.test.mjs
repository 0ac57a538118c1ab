// The page in a browser: marking, keys, saving, answering and exporting, and that everybody can use it. Rounds are those of
// fixture.mjs, so that nothing is trained; loop.browser.test.mjs trains.

import assert from "node:assert/strict";
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { serve } from "../../workbench/dist/index.js";
import { findBrowser } from "../pages/browser.mjs";
import { fakeRounds, roundOf } from "./fixture.mjs";
import { onPage, openedProject, openPage, ready, saved, startChromium } from "./opened.mjs";

const executable = findBrowser();
const options = { skip: !executable && "no Chromium or Chrome on the PATH" };
let browser;
before(async () => {
  if (executable) browser = await startChromium(executable);
});
after(() => browser?.close());

const cellsOf = (records) => {
  const undone = new Set();
  for (const { action } of records) {
    if (action.do === "undo") undone.add(action.action);
    if (action.do === "redo") undone.delete(action.action);
  }
  const cells = new Map();
  for (const { number, action } of records) {
    if (undone.has(number)) continue;
    if (action.do === "add-cell") cells.set(action.cell.id, action.cell);
    if (action.do === "change-cell") cells.set(action.id, { ...cells.get(action.id), ...action.to });
    if (action.do === "delete-cell") cells.delete(action.id);
  }
  return [...cells.values()];
};
const centre = ([left, top, right, bottom]) => [(left + right) / 2, (top + bottom) / 2];
const near = (a, b, most = 2) => assert.ok(Math.hypot(a[0] - b[0], a[1] - b[1]) <= most, `${a} is not near ${b}`);

test("a click is a cell, a drag is a box; moved, resized, deleted, taken back, on the disk", options, async (t) => {
  const project = await openedProject(t);
  const { page, errors } = await openPage(t, browser, project.address);
  const [first, second] = project.cells[0];
  const records = async () => {
    await saved(page);
    return project.get("/actions?after=0");
  };

  await page.keyboard.press(".");
  await page.mouse.click(...(await onPage(page, first)));
  const [point] = cellsOf(await records());
  near(centre(point.box), first);
  assert.equal(point.point, true);

  await page.keyboard.press("r");
  await page.mouse.move(...(await onPage(page, [second[0] - 10, second[1] - 12])));
  await page.mouse.down();
  await page.mouse.move(...(await onPage(page, [second[0] + 4, second[1] + 4])));
  await page.mouse.move(...(await onPage(page, [second[0] + 10, second[1] + 12])));
  await page.mouse.up();
  const box = cellsOf(await records())[1];
  near(box.box.slice(0, 2), [second[0] - 10, second[1] - 12]);
  near(box.box.slice(2), [second[0] + 10, second[1] + 12]);
  assert.equal(box.point, undefined);

  // The box is selected: its lower right handle, then its middle.
  const drag = async (from, to) => {
    await page.mouse.move(...(await onPage(page, from)));
    await page.mouse.down();
    await page.mouse.move(...(await onPage(page, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2])));
    await page.mouse.move(...(await onPage(page, to)));
    await page.mouse.up();
  };
  await drag(box.box.slice(2), [second[0] + 20, second[1] + 18]);
  near(cellsOf(await records())[1].box.slice(2), [second[0] + 20, second[1] + 18]);
  await page.keyboard.press("m");
  await drag(second, [second[0] + 6, second[1] + 5]);
  near(cellsOf(await records())[1].box.slice(0, 2), [second[0] - 4, second[1] - 7]);

  await page.keyboard.press("Delete");
  assert.equal(cellsOf(await records()).length, 1);
  for (let i = 0; i < 5; i++) await page.keyboard.press("Control+z");
  assert.equal(cellsOf(await records()).length, 0);
  for (let i = 0; i < 4; i++) await page.keyboard.press("Control+Shift+z");
  near(cellsOf(await records())[1].box.slice(0, 2), [second[0] - 4, second[1] - 7]);

  // After a reload the marks are there, and undo goes on.
  await page.reload();
  await ready(page);
  await page.getByTitle("2 marked").waitFor();
  await page.keyboard.press("Control+z");
  near(cellsOf(await records())[1].box.slice(0, 2), [second[0] - 10, second[1] - 12]);
  assert.deepEqual(errors, []);
});

test("classes, hard negatives, regions and the state of an image", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page, errors } = await openPage(t, browser, project.address);
  await page.getByRole("button", { name: "Add a class" }).click();
  const name = page.getByRole("textbox", { name: "Name of the new class" });
  await name.fill("mitosis x r .");
  await name.press("Enter");
  await page.keyboard.press(".");
  await page.mouse.click(...(await onPage(page, project.cells[0][0])));
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+r");
  await page.keyboard.press("i");
  const [from, to] = [await onPage(page, [300, 200]), await onPage(page, [400, 300])];
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, to[1]);
  await page.mouse.move(...to);
  await page.mouse.up();
  await page.keyboard.press("p");
  for (const corner of [
    [20, 20],
    [120, 30],
    [60, 110],
  ])
    await page.mouse.click(...(await onPage(page, corner)), { delay: 1 });
  await page.getByLabel("Image with marks; the tables beside it list what is seen").focus();
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: "Complete", exact: true }).check();
  await saved(page);
  const actions = (await project.get("/actions?after=0")).map(({ action }) => action);
  assert.deepEqual(
    actions.map((action) => action.do),
    ["add-class", "add-cell", "change-cell", "add-region", "add-region", "set-state"],
  );
  assert.equal(actions[0].class.name, "mitosis x r .");
  assert.equal(actions[1].cell.classId, actions[0].class.id);
  assert.deepEqual(actions[2].to, { classId: null });
  assert.equal(actions[3].region.kind, "ignore");
  assert.equal(actions[4].region.ring.length, 6);
  assert.equal(actions[5].state, "complete");
  assert.deepEqual(errors, []);
});

test("two tabs see each other", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page, context } = await openPage(t, browser, project.address);
  const other = await context.newPage();
  await other.goto(project.address);
  await ready(other);
  await page.keyboard.press(".");
  await page.mouse.click(...(await onPage(page, project.cells[0][0])));
  await other.getByTitle("1 marked").waitFor();
  // Each takes back its own.
  await other.keyboard.press(".");
  await other.mouse.click(...(await onPage(other, project.cells[0][5])));
  await page.getByTitle("2 marked").waitFor();
  await page.keyboard.press("Control+z");
  await saved(page);
  const [left] = cellsOf(await project.get("/actions?after=0"));
  near(centre(left.box), project.cells[0][5]);
});

test("a failed save is shown, and saved later", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page } = await openPage(t, browser, project.address);
  await page.route("**/api/v1/actions", (route) => route.abort());
  await page.keyboard.press(".");
  await page.mouse.click(...(await onPage(page, project.cells[0][0])));
  await page.mouse.click(...(await onPage(page, project.cells[0][1])));
  await page.getByRole("alert").getByText("2 changes not saved").waitFor();
  assert.equal((await project.get("/actions?after=0")).length, 0);
  await page.unroute("**/api/v1/actions");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await saved(page);
  assert.equal(cellsOf(await project.get("/actions?after=0")).length, 2);
});

test("many suspects are answered at once, by keyboard alone, in one step", options, async (t) => {
  const project = await openedProject(t);
  const rounds = [roundOf(1)];
  const { page, errors } = await openPage(t, browser, project.address, { before: (page) => fakeRounds(page, { rounds }) });
  await page.locator(".badge").waitFor();
  await page.keyboard.press("q");
  await page.getByRole("heading", { name: "Is this a cell?" }).waitFor();
  await page.keyboard.press("s");
  const tile = (i) => page.getByRole("button", { name: `${i} is not a cell`, exact: true });
  const isFocused = (i) =>
    page.waitForFunction((name) => document.activeElement?.getAttribute("aria-label") === name, `${i} is not a cell`);
  await isFocused(1);
  await page.keyboard.press("ArrowRight");
  await isFocused(2);
  await page.keyboard.press("x");
  await page.keyboard.press("ArrowDown");
  await isFocused(6);
  await page.keyboard.press("Space");
  assert.deepEqual(await Promise.all([1, 2, 6].map((i) => tile(i).getAttribute("aria-pressed"))), ["false", "true", "true"]);
  const pictures = page.locator(".sheet img");
  await page.waitForFunction(() => [...document.querySelectorAll(".sheet img")].every((img) => img.naturalWidth > 0));
  assert.ok((await pictures.count()) >= 6);
  const answers = async () =>
    (await project.get("/actions?after=0")).map(({ action }) => action).filter((action) => action.do === "answer");
  await page.getByRole("button", { name: "4 cells, 2 not" }).waitFor();
  await page.keyboard.press("y");
  await tile(6).or(page.getByText("Nothing more is found")).first().waitFor();
  await saved(page);
  assert.deepEqual(
    (await answers()).map(({ answer, sheet }) => [answer, sheet]),
    ["accept", "refuse", "accept", "accept", "accept", "refuse"].map((answer) => [answer, true]),
  );
  await page.keyboard.press("z");
  await saved(page);
  const undone = (await project.get("/actions?after=0")).filter(({ action }) => action.do === "undo");
  assert.equal(undone.length, 6);
  assert.deepEqual(errors, []);
});

test("train, answer and export by keyboard alone", options, async (t) => {
  const project = await openedProject(t);
  const rounds = [];
  const { page, errors } = await openPage(t, browser, project.address, { before: (page) => fakeRounds(page, { rounds }) });
  const viewer = page.getByLabel("Image with marks; the tables beside it list what is seen");
  await viewer.focus();
  await page.keyboard.press(".");
  for (const _ of [1, 2, 3]) {
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowRight");
    await ready(page);
  }
  await page.keyboard.press("t");
  const start = page.getByRole("button", { name: /^Train for/ });
  await page.locator(".facts dd").first().getByText("3").waitFor();
  await start.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Round 1: training" }).waitFor();
  await page.getByRole("button", { name: "Pause" }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Resume" }).waitFor();
  // The round finishes.
  rounds[0] = roundOf(1);
  await page.evaluate(async (round) => (await import("/page/dist/page/src/state/project.js")).takeRound(round), rounds[0]);
  await page.keyboard.press("q");
  await page.getByRole("heading", { name: "Is this a cell?" }).waitFor();
  await viewer.focus();
  const left = page.locator(".left b").first();
  await left.getByText("12", { exact: true }).waitFor();
  for (const [key, count] of [
    ["Space", 11],
    ["x", 10],
    ["u", 9],
    ["Enter", 8],
    ["z", 9],
    ["Enter", 8],
  ]) {
    await page.keyboard.press(key);
    await left.getByText(String(count), { exact: true }).waitFor();
  }
  await page.keyboard.press("ArrowLeft");
  await page.getByText("Answered: a cell.").waitFor();
  await saved(page);
  const given = (await project.get("/actions?after=0")).map(({ action }) => action).filter((action) => action.do === "answer");
  assert.deepEqual(
    given.map(({ answer, effect }) => [answer, Object.keys(effect)[0], effect.add?.classId === null]),
    [
      ["accept", "add", false],
      ["refuse", "add", true],
      ["unsure", "ignore", false],
      ["accept", "add", false],
      ["accept", "add", false],
    ],
  );
  await page.keyboard.press("e");
  const write = page.getByRole("button", { name: "Write the files" });
  await write.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "detections.geojson" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  assert.deepEqual(errors, []);
});

test("the score acts at once, without a request", options, async (t) => {
  const project = await openedProject(t, 2);
  const rounds = [roundOf(1)];
  const { page } = await openPage(t, browser, project.address, { before: (page) => fakeRounds(page, { rounds }) });
  const counts = page.getByRole("button", { name: "tissue-2.png" }).getByTitle(/found$/);
  await counts.waitFor();
  const before = Number((await counts.getAttribute("title")).split(" ")[0]);
  const requests = [];
  page.on("request", (request) => request.url().includes("/rounds/") && requests.push(request.url()));
  for (let i = 0; i < 6; i++) await page.keyboard.press("]");
  await page.waitForFunction(
    (before) => Number(document.querySelectorAll(".image [title$=found]")[1].title.split(" ")[0]) < before,
    before,
  );
  assert.deepEqual(requests, []);
});

test("keys do nothing while somebody types, and each one is listed", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page } = await openPage(t, browser, project.address);
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
  const { page, errors } = await openPage(t, browser, project.address);
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

test("the list: names as people count, and an image that is cut off is not untouched", options, async (t) => {
  const project = await openedProject(t, 3, [], (images) => {
    const [first, second] = [1, 2].map((n) => join(images, `tissue-${n}.png`));
    copyFileSync(first, join(images, "tissue-10.png"));
    const bytes = readFileSync(second);
    writeFileSync(second, bytes.subarray(0, bytes.length / 2));
  });
  const { page } = await openPage(t, browser, project.address);
  const names = page.locator("nav.images .name");
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
  const rows = page.getByRole("region", { name: "Counts by image" }).locator("tbody th");
  assert.deepEqual(await rows.allTextContents(), ["tissue-1.png", "tissue-2.png", "tissue-3.png", "tissue-10.png"]);
});

test(
  "a page that is opened in the middle of a search shows what is found so far, and no image that is not searched",
  options,
  async (t) => {
    const project = await openedProject(t);
    const rounds = [roundOf(1, { phase: "searching", searched: 2, finished: null })];
    const { page, errors } = await openPage(t, browser, project.address, { before: (page) => fakeRounds(page, { rounds }) });
    await page.keyboard.press("w");
    await page.getByText("Found so far on 2 of 4 images.").waitFor();
    assert.deepEqual(errors, []);
  },
);

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong, a line each. */
async function faults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`),
  );
}

for (const dark of [false, true])
  test(`everybody can use it, in all its states, ${dark ? "dark" : "light"}`, options, async (t) => {
    const project = await openedProject(t);
    const rounds = [
      roundOf(1),
      roundOf(2),
      roundOf(3, { phase: "failed", error: "the disk is full", searched: 0, heldOut: null }),
    ];
    const { page } = await openPage(t, browser, project.address, { dark, before: (page) => fakeRounds(page, { rounds }) });
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
    await page.getByRole("heading", { name: "Which of these are no cells?" }).waitFor();
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
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
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
    const context = await browser.newContext({ viewport: { width, height: 800 } });
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
  const { page } = await openPage(t, browser, project.address, { before });
  await saved(page);
  let bytes = 0;
  for (const [path, size] of sizes) if (!path.startsWith("/api/")) bytes += (await size).responseBodySize;
  t.diagnostic(`${bytes} bytes in ${sizes.filter(([path]) => !path.startsWith("/api/")).length} files`);
  assert.ok(bytes > 50_000 && bytes <= 300_000, `${bytes} bytes`);
});
