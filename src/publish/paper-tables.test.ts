import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { paperTables } from "./paper-tables.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paper-tables-"));
after(() => rmSync(folder, { recursive: true }));

test("docs/results.md quotes the tables as the command prints them", () => {
  const text = readFileSync(join(docs, "results.md"), "utf8");
  for (const name of ["mbm", "mbm-long", "synthetic-mitosis", "synthetic"]) {
    const tables = paperTables(join(docs, "results", name, "results.json"))
      .split("\n\n")
      .slice(1);
    for (const block of tables) assert.ok(text.includes(block), `docs/results.md lacks, of ${name}:\n${block}`);
  }
});

test("what a user sees and all detections side by side, each with its change and the paper's", () => {
  const [, title, table, note] = paperTables(join(docs, "results/mbm/results.json")).split("\n\n");
  assert.match(title, /^\*\*AP \(%\) by retention rate, .*Table 3\)\*\*$/);
  const cells = table.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  assert.deepEqual(cells[0].slice(1, -1), [
    "retention rate",
    ...["score ≥ 0.5", "all detections"].flatMap((group) =>
      ["10 %", "50 %", "100 %", "change"].map((label) => `${group}: ${label}`),
    ),
    "paper: change",
  ]);
  assert.deepEqual(
    [cells[2][2], cells[2][4], cells[2][5], cells[2][9], cells[2][10]],
    ["12.0 ± 13.7", "80.1 ± 0.2", "−68.1", "−1.4", "−23.9"],
  );
  assert.match(note, /^Mean ± standard deviation: n = 3 of 3 runs \(3 folds × 1 seed\)\. .*Ki-67, a different dataset\.$/);
});

test("a file that is not results.json, and a grid of one rate, are refused", () => {
  const refused = (content: object, message: RegExp) => {
    const file = join(folder, "results.json");
    writeFileSync(file, JSON.stringify(content));
    assert.throws(() => paperTables(file), { name: "UserError", message });
  };
  refused({}, /results\.json:1: grid: .*; this is not the results\.json of a report; pass that file, or the folder of a grid$/);
  const grid = { folds: 2, seeds: [0], keeps: [1], paperDataset: null };
  refused({ grid, methods: [], means: [] }, /results\.json: has one rate of annotations, and these tables compare rates$/);
});
