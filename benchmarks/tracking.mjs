// What tracking costs a training: the processor time that this process takes for each step while a tracker follows a log that grows by
// a line every 50 ms, beside the same without a tracker. The thread's time counts in full, although it runs beside the training.
//
//   node benchmarks/tracking.mjs [STEPS=300]

import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeMlflow } from "../dist/tracking/mlflow.fixture.js";
import { Tracker } from "../dist/tracking/tracker.js";

const steps = Number(process.argv[2] ?? 300);
const folder = mkdtempSync(join(tmpdir(), "tracking-"));

/** Milliseconds of processor time a step, and those that the end waited. */
async function measure(name, names, uri) {
  const dir = mkdtempSync(join(folder, "run-"));
  writeFileSync(join(dir, "config.json"), JSON.stringify({ config: { method: "fpn" } }));
  const options = { dir, names, env: { MLFLOW_TRACKING_URI: uri }, onNote: (line) => console.error(line) };
  const tracker = names.length > 0 ? new Tracker(options) : null;
  await sleep(1500); // its start is not a step's
  const before = process.cpuUsage();
  for (let step = 1; step <= steps; step++) {
    const line = { step, loss: 1, rpnClass: 0.1, rpnBox: 0.2, roiClass: 0.3, roiBox: 0.4, lr: 0.01 };
    appendFileSync(join(dir, "log.jsonl"), `${JSON.stringify(line)}\n`);
    appendFileSync(join(dir, "timings.jsonl"), `${JSON.stringify({ step, seconds: 0.5 })}\n`);
    await sleep(50);
  }
  const { user, system } = process.cpuUsage(before);
  const start = performance.now();
  await tracker?.close("finished");
  const end = performance.now() - start;
  console.log(`${name}: ${((user + system) / 1000 / steps).toFixed(3)} ms a step, ${end.toFixed(0)} ms at the end`);
}

await measure("no tracker", []);
await measure("TensorBoard", ["tensorboard"]);
await measure("both, a server that is silent", ["tensorboard", "mlflow"], await silent());
await measure("both, no server", ["tensorboard", "mlflow"], "http://127.0.0.1:9");
rmSync(folder, { recursive: true });
process.exit();

async function silent() {
  const server = new FakeMlflow();
  server.fault = "silent";
  return server.start();
}
