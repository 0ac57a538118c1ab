// Runs trials in a watched child process: a trial that hangs for 10 s, takes more than 1 GB or kills its process is detected and
// counted, and the rest continue in a new process. The child is watched-child.fixture.mjs.

import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const CHILD = fileURLToPath(new URL("./watched-child.fixture.mjs", import.meta.url));
const SECONDS = 10;
/** Limits uncollected garbage, which would otherwise count as memory that a reader needs. */
const HEAP = ["--max-old-space-size=512"];

/**
 * Runs trials `from` to `count` of the cases `names` of `module` (a URL; watched-child.fixture.mjs says what it exports) in processes
 * below `folder`, each case in a separate one if `apart`. Counts each with `trial` (fault-script.mjs). Returns per case
 * { results, refusals, slowest (ms), peak (MB), last (what the last trial returned) }.
 */
export async function watchTrials({ module, names, count, from = 0, seed, folder, trial, apart = false }) {
  const summaries = new Map(names.map((name) => [name, { results: 0, refusals: 0, slowest: 0, peak: 0 }]));
  const jobs = names.map((name) => ({ name, from, to: count }));
  let processes = 0;
  while (jobs.length > 0) {
    const place = join(folder, `process${processes++}`, "a", "b", "c"); // so that "../../.." stays below `folder`
    mkdirSync(place, { recursive: true });
    await oneProcess({ module, jobs, now: apart ? jobs.slice(0, 1) : jobs, seed, place, trial, summaries });
  }
  return { summaries, restarts: processes - (apart ? names.length : 1) };
}

/** Runs one child for all `jobs` and removes those that are done. */
function oneProcess({ module, jobs, now, seed, place, trial, summaries }) {
  const child = spawn(process.execPath, [...HEAP, CHILD, module, JSON.stringify(now), String(seed), place], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OMP_NUM_THREADS: "1", NO_COLOR: "1" },
  });
  let running = null;
  let stderr = "";
  let hung = false;
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        hung = true;
        child.kill("SIGKILL");
      },
      SECONDS * 1000 * (running ? 1 : 6),
    ); // starting may take longer, because other tests run at the same time
  };
  wait();
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const finish = async (name, i, fault) => {
    const job = jobs.find((job) => job.name === name);
    job.from = i + 1;
    while (jobs.length > 0 && jobs[0].from >= jobs[0].to) jobs.shift();
    await trial(name, () => {
      if (fault) throw new Error(`#${i}: ${fault}`);
    });
  };
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => {
      const message = JSON.parse(line);
      if (message.begin !== undefined) running = message;
      else {
        running = null;
        const summary = summaries.get(message.name);
        if (message.refused === undefined) summary.results++;
        else summary.refusals++;
        summary.slowest = Math.max(summary.slowest, message.ms);
        summary.last = message.value ?? summary.last;
        summary.peak = Math.max(summary.peak, message.peak);
        finish(message.name, message.i, message.fault);
      }
      wait();
    });
    child.on("error", reject);
    child.on("close", async (code, signal) => {
      clearTimeout(timer);
      const end = hung ? `hung for ${SECONDS} s` : `ended its process (${signal ?? code})`;
      const last = stderr.trim().replace(/\s+/g, " ").slice(0, 500);
      if (running) await finish(running.name, running.begin, `${end} ${last}`);
      else if (code !== 0 && code !== MEMORY_EXIT) return reject(new Error(`the trials' process ${end}: ${last}`));
      if (stderr !== "" && !running)
        await trial("nothing printed beside the errors", () => {
          throw new Error(stderr.slice(0, 500));
        });
      resolve();
    });
  });
}

/** The child's exit code when a trial took too much memory: a new process continues with the next trial. */
export const MEMORY_EXIT = 77;
