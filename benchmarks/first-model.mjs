// With a person waiting: from 100 marks on ten images of 512 × 512 to a first model and its detections on all ten.
//
//   node benchmarks/first-model.mjs                            draws the images
//   node benchmarks/first-model.mjs --data DIR                 ten images of a dataset that is completely annotated
//   node benchmarks/first-model.mjs --budget 1m --full 15m     the budgets; --full none leaves the full training out
//   node benchmarks/first-model.mjs --steps 250 --full-steps 1500 -- --threads 1    steps in place of the time; options of `train`
//
// Prints seconds of `train` and `predict` together, by the clock and of all cores, and F1 against the complete truth: of detections
// with a score of 0.5 or more, and at the best score. About a minute and the time of the full training.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "../dist/random.js";

const { values, positionals } = parseArgs({
  options: {
    data: { type: "string" },
    images: { type: "string", default: "10" },
    marks: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    budget: { type: "string", default: "1m" },
    full: { type: "string", default: "15m" },
    steps: { type: "string" },
    "full-steps": { type: "string" },
  },
  allowPositionals: true,
});
const program = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "sparsecell-first-"));
const output = (...args) => execFileSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });

/** Seconds by the clock, and of all cores. */
function timed(...args) {
  const { status, stderr } = spawnSync(
    "bash",
    ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "time", process.execPath, program, ...args],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error(stderr);
  const [clock, user, system] = stderr.trim().split("\n").at(-1).split(" ").map(Number);
  return { clock, cpu: user + system };
}

/** Ten images of one dataset, all of them for training, with so many marks; the other cells are hidden. */
function withMarks(from, to) {
  const dataset = JSON.parse(readFileSync(join(from, "annotations.json"), "utf8"));
  const random = new Random(Number(values.seed));
  const images = random.shuffled(dataset.images).slice(0, Number(values.images));
  const ids = new Set(images.map(({ id }) => id));
  const cells = dataset.annotations.filter(({ image_id }) => ids.has(image_id));
  const marked = new Set(random.shuffled(cells).slice(0, Number(values.marks)));
  for (const { file_name } of images) {
    const file = join("images", file_name);
    mkdirSync(dirname(join(to, file)), { recursive: true });
    copyFileSync(join(from, file), join(to, file));
  }
  const document = {
    ...dataset,
    images: images.map((image) => ({ ...image, split: "train" })),
    annotations: cells.map((cell) => ({ ...cell, hidden: !marked.has(cell) })),
  };
  writeFileSync(join(to, "annotations.json"), JSON.stringify(document));
  return `${images.length} images, ${cells.length} cells, ${marked.size} of them marked`;
}

function trained(name, ...options) {
  const training = timed("train", "data", ...options, "--out", name);
  const prediction = timed("predict", "--model", name, "--data", "data", "--out", `${name}.json`);
  const measured = JSON.parse(
    output("evaluate", "--detections", `${name}.json`, "--annotations", "data", "--score", "0.5", "--json"),
  );
  const { steps, method } = JSON.parse(readFileSync(join(folder, name, "config.json"), "utf8")).config;
  const percent = (value) => (100 * value).toFixed(1);
  console.log(
    `${name}: ${method}, ${steps} steps: train ${training.clock.toFixed(1)} s (${training.cpu.toFixed(1)} s of all cores), ` +
      `predict ${prediction.clock.toFixed(1)} s (${prediction.cpu.toFixed(1)} s), together ${(training.clock + prediction.clock).toFixed(1)} s ` +
      `(${(training.cpu + prediction.cpu).toFixed(1)} s); F1 at 0.5 ${percent(measured.f1)} %, best F1 ${percent(measured.bestF1)} %`,
  );
  return measured;
}

try {
  const complete = values.data ? resolve(values.data) : join(folder, "complete");
  if (!values.data)
    output(
      "data",
      "synth",
      "--kind",
      "ki67",
      "--images",
      values.images,
      "--size",
      "512x512",
      "--seed",
      values.seed,
      "--out",
      complete,
    );
  console.log(withMarks(complete, join(folder, "data")));
  const ofSteps = (steps) => (steps === undefined ? [] : ["--steps", steps]);
  const first = trained("first", "--budget", values.budget, ...ofSteps(values.steps), ...positionals);
  if (values.full !== "none") {
    const full = trained("full", "--budget", values.full, ...ofSteps(values["full-steps"]), ...positionals);
    console.log(`F1 at 0.5 of the first model: ${((100 * first.f1) / full.f1).toFixed(0)} % of the full training's`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
