// The whole loop in a browser, on four small drawn images: mark, train some steps, answer, export. That a second
// round goes on from the first is tested without a browser (workbench/src/rounds/rounds.test.ts).

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { browserOfTests, onPage, openedProject, openPage, ready, saved } from "./opened.mjs";

const { options, browser } = browserOfTests();

/** A network that learns nothing much in no time. */
const quick = ["--steps", "6", "--window", "64", "--threads", "1", "--dtype", "float32", "--no-augment", "--seed", "1"];
const patience = { timeout: 600_000 };

test("mark, train, answer, export", options, async (t) => {
  const project = await openedProject(t, 4, quick);
  const { page, errors } = await openPage(t, browser(), project.address);
  await page.keyboard.press(".");
  for (const i of [0, 1]) {
    for (const cell of project.cells[i].slice(0, 5)) await page.mouse.click(...(await onPage(page, cell)));
    await page.getByTitle("5 marked").nth(i).waitFor();
    await page.keyboard.press("PageDown");
    await ready(page);
  }
  await saved(page);

  await page.keyboard.press("t");
  await page.locator(".facts dd").first().getByText("10", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Train for/ }).click();
  await page
    .getByRole("heading", { name: /^Round 1/ })
    .first()
    .waitFor();
  // Other work goes on meanwhile.
  await page.keyboard.press("k");
  await page.mouse.click(...(await onPage(page, project.cells[2][0])));
  await page.getByTitle("1 marked").waitFor();
  await page.keyboard.press("t");
  await page.getByText("Log", { exact: true }).click();
  await page.locator(".rounds .phase.done").waitFor(patience);
  await page.locator(".log").getByText("sparsecell train rounds/1/dataset").waitFor();
  assert.ok(!(await page.locator(".log").textContent()).includes(project.folder), "paths of this machine");
  assert.match(await page.getByRole("img", { name: /^Loss: now \d/ }).getAttribute("aria-label"), /^Loss: now [\d.]+$/);
  await page.getByText("Learned from 10 cells on 2 images").waitFor();
  const [round] = (await project.get("/project")).rounds;
  assert.deepEqual([round.phase, round.error, round.searched], ["done", null, 4]);

  await page.keyboard.press("q");
  const counted = page.locator(".left b");
  await page
    .getByText(/^Is this a cell\?$|^You marked this|^Nothing more to answer$/)
    .first()
    .waitFor();
  const left = Number(await counted.first().textContent());
  const answers = ["Space", "x", "u"].slice(0, left);
  for (const [i, key] of answers.entries()) {
    await page.keyboard.press(key);
    await counted
      .nth(1)
      .getByText(String(i + 1), { exact: true })
      .waitFor();
  }
  await saved(page);
  const actions = await project.get("/actions?after=0");
  assert.equal(actions.filter(({ action }) => action.do === "answer").length, answers.length);
  await page.getByRole("heading", { name: "What the answers say" }).waitFor();

  for (const [format, pattern] of [
    ["QuPath", /qupath/],
    ["COCO", /detections.*json/],
    ["CSV", /csv/],
    ["Model", /model-1\.safetensors/],
  ]) {
    await page.keyboard.press("e");
    await page.getByRole("radio", { name: format }).check();
    await page.getByRole("button", { name: "Write the files" }).click();
    const link = page.locator(".files a").first();
    await link.waitFor();
    assert.match(await link.getAttribute("href"), pattern);
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.equal(await download.failure(), null);
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
  }
  assert.ok(
    existsSync(join(project.folder, "project/exports/model-1.safetensors")),
    String(readdirSync(join(project.folder, "project"))),
  );
  assert.deepEqual(errors, []);
});
