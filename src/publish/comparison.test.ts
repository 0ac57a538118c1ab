import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../errors.ts";
import { comparison } from "../report/comparison/comparison.fixture.ts";
import { renderComparisonPage } from "../report/comparison/page.ts";
import { writeComparison } from "./comparison.ts";

const folder = mkdtempSync(join(tmpdir(), "comparison-page-"));
after(() => rmSync(folder, { recursive: true }));

test("page and numbers are written whole, and a path that cannot be written is named", async () => {
  const [page, results] = ["page.html", "page.json"].map((name) => join(folder, "new", name));
  await writeComparison(comparison, { page, results });
  const withoutCounter = (text: string) => text.replace(/plot-clip-\d+/g, "plot-clip"); // counts up while the process lives
  assert.equal(withoutCounter(readFileSync(page, "utf8")), withoutCounter(await renderComparisonPage(comparison)));
  assert.deepEqual(readdirSync(join(folder, "new")).sort(), ["page.html", "page.json"]);
  await assert.rejects(writeComparison(comparison, { page: join(folder, "new"), results }), (error) => {
    assert.ok(error instanceof UserError);
    return error.message.startsWith(`${join(folder, "new")}: cannot be written`);
  });
});

test("the numbers are facts with labels, and methods without their curves", async () => {
  const [page, results] = ["page.html", "page.json"].map((name) => join(folder, "results", name));
  await writeComparison(comparison, { page, results });
  const written = JSON.parse(readFileSync(results, "utf8"));
  assert.deepEqual(Object.keys(written), ["title", "command", "settings", "dataset", "heldOut", "score", "methods"]);
  assert.deepEqual(
    written.settings.map(({ label }: { label: string }) => label),
    ["detector", "training", "anchors on P2 to P6, pixels", "anchors, height/width", "versions", "machine"],
  );
  assert.deepEqual(written.dataset[2], { label: "annotations kept", value: "5 (10.0 %)" });
  assert.deepEqual(Object.keys(written.methods[0]), ["name", "label", "metrics", "found", "wrong", "secondsPerStep"]);
});
