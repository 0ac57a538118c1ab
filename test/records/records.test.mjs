// What 0.3.0 left on a disk (the folder 0.3.0, made by make-0.3.0.mjs) is read, resumed, compared and reported by this version, as
// a user would ask for it: by the command line alone. About 10 s.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));
const record = fileURLToPath(new URL("0.3.0", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "sparsecell-records-")));
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  cpSync(record, folder, { recursive: true });
  for (const file of ["stopped/checkpoint.safetensors", "resumed/model.safetensors"])
    writeFileSync(at(file), brotliDecompressSync(readFileSync(at(`${file}.br`))));
});

test("its dataset is read: groups, split, hidden annotations, hard negatives, regions, pixel size", () => {
  const { stdout } = succeed("data", "info", "dataset");
  for (const part of [
    /^images +6 in 3 groups$/m,
    /^train +4 images in 2 groups, 7 annotations visible and 7 hidden .*2 hard negatives/m,
    /^test +2 images in 1 group, 7 annotations, 1 hard negative/m,
    /^categories +cell 21 \(7 hidden\), debris 3/m,
    /^regions +6 complete, 3 ignored$/m,
  ])
    assert.match(stdout, part);
  succeed("data", "export", "dataset", "--format", "coco", "--hidden", "include", "--out", "exported.json");
  const [now, then] = ["exported.json", "dataset/annotations.json"].map(json);
  for (const row of now.annotations) row.hidden ??= false; // is left out where it is so
  for (const key of ["images", "annotations", "categories"]) requireHeld(now[key], then[key], key);
});

test("its detections are evaluated to the numbers that stand beside them", () => {
  for (const run of ["finished", "resumed"]) {
    const detections = ["--detections", `${run}/detections.json`, "--annotations", "dataset"];
    const now = JSON.parse(succeed("evaluate", ...detections, "--split", "test", "--json").stdout);
    const { ap11, recall, precision, f1, bestF1, images, truths, detections: count } = json(`${run}/evaluation.json`);
    requireHeld(now, { ap11, recall, precision, f1, bestF1, images, truths, detections: count });
  }
});

test("its stopped training is resumed to the end, with the momentum of its checkpoint", () => {
  copyStopped("again");
  const logged = lines("again/log.jsonl");
  assert.deepEqual(stepsOf(logged), [1, 2, 3]); // as after a kill in step 4; the checkpoint is of step 2
  succeed("train", "--resume", "again");
  const log = lines("again/log.jsonl");
  assert.deepEqual(stepsOf(log), [1, 2, 3, 4]);
  assert.deepEqual(log.slice(0, 2), logged.slice(0, 2));
  assert.deepEqual(stepsOf(lines("again/timings.jsonl")), [1, 2, 3, 4]);

  const [now, then] = ["again", "resumed"].map((run) => readModel(at(run, "model.safetensors")));
  requireHeld(now.settings, then.settings);
  assert.deepEqual([...now.tensors.keys()], [...then.tensors.keys()]);
  for (const [name, { shape, numbers }] of then.tensors) {
    const found = now.tensors.get(name);
    assert.deepEqual(found.shape, shape, name);
    const other = numbers.findIndex((number, k) => !(Math.abs(found.numbers[k] - number) <= 1e-5 * Math.abs(number)));
    assert.equal(other, -1, `${name}[${other}]: ${found.numbers[other]}, not ${numbers[other]}`);
  }
  requireKeys(json("again/evaluation.json"), json("resumed/evaluation.json"));
});

test("its model finds what it found", () => {
  const machine = ["--dtype", "float32", "--threads", "1"];
  succeed("predict", "--model", "resumed", "--data", "dataset", "--split", "test", ...machine, "--out", "found.json");
  const [now, then] = ["found.json", "resumed/detections.json"].map(json);
  const [found, expected] = [now, then].map(detectionsOf);
  const sides = (a, b) => Math.max(...a.bbox.map((side, i) => Math.abs(side - b.bbox[i])));
  const near = (a, b) => a.image === b.image && Math.abs(a.score - b.score) < 0.01 && sides(a, b) < 0.5;
  const held = expected.filter((detection) => found.some((other) => near(other, detection)));
  assert.ok(expected.length >= 20);
  assert.ok(held.length >= 0.9 * expected.length, `${held.length} of ${expected.length}`); // machines round differently
});

test("its runs are compared", () => {
  cpSync(at("resumed/model.safetensors"), at("finished/model.safetensors")); // its own is too large to be kept
  succeed("compare", "finished", "resumed", "--out", "comparison/page.html");
  const [now, then] = ["comparison/page.json", "comparison.json"].map(json);
  requireKeys(now, then);
  requireHeld(now.dataset, then.dataset);
  requireHeld(now.heldOut, then.heldOut);
  const named = ({ methods }) => methods.map(({ name, label, secondsPerStep }) => [name, label, secondsPerStep]);
  assert.deepEqual(named(now), named(then));
});

test("its grid is reported with the same numbers, with pictures and gradients", () => {
  const { stdout } = succeed("report", "grid");
  assert.match(stdout, /\(8 of 8 runs\)/);
  const [now, then] = ["grid/report/results.json", "grid-results.json"].map(json);
  for (const key of ["settings", "finished", "total", "failed", "methods", "runs", "means", "density"])
    requireHeld(now[key], then[key], key);
  const figures = readdirSync(at("grid/report")).filter((name) => name.endsWith(".svg"));
  for (const kind of ["patches", "gradient"])
    assert.ok(
      figures.some((name) => name.includes(kind)),
      `${kind}: ${figures}`,
    );
});

test("its grid is gone on with: the same command finds all of it finished", () => {
  const results = () => readdirSync(at("grid/runs")).map((name) => readFileSync(at("grid/runs", name, "result.json"), "utf8"));
  const before = results();
  const { stderr } = succeed("experiment", "protocol.mjs", "--out", "grid");
  assert.match(stderr, /8 runs, 8 already finished/);
  assert.deepEqual(results(), before);
});

test("a record without the settings that came last is resumed", () => {
  copyStopped("earlier", (config) => {
    for (const key of ["channelsLast", "keepCheckpoints", "onNonfinite"]) delete config[key];
  });
  succeed("train", "--resume", "earlier");
  assert.deepEqual(stepsOf(lines("earlier/log.jsonl")), [1, 2, 3, 4]);
});

test("a record whose channelsLast is neither true nor false is refused", () => {
  copyStopped("refused", (config) => {
    config.channelsLast = "no";
  });
  const { status, stdout, stderr } = sparsecell("train", "--resume", "refused");
  assert.deepEqual([status, stdout], [1, ""], stderr);
  assert.match(stderr, /^sparsecell: refused\/config\.json:\d+: .*channelsLast.*\n$/);
  assert.ok(!existsSync(at("refused/model.safetensors")));
});

/** The stopped run in another folder. */
function copyStopped(run, change = () => {}) {
  cpSync(at("stopped"), at(run), { recursive: true });
  const { config, ...rest } = json(`${run}/config.json`);
  change(config);
  writeFileSync(at(run, "config.json"), JSON.stringify({ ...rest, config }, null, 2));
}

function at(...parts) {
  return join(folder, ...parts);
}

function json(file) {
  return JSON.parse(readFileSync(at(file), "utf8"));
}

function lines(file) {
  return readFileSync(at(file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function stepsOf(log) {
  return log.map(({ step }) => step);
}

function sparsecell(...args) {
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, env, encoding: "utf8" });
}

function succeed(...args) {
  const result = sparsecell(...args);
  assert.equal(result.status, 0, `sparsecell ${args.join(" ")}\n${result.stderr}`);
  return result;
}

/** With the names of their images; `predict` counts images anew. */
function detectionsOf({ images, annotations }) {
  const names = new Map(images.map(({ id, file_name }) => [id, file_name]));
  return annotations.map(({ image_id, bbox, score }) => ({ image: names.get(image_id), bbox, score }));
}

/** Settings and tensors of a model file. */
function readModel(file) {
  const bytes = readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString("utf8", 8, start));
  const tensors = Object.entries(entries).map(
    ([
      name,
      {
        shape,
        data_offsets: [from, to],
      },
    ]) => {
      const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start + from, bytes.byteOffset + start + to));
      return [name, { shape, numbers }];
    },
  );
  return { settings: JSON.parse(metadata.sparsecell), tensors: new Map(tensors) };
}

/** All that stood there stands there still; keys and rows of lists may have come. */
function requireHeld(now, then, path = "") {
  for (const [key, value] of Object.entries(then)) {
    const held = Array.isArray(then) ? now.some((row) => holds(row, value)) : holds(now[key], value);
    assert.ok(held, `${path} ${key}: not ${JSON.stringify(value)} any more`);
  }
}

function holds(now, then) {
  if (typeof then === "number") return Math.abs(now - then) <= 1e-5 * Math.abs(then);
  if (typeof then !== "object" || then === null) return now === then;
  if (typeof now !== "object" || now === null || Array.isArray(now) !== Array.isArray(then)) return false;
  if (Array.isArray(then) && now.length !== then.length) return false;
  return Object.keys(then).every((key) => holds(now[key], then[key]));
}

/** The keys of an object, and of those in it, are all there still. */
function requireKeys(now, then) {
  const keys = (value) =>
    typeof value !== "object" || value === null
      ? []
      : Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner).map((path) => `${key}.${path}`)]);
  const known = new Set(keys(now));
  assert.deepEqual(
    keys(then).filter((path) => !known.has(path)),
    [],
  );
}
