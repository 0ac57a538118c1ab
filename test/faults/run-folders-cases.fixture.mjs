// A valid run folder and a valid grid. A trial reads from a damaged one all that `train --resume`, `compare` and `report` read
// before they compute anything, and for the grid also writes the report.

import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scope, Tensor } from "@sparsecell/torch";
import { writeGridReport } from "../../dist/publish/grid.js";
import { writeMadeUpGrid } from "../../dist/runs/grid.fixture.js";
import { RunFolder } from "../../dist/runs/run-folder.js";
import { Checkpoints } from "../../dist/train/checkpoints.js";
import { tinyConfig } from "../../dist/train/run.fixture.js";
import { handMade, mutatedFile, put } from "./mutations.fixture.mjs";

const CORPUS = 1 + handMade(Buffer.from("x")).length;
const kindOf = (name) => (name.endsWith(".json") ? "json" : name.endsWith(".safetensors") ? "bytes" : "text");

/** Writes the files with one damaged: none in trial 0, then by hand-made damage, then at random. */
function writeDamaged(dir, files, random, i) {
  const names = Object.keys(files).filter((name) => /\.(json|jsonl|safetensors|txt)$/.test(name));
  const damaged = i === 0 ? null : names[Math.floor(random() * names.length)];
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    const change = () => (i < CORPUS ? handMade(bytes)[i - 1][1] : mutatedFile(bytes, kindOf(name), random));
    put(join(dir, name), name === damaged ? change() : bytes);
  }
}

const filesOf = (dir) =>
  Object.fromEntries(
    readdirSync(dir, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ path, name }) => [join(path, name).slice(dir.length + 1), readFileSync(join(path, name))]),
  );

export const cases = {
  run: async (base) => {
    const dir = join(base, "run");
    const run = new RunFolder(dir);
    run.create({
      config: tinyConfig({ dir: base, categories: [{ id: 1, name: "cell" }] }),
      versions: { node: "20" },
      started: "2024-01-01",
    });
    const parts = { rpnClass: 0.5, rpnBox: 0.25, roiClass: 0.5, roiBox: 0.25 };
    const entry = { loss: 1.5, parts, lr: 0.001 };
    for (let step = 1; step <= 4; step++) run.append({ step, ...entry }, 0.5);
    scope(() => {
      const model = new Map([["a.weight", Tensor.from([1, 2, 3, 4], [2, 2])]]);
      const momentum = new Map([["a.weight", Tensor.from([0, 0, 0, 0], [2, 2])]]);
      new Checkpoints(dir).write({ step: 2, model, momentum, procedure: new Map() });
    });
    const files = filesOf(dir);
    return {
      async trial(random, i, trialFolder) {
        writeDamaged(trialFolder, files, random, i);
        const folder = new RunFolder(trialFolder);
        const { config } = folder.record();
        if (typeof config.steps !== "number" || typeof config.detector.backbone !== "string")
          throw new Error("a record of something else");
        scope(() => {
          const checkpoint = new Checkpoints(trialFolder).read();
          if (checkpoint === null && i > 0) return; // a dangling link is not a checkpoint: the run starts over
          if (!Number.isSafeInteger(checkpoint.step)) throw new Error(`a checkpoint of step ${checkpoint.step}`);
        });
        for (const { step, loss } of folder.log())
          if (!Number.isFinite(step) || !Number.isFinite(loss)) throw new Error("a log of something else");
      },
    };
  },
  grid: async (base) => {
    const dir = join(base, "grid");
    await writeMadeUpGrid({
      dir,
      images: 4,
      folds: 2,
      keeps: [0.5],
      methods: ["fpn", "bde"],
      failing: ({ fold, method }) => (fold === 1 && method === "fpn" ? "the disk was full" : null),
    });
    const files = filesOf(dir);
    const pictures = Object.keys(files).filter((name) => name.startsWith("dataset/images"));
    return {
      async trial(random, i, trialFolder) {
        cpSync(join(dir, "dataset/images"), join(trialFolder, "dataset/images"), { recursive: true });
        const rest = Object.fromEntries(Object.entries(files).filter(([name]) => !pictures.includes(name)));
        writeDamaged(trialFolder, rest, random, i);
        await writeGridReport({ dir: trialFolder, out: join(trialFolder, "report") });
      },
    };
  },
};
