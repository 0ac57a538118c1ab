// One training as planned, but for some settings: how the plan's own choices were measured (docs/how-to/plan.md).
//
//   node experiments/plan-trial.mjs DATASET WEIGHTS [--fold 0] [--keep 0.1] [--bias KIND] [--threads 1] [--json] [--counts] [SETTINGS]
//
// SETTINGS are JSON over the plan's: '{"steps":400,"method":"fpn","holdOut":0}'. Splits by groups into three folds, keeps a part of the
// training annotations, at random or with a bias (data sparsify --bias), prints all-point AP, best F1 and F1 at a score of 0.5 on the
// complete test images. `--counts`: and which part of the cells is marked, as counted after each tenth of the first half and at the end
// (docs/background/method.md). WEIGHTS may be "random". 400 steps of MBM take two minutes on one core.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepareMachine } from "../dist/cli/prepare-machine.js";
import { readDataset } from "../dist/data/dataset-folder.js";
import { sparsifyWithBias } from "../dist/data/sparsify.js";
import { foldOf } from "../dist/data/split.js";
import { detectSplit } from "../dist/detect/dataset-split.js";
import { chosenDtype } from "../dist/detector/dtype.js";
import { completenessOf } from "../dist/methods/completeness-estimate.js";
import { fingerprint } from "../dist/plan/fingerprint.js";
import { planOf } from "../dist/plan/plan.js";
import { trainingMethodNamed } from "../dist/procedures/index.js";
import { RunFolder } from "../dist/runs/run-folder.js";
import { runTraining } from "../dist/train/run.js";
import { runConfig } from "../dist/train/run-config.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fold: { type: "string", default: "0" },
    keep: { type: "string", default: "0.1" },
    bias: { type: "string" },
    threads: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    counts: { type: "boolean", default: false },
  },
});
const [data, weights, settings = "{}"] = positionals;
if (!weights) throw new Error("expected DATASET WEIGHTS");
const threads = Number(values.threads);
prepareMachine({ device: "cpu", threads });
const { training, test } = foldOf(readDataset(data), { folds: 3, fold: Number(values.fold), seed: 0 });
const dataset = await sparsifyWithBias(training, { keep: Number(values.keep), seed: 0, bias: values.bias });
const facts = await fingerprint(dataset);
const { method, dtype: asked, ...planned } = planOf(facts, { device: "cpu", budget: 900 }, JSON.parse(settings)).settings;
const dtype = chosenDtype({ device: "cpu", dtype: asked });
const config = runConfig(
  dataset,
  { ...planned, dtype },
  {
    data: resolve(data),
    method,
    seed: 0,
    weights: weights === "random" ? null : resolve(weights),
    partialWeights: weights !== "random",
    device: "cpu",
    threads,
    checkpointEvery: planned.steps,
  },
);

const counted = [];
/** The method's procedure, which also looks when it does not need to. */
function counting(detector) {
  const procedure = trainingMethodNamed(method).procedure(detector);
  const looks = [0.1, 0.2, 0.3, 0.4, 0.5];
  return {
    ...procedure,
    looks,
    look(found) {
      const at = looks[counted.length];
      counted.push([at, completenessOf(found)]);
      if (procedure.looks?.includes(at)) procedure.look(found);
    },
    conclude(found) {
      counted.push(["end", completenessOf(found)]);
      return procedure.conclude?.(found);
    },
  };
}

const dir = mkdtempSync(join(tmpdir(), "plan-trial-"));
try {
  const run = new RunFolder(join(dir, "run"));
  const quiet = { onStep: () => {}, onNote: console.error, shouldStop: () => false };
  await runTraining({ dataset, run, config, ...quiet, ...(values.counts && { procedure: counting }) });
  const { measures } = await detectSplit({ dataset: test, split: "test", model: run.modelFile, dtype });
  const percent = (value) => (100 * value).toFixed(1);
  const half = measures.atScore.find(({ score }) => score === 0.5);
  const { apVoc, bestF1 } = measures;
  if (values.json) console.log(JSON.stringify({ apVoc, bestF1, f1AtHalf: half.f1 }));
  else
    console.log(
      `fold ${values.fold}, ${100 * values.keep} %${values.bias ? ` (${values.bias})` : ""}, ${method}, ${config.steps} steps: AP ${percent(apVoc)}, best F1 ${percent(bestF1)}, F1 at 0.5 ${percent(half.f1)}`,
    );
  if (values.counts) console.log(counted.map(([at, count]) => `${at}: ${count ? percent(count.part) : "–"}`).join(", "));
} finally {
  rmSync(dir, { recursive: true });
}
