// What `train DIR` alone reaches: a dataset split by its groups into three folds, a part of the training annotations kept, and
// nothing said but the budget. Resumable; a finished run is not repeated.
//
//   node experiments/train-alone.mjs DATASET OUT [--budget 15m] [--keeps 0.1,1] [--folds 0,1,2] [-- OPTIONS OF TRAIN]
//
// Prints all-point AP and best F1 of each run on its complete test images, mean and standard deviation over the folds, and writes
// OUT/results.json. Six runs of at most the budget each. docs/results.md has what it reached on MBM.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readDataset } from "../dist/data/dataset-folder.js";
import { detectSplit } from "../dist/detect/dataset-split.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    budget: { type: "string", default: "15m" },
    keeps: { type: "string", default: "0.1,1" },
    folds: { type: "string", default: "0,1,2" },
  },
});
const [data, out, ...more] = positionals;
if (!out) throw new Error("expected DATASET OUT");
const bin = fileURLToPath(new URL("../bin/sparsecell.js", import.meta.url));
const sparsecell = (...args) => execFileSync(process.execPath, [bin, ...args], { stdio: ["ignore", "ignore", "inherit"] });

const rows = [];
for (const keep of values.keeps.split(",").map(Number))
  for (const fold of values.folds.split(",").map(Number)) {
    const split = join(out, `fold${fold}`);
    if (!existsSync(split)) sparsecell("data", "split", data, "--folds", "3", "--fold", String(fold), "--out", split);
    const sparse = join(out, `fold${fold}-keep${keep}`);
    if (!existsSync(sparse))
      if (keep === 1) sparsecell("data", "split", data, "--folds", "3", "--fold", String(fold), "--out", sparse);
      else sparsecell("data", "sparsify", split, "--keep", String(keep), "--out", sparse);
    const run = join(out, `run-fold${fold}-keep${keep}`);
    const result = join(run, "measured.json");
    if (!existsSync(result)) {
      if (!existsSync(join(run, "model.safetensors")))
        if (existsSync(join(run, "config.json"))) sparsecell("train", "--resume", run);
        else sparsecell("train", sparse, "--budget", values.budget, "--out", run, ...more);
      const { config, plan } = JSON.parse(readFileSync(join(run, "config.json"), "utf8"));
      const { measures } = await detectSplit({
        dataset: readDataset(sparse),
        split: "test",
        model: join(run, "model.safetensors"),
        dtype: config.dtype,
      });
      const seconds = readFileSync(join(run, "timings.jsonl"), "utf8")
        .trim()
        .split("\n")
        .reduce((sum, line) => sum + JSON.parse(line).seconds, 0);
      const half = measures.atScore.find(({ score }) => score === 0.5);
      const { apVoc, ap11, bestF1, bestF1Score, recall } = measures;
      writeFileSync(
        result,
        JSON.stringify({
          fold,
          keep,
          apVoc,
          ap11,
          bestF1,
          bestF1Score,
          recall,
          f1AtHalf: half.f1,
          countBias: half.countBias,
          ece: measures.reliability.ece,
          seconds,
          steps: config.steps,
          method: config.method,
          dtype: config.dtype,
          plan: plan.map((choice) => ({
            ...choice,
            chosen: isAbsolute(choice.chosen) ? basename(choice.chosen) : choice.chosen,
          })),
        }),
      );
    }
    rows.push(JSON.parse(readFileSync(result, "utf8")));
    const { apVoc, bestF1, f1AtHalf, seconds, steps } = rows.at(-1);
    console.log(
      `${100 * keep} % fold ${fold}: AP ${percent(apVoc)}, best F1 ${percent(bestF1)}, F1 at 0.5 ${percent(f1AtHalf)}, ${steps} steps, ${Math.round(seconds)} s`,
    );
  }

const statistics = (numbers) => {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const deviation = Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, numbers.length - 1));
  return `${percent(mean)} ± ${percent(deviation)}`;
};
for (const keep of new Set(rows.map((row) => row.keep))) {
  const of = rows.filter((row) => row.keep === keep);
  const mean = (key) => statistics(of.map((row) => row[key]));
  console.log(
    `${100 * keep} %: all-point AP ${mean("apVoc")}, best F1 ${mean("bestF1")}, F1 at 0.5 ${mean("f1AtHalf")}, recall ${mean("recall")} (${of.length} folds)`,
  );
}
writeFileSync(join(out, "results.json"), `${JSON.stringify(rows, null, 2)}\n`);

function percent(value) {
  return (100 * value).toFixed(2);
}
