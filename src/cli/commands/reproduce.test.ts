import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readDataset } from "../../data/dataset-folder.ts";
import { tinyProtocol, writeProtocol } from "../../experiment/run-grid.fixture.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import type { TrainConfig } from "../../settings/training.ts";
import { tinyConfig, tinyDataset } from "../../train/run.fixture.ts";
import { runTraining } from "../../train/run.ts";
import { editJson, refuse, sparsecell, succeed } from "../cli.fixture.ts";

const dir = mkdtempSync(join(tmpdir(), "reproduce-"));
after(() => rmSync(dir, { recursive: true }));

async function train(name: string, change: Partial<TrainConfig> = {}): Promise<RunFolder> {
  const dataset = readDataset(join(dir, "sparse"));
  const run = new RunFolder(join(dir, name));
  const quiet = { onStep: () => {}, onNote: () => {}, shouldStop: () => false };
  await runTraining({ dataset, run, config: tinyConfig(dataset, change), ...quiet });
  return run;
}

before(async () => {
  await tinyDataset(dir);
  const { modelFile } = await train("run");
  cpSync(modelFile, join(dir, "first.safetensors"));
  await train("tuned", { weights: join(dir, "first.safetensors"), weightsPart: "detector" });
});

test("a run again, on a copy of its dataset, has the same bits", () => {
  cpSync(join(dir, "sparse"), join(dir, "moved"), { recursive: true });
  const { stdout, lines } = succeed(dir, "reproduce", "run", "--data", "moved", "--out", "again");
  assert.equal(stdout, "equal bits\n");
  assert.deepEqual(lines, []);
  assert.equal(succeed(dir, "reproduce", "run", "--check").stdout, "all that the run was made of is here\n");
});

test("a run is not compared with itself, nor with another run", () => {
  refuse(
    dir,
    [["reproduce", "run", "--out", "run"], /^run: is what is to be repeated; pass another folder to --out$/],
    [
      ["reproduce", "run", "--out", "tuned"],
      /^tuned: holds another run, with another weightsPart; pass another folder to --out$/,
    ],
  );
});

test("a run that learned from boxes finer than files hold says so", async () => {
  const dataset = readDataset(join(dir, "sparse"));
  const annotations = dataset.annotations.map((annotation): typeof annotation => {
    const [x1, y1, x2, y2] = annotation.box;
    return { ...annotation, box: [x1 + 1e-4, y1, x2, y2] };
  });
  const run = new RunFolder(join(dir, "unrounded"));
  const quiet = { onStep: () => {}, onNote: () => {}, shouldStop: () => false };
  await runTraining({ dataset: { ...dataset, annotations }, run, config: tinyConfig(dataset), ...quiet });
  const { stdout, lines } = succeed(dir, "reproduce", "unrounded", "--check");
  assert.equal(stdout, "what the run learned from is here\n");
  assert.match(lines.join("\n"), /the run learned from boxes in memory, .*: do not expect equal bits$/);
});

test("what a run learned from is compared image by image", () => {
  for (const name of ["pixels", "marks"]) cpSync(join(dir, "sparse"), join(dir, name), { recursive: true });
  const image = (folder: string) => join(dir, folder, "images", readDataset(join(dir, folder)).images[1].fileName);
  writeFileSync(image("pixels"), Buffer.concat([readFileSync(image("pixels")), Buffer.from([0])]));
  const seen = readDataset(join(dir, "marks"));
  const training = new Set(seen.images.filter(({ split }) => split === "train").map(({ id }) => id));
  const mark = seen.annotations.find(({ imageId, hidden }) => !hidden && training.has(imageId));
  const marked = seen.images.find(({ id }) => id === mark?.imageId)?.fileName;
  editJson<{ annotations: { id: number; bbox: number[] }[] }>(join(dir, "marks/annotations.json"), ({ annotations }) => {
    const row = annotations.find(({ id }) => id === mark?.id);
    assert.ok(row);
    row.bbox[2] -= 1;
  });
  refuse(
    dir,
    [
      ["reproduce", "run", "--data", "pixels", "--out", "no"],
      new RegExp(
        `learned from something else: 1 image with other pixels: ${readDataset(join(dir, "pixels")).images[1].fileName}$`,
      ),
    ],
    [["reproduce", "run", "--data", "marks", "--out", "no"], new RegExp(`1 image with other annotations: ${marked}$`)],
    [["reproduce", "run", "--data", "nowhere"], /nowhere: the run's dataset is not here; pass its folder with --data$/],
    [["reproduce", "run", "--weights", "first.safetensors"], /began with random weights; leave it out$/],
  );
});

test("another file of first weights is named, and so is another program", () => {
  const bytes = readFileSync(join(dir, "first.safetensors"));
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(join(dir, "other.safetensors"), bytes);
  refuse(dir, [["reproduce", "tuned", "--weights", "other.safetensors"], /first weights: SHA-256 was \w{16}…, is \w{16}…$/]);
  editJson<{ code: { sha256: string; version: string } }>(join(dir, "tuned/provenance.json"), ({ code }) => {
    Object.assign(code, { sha256: "0".repeat(64), version: "0.5.9" });
  });
  const { stdout, lines } = succeed(dir, "reproduce", "tuned", "--check");
  assert.equal(stdout, "what the run learned from is here\n");
  assert.match(lines.join("\n"), /^program: was 0\.5\.9 .*\(00000000\), is /);
});

test("a run of an earlier version is compared by what it recorded", () => {
  cpSync(join(dir, "run"), join(dir, "old"), { recursive: true });
  rmSync(join(dir, "old/provenance.json"));
  editJson<{ versions: object }>(join(dir, "old/config.json"), ({ versions }) =>
    Object.assign(versions, { sparsecell: "0.4.0" }),
  );
  const { stdout, lines } = succeed(dir, "reproduce", "old", "--out", "old-again");
  assert.equal(stdout, "equal bits\n");
  assert.match(lines[0], /^old: of version 0\.4\.0, which recorded no hashes/);
  const log = join(dir, "old/log.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace(/"loss":/g, '"loss":1'));
  const worse = sparsecell(dir, "reproduce", "old", "--out", "old-again");
  assert.deepEqual([worse.status, worse.stdout.split("\n").at(-2)], [1, "different"]);
  assert.match(worse.stdout, /losses: differ from step 1 on/);
});

test("a run of a grid again: by its folder, by its name, and from results.json", () => {
  const protocol = writeProtocol(dir, "tiny.js", tinyProtocol({ keeps: [1], methods: ["fpn"] }));
  succeed(dir, "experiment", protocol, "--folds", "0", "--out", "grid");
  const unit = "fold0-keep1-fpn-seed0";
  assert.equal(succeed(dir, "reproduce", "grid", "--unit", unit, "--out", "grid-2").stdout, "equal bits\n");
  assert.equal(succeed(dir, "reproduce", `grid/runs/${unit}`, "--out", "grid-2").stdout, "equal bits\n");
  succeed(dir, "report", "grid", "--out", "report");
  const results = join(dir, "report/results.json");
  const command = succeed(dir, "reproduce", results, "--data", "here").stdout;
  assert.match(
    command,
    /^npx sparsecell experiment .*tiny\.js --preset quick --folds 0 --out grid && npx sparsecell report grid\n$/,
  );
  succeed(dir, "reproduce", "grid", "--unit", unit, "--check", "--out", "checked");
  assert.ok(!existsSync(join(dir, "checked")), "a check makes no folder");
  refuse(dir, [["reproduce", "grid", "--unit", unit, "--out", "grid"], /^grid: is what is to be repeated/]);
  const measured = succeed(dir, "reproduce", results, "--unit", unit, "--out", "grid-3");
  assert.match(measured.stdout, /only what was logged and measured can be compared.*\nequal within tolerance \(0\.02\)\n$/s);
  refuse(
    dir,
    [["reproduce", "grid"], /missing --unit; it has 1, such as fold0-keep1-fpn-seed0$/],
    [["reproduce", results, "--unit", "fold7"], /unknown unit fold7; it has 1, such as/],
    [["reproduce", "nothing"], /nothing: expected the folder of a run or of a grid, or a results\.json; check the path$/],
  );
});
