// What comes after marking: training, detections, answers, export. Rounds are those of fixture.mjs, so that nothing is trained;
// loop.browser.test.mjs trains.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeRounds, roundOf } from "./fixture.mjs";
import { browserOfTests, openedProject, openPage, ready, saved } from "./opened.mjs";

const { options, browser } = browserOfTests();

test("many suspects are answered at once, by keyboard alone, in one step", options, async (t) => {
  const project = await openedProject(t);
  const rounds = [roundOf(1)];
  const { page, errors } = await openPage(t, browser(), project.address, { before: (page) => fakeRounds(page, { rounds }) });
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
  await page.getByRole("button", { name: "Mark 4 as cells, 2 as not" }).waitFor();
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

  await page.getByRole("radio", { name: "One by one" }).click(); // the focus is then there, and keys answer all the same
  await page.getByRole("heading", { name: "Is this a cell?" }).waitFor();
  await page.keyboard.press("Space");
  for (let wait = 0; wait < 600 && (await answers()).length < 7; wait++) await page.waitForTimeout(100);
  assert.equal((await answers()).length, 7);
  assert.deepEqual(errors, []);
});

test("train, answer and export by keyboard alone", options, async (t) => {
  const project = await openedProject(t);
  const rounds = [];
  const { page, errors } = await openPage(t, browser(), project.address, { before: (page) => fakeRounds(page, { rounds }) });
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
  await page.getByRole("button", { name: "Answer: many cells at once" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Which of these are not cells?" }).waitFor();
  await page.keyboard.press("s");
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
  const { page } = await openPage(t, browser(), project.address, { before: (page) => fakeRounds(page, { rounds }) });
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

test(
  "a page that is opened in the middle of a search shows what is found so far, and no image that is not searched",
  options,
  async (t) => {
    const project = await openedProject(t);
    const rounds = [roundOf(1, { phase: "searching", searched: 2, finished: null })];
    const { page, errors } = await openPage(t, browser(), project.address, { before: (page) => fakeRounds(page, { rounds }) });
    await page.keyboard.press("w");
    await page.getByText("Found so far on 2 of 4 images.").waitFor();
    assert.deepEqual(errors, []);
  },
);
