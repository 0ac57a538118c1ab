// The parts of gpu-check: each takes options and returns { done, value }; one that is not done goes on when it is called again.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/sparsecell.js");

/** Set-up, whose lines are shown. */
export function build() {
  const { status } = spawnSync(process.execPath, [join(root, "scripts/setup.mjs")], { stdio: ["ignore", 2, "inherit"] });
  if (status !== 0) throw new Error("the addon was not built, for the reason above");
}

/** What the rows are measured with. Throws an Error when there is no card, unless it is a rehearsal. */
export async function facts({ device }) {
  const { runtime } = await import("@sparsecell/torch");
  const { version, cudaDevices } = runtime();
  const query = spawnSync("nvidia-smi", ["--query-gpu=name,driver_version", "--format=csv,noheader"], { encoding: "utf8" });
  const card = query.status === 0 ? query.stdout.trim().split("\n")[0] : null;
  if (device === "cuda" && cudaDevices === 0)
    throw new Error(
      `libtorch ${version} sees no card${card ? `, but there is ${card}: set LIBTORCH to one with CUDA` : ""}; --rehearse needs none`,
    );
  const { version: sparsecell } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return {
    card: device === "cuda" ? card : `none: rehearsal on ${cpus()[0]?.model.trim()}`,
    libtorch: version,
    sparsecell,
    node: process.version,
    cores: availableParallelism(),
  };
}

/** A failed check does not end the rest: it is a row of its own. */
export async function cardChecks({ device }) {
  const { checks } = await import("./checks.mjs");
  const value = [];
  for (const [name, check] of await checks(device, device === "cpu" ? 0 : 5e-3)) {
    try {
      await check();
      value.push({ name, ok: true });
    } catch (error) {
      value.push({ name, ok: false, reason: error.message.split("\n", 1)[0] });
    }
    process.stderr.write(`  ${value.at(-1).ok ? "ok" : `FAILED: ${value.at(-1).reason}`}: ${name}\n`);
  }
  return { done: true, value };
}

const benchParts = ["step", "detect", "roi-align", "nms"];

/** Ours alone where Python has no torchvision. `earlier`: what has been timed, by type and part. */
export async function bench({ device, rehearse, python, seconds }, earlier = {}) {
  const small = rehearse
    ? ["--backbone", "resnet18", "--size", "128", "--rois", "32", "--boxes", "8", "--steps", "1"]
    : ["--steps", "20"];
  const has = spawnSync(python, ["-c", "import torchvision"], { cwd: "/", stdio: "ignore" }).status === 0;
  const against = has ? ["--against", "torchvision", "--python", python] : [];
  const rounds = rehearse ? "1" : "3";
  const value = structuredClone(earlier);
  const limit = seconds();
  const begun = performance.now();
  for (const dtype of ["float32", "bfloat16"])
    for (const part of benchParts) {
      value[dtype] ??= [];
      if (value[dtype].some((row) => row.part === part)) continue;
      const left = limit - (performance.now() - begun) / 1000;
      if (left < limit / 4) return { done: false, value };
      const args = ["bench", part, "--device", device, "--dtype", dtype, "--rounds", rounds, ...small, ...against, "--json"];
      const { stdout, code } = await run(args, left);
      if (code === 143 && left < 0.9 * limit) return { done: false, value };
      if (code !== 0)
        throw new Error(
          `${code === 143 ? "too slow for --minutes" : `ended with code ${code}`}: npx sparsecell ${args.join(" ")}`,
        );
      value[dtype].push(...asRounds(JSON.parse(stdout), part));
    }
  return { done: true, value };
}

/** `bench` prints one measurement of one part, without a peer and in one round, in a form of its own. */
const asRounds = (printed, part) =>
  Array.isArray(printed) ? printed : [{ part, seconds: printed.seconds, peakMiB: printed.peakMiB, theirs: null, ratios: [] }];

const protocolFile = fileURLToPath(new URL("./protocol.mjs", import.meta.url));

/** The grid's folder is its state: a stopped training goes on from its checkpoint. */
export async function protocol({ device, rehearse, out, data, weights, jobs, seconds }) {
  const grid = join(out, "grid");
  const args = [
    "experiment",
    protocolFile,
    "--preset",
    rehearse ? "quick" : "paper",
    "--folds",
    "0",
    "--device",
    device,
    "--jobs",
    String(jobs),
  ];
  const chosen = [...(data ? ["--data", data] : []), ...(weights ? ["--weights", weights] : []), "--out", grid];
  const env = data ? { GPU_CHECK_DATA: "folder" } : {};
  const limit = seconds();
  const { code } = await run([...args, ...chosen], limit, env);
  if (code === 143) return { done: false, value: existsSync(join(grid, "runs")) ? await report(grid) : null };
  if (code !== 0)
    throw new Error(`the protocol ended with code ${code}, for the reason above; what is finished stays in ${grid}`);
  return { done: true, value: await report(grid) };
}

/** The means of what is finished. */
async function report(grid) {
  const folder = join(grid, "report");
  const { code } = await run(["report", grid, "--out", folder], 600);
  if (code !== 0) return null; // nothing is finished yet
  const { means, runs, finished, total } = JSON.parse(readFileSync(join(folder, "results.json"), "utf8"));
  return { means, runs, finished, total };
}

/** Ends it after `seconds` with SIGTERM, on which a training saves a checkpoint, and a minute later for good. */
function run(args, seconds, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    const timers = [
      setTimeout(() => child.kill("SIGTERM"), 1000 * Math.max(1, seconds - 20)),
      setTimeout(() => child.kill("SIGKILL"), 1000 * (seconds + 60)),
    ];
    child.on("error", reject);
    child.on("close", (code, signal) => {
      for (const timer of timers) clearTimeout(timer);
      resolve({ code: code ?? (signal === "SIGTERM" ? 143 : signal), stdout });
    });
  });
}
