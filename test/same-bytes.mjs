// Do two versions of the program train to the same bytes? After a change that should change no result, this shows whether it did.
//
//   node test/same-bytes.mjs --against OTHER_CHECKOUT [--with CHECKOUT] [--only NAME]
//
// OTHER_CHECKOUT is another clone of the project, of another commit; CHECKOUT is the one that this file stands in, unless it is
// given. Both must be set up and built as they stand (npm run setup: what runs is dist/), with the same libtorch. About 100 s on
// 2 cores.
//
// CHECKOUT's program makes three datasets; both programs run the same ten trainings on them, by the command line alone, one after
// the other. A line for each training says `same` or `DIFFERENT`, with digests (the first 16 digits of the SHA-256) of
// model.safetensors and of detections.json, CHECKOUT's first where they differ, and the loss of every step, which decides nothing.
// Exit code 1 when a file of any training differs.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const trainings = [
  ...["fpn", "bde", "label-smoothing", "proselflc", "nnpu", "shuffled-energy", "bde:rpn=true"].map((method) => ({
    name: method,
    data: "sparse",
    args: ["--method", method],
  })),
  { name: "two-classes", data: "classes", args: ["--method", "bde"] },
  { name: "resumed", data: "sparse", args: ["--steps", "6", "--checkpoint-every", "3", "--batch", "2"], killAfter: 4 },
  { name: "regions", data: "regions", args: ["--method", "bde"] },
];
const everywhere = ["--backbone", "resnet18", "--input-size", "64", "--steps", "4", "--lr", "0.002", "--checkpoint-every", "100"];
const machine = ["--dtype", "float32", "--device", "cpu", "--threads", "1", "--seed", "3"];
const files = ["model.safetensors", "detections.json"];

async function main() {
  const { values } = parseArgs({ options: { against: { type: "string" }, with: { type: "string" }, only: { type: "string" } } });
  const chosen = trainings.filter(({ name }) => values.only === undefined || name === values.only);
  const checkouts = [values.with ?? fileURLToPath(new URL("..", import.meta.url)), values.against];
  const programs = checkouts.map((checkout) => checkout && join(resolve(checkout), "bin", "sparsecell.js"));
  const missing = programs.find((program) => program && !existsSync(program));

  if (!values.against) refuse("against which other checkout? give --against OTHER_CHECKOUT");
  else if (missing) refuse(`${missing}: no such file; give the folder of a checkout`);
  else if (chosen.length === 0) refuse(`--only is one of ${trainings.map(({ name }) => name).join(", ")}`);
  else {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "sparsecell-same-bytes-")));
    try {
      await makeDatasets(programs[0], folder);
      let same = 0;
      for (const training of chosen) {
        const results = [];
        for (const program of programs) results.push(await train(program, folder, training));
        if (print(training.name, results)) same++;
      }
      console.log(`${same} of ${chosen.length} the same`);
      if (same < chosen.length) process.exitCode = 1;
    } catch (error) {
      refuse(error.message);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function refuse(message) {
  console.error(`same-bytes: ${message}`);
  process.exitCode = 1;
}

/** `sparse`: half of the annotations hidden; `classes`: two classes; `regions`: complete and ignored ones, and hard negatives. */
async function makeDatasets(program, folder) {
  const data = (...args) => succeed(program, folder, ["data", ...args]);
  const split = (from, to) => data("split", from, "--folds", "3", "--fold", "0", "--seed", "0", "--out", to);
  const sparsify = (from, to) => data("sparsify", from, "--keep", "0.5", "--seed", "0", "--out", to);
  await data("synth", "--kind", "ki67", "--images", "6", "--size", "128x128", "--seed", "1", "--out", "complete");
  await split("complete", "complete-split");
  await sparsify("complete-split", "sparse");

  const images = join("complete", "images");
  const { cells, names } = cellsOf(join(folder, "complete", "annotations.json"));
  const labels = ["round", "long"];
  const points = cells.map(({ image, x, y }, i) => `${image},${x},${y},${labels[i % 2]}`);
  writeFileSync(join(folder, "points.csv"), `image,x,y,label\n${points.join("\n")}\n`);
  const box = ["--box", "24"];
  await data("import", "--format", "points-csv", "--images", images, "--annotations", "points.csv", ...box, "--out", "two");
  await split("two", "classes");

  mkdirSync(join(folder, "qupath"));
  for (const name of names) {
    const features = [
      ...cells.filter(({ image }) => image === name).map(({ x, y }, i) => feature(point(x, y), i % 3 === 2 ? "debris" : "cell")),
      feature(square(0, 0, 72), "complete"),
      feature(square(80, 64, 40), "ignore"),
    ];
    const text = JSON.stringify({ type: "FeatureCollection", features });
    writeFileSync(join(folder, "qupath", name.replace(/\.png$/, ".geojson")), text);
  }
  const kinds = ["--negative", "debris", "--complete-class", "complete", "--ignore-class", "ignore", ...box];
  await data("import", "--format", "qupath", "--images", images, "--annotations", "qupath", ...kinds, "--out", "drawn");
  await split("drawn", "drawn-split");
  await sparsify("drawn-split", "regions");
}

/** Centres of a dataset's boxes, and its images' names. */
function cellsOf(file) {
  const { images, annotations } = JSON.parse(readFileSync(file, "utf8"));
  const names = new Map(images.map(({ id, file_name }) => [id, file_name]));
  const cells = annotations.map(({ image_id, bbox: [x, y, width, height] }) => ({
    image: names.get(image_id),
    x: Math.round(x + width / 2),
    y: Math.round(y + height / 2),
  }));
  return { cells, names: [...names.values()] };
}

const feature = (geometry, name) => ({
  type: "Feature",
  geometry,
  properties: { objectType: "annotation", classification: { name } },
});
const point = (x, y) => ({ type: "Point", coordinates: [x, y] });
function square(x, y, side) {
  const [right, bottom] = [x + side, y + side];
  return { type: "Polygon", coordinates: [[[x, y], [right, y], [right, bottom], [x, bottom], [x, y]]] }; // biome-ignore format: one ring
}

/** What a training leaves: digests and losses; or why it failed. Its folder, some hundred MB, is removed. */
async function train(program, folder, { data, args, killAfter }) {
  const run = join(folder, "run");
  const logged = () => (existsSync(join(run, "log.jsonl")) ? readLog(run).length : 0);
  const given = ["train", data, ...everywhere, ...machine, ...args, "--out", run];
  try {
    if (killAfter === undefined) await succeed(program, folder, given);
    else {
      const { child, ended } = start(program, folder, given);
      while (child.exitCode === null && logged() < killAfter) await new Promise((go) => setTimeout(go, 5));
      child.kill("SIGKILL");
      const { signal, stderr } = await ended;
      const halfway = existsSync(join(run, "checkpoint.safetensors")) && !existsSync(join(run, "model.safetensors"));
      if (signal !== "SIGKILL" || !halfway) throw new Error(`was not killed midway: ${lastLine(stderr)}`);
      await succeed(program, folder, ["train", "--resume", run]);
    }
    return { digests: files.map((name) => digest(join(run, name))), losses: readLog(run).map(({ loss }) => loss) };
  } catch (error) {
    return { failure: error.message };
  } finally {
    rmSync(run, { recursive: true, force: true });
  }
}

/** The lines that are whole. */
const readLog = (run) =>
  readFileSync(join(run, "log.jsonl"), "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

function digest(file) {
  if (!existsSync(file)) return "missing";
  return createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
}

/** Prints the line of a training; true when its files are the same. */
function print(name, [one, other]) {
  const failure = one.failure ?? other.failure;
  const same =
    failure === undefined && files.every((_, i) => one.digests[i] === other.digests[i] && one.digests[i] !== "missing");
  const pair = (a, b) => (a === b ? a : `${a} and ${b}`);
  const losses = ({ losses }) => losses.map((loss) => (same ? loss.toFixed(4) : loss)).join(" ");
  const text =
    failure === undefined
      ? `${files.map((file, i) => `${file} ${pair(one.digests[i], other.digests[i])}`).join(", ")}, losses ${pair(losses(one), losses(other))}`
      : [one, other].map((result, i) => `${["the first", "the second"][i]} ${result.failure ?? "trained"}`).join(", ");
  console.log(`${(same ? "same" : "DIFFERENT").padEnd(10)} ${name.padEnd(15)}  ${text}`);
  return same;
}

async function succeed(program, cwd, args) {
  const { status, signal, stderr } = await start(program, cwd, args).ended;
  if (status !== 0) throw new Error(`failed (${args.slice(0, 2).join(" ")}, ${signal ?? status}): ${lastLine(stderr)}`);
}

const lastLine = (text) => text.trim().split("\n").at(-1);

/** The program in a process of its own; `ended` resolves to { status, signal, stderr }. */
function start(program, cwd, args) {
  // always random first weights: an earlier version knows no others without --weights
  const env = { ...process.env, OMP_NUM_THREADS: "1", SPARSECELL_OFFLINE: "1", SPARSECELL_CACHE: join(cwd, "no-cache") };
  const child = spawn(process.execPath, [program, ...args], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise((go, fail) => {
    child.on("error", fail).on("close", (status, signal) => go({ status, signal, stderr }));
  });
  return { child, ended };
}

await main();
