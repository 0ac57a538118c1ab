import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { quotedTables } from "./quoted-tables.ts";

const docs = fileURLToPath(new URL("../../docs/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paper-tables-"));
after(() => rmSync(folder, { recursive: true }));

const printed = (name: string): string[] => quotedTables(join(docs, "results", name, "results.json")).split("\n\n");
/** The title; its table and its note follow. */
const isMeasures = (block: string): boolean => block.startsWith("**Measures (%)");
const isTable = (block: string): boolean => block.startsWith("| ");

test("docs/results.md quotes the tables as the command prints them", () => {
  const blocks = readFileSync(join(docs, "results.md"), "utf8").split("\n\n");
  for (const name of ["mbm", "mbm-long", "synthetic-mitosis", "synthetic"])
    for (const block of printed(name)
      .filter((_, i, blocks) => !blocks.slice(Math.max(0, i - 2), i + 1).some(isMeasures))
      .slice(1))
      assert.ok(blocks.includes(block), `docs/results.md lacks, of ${name}:\n${block}`);
  const known = new Set(readdirSync(join(docs, "results")).filter(isReport).flatMap(printed));
  blocks.forEach((block, i) => {
    if (!/^\*\*(AP|Recall|Measures) \(%\)/.test(block)) return;
    for (const part of blocks.slice(i, i + 3))
      assert.ok(known.has(part), `docs/results.md has what no results.json prints:\n${part}`);
  });
});

const isReport = (name: string): boolean => {
  const file = join(docs, "results", name, "results.json");
  return existsSync(file) && "grid" in JSON.parse(readFileSync(file, "utf8"));
};

test("the measures of each method at each rate, with how many cells are marked where a method counts them", () => {
  const tables = printed("mbm-long").filter((block) => isTable(block) && block.includes("calibration error"));
  assert.equal(tables.length, 2);
  const rows = tables[0].split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  assert.deepEqual(rows[0].slice(1, 4), ["method", "AP, 11 points", "AP, all points"]);
  const [fpn, ours] = ["FPN", "FPN + completeness"].map((label) => rows.find((row) => row[1] === label) as string[]);
  assert.deepEqual([fpn[2], fpn[9]], ["84.5 ± 1.4", "–"]);
  assert.deepEqual([ours[2], ours[9]], ["87.2 ± 1.5", "10.2 ± 0.5"]);
});

test("what a user sees and all detections side by side, each with its change and the paper's", () => {
  const [, title, table, note] = quotedTables(join(docs, "results/mbm/results.json")).split("\n\n");
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

test("a file that is not results.json is refused; a grid of one rate has the measures alone", () => {
  const file = join(folder, "results.json");
  const refused = (content: object, message: RegExp) => {
    writeFileSync(file, JSON.stringify(content));
    assert.throws(() => quotedTables(file), { name: "UserError", message });
  };
  refused({}, /results\.json:1: grid: .*; this is not the results\.json of a report; pass that file, or the folder of a grid$/);
  const grid = { folds: 2, seeds: [0], keeps: [1], paperDataset: null };
  refused({ grid, methods: [], means: [] }, /results\.json:1: runs: is missing; expected a list/);
  const mean = { keep: 1, method: "fpn", metric: "ap", n: 1, mean: 0.5, sd: null };
  writeFileSync(file, JSON.stringify({ grid, methods: [{ name: "fpn", label: "FPN" }], means: [mean], runs: [] }));
  assert.match(quotedTables(file), /^\*\*Measures \(%\) with 100 % of the annotations\*\*\n\n.*\n.*\n\| FPN \| 50\.0 \| – \|/);
});
