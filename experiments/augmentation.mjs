// What each augmentation of the plan brings, by itself: AP with it on less AP with it off, averaged over trainings in which the
// others are on or off in all ways alike.
//
//   node experiments/augmentation.mjs DATASET WEIGHTS OUT.json [--keeps 0.1,1] [--steps 400] [--jobs 2]
//
// A factorial plan (Plackett and Burman 1946, https://doi.org/10.1093/biomet/33.4.305): twelve sets of augmentations, and for each
// the set of all others, both on one fold of three. The difference of two such trainings has no part of the fold in it, and every
// effect is an average over all twelve differences, as precise as twelve trainings with the one augmentation against twelve without
// it, on four pairs of each fold. With the mirrored sets, no effect is confounded with an interaction of two others.
//
// 24 trainings a rate; OUT.json has each as it ends, and a second call does what is missing. 400 steps of MBM: 24 in 25 min on 2 cores;
// symmetries bring 2.2 AP at 10 % of the annotations, zoom 1.2, the others at most 0.2 (docs/how-to/plan.md).

import { execFile } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    keeps: { type: "string", default: "0.1,1" },
    steps: { type: "string", default: "400" },
    jobs: { type: "string", default: "2" },
  },
});
const [data, weights, out] = positionals;
if (!out) throw new Error("expected DATASET WEIGHTS OUT.json");

/** As strong as the plan has them; blur and JPEG, which it leaves out, as strong as its others. */
const augmentations = {
  symmetries: { augment: true, turns: true },
  zoom: { zoom: 0.2 },
  brightness: { brightness: 0.5 },
  contrast: { contrast: 0.5 },
  gamma: { gamma: 0.5 },
  stain: { stain: 0.5 },
  blur: { blur: 0.5 },
  jpeg: { jpeg: 0.5 },
};
const names = Object.keys(augmentations);
const none = { augment: false, turns: false, zoom: 0, brightness: 0, contrast: 0, gamma: 0, stain: 0, blur: 0, jpeg: 0 };

/** Rows of Plackett and Burman's design of twelve; the columns are orthogonal. */
const FIRST_ROW = "++-+++---+-";
const design = [...Array(11).keys()]
  .map((shift) => names.map((_, k) => (FIRST_ROW[(k + shift) % 11] === "+" ? 1 : -1)))
  .concat([names.map(() => -1)]);

const trials = values.keeps.split(",").flatMap((keep) =>
  design.flatMap((signs, pair) =>
    [1, -1].map((side) => ({
      keep: Number(keep),
      pair,
      fold: pair % 3,
      on: names.filter((_, k) => signs[k] * side === 1),
    })),
  ),
);
const steps = Number(values.steps);
const done = existsSync(out) ? JSON.parse(readFileSync(out, "utf8")).trials : [];
const keyOf = ({ keep, pair, on }) => `${keep} ${pair} ${on}`;
const results = new Map(done.map((trial) => [keyOf(trial), trial]));
const waiting = trials.filter((trial) => !results.has(keyOf(trial)));

const run = promisify(execFile);
const program = fileURLToPath(new URL("plan-trial.mjs", import.meta.url));
async function worker() {
  for (let trial = waiting.shift(); trial; trial = waiting.shift()) {
    const settings = {
      steps,
      method: "fpn",
      holdOut: 0,
      ...none,
      ...Object.assign({}, ...trial.on.map((name) => augmentations[name])),
    };
    const options = ["--fold", trial.fold, "--keep", trial.keep, "--json"].map(String);
    const { stdout } = await run(process.execPath, [program, data, weights, ...options, JSON.stringify(settings)]);
    const measures = JSON.parse(stdout.trim().split("\n").at(-1));
    results.set(keyOf(trial), { ...trial, ...measures });
    write();
    console.error(`${results.size} of ${trials.length}: ${keyOf(trial)}: AP ${(100 * measures.apVoc).toFixed(2)}`);
  }
}

function write() {
  const measured = trials.flatMap((trial) => results.get(keyOf(trial)) ?? []);
  writeFileSync(`${out}.new`, `${JSON.stringify({ steps, effects: effects(measured), trials: measured }, null, 1)}\n`);
  renameSync(`${out}.new`, out);
}

/** By rate and augmentation the mean of twelve signed differences, in percentage points, with its standard error. */
function effects(measured) {
  return values.keeps.split(",").flatMap((text) => {
    const keep = Number(text);
    const pairs = design.map((_, pair) => measured.filter((trial) => trial.keep === keep && trial.pair === pair));
    if (pairs.some(({ length }) => length !== 2)) return [];
    const measures = ["apVoc", "bestF1", "f1AtHalf"].map((measure) => {
      const differences = pairs.map(([one, other]) => 100 * (one[measure] - other[measure]));
      const means = names.map((_, k) => differences.reduce((sum, d, pair) => sum + design[pair][k] * d, 0) / design.length);
      const rest = differences.map((d, pair) => d - means.reduce((sum, mean, k) => sum + design[pair][k] * mean, 0));
      const variance = rest.reduce((sum, r) => sum + r * r, 0) / (design.length - names.length);
      return [measure, means, Math.sqrt(variance / design.length)];
    });
    const rounded = (x) => Number(x.toFixed(3));
    return names.map((name, k) => ({
      keep,
      augmentation: name,
      ...Object.fromEntries(
        measures.map(([measure, means, error]) => [measure, { effect: rounded(means[k]), error: rounded(error) }]),
      ),
    }));
  });
}

await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
write();
for (const { keep, augmentation, apVoc, bestF1 } of effects([...results.values()]))
  console.log(
    `${100 * keep} %  ${augmentation.padEnd(12)}AP ${apVoc.effect.toFixed(2)} ± ${apVoc.error.toFixed(2)}  best F1 ${bestF1.effect.toFixed(2)} ± ${bestF1.error.toFixed(2)}`,
  );
