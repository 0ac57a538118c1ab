// Makes the folder 0.3.0 beside this file anew: what version 0.3.0 left on a disk, small, for records.test.mjs.
//
//   node test/records/make-0.3.0.mjs --program CHECKOUT/bin/sparsecell.js
//
// CHECKOUT is a clone of the project at version 0.3.0 that is set up. About 40 s on 2 cores. Files are as that program wrote them,
// but for what is said here:
//
//   protocol.mjs      an experiment: 2 folds × 2 rates × 2 methods, 6 steps on drawn tissue. Its settings stand there in full
//   grid/             what `experiment protocol.mjs` and `gradients` left, without models; the path of its dataset is made up
//   grid-results.json results.json of `report grid`
//   dataset/          the grid's first six images as a dataset of their own: three groups, a test split, hidden annotations,
//                     hard negatives, complete and ignored regions, a pixel size
//   finished/         a training of 60 steps, without its model
//   resumed/          a training of 4 steps, with its model
//   stopped/          what a kill in step 4 would have left of it: put together from its checkpoint of step 2 and the first 3 lines
//                     of its logs. The program goes on from there to the bytes of resumed/, or this script fails
//   comparison.json   what `compare finished resumed` left beside its page
//
// Paths hold in the folder 0.3.0: "data" is "dataset" in config.json. The trainings' config.json are the program's own with some
// settings changed by this script (`begin`) before `train --resume` began with them. Weights are 58 MB, a checkpoint twice that,
// but those of resumed/ hold few different numbers: its training begins from a pattern (`patterned`), and every gradient is clipped
// to 0, so that weight decay and momentum alone move them. They are compressed (NAME.safetensors.br, Brotli).

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";

const { values } = parseArgs({ options: { program: { type: "string" } } });
if (!values.program) throw new Error("which program? give --program CHECKOUT/bin/sparsecell.js");
const program = resolve(values.program);
const target = fileURLToPath(new URL("0.3.0", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "sparsecell-records-")));

const schedule = { steps: 6, batch: 1, lr: 0.005, warmup: 2, momentum: 0.9, weightDecay: 1e-4, clipGradient: 10, augment: true };
const detector = {
  backbone: "resnet18",
  batchNormEps: 1e-5,
  input: { kind: "stretch", size: 64 },
  rpn: {
    heads: "shared",
    preNmsTopN: { train: 200, test: 200 },
    postNmsTopN: { train: 100, test: 50 },
    nmsThreshold: 0.7,
    foregroundIou: 0.7,
    backgroundIou: 0.3,
    batchSizePerImage: 64,
    positiveFraction: 0.5,
    smoothL1Beta: 1 / 9,
  },
  roi: {
    foregroundIou: 0.5,
    batchSizePerImage: 32,
    positiveFraction: 0.25,
    addGroundTruth: true,
    smoothL1Beta: 1,
    representationSize: 8,
  },
  detection: { scoreThreshold: 0.05, nmsThreshold: 0.3, maxDetections: 20 },
};
const anchors = { sizes: [[16], [32], [64], [128], [256]], aspectRatios: [1] };
const settings = { ...schedule, dtype: "float32", anchors, trainableLayers: 3, detector };
const protocol = {
  name: "record",
  title: "A grid of 0.3.0",
  paper: "After Tables 3 and 4 of the paper, on drawn tissue",
  data: { kind: "synthetic", tissue: "ki67", images: 8, width: 64, height: 64, boxSize: 16, seed: 1 },
  folds: 2,
  splitSeed: 0,
  keeps: [0.5, 1],
  methods: ["fpn", "bde"],
  seeds: [0],
  paperDataset: null,
  presets: { paper: settings, quick: settings },
};

try {
  makeGrid();
  makeDataset();
  makeFinished();
  makeStopped();
  sparsecell("compare", "finished", "resumed", "--out", "comparison.html");
  requireResumed();
  rmSync(target, { recursive: true, force: true });
  for (const name of [
    "protocol.mjs",
    "grid",
    "grid-results.json",
    "dataset",
    "finished",
    "stopped",
    "resumed",
    "comparison.json",
  ])
    store(name);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function makeGrid() {
  writeFileSync(at("protocol.mjs"), `export const protocol = ${JSON.stringify(protocol, null, 2)};\n`);
  sparsecell("experiment", "protocol.mjs", "--keep-models", "--out", "grid");
  const { versions } = JSON.parse(read("grid/grid.json"));
  if (versions.sparsecell !== "0.3.0") throw new Error(`${program}: is version ${versions.sparsecell}, not 0.3.0`);
  sparsecell("gradients", "grid", "--data", "grid/dataset", "--images", "2", "--threads", "1", "--out", "grid/gradients");
  sparsecell("report", "grid");
  cpSync(at("grid/report/results.json"), at("grid-results.json"));
  rmSync(at("grid/report"), { recursive: true });
  for (const name of readdirSync(at("grid/gradients"))) if (name !== "gradients.json") rmSync(at("grid/gradients", name));
  const data = JSON.stringify(at("grid/dataset"));
  const runs = readdirSync(at("grid/runs")).map((name) => join("grid/runs", name));
  for (const file of ["grid/grid.json", ...runs.map((run) => join(run, "config.json"))])
    writeFileSync(at(file), read(file).replace(data, '"/made/elsewhere/grid/dataset"'));
}

/** As if it had been drawn in QuPath. */
function makeDataset() {
  const { images, annotations } = JSON.parse(read("grid/dataset/annotations.json"));
  images.slice(0, 6).forEach(({ id, file_name }, i) => {
    const name = `slide-${1 + (i % 3)}/${"ab"[Math.floor(i / 3)]}`;
    mkdirSync(at("drawn", dirname(name)), { recursive: true });
    cpSync(at("grid/dataset/images", file_name), at("drawn", `${name}.png`));
    const boxes = annotations.filter(({ image_id }) => image_id === id).map(({ bbox }) => bbox);
    const features = [
      ...boxes.map((box, k) => feature(box, k % 5 === 4 ? "debris" : "cell")),
      feature([0, 0, 30, 40], "complete"),
      ...(i % 2 === 0 ? [feature([48, 40, 16, 24], "ignore")] : []),
    ];
    writeFileSync(at("drawn", `${name}.geojson`), JSON.stringify({ type: "FeatureCollection", features }));
  });
  const kinds = ["--negative", "debris", "--complete-class", "complete", "--ignore-class", "ignore"];
  const more = ["--group-pattern", "^(slide-\\d)/", "--mpp", "0.5"];
  const drawn = ["--format", "qupath", "--images", "drawn", "--annotations", "drawn"];
  sparsecell("data", "import", ...drawn, ...kinds, ...more, "--out", "whole");
  sparsecell("data", "split", "whole", "--folds", "3", "--fold", "0", "--seed", "0", "--out", "split");
  sparsecell("data", "sparsify", "split", "--keep", "0.5", "--seed", "0", "--out", "dataset");
}

function feature([x, y, width, height], name) {
  const [right, bottom] = [x + width, y + height];
  const ring = [
    [x, y],
    [right, y],
    [right, bottom],
    [x, bottom],
    [x, y],
  ];
  const geometry = { type: "Polygon", coordinates: [ring] };
  return { type: "Feature", geometry, properties: { objectType: "annotation", classification: { name } } };
}

function makeFinished() {
  begin("finished", "bde", { steps: 60, lr: 0.01, warmup: 5, clipGradient: 10, checkpointEvery: 60 });
  sparsecell("train", "--resume", "finished");
}

function makeStopped() {
  begin("named", "fpn", { steps: 2, checkpointEvery: 1 });
  sparsecell("train", "--resume", "named"); // for the names and shapes in its checkpoint
  begin("resumed", "fpn", { steps: 4, lr: 0.1, weightDecay: 0.5, clipGradient: 0, checkpointEvery: 2 });
  writeFileSync(at("resumed/checkpoint.safetensors"), patterned(readFileSync(at("named/checkpoint.safetensors"))));
  sparsecell("train", "--resume", "resumed");

  mkdirSync(at("stopped"));
  for (const name of ["config.json", "checkpoint.safetensors"]) cpSync(at("resumed", name), at("stopped", name));
  for (const name of ["log.jsonl", "timings.jsonl"])
    writeFileSync(at("stopped", name), read(join("resumed", name)).split("\n").slice(0, 3).concat("").join("\n"));
}

/** 4092 numbers: 682 times each of ±0.5, ±1 and ±1.5, in an order that looks like none. */
function makePattern() {
  const numbers = Array.from({ length: 4092 }, (_, k) => [0.5, -0.5, 1, -1, 1.5, -1.5][k % 6]);
  let state = 1;
  for (let k = numbers.length - 1; k > 0; k--) {
    state = (48271 * state) % 2147483647; // Park and Miller's generator
    const other = state % (k + 1);
    [numbers[k], numbers[other]] = [numbers[other], numbers[k]];
  }
  return numbers;
}

/** A run's folder that `train --resume` begins. */
function begin(run, method, change) {
  const machine = ["--dtype", "float32", "--device", "cpu", "--threads", "1", "--seed", "3"];
  const size = ["--backbone", "resnet18", "--input-size", "64", "--steps", "1"];
  if (!existsSync(at("first"))) sparsecell("train", "dataset", ...size, ...machine, "--out", "first");
  const record = JSON.parse(read("first/config.json"));
  const { rpn, roi, detection } = detector;
  const config = {
    ...record.config,
    ...change,
    data: "dataset",
    method,
    detector: { ...record.config.detector, rpn, roi, detection },
  };
  mkdirSync(at(run));
  writeFileSync(at(run, "config.json"), `${JSON.stringify({ ...record, config }, null, 2)}\n`);
}

/**
 * A checkpoint like `bytes` before any step, without momentum: biases are 0, scales of normalisations 1, all other weights the
 * pattern again and again, scaled by the root of 2 / fan in.
 */
function patterned(bytes) {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, start));
  const pattern = makePattern();
  const entries = Object.entries(header).filter(([name]) => name.startsWith("model."));
  let offset = 0;
  const tensors = entries.map(([name, { dtype, shape }]) => {
    if (dtype !== "F32") throw new Error(`${name}: ${dtype}`);
    const fanIn = shape.slice(1).reduce((product, size) => product * size, 1);
    const count = shape.reduce((product, size) => product * size, 1);
    const scale = Math.sqrt(2 / fanIn);
    const constant = name.endsWith(".bias") ? 0 : 1;
    const data = Float32Array.from({ length: count }, (_, k) =>
      shape.length === 1 ? constant : scale * pattern[k % pattern.length],
    );
    return [name, { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] }, Buffer.from(data.buffer)];
  });
  const about = { __metadata__: { step: "0" }, ...Object.fromEntries(tensors.map(([name, entry]) => [name, entry])) };
  const text = JSON.stringify(about);
  const padded = Buffer.from(text.padEnd(8 * Math.ceil(text.length / 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  return Buffer.concat([length, padded, ...tensors.map(([, , data]) => data)]);
}

/** The program itself goes on from what is kept of `stopped`, to the bytes of `resumed`. */
function requireResumed() {
  cpSync(at("stopped"), at("again"), { recursive: true });
  sparsecell("train", "--resume", "again");
  for (const name of ["model.safetensors", "log.jsonl", "detections.json", "evaluation.json"])
    if (!readFileSync(at("again", name)).equals(readFileSync(at("resumed", name)))) throw new Error(`resumed to another ${name}`);
}

/** To the folder 0.3.0: weights compressed, or left out where they do not compress. */
function store(name) {
  cpSync(at(name), join(target, name), {
    recursive: true,
    filter(from, to) {
      if (!from.endsWith(".safetensors")) return true;
      const kept = [at("stopped/checkpoint.safetensors"), at("resumed/model.safetensors")].includes(from);
      if (kept) writeFileSync(`${to}.br`, compressed(readFileSync(from)));
      return false;
    },
  });
}

function compressed(bytes) {
  const { BROTLI_PARAM_QUALITY: quality, BROTLI_PARAM_LGWIN: window, BROTLI_PARAM_SIZE_HINT: size } = constants;
  return brotliCompressSync(bytes, { params: { [quality]: 11, [window]: 24, [size]: bytes.length } });
}

function sparsecell(...args) {
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`sparsecell ${args.join(" ")}: ${stderr}`);
}

function at(...parts) {
  return join(folder, ...parts);
}

function read(file) {
  return readFileSync(at(file), "utf8");
}
