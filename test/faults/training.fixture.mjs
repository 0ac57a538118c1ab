// Trainings of a few seconds for the fault scripts: a prepared run folder, the program in a separate process, and the output of a
// run that must not depend on disturbances.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunFolder } from "../../dist/runs/run-folder.js";
import { tinyConfig, tinyDataset } from "../../dist/train/run.fixture.js";

const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));

export { tinyDataset };

/** A run folder for `train --resume` to start. */
export function preparedRun(dir, dataset, change = {}) {
  const run = new RunFolder(dir);
  run.create({ config: tinyConfig(dataset, change), versions: {}, started: "" });
  return run;
}

/**
 * Starts `sparsecell ARGS`, with `wrap` before it on the command line. `ended` resolves to { status, signal, stdout, stderr, lines
 * (of stderr, without progress), at (performance.now()) }.
 */
export function start(args, { cwd, env = {}, wrap = [] } = {}) {
  const [command, ...rest] = [...wrap, process.execPath, program, ...args];
  const child = spawn(command, rest, { cwd, env: { ...process.env, OMP_NUM_THREADS: "1", ...env } });
  const running = { child, stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"])
    child[name].setEncoding("utf8").on("data", (text) => {
      running[name] += text;
    });
  running.ended = new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (status, signal) => {
      const { stdout, stderr } = running;
      resolve({ status, signal, stdout, stderr, lines: messages(stderr), at: performance.now() });
    });
  });
  return running;
}

/** Runs `sparsecell ARGS`, which must succeed. */
export async function succeed(args, options) {
  const result = await start(args, options).ended;
  if (result.status !== 0)
    throw new Error(`sparsecell ${args.join(" ")}: ${result.signal ?? result.status}: ${result.stderr.trim()}`);
  return result;
}

/** Runs `sparsecell ARGS`, which must fail with one line, and returns that line. */
export async function fail(args, options) {
  const { status, signal, stderr, lines } = await start(args, options).ended;
  if (status !== 1 || lines.length !== 1 || !/^sparsecell: (?!unexpected)/.test(lines[0]))
    throw new Error(`sparsecell ${args.join(" ")}: ended with ${signal ?? status} and: ${stderr.trim() || "nothing"}`);
  return lines[0].slice("sparsecell: ".length);
}

function messages(stderr) {
  const progress = /^[\w-]+ \d+\/\d+ \(\d+ %\)|^[\w-]+: \d+ of \d+ \w+ in |^anchors: |^Warning: /;
  return stderr.split("\n").filter((line) => line !== "" && !progress.test(line));
}

/** Digests of a finished run's files, without times. */
export function outcome({ dir }) {
  const names = ["model.safetensors", "log.jsonl", "detections.json", "evaluation.json"];
  return names.map((name) => `${name} ${existsSync(join(dir, name)) ? digest(join(dir, name)) : "is missing"}`).join("\n");
}

export const digest = (file) => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);

export function requireSame(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected\n${expected}\ngot\n${actual}`);
}

export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
