// Marking in the page: by mouse and keys, saved, taken back, seen by others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { browserOfTests, onPage, openedProject, openPage, ready, saved } from "./opened.mjs";

const { options, browser } = browserOfTests();

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
  const { page, errors } = await openPage(t, browser(), project.address);
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
  const { page, errors } = await openPage(t, browser(), project.address);
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

test("with the size of a class its clicks change, and no box; one step takes it back", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page } = await openPage(t, browser(), project.address);
  const [first, second, third] = project.cells[0];
  const records = async () => {
    await saved(page);
    return project.get("/actions?after=0");
  };
  const sides = async () => cellsOf(await records()).map(({ box: [x1, y1, x2, y2] }) => [x2 - x1, y2 - y1].map(Math.round));
  await page.keyboard.press(".");
  for (const place of [first, second]) await page.mouse.click(...(await onPage(page, place)));
  await page.keyboard.press("r");
  await page.mouse.move(...(await onPage(page, [third[0] - 10, third[1] - 10])));
  await page.mouse.down();
  await page.mouse.move(...(await onPage(page, third)));
  await page.mouse.move(...(await onPage(page, [third[0] + 10, third[1] + 10])));
  await page.mouse.up();
  const before = await sides();
  assert.deepEqual(before.slice(0, 2), [
    [16, 16],
    [16, 16],
  ]);
  await page.getByRole("button", { name: "Edit cell" }).click();
  const size = page.getByRole("spinbutton", { name: "Size (px)" });
  await size.fill("26");
  await size.press("Enter");
  assert.deepEqual(await sides(), [[26, 26], [26, 26], before[2]]);
  near(centre(cellsOf(await records())[0].box), first);
  await page.getByRole("tab", { name: "Mark" }).focus();
  await page.keyboard.press("Control+z");
  assert.deepEqual(await sides(), before);
});

test("two tabs see each other", options, async (t) => {
  const project = await openedProject(t, 2);
  const { page, context } = await openPage(t, browser(), project.address);
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
  const { page } = await openPage(t, browser(), project.address);
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
