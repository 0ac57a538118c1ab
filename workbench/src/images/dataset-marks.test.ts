import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { emptyFolder, served, writeImage } from "../served.fixture.ts";

test("a dataset: its cells, hard negatives, hidden cells, regions, classes, splits and scale", async (t) => {
  const dir = emptyFolder(t);
  mkdirSync(join(dir, "images"));
  for (const name of ["one", "two", "three"]) await writeImage(join(dir, `images/${name}.png`));
  const square = [0, 0, 90, 0, 90, 90, 0, 90];
  const row = (id: number, image_id: number, category_id: number, side: number, more = {}) => ({
    id,
    image_id,
    category_id,
    bbox: [10 * id, 10, side, side],
    ...more,
  });
  writeFileSync(
    join(dir, "annotations.json"),
    JSON.stringify({
      images: [
        {
          id: 1,
          file_name: "one.png",
          width: 300,
          height: 200,
          mpp: 0.5,
          regions: [{ kind: "complete", rings: [square, [9, 9, 20, 9, 20, 20]] }],
        },
        { id: 2, file_name: "two.png", width: 300, height: 200, mpp: 0.5, split: "test", group: "slide 2" },
        { id: 3, file_name: "three.png", width: 300, height: 200 },
      ],
      annotations: [row(1, 1, 1, 20), row(2, 1, 1, 30), row(3, 1, 2, 12, { hidden: true }), row(4, 2, 3, 16), row(5, 1, 1, 24)],
      categories: [
        { id: 1, name: "cell" },
        { id: 2, name: "lymphocyte" },
        { id: 3, name: "look-alike", negative: true },
      ],
    }),
  );
  const { get, project, act } = await served(t, { path: dir });
  const { images, classes } = await project();
  assert.deepEqual(
    images.map(({ name, state, mpp, group }) => [name, state, mpp, group]),
    [
      ["one.png", "marking", 0.5, "one"],
      ["two.png", "test", 0.5, "slide 2"],
      ["three.png", "untouched", null, "three"],
    ],
  );
  assert.deepEqual(
    classes.map(({ id, name, size }) => [id, name, size]),
    [
      ["c000000001", "cell", 12],
      ["c000000002", "lymphocyte", 6],
    ],
  );
  const marks = await (await get(`/api/v1/images/${images[0].id}/marks`)).json();
  const common = { image: images[0].id, from: "dataset" };
  assert.deepEqual(marks, {
    cells: [
      { id: "a000000001", box: [10, 10, 30, 30], classId: "c000000001", ...common },
      { id: "a000000002", box: [20, 10, 50, 40], classId: "c000000001", ...common },
      { id: "a000000003", box: [30, 10, 42, 22], classId: "c000000002", hidden: true, ...common },
      { id: "a000000005", box: [50, 10, 74, 34], classId: "c000000001", ...common },
    ],
    regions: [{ id: "r000000001n0", image: images[0].id, kind: "complete", ring: square, holes: [[9, 9, 20, 9, 20, 20]] }],
  });
  const second = (await (await get(`/api/v1/images/${images[1].id}/marks`)).json()) as { cells: { classId: unknown }[] };
  assert.equal(second.cells[0].classId, null);
  await act(
    { do: "delete-cell", id: "a000000001" },
    { do: "undo", action: 1 },
    { do: "change-cell", id: "a000000004", to: { classId: "c000000001" } },
  );
  await assert.rejects(act({ do: "delete-cell", id: "a000000009" }), /the cell a000000009 is missing/);
});
