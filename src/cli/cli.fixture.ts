// The command line in processes of its own, as people run it: what goes to stdout and stderr, and with which exit code.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const program = fileURLToPath(new URL("../../bin/sparsecell.js", import.meta.url));
/** Asked at every start: a test may have set variables. */
const env = (): NodeJS.ProcessEnv => ({ ...process.env, OMP_NUM_THREADS: "1" });

/** Settings of a training that takes seconds. */
export const tiny = ["--backbone", "resnet18", "--input-size", "64"];

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of stderr that are not progress, such as "bde 1/3 (33 %) …" and "bde: 3 of 3 steps in 0:02". */
  readonly lines: readonly string[];
}

/** Runs a command to its end. */
export function sparsecell(cwd: string, ...args: string[]): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd, env: env(), encoding: "utf8" });
  return { status, stdout, stderr, lines: withoutProgress(stderr) };
}

/** As `sparsecell`, for what must work; returns what it printed. */
export function succeed(cwd: string, ...args: string[]): Finished {
  const result = sparsecell(cwd, ...args);
  assert.equal(result.status, 0, `sparsecell ${args.join(" ")}\n${result.stderr}`);
  return result;
}

/**
 * Runs command lines one after another in one process, which must all fail as the project's errors do: exit code 1, nothing
 * on stdout, one line on stderr that is no progress and matches.
 */
export function refuse(cwd: string, ...cases: readonly (readonly [args: readonly string[], message: RegExp])[]): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", runEach, JSON.stringify(cases.map(([args]) => args))],
    { cwd, env: env(), encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  const results = JSON.parse(stdout) as { status: number; stdout: string; stderr: string }[];
  assert.equal(results.length, cases.length);
  cases.forEach(([args, message], i) => {
    const { status, stdout, stderr } = results[i];
    const lines = withoutProgress(stderr);
    assert.deepEqual([status, stdout, lines.length], [1, "", 1], `sparsecell ${args.join(" ")}\n${stderr}`);
    assert.match(lines[0], /^sparsecell: (?!unexpected)/);
    assert.match(lines[0].slice("sparsecell: ".length), message);
  });
}

const runEach = `
  import { run } from ${JSON.stringify(import.meta.resolve("./main.js"))};
  const print = process.stdout.write.bind(process.stdout);
  const results = [];
  for (const args of JSON.parse(process.argv[1])) {
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) process[name].write = (text) => ((texts[name] += text), true);
    results.push({ status: await run(args), ...texts });
  }
  print(JSON.stringify(results));
`;

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished & { readonly signal: NodeJS.Signals | null }>;
}

/**
 * Starts a command; `onOutput` is told all that came on stderr so far, each time that there is more. `variables`: of its
 * environment.
 */
export function start(
  cwd: string,
  args: readonly string[],
  onOutput: (stderr: string, child: ChildProcess) => void,
  variables: NodeJS.ProcessEnv = {},
): Running {
  const child = spawn(process.execPath, [program, ...args], { cwd, env: { ...env(), ...variables } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => onOutput((stderr += text), child));
  const finished = new Promise<Awaited<Running["finished"]>>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal, stdout, stderr, lines: withoutProgress(stderr) }));
  });
  return { child, finished };
}

/** An `onOutput` that sends `signal` once, when training has done its first step. */
export function signalAfterStep(signal: NodeJS.Signals): (stderr: string, child: ChildProcess) => void {
  let sent = false;
  return (stderr, child) => {
    if (sent || !/^\w+ \d+\/\d+ \(\d+ %\) {2}loss/m.test(stderr)) return;
    sent = true;
    child.kill(signal);
  };
}

function withoutProgress(stderr: string): string[] {
  const progress =
    /^[\w-]+( \d+ of \d+)? \d+\/\d+ \(\d+ %\)|^[\w-]+( \d+ of \d+)?: \d+ of \d+ (steps|images|tiles|windows) in |^anchors: /;
  return stderr.split("\n").filter((line) => line !== "" && !progress.test(line));
}

/** Changes the JSON in a file. */
export function editJson<T>(file: string, change: (value: T) => void): void {
  const value = JSON.parse(readFileSync(file, "utf8")) as T;
  change(value);
  writeFileSync(file, JSON.stringify(value));
}
