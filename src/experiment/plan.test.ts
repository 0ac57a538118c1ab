import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { chosenDtype } from "../detector/dtype.ts";
import { measure } from "../evaluate/measures.ts";
import { type GridResult, unitId } from "../runs/grid.ts";
import { openGrid } from "./plan.ts";
import { tinyProtocol, tinySettings } from "./run-grid.fixture.ts";

const root = mkdtempSync(join(tmpdir(), "grid-plan-"));
after(() => rmSync(root, { recursive: true }));

const open = (name: string, change: Partial<Parameters<typeof openGrid>[0]> = {}): ReturnType<typeof openGrid> =>
  openGrid({
    protocol: tinyProtocol(),
    preset: "quick",
    selection: {},
    data: null,
    weights: null,
    dir: join(root, name),
    device: "cpu",
    command: "the first",
    ...change,
  });

test("a grid goes on as it began; rates, methods and seeds can be added, nothing else may change", async () => {
  const { store, units } = await open("grid");
  assert.equal(units.length, 8);
  const first = store.record();
  assert.deepEqual(
    [first.keeps, first.methods, first.data],
    [[0.5, 1], ["fpn", "constant-weight:weight=0.5"], join(root, "grid/dataset")],
  );

  await open("grid", { command: "the second" });
  assert.deepEqual(store.record(), first);
  await open("grid", { selection: { keeps: [0.1], methods: ["bde"], seeds: [4], folds: [0] } });
  const { keeps, methods, seeds, folds } = store.record();
  assert.deepEqual([keeps, methods, seeds, folds], [[0.1, 0.5, 1], ["fpn", "constant-weight:weight=0.5", "bde"], [0, 4], 2]);

  const file = store.gridFile;
  const quick = {
    ...tinySettings,
    detector: { ...tinySettings.detector, detection: { ...tinySettings.detector.detection, maxDetections: 9 } },
  };
  const { presets, data } = tinyProtocol();
  for (const [change, difference] of [
    [{ name: "other" }, 'name is "tiny" there and "other" here'],
    [{ folds: 4 }, "folds is 2 there and 4 here"],
    [{ presets: { ...presets, quick } }, "train.detector.detection.maxDetections is null there and 9 here"],
    [{ data: { ...data, seed: 2 } as typeof data }, "source.seed is 1 there and 2 here"],
  ] as const)
    await assert.rejects(open("grid", { protocol: tinyProtocol(change) }), {
      name: "UserError",
      message: `${file}: is another grid: ${difference}; choose another --out`,
    });
  await assert.rejects(open("grid", { preset: "paper" }), /another grid: preset is "quick" there and "paper" here/);

  const folder = tinyProtocol({ data: { kind: "folder", prepare: "make it" } });
  await assert.rejects(
    open("a", { protocol: folder }),
    /^UserError: tiny: missing dataset; pass its folder with --data; make one with: make it$/,
  );
  await assert.rejects(open("a", { data: "grid/dataset" }), /^UserError: tiny: makes its own dataset; leave out --data$/);
  await assert.rejects(open("a", { weights: "nowhere.pth" }), /^UserError: nowhere.pth: no such file; check --weights$/);
  assert.ok(!existsSync(join(root, "a")));
  mkdirSync(join(root, "full/runs"), { recursive: true });
  await assert.rejects(open("full"), /holds other runs; choose another --out$/);
});

test("a bias is recorded and may not change; one that cannot be is refused before the folder is made", async () => {
  const { store } = await open("bias", { protocol: tinyProtocol({ bias: "corner" }) });
  assert.equal(store.record().bias, "corner");
  await open("bias", { protocol: tinyProtocol({ bias: "corner" }), selection: { seeds: [1] } });
  assert.equal(store.record().bias, "corner");
  await assert.rejects(open("bias"), /another grid: bias is "corner" there and not set here; choose another --out$/);
  const { store: plain } = await open("plain");
  assert.ok(!("bias" in plain.record()));
  await assert.rejects(
    open("plain", { protocol: tinyProtocol({ bias: "dark" }) }),
    /another grid: bias is not set there and "dark" here; choose another --out$/,
  );
  await assert.rejects(
    open("classes", { protocol: tinyProtocol({ bias: "uneven-classes" }) }),
    /classes\/dataset: the training images have marks of fewer than two classes; choose another bias than uneven-classes$/,
  );
  assert.ok(!existsSync(join(root, "classes/grid.json")));
  await assert.rejects(
    open("b", { protocol: tinyProtocol({ bias: "corner" }), selection: { keeps: ["one-per-image"] } }),
    /^UserError: tiny: a bias needs a retention rate in \(0, 1\], got one-per-image; leave out one of them$/,
  );
});

test("dtype auto is settled when the grid begins, recorded, and kept wherever it is resumed", async () => {
  const protocol = tinyProtocol();
  const quick = { ...tinySettings, dtype: "auto" } as const;
  const presets = { ...protocol.presets, quick };
  const auto = tinyProtocol({ presets });
  const here = chosenDtype({ device: "cpu", dtype: "auto" });
  const other = here === "float32" ? "bfloat16" : "float32";
  const { store } = await open("auto", { protocol: auto });
  const lines = (dtype: string) => ({ label: "type of activations", value: dtype });
  const told = () => store.record().settings.find(({ label }) => label === "type of activations");
  assert.deepEqual([store.record().train.dtype, told()], [here, lines(here)]);

  const text = readFileSync(store.gridFile, "utf8"); // as another machine, or an earlier version, began it
  writeFileSync(store.gridFile, text.replace(`"dtype": "${here}"`, `"dtype": "${other}"`));
  await open("auto", { protocol: auto, selection: { seeds: [1] } });
  assert.deepEqual([store.record().train.dtype, told()], [other, lines(other)]);

  const fixed = tinyProtocol({ presets: { ...presets, quick: { ...quick, dtype: here } } });
  await assert.rejects(open("auto", { protocol: fixed }), new RegExp(`train.dtype is "${other}" there and "${here}" here`));
});

test("a grid's settings are checked", async () => {
  const { store } = await open("checked");
  const text = readFileSync(store.gridFile, "utf8");
  writeFileSync(store.gridFile, text.replace('"augment": true', '"augment": "yes"'));
  assert.throws(
    () => store.record(),
    /grid\.json:\d+: train\.augment: expected true or false, got "yes"; this is not the record/,
  );
});

test("a run is finished when it has a result; a later success removes the error; a damaged result is named with its line", async () => {
  const { store, units } = await open("results");
  const [unit, other] = units;
  assert.equal(store.result(unit), null);
  store.writeError(unit, "no room");
  assert.ok(existsSync(store.errorFile(unit)));
  const cell = { imageId: 1, categoryId: 1, box: [0, 0, 10, 10] } as const;
  const result: GridResult = {
    unit,
    label: "FPN",
    measures: measure([cell], [{ ...cell, score: 0.9 }], { images: [{ id: 1, width: 50, height: 50 }] }),
    counts: { trainImages: 1, visible: 1, hidden: 0, testImages: 1, testCells: 1 },
    losses: [{ step: 6, rpnClass: 1, rpnBox: 0.5, roiClass: 1, roiBox: 0.5, consistency: 0.25 }],
    density: [],
    limitedImages: 0,
    trainSeconds: 2,
    totalSeconds: 3,
  };
  store.writeResult(result);
  assert.deepEqual([store.result(unit), store.result(other), store.results()], [result, null, [result]]);
  assert.ok(!existsSync(store.errorFile(unit)));
  const file = join(root, "results/runs", unitId(unit), "result.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"step": 6', '"step": null'));
  const line = readFileSync(file, "utf8").slice(0, readFileSync(file, "utf8").indexOf('"step"')).split("\n").length;
  for (const read of [() => store.result(unit), () => store.results()])
    assert.throws(read, {
      name: "UserError",
      message: `${file}:${line}: losses[0].step: expected a finite number, got null; this is not the result of a run; remove its folder and run the experiment again`,
    });
});
