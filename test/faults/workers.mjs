// Worker threads that load the addon, train and exit: one after another, many at once, terminated in the middle of an operator, or
// still running when the process exits. The same seed gives the same loss in each, no tensor is left, and memory does not grow.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { memory, ones, release } from "@sparsecell/torch";
import { faultScript, randomNumbers } from "./fault-script.mjs";

const fixture = new URL("./workers.fixture.mjs", import.meta.url);
const AT_ONCE = 8;
const MOST_GROWTH = 40; // MiB over the second half of the workers
const STEPS = 5;

/** Trains in a worker until it ends; returns its last message. */
function train() {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fixture, { workerData: { steps: STEPS } });
    let message;
    worker.on("message", (value) => (message = value));
    worker.once("error", reject);
    worker.once("exit", (code) => (code === 0 ? resolve(message) : reject(new Error(`the worker ended with ${code}`))));
  });
}

/** Terminates a worker some time after it began to load the addon or to train. */
async function end(milliseconds, whenItTrains) {
  const worker = new Worker(fixture, { workerData: { steps: 0 } });
  const failed = once(worker, "error").then(([error]) => {
    throw error;
  });
  if (whenItTrains) await Promise.race([once(worker, "message"), failed]);
  failed.catch(() => {});
  await setTimeout(milliseconds);
  await worker.terminate();
}

/** Runs a process whose main thread exits while its workers train. */
async function exitWhileTheyRun(milliseconds) {
  const code = `
    import { Worker } from "node:worker_threads";
    const workers = [1, 2, 3].map(() => new Worker(new URL(${JSON.stringify(fixture.href)}), { workerData: { steps: 0 }, execArgv: [] }));
    workers[0].once("message", () => setTimeout(() => process.exit(7), ${milliseconds}));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "inherit", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  assert.deepEqual([...(await once(child, "close")), stderr], [7, null, ""]);
}

/** Runs a process with --expose-gc in which workers and the main thread collect garbage between steps. */
async function collect(count) {
  const worker = `new Worker(new URL(${JSON.stringify(fixture.href)}), { workerData: { steps: 30, gc: true }, execArgv: [] })`;
  const code = `
    import { Worker } from "node:worker_threads";
    import { setTimeout } from "node:timers/promises";
    import { Generator, memory, ones } from "@sparsecell/torch";
    let running = ${count};
    for (let i = 0; i < ${count}; i++) ${worker}.once("exit", (code) => { running--; if (code !== 0) process.exitCode = 1; });
    while (running > 0) {
      for (let i = 0; i < 50; i++) ones([1000]).add(1), new Generator(i);
      globalThis.gc();
      await setTimeout(1);
    }
    for (let i = 0; i < 100 && memory().tensors > 0; i++) { globalThis.gc(); await setTimeout(10); }
    console.log(memory().tensors);`;
  const cwd = fileURLToPath(new URL("../..", import.meta.url)); // where @sparsecell/torch is found
  const child = spawn(process.execPath, ["--expose-gc", "--input-type=module", "-e", code], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  assert.deepEqual([...(await once(child, "close")), output.trim()], [0, null, "0"]);
}

await faultScript({ short: 6, full: 200 }, async ({ count, seed, full, trial, note }) => {
  const random = randomNumbers(seed);
  release(ones([1])); // loads the addon in this thread too
  const { loss } = await train();
  const whole = (message) => assert.deepEqual(message, { loss, tensors: 0 });
  /** Runs `round` `rounds` times; resident memory must not grow over the second half. */
  const repeat = async (what, rounds, round) => {
    let middle = 0;
    for (let i = 0; i < rounds; i++) {
      await round(i);
      if (i === Math.floor((rounds - 1) / 2)) middle = process.memoryUsage.rss();
    }
    const growth = (process.memoryUsage.rss() - middle) / 2 ** 20;
    note(`${what}: resident memory ${growth.toFixed(1)} MiB more over the second half`);
    if (full) await trial("memory does not grow", () => assert.ok(growth < MOST_GROWTH, `${what}: ${growth.toFixed(1)} MiB`));
  };
  await repeat("one after another", count, () => trial("workers one after another", async () => whole(await train())));
  await repeat("at once", Math.ceil(count / AT_ONCE), async () => {
    for (const result of await Promise.allSettled(Array.from({ length: AT_ONCE }, train)))
      await trial(`workers, ${AT_ONCE} at once`, () => whole(result.value ?? assert.fail(result.reason)));
  });
  await repeat("ended in the middle", count, () => {
    const whenItTrains = random() < 0.7;
    return trial("workers ended in the middle", () => end(random() * (whenItTrains ? 5 : 200), whenItTrains));
  });
  for (let i = 0; i < (full ? 20 : 1); i++)
    await trial("processes that exit while workers run", () => exitWhileTheyRun(Math.floor(random() * 50)));
  for (let i = 0; i < (full ? 10 : 1); i++) await trial("garbage collected between calls", () => collect(full ? 4 : 1));

  await trial("tensors left on the main thread: none", () => assert.deepEqual(memory(), { tensors: 0, bytes: 0 }));
});
