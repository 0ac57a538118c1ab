import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeMadeUpGrid } from "../../runs/grid.fixture.ts";
import { refuse, succeed } from "../cli.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "cli-report-"));
after(() => rmSync(folder, { recursive: true }));

test("report says where the page is, and how much of the grid it shows", async () => {
  await writeMadeUpGrid({
    dir: join(folder, "grid"),
    images: 4,
    folds: 2,
    methods: ["fpn", "bde"],
    keeps: [0.5],
    missing: ({ fold }) => fold === 1,
  });
  const { stdout } = succeed(folder, "report", "grid", "--out", "page");
  assert.equal(stdout, `report: ${join("page", "report.html")} (2 of 4 runs)\n`);
  for (const name of ["report.html", "report.md", "results.json", "froc.svg"])
    assert.ok(existsSync(join(folder, "page", name)), name);
  refuse(
    folder,
    [["report", "nowhere"], /^nowhere: not a grid/],
    [["report", "page/results.json", "--out", "x"], /^--out x: the tables of page\/results\.json are printed; leave it out$/],
  );
});
