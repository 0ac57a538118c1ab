// With a person at the page: from pressing Train to the first suggestions, and to the whole queue, on ten images of 512 × 512 with 100
// marks, through the workbench's interface.
//
//   node benchmarks/train-to-suggestions.mjs [--images 10] [--marks 100] [--budget 1m] [--weights random]
//
// Prints seconds by the clock. About a minute and a half; 90 s are to be reached for the whole queue. Other work on the machine counts.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Hono } from "hono";
import { readDataset } from "../dist/data/dataset-folder.js";
import { synthesizeDataset } from "../dist/data/synthetic/synthetic.js";
import { Random } from "../dist/random.js";
import { openProject } from "../workbench/dist/project/open-project.js";
import { registerRounds } from "../workbench/dist/rounds/routes.js";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "10" },
    marks: { type: "string", default: "100" },
    budget: { type: "string", default: "1m" },
    weights: { type: "string", default: "random" },
  },
});
const root = mkdtempSync(join(tmpdir(), "sparsecell-train-"));
try {
  const drawn = join(root, "drawn");
  await synthesizeDataset({ kind: "ki67", images: Number(values.images), width: 512, height: 512, seed: 1, dir: drawn });
  const dataset = readDataset(drawn);
  const project = await openProject({ path: join(drawn, "images"), folder: join(root, "project") });
  const app = new Hono();
  const rounds = registerRounds(app, project);
  const imageOf = new Map(
    dataset.images.map(({ id, fileName }) => [id, project.images.find(({ name }) => name === fileName).id]),
  );
  const chosen = new Random(1).shuffled(dataset.annotations).slice(0, Number(values.marks));
  const { id: classId } = project.file.classes[0];
  const cells = chosen.map(({ imageId, box }, i) => {
    return { id: `mark${String(i).padStart(6, "0")}`, image: imageOf.get(imageId), box, classId, from: "mark" };
  });
  project.act(
    "benchmark",
    cells.map((cell) => ({ do: "add-cell", cell })),
  );

  const begun = performance.now();
  const seconds = () => ((performance.now() - begun) / 1000).toFixed(1);
  let first = null;
  const over = new Promise((resolve) =>
    project.events.listen((name, data) => {
      if (name === "searched") first ??= seconds();
      if (name === "round" && ["done", "failed", "paused"].includes(data.phase)) resolve(data);
    }),
  );
  const { budget, weights } = values;
  const headers = { "content-type": "application/json" };
  await app.request("/api/v1/rounds", { method: "POST", headers, body: JSON.stringify({ budget, weights }) });
  const round = await over;
  if (round.phase !== "done") throw new Error(round.error ?? round.phase);
  const whole = seconds();
  const queue = await (await app.request("/api/v1/queue?round=1&count=1")).json();
  console.log(
    `${round.steps} steps; first image searched after ${first} s, the queue of ${queue.left} suspects after ${whole} s`,
  );
  await rounds.close();
  project.close();
} finally {
  rmSync(root, { recursive: true });
}
