import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openProject } from "../project/open-project.ts";
import { emptyFolder, writeImage } from "../served.fixture.ts";
import { writeRoundDataset } from "./dataset.ts";

test("a marked image that can no longer be decoded is left out of a training, and that is said", async (t) => {
  const folder = join(emptyFolder(t), "images");
  for (const name of ["a.png", "b.png"]) await writeImage(join(folder, name));
  const bytes = readFileSync(join(folder, "b.png"));
  writeFileSync(join(folder, "b.png"), bytes.subarray(0, bytes.length / 2));
  const project = await openProject({ path: folder });
  t.after(() => project.close());
  const [{ id: classId }] = project.file.classes;
  for (const { id: image, name } of project.images) {
    const cell = { id: `cellof000${name[0]}`, image, box: [20, 20, 40, 40], classId, from: "mark" };
    project.act("test", [{ do: "add-cell", cell }]);
  }
  const said: string[] = [];
  project.events.listen((name, data) => name === "problem" && said.push((data as { message: string }).message));
  const { learned, images } = await writeRoundDataset(project, join(project.folder, "dataset"));
  assert.deepEqual([learned.images, learned.cells, images], [1, 1, [project.images[0].id]]);
  assert.equal(said.length, 1);
  assert.match(said[0], /^not learned from: b\.png: cannot be decoded/);
});
